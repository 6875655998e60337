import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Arena } from "../../src/kernels/arena.ts";
import { compareSlices } from "../../src/m3d-cap/slice-number.ts";
import { decodeSlices } from "../../src/slices/decode-slices.ts";
import { encodePreview } from "../../src/slices/encode-preview.ts";
import { m3dVolume } from "../../src/volume/m3d.ts";
import { montage } from "../../src/volume/preview.ts";
import { keepCommonShape, pixelsSha256 } from "../../src/volume/stack.ts";
import { findPython, PythonPeer } from "../python.ts";
import { type BenchSet, drawSet, sets } from "./decode/sets.ts";
import { SIZE, volumeMemory } from "./decode-alone.ts";

// CPU per volume of 200 slices of 512 × 512, read + decode + transform, against the authors' arithmetic in Python on the
// same files: in one run, taking turns, minimum against minimum. PYTHON names an interpreter with numpy, Pillow and torch.
const ROUNDS = Number(process.env["ROUNDS"] ?? 4);
const arena = new Arena();
const memory = volumeMemory();
const folder = mkdtempSync(path.join(tmpdir(), "decode-"));
const python = findPython(["numpy", "PIL", "torch"]);
const started = python ? await PythonPeer.start(python, "bench/decode/authors.py") : undefined;
if (!started) console.error("no Python with numpy, Pillow and torch (PYTHON names one): our own figures alone");

interface Times {
  readonly python: number;
  /** Read + decode + transform. */
  readonly volume: number;
  /** Of it: range, box and resize. */
  readonly kernels: number;
  /** Besides it: SHA-256 of the pixels; the preview. */
  readonly hash: number;
  readonly preview: number;
}
let clock = process.cpuUsage();
/** CPU since the last call, of all threads, in ms. */
function lap(): number {
  const used = process.cpuUsage(clock);
  clock = process.cpuUsage();
  return (used.user + used.system) / 1000;
}

async function once(
  from: string,
  python: number,
  check: (voxels: Float32Array) => void,
): Promise<Times & { slow: number }> {
  lap();
  const names = readdirSync(from).sort(compareSlices);
  const { slices, slow } = await decodeSlices(
    names.map((name) => readFileSync(path.join(from, name))),
    arena,
  );
  const { stack } = keepCommonShape(slices);
  const decode = lap();
  const { voxels } = m3dVolume(stack, SIZE, arena, memory);
  const kernels = lap();
  pixelsSha256(stack);
  const hash = lap();
  await encodePreview(montage(stack, arena));
  const preview = lap();
  arena.clear();
  check(voxels);
  return { python, volume: decode + kernels, kernels, hash, preview, slow };
}

async function measure(set: BenchSet, index: number) {
  const from = path.join(folder, String(index));
  const bytes = await drawSet(set, from);
  const best = { python: Infinity, volume: Infinity, kernels: Infinity, hash: Infinity, preview: Infinity };
  let [slow, difference] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const out = path.join(folder, "volume");
    const answer = (await started?.peer.ask([from, out])) as { cpuMs: number } | undefined;
    const times = await once(from, answer?.cpuMs ?? Number.NaN, (voxels) => {
      if (answer) difference = Math.max(difference, largestDifference(voxels, readFileSync(out)));
    });
    for (const key of Object.keys(best) as (keyof Times)[]) best[key] = Math.min(best[key], times[key]);
    slow = times.slow;
  }
  rmSync(from, { recursive: true });
  const whole = best.volume + best.hash + best.preview;
  return {
    set: set.name,
    fileKB: round(bytes / 1000),
    pythonMs: round(best.python),
    ourMs: round(best.volume),
    ratio: round(best.python / best.volume, 2),
    atLeast: set.atLeast,
    kernelsMs: round(best.kernels),
    hashMs: round(best.hash),
    previewShare: round(best.preview / whole, 3),
    slowSlices: slow,
    difference,
  };
}

const round = (value: number, digits = 1) => Number(value.toFixed(digits));

/** Of our voxels and theirs. Torch before 2 resamples uncropped volumes by another kernel, 1.2e-7 apart at most. */
function largestDifference(ours: Float32Array, bytes: Buffer): number {
  const theirs = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  if (theirs.length !== ours.length) return Number.POSITIVE_INFINITY;
  return ours.reduce((most, value, at) => Math.max(most, Math.abs(value - theirs[at]!)), 0);
}

try {
  const only = process.argv[2];
  const results = [];
  for (const [index, set] of sets.entries())
    if (!only || set.name.includes(only)) results.push(await measure(set, index));
  console.table(results);
  console.log(JSON.stringify({ node: process.version, ...started?.versions, rounds: ROUNDS, results }));
} finally {
  started?.peer.end();
  rmSync(folder, { recursive: true, force: true });
}
