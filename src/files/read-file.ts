import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { EtlError } from "../errors.ts";

/** A file system's error in reading as a fault; anything else passes as it is. */
export function readFault(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  if (code === "EACCES" || code === "EPERM")
    return new EtlError(
      "not-allowed",
      `${path}: may not be read (${code}); change its permissions or leave it out`,
      error,
    );
  if (code === "ENOENT" || code === "ENOTDIR")
    return new EtlError("source-changed", `${path}: is not there any more; start again`, error);
  return new EtlError("source-not-found", `${path}: cannot be read (${code}); copy it again`, error);
}

/** What a pipe or a file holds; undefined where that is more than `most` bytes. */
export async function readAtMost(path: string, most: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of createReadStream(path)) {
    if ((size += part.byteLength) > most) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The text of a file that people wrote: UTF-8, or UTF-16 with its byte order mark. Throws where it is neither. */
export function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  // A file of zeros, or UTF-16 without its mark.
  if (text.includes("\0")) throw new TypeError("it holds zero bytes");
  return text;
}

/** The text of a plain file of at most `most` bytes; throws what the file system says, or why it is none. */
export async function readPlainFile(path: string, most: number): Promise<string> {
  const found = await stat(path);
  // A named pipe would be waited for without end.
  if (!found.isFile()) throw new Error("no plain file");
  if (found.size > most) throw new Error(`${found.size} bytes, more than ${most}`);
  return (await readAtMost(path, most))!.toString("utf8");
}
