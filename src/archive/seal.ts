import { createHash } from "node:crypto";

/** The key under which a Parquet file's metadata has the SHA-256 of its bytes, taken with zeros in its place. */
const SEAL = "voxshard.sha256";
const UNSEALED = "0".repeat(64);
/** Between the key and its value the footer has a field's head and the value's length: a byte each. */
const BEFORE_VALUE = 2;

/** What the metadata is to have until `seal` puts the hash there. */
export const unsealed = { key: SEAL, value: UNSEALED };

/** Puts the hash of the bytes, which end with a footer, into it. */
export function seal(bytes: Buffer): void {
  bytes.write(digestOf(bytes), placeOfSeal(bytes));
}

/** Whether the bytes are those that were sealed; afterwards zeros stand in the hash's place. */
export function isSealed(bytes: Buffer): boolean {
  const place = placeOfSeal(bytes);
  const digits = bytes.toString("latin1", place, place + UNSEALED.length);
  bytes.write(UNSEALED, place);
  return digestOf(bytes) === digits;
}

/** Where the hash's digits stand. */
const placeOfSeal = (bytes: Buffer) => bytes.lastIndexOf(SEAL) + SEAL.length + BEFORE_VALUE;

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
