import { Niivue, SHOW_RENDER, SLICE_TYPE } from "@niivue/niivue";
import type { Stack } from "./stack.ts";

export interface Three {
  stretch(value: number): void;
  close(): void;
}

/** More than this and a laptop's graphics memory is at its end: every second, third, … voxel is shown instead. */
const MOST = { side: 512, depth: 400 };

/** Shows a stack in three planes and 3D; undefined where it is no longer wanted. */
export async function showThree(
  canvas: HTMLCanvasElement,
  stack: Stack,
  stretch: number,
  isGone: () => boolean,
): Promise<Three | undefined> {
  const step = Math.ceil(Math.max(stack.width, stack.height) / MOST.side);
  const stepZ = Math.ceil(stack.depth / MOST.depth);
  const [width, height, depth] = [
    Math.ceil(stack.width / step),
    Math.ceil(stack.height / step),
    Math.ceil(stack.depth / stepZ),
  ];
  const file = new Uint8Array(352 + width * height * depth);
  writeHeader(new DataView(file.buffer), [width, height, depth], [1, 1, (stretch * stepZ) / step]);
  for (let z = 0; z < depth; z++) {
    const grey = await stack.slice(z * stepZ);
    if (isGone()) return undefined;
    // A NIfTI's rows go up, a picture's down.
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        file[352 + (z * height + (height - 1 - y)) * width + x] = grey[y * step * stack.width + x * step]!;
  }
  const view = new Niivue({
    backColor: [0, 0, 0, 1],
    crosshairColor: [0.35, 0.65, 1, 0.8],
    isOrientationTextVisible: false,
    isOrientCube: false,
    isColorbar: false,
    show3Dcrosshair: true,
    loadingText: "",
    dragAndDropEnabled: false,
    multiplanarShowRender: SHOW_RENDER.ALWAYS,
  });
  await view.attachToCanvas(canvas);
  await view.loadFromArrayBuffer(file.buffer, "stack.nii");
  view.setSliceType(SLICE_TYPE.MULTIPLANAR);
  return {
    stretch(value) {
      const volume = view.volumes[0]!;
      volume.hdr!.pixDims[3] = (value * stepZ) / step;
      volume.hdr!.affine[2]![2] = (value * stepZ) / step;
      volume.calculateRAS();
      view.updateGLVolume();
    },
    close: () => view.cleanup(),
  };
}

/** NIfTI-1, 8-bit: sides, distances and where the data begin. */
function writeHeader(view: DataView, sides: readonly number[], distances: readonly number[]): void {
  view.setInt32(0, 348, true);
  for (const [at, value] of [3, ...sides, 1, 1, 1, 1].entries()) view.setInt16(40 + 2 * at, value, true);
  view.setInt16(70, 2, true);
  view.setInt16(72, 8, true);
  for (const [at, value] of [1, ...distances].entries()) view.setFloat32(76 + 4 * at, value, true);
  view.setFloat32(108, 352, true);
  view.setFloat32(112, 1, true);
  view.setInt16(254, 1, true);
  for (const [at, value] of distances.entries()) view.setFloat32(280 + 20 * at, value, true);
  view.setUint32(344, 0x0031_2b6e, true);
}
