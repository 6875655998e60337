import type { Arena } from "../kernels/arena.ts";
import { encodePreview } from "../slices/encode-preview.ts";
import { convertVoxels } from "../volume/dtype.ts";
import { readUnitArray } from "../volume/npy-array.ts";
import { montage } from "../volume/preview.ts";
import { noVolume, type Pictured, type SeriesTask } from "./series-task.ts";

/** Takes the authors' finished array as the volume. What it was made of can no longer be known. */
export async function fromArray({ slices, output }: SeriesTask, arena: Arena): Promise<Pictured> {
  const [{ file, bytes }] = slices as [SeriesTask["slices"][number]];
  const [count, height, width] = output.size;
  const voxels = readUnitArray(file, bytes, [1, count, height, width]);
  const greys = () => convertVoxels(voxels, "uint8");
  const stack = (pixels: Uint8Array) => ({
    ...{ count, height, width },
    slice: (z: number) => pixels.subarray(z * height * width, (z + 1) * height * width),
  });
  const { dtype } = output;
  const volume = { volume_shape: [1, count, height, width], volume_dtype: dtype };
  return {
    dropped: [],
    slowSlices: 0,
    cells: {
      ...(output.volume === "none" ? noVolume : { volume: convertVoxels(voxels, dtype), ...volume }),
      slices: null,
      preview: output.preview
        ? { bytes: await encodePreview(montage(stack(greys()), arena)), path: "preview.jpeg" }
        : null,
      slice_count: null,
      slice_height: null,
      slice_width: null,
      slices_dropped: null,
      crop_box: null,
      intensity_range: null,
      pixels_sha256: null,
    },
  };
}
