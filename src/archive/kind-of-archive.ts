import { constants, gunzipSync } from "node:zlib";
import type { ArchiveFormat } from "./archive-format.ts";
import { archiveFormats } from "./formats.ts";
import { gzippedTarball, tarball } from "./tar/tar.ts";
import { zip } from "./zip/zip.ts";

/** A format that reads it, or what it is instead and what to do. */
export type KindOfArchive =
  | { readonly format: ArchiveFormat }
  | {
      /** "kind": an archive of a kind that is not read; the others are what may stand in an archive's place. */
      readonly unread: "kind" | "pointer" | "page" | "json" | "empty";
      readonly detail: string;
    };

/** First bytes that tell a kind: a tar's header, also of what lies behind gzip. */
export const HEAD_BYTES = 4096;
const BLOCK_BYTES = 512;

/** Kinds that are not read: by name, and by first bytes. */
const others: readonly (readonly [string, RegExp, RegExp])[] = [
  ["a 7z archive", /\.7z$/i, /^7z\xbc\xaf\x27\x1c/],
  ["a RAR archive", /\.(?:rar|r\d\d)$/i, /^Rar!\x1a\x07/],
  ["an xz archive", /\.(?:xz|txz)$/i, /^\xfd7zXZ\0/],
  ["a bzip2 archive", /\.(?:bz2?|tbz2?)$/i, /^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/],
  ["a Zstandard archive", /\.(?:zstd?|tzst)$/i, /^\x28\xb5\x2f\xfd/],
  ["an LZ4 archive", /\.(?:lz4|tlz4)$/i, /^\x04\x22\x4d\x18/],
  ["an lzip archive", /\.(?:lz|tlz)$/i, /^LZIP/],
];
const otherKind = (name: string): KindOfArchive => ({
  unread: "kind",
  detail: `${name}, which is not read; unpack it, or pack it again as ZIP, tar or tar.gz`,
});

/** What stands in an archive's place, by its first bytes. */
const instead: readonly (readonly [RegExp, KindOfArchive])[] = [
  [/^$/, { unread: "empty", detail: "an empty file; get it again" }],
  [
    /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\//,
    { unread: "pointer", detail: "a Git LFS pointer, not the archive itself; fetch it: git lfs pull" },
  ],
  [
    /^\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b/is,
    { unread: "page", detail: "an HTML page, no archive; get it again" },
  ],
  [/^\s*<(?:\?xml\b|Error>)/, { unread: "page", detail: "an XML document, no archive; get it again" }],
  [/^\s*(?:\{\s*["}]|\[\s*["[\]{])/, { unread: "json", detail: "JSON text, no archive; get it again" }],
];

/** What a file is by its first bytes (HEAD_BYTES, or all of a shorter one); undefined where they tell nothing. */
export function kindByContent(head: Uint8Array): KindOfArchive | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text = bytes.toString("latin1").replace(/^\xef\xbb\xbf/, "");
  if (/^PK(?:\x03\x04|\x05\x06|(?:\x07\x08|00)PK\x03\x04)/.test(text)) return { format: zip };
  if (text.startsWith("\x1f\x8b"))
    return isTarHead(unzippedHead(bytes))
      ? { format: gzippedTarball }
      : { unread: "kind", detail: "a gzip file without a tar in it, which is not read; unpack it" };
  if (isTarHead(bytes)) return { format: tarball };
  const other = others.find(([, , sign]) => sign.test(text));
  return other ? otherKind(other[0]) : instead.find(([sign]) => sign.test(text))?.[1];
}

/** What a file is by its name alone; undefined where that tells nothing. */
export function kindByName(path: string): KindOfArchive | undefined {
  const format = archiveFormats.find((one) => one.accepts(path));
  if (format) return { format };
  const other = others.find(([, name]) => name.test(path));
  return other && otherKind(other[0]);
}

/** Names and endings of what is no archive, or one that holds something else. */
const NO_ARCHIVE =
  /(?:^|\/)(?:\.[^/]*(?:\/.*)?|__MACOSX\/.*|readme|licen[cs]e|notice|copying|makefile|dockerfile|changelog)$|\.(?:jpe?g|png|gif|bmp|tiff?|webp|avif|dcm|txt|jsonl?|md|rst|csv|tsv|xml|html?|ya?ml|py|pyc|ipynb|m?[jt]s|sh|toml|cfg|ini|log|lock|metadata|incomplete|parquet|arrow|feather|lance|np[yz]|nii|gz|mh[ad]|nrrd|h5|hdf5|pth?|safetensors|ckpt|pkl|pdf|docx?|xlsx?|pptx?|sqlite|db|sha\d+|md5|sig|asc|whl|jar|apk)$/i;

/** True where neither ending nor name tells what a file is, and its first bytes are worth a look. */
export const tellsNothing = (path: string) => kindByName(path) === undefined && !NO_ARCHIVE.test(path);

/** A tar's first block holds the sum of its bytes, with blanks in the sum's own place. */
function isTarHead(bytes: Buffer): boolean {
  if (bytes.byteLength < BLOCK_BYTES || bytes[0] === 0) return false;
  const sum = Number.parseInt(bytes.toString("latin1", 148, 156).replace(/[\0 ]+/g, ""), 8);
  let own = 8 * 0x20;
  for (let at = 0; at < BLOCK_BYTES; at++) if (at < 148 || at >= 156) own += bytes[at]!;
  return sum === own;
}

/** What the first bytes of a gzip file unpack to, cut short as they are. */
function unzippedHead(bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}
