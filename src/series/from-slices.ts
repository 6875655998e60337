import type { Arena } from "../kernels/arena.ts";
import { compareSlices } from "../m3d-cap/slice-number.ts";
import type { Output } from "../model/selection.ts";
import { decodeSlices } from "../slices/decode-slices.ts";
import { encodePreview } from "../slices/encode-preview.ts";
import { checkStack } from "../slices/stack-limit.ts";
import { convertVoxels } from "../volume/dtype.ts";
import { intensityRange } from "../volume/geometry.ts";
import { m3dVolume } from "../volume/m3d.ts";
import { montage } from "../volume/preview.ts";
import { keepCommonShape, pixelsSha256, type Stack } from "../volume/stack.ts";
import { noVolume, type Pictured, type SeriesTask } from "./series-task.ts";

/** Decodes the slices and assembles their volume. */
export async function fromSlices({ slices: given, output, memory }: SeriesTask, arena: Arena): Promise<Pictured> {
  const ordered = [...given].sort((a, b) => compareSlices(a.file, b.file));
  const encoded = ordered.map(({ bytes }) => bytes);
  await checkStack(encoded);
  const { slices, slow } = await decodeSlices(encoded, arena);
  const { stack, kept } = keepCommonShape(slices);
  const m3d = output.volume === "m3d" ? m3dVolume(stack, output.size, arena, memory) : undefined;
  const range = m3d?.range ?? intensityRange(stack, arena);
  const isKept = new Set(kept);
  return {
    dropped: ordered.filter((_, at) => !isKept.has(at)).map(({ file }) => file),
    slowSlices: slow,
    cells: {
      ...volumeCells(stack, m3d, output),
      slices: output.slices ? kept.map((at) => ({ bytes: ordered[at]!.bytes, path: ordered[at]!.file })) : null,
      preview: output.preview ? { bytes: await encodePreview(montage(stack, arena)), path: "preview.jpeg" } : null,
      slice_count: stack.count,
      slice_height: stack.height,
      slice_width: stack.width,
      slices_dropped: ordered.length - stack.count,
      crop_box: m3d ? [...m3d.box] : null,
      intensity_range: [...range],
      pixels_sha256: pixelsSha256(stack),
    },
  };
}

function volumeCells(stack: Stack, m3d: ReturnType<typeof m3dVolume> | undefined, output: Output) {
  if (m3d) {
    const volume = convertVoxels(m3d.voxels, output.dtype);
    return { volume, volume_shape: [1, ...output.size], volume_dtype: output.dtype };
  }
  if (output.volume === "none") return noVolume;
  const { count, height, width } = stack;
  const volume = new Uint8Array(count * height * width);
  for (let z = 0; z < count; z++) volume.set(stack.slice(z), z * height * width);
  return { volume, volume_shape: [count, height, width], volume_dtype: "uint8" as const };
}
