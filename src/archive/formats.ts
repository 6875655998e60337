import type { ArchiveFormat } from "./archive-format.ts";
import { gzippedTarball, tarball } from "./tar/tar.ts";
import { zip } from "./zip/zip.ts";

/** Every archive format that is read; the first that accepts a file's name has it. */
export const archiveFormats: readonly ArchiveFormat[] = [zip, tarball, gzippedTarball];
