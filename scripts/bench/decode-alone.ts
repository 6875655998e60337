import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import type { Member } from "../../src/archive/archive-format.ts";
import { allMembers } from "../../src/archive/folders.ts";
import { readMembers } from "../../src/archive/ranges.ts";
import { zip } from "../../src/archive/zip/zip.ts";
import { fileSource } from "../../src/bytes/file-source.ts";
import { Arena } from "../../src/kernels/arena.ts";
import { decodeSlices } from "../../src/slices/decode-slices.ts";
import { m3dVolume } from "../../src/volume/m3d.ts";
import { keepCommonShape, pixelsSha256 } from "../../src/volume/stack.ts";

export const SIZE = [32, 256, 256] as const;
/** A volume's, as a conversion has it: used again from one to the next. */
export const volumeMemory = () =>
  new ArrayBuffer(SIZE.reduce((product, side) => product * side, Float32Array.BYTES_PER_ELEMENT));

/** CPU ms to decode and assemble every series of a repository's ZIP archives, in one thread, their bytes in memory already. */
export async function decodeAlone(repo: string): Promise<{ decodeMs: number; hashMs: number }> {
  const arena = new Arena();
  const memory = volumeMemory();
  const spent = { decodeMs: 0, hashMs: 0 };
  for (const name of readdirSync(repo, { recursive: true, encoding: "utf8" }).filter(zip.accepts)) {
    const file = path.join(repo, name);
    for await (const slices of seriesOf(file)) {
      const start = cpuMs();
      const { stack } = keepCommonShape((await decodeSlices(slices, arena)).slices);
      const { voxels } = m3dVolume(stack, SIZE, arena, memory);
      const decoded = cpuMs();
      pixelsSha256(stack);
      createHash("sha256").update(voxels).digest();
      spent.decodeMs += decoded - start;
      spent.hashMs += cpuMs() - decoded;
      arena.clear();
    }
  }
  return spent;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The slices of each series of an archive, a series at a time. */
async function* seriesOf(file: string): AsyncGenerator<Uint8Array[]> {
  const source = fileSource(file, statSync(file).size);
  const members = allMembers(await zip.directory(source));
  const bySeries = new Map<string, Member[]>();
  for (const member of members) {
    if (member.path.endsWith(".txt")) continue;
    const series = path.dirname(member.path);
    bySeries.set(series, [...(bySeries.get(series) ?? []), member]);
  }
  for (const slices of bySeries.values()) {
    const found: Uint8Array[] = [];
    for (const member of slices)
      for await (const { extent } of readMembers(source, [{ range: member, members: [member] }])) {
        const bytes = zip.extract(member, extent);
        if (bytes instanceof Error) throw bytes;
        found.push(bytes);
      }
    yield found;
  }
  await source.close?.();
}
