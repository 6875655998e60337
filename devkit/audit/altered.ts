import sharp from "sharp";
import type { Voxels } from "../../src/audit/measure/gray-cube.ts";
import { anatomy, drawSlice } from "../phantoms/draw.ts";

export type Stack = Voxels & { readonly cells: Uint8Array };

export function stackOf(slices: readonly Uint8Array[], height: number, width: number): Stack {
  return { count: slices.length, height, width, cells: Buffer.concat(slices), gray: 1, isWhole: true };
}

export const slicesOf = ({ count, height, width, cells }: Stack): Uint8Array[] =>
  Array.from({ length: count }, (_, z) => cells.subarray(z * height * width, (z + 1) * height * width));

/** A drawn trunk: another seed is another patient. */
export function drawnStack(seed: string, count = 24, height = 96, width = 96): Stack {
  const body = anatomy(seed);
  const slice = (z: number) => drawSlice(body, ((z + 0.5) / count) * 2 - 1, { height, width }, `${seed} ${z}`);
  return stackOf(
    Array.from({ length: count }, (_, z) => slice(z)),
    height,
    width,
  );
}

/** The same slices in another order, or some of them. */
export function reordered(stack: Stack, order: (slices: Uint8Array[]) => Uint8Array[]): Stack {
  return stackOf(order(slicesOf(stack)), stack.height, stack.width);
}

/** Another gray value for each. */
export const regrayed = (stack: Stack, to: (gray: number) => number): Stack => ({
  ...stack,
  cells: stack.cells.map((gray) => Math.min(255, Math.max(0, Math.round(to(gray))))),
});

/** Without this part of each side of each slice. */
function cropped(stack: Stack, part: number): Stack {
  const [y, x] = [Math.round(stack.height * part), Math.round(stack.width * part)];
  const [height, width] = [stack.height - 2 * y, stack.width - 2 * x];
  const cut = (slice: Uint8Array) =>
    Buffer.concat(
      Array.from({ length: height }, (_, line) => {
        const start = (line + y) * stack.width + x;
        return slice.subarray(start, start + width);
      }),
    );
  return stackOf(slicesOf(stack).map(cut), height, width);
}

/** Through a JPEG of this quality. */
export async function recompressed(stack: Stack, quality: number): Promise<Stack> {
  const { height, width } = stack;
  const again = async (slice: Uint8Array) => {
    const jpeg = await sharp(slice, { raw: { height, width, channels: 1 } })
      .toColourspace("b-w")
      .jpeg({ quality })
      .toBuffer();
    return sharp(jpeg).toColourspace("b-w").raw().toBuffer();
  };
  return stackOf(await Promise.all(slicesOf(stack).map(again)), height, width);
}

/** Every slice at another size. */
async function rescaled(stack: Stack, factor: number): Promise<Stack> {
  const [height, width] = [Math.round(stack.height * factor), Math.round(stack.width * factor)];
  const raw = { height: stack.height, width: stack.width, channels: 1 as const };
  const again = (slice: Uint8Array) =>
    sharp(slice, { raw }).resize(width, height, { fit: "fill" }).toColourspace("b-w").raw().toBuffer();
  return stackOf(await Promise.all(slicesOf(stack).map(again)), height, width);
}

/** What a copy may have gone through, by name. */
export const alterations: Readonly<Record<string, (stack: Stack) => Stack | Promise<Stack>>> = {
  "JPEG quality 75": (stack) => recompressed(stack, 75),
  "JPEG quality 30": (stack) => recompressed(stack, 30),
  "brighter by 25": (stack) => regrayed(stack, (gray) => gray + 25),
  "contrast × 0.7": (stack) => regrayed(stack, (gray) => gray * 0.7),
  "gamma 0.7": (stack) => regrayed(stack, (gray) => 255 * (gray / 255) ** 0.7),
  "half the size": (stack) => rescaled(stack, 0.5),
  "2 % cropped a side": (stack) => cropped(stack, 0.02),
  "5 % cropped a side": (stack) => cropped(stack, 0.05),
  "10 % cropped a side": (stack) => cropped(stack, 0.1),
  reversed: (stack) => reordered(stack, (slices) => slices.reverse()),
  "one slice dropped": (stack) => reordered(stack, (slices) => slices.filter((_, z) => z !== slices.length >> 1)),
  "a tenth dropped at one end": (stack) => reordered(stack, (slices) => slices.slice(Math.ceil(slices.length / 10))),
};
