/** Slices of one size, each as 8-bit grey. */
export interface Stack {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** What the values are, and what was done to them. */
  readonly note: string;
  slice(z: number): Promise<Uint8Array>;
}

/** A volume cell: plain bytes, or a struct that holds them. */
export function bytesOf(cell: unknown): Uint8Array | undefined {
  if (cell instanceof Uint8Array) return cell;
  const inner = (cell as { bytes?: unknown } | null | undefined)?.bytes;
  return inner instanceof Uint8Array ? inner : undefined;
}

export function volumeStack(bytes: Uint8Array, shape: readonly number[], dtype: string): Stack {
  const [depth = 0, height = 0, width = 0] = shape.slice(-3);
  const [area, size] = [height * width, dtype === "float32" ? 4 : dtype === "float16" ? 2 : 1];
  if (bytes.byteLength !== depth * area * size)
    throw new Error(`the volume has ${bytes.byteLength} bytes, and its shape says ${depth * area * size}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value =
    size === 4 ? (at: number) => view.getFloat32(at * 4, true) : (at: number) => half(view.getUint16(at * 2, true));
  const note =
    shape.length === 4
      ? `the cropped, resampled ${dtype} array, ${shape.join(" × ")}${size > 1 ? ", shown as 255 × value" : ""}`
      : `the kept stack, ${shape.join(" × ")}, as it was decoded`;
  return {
    width,
    height,
    depth,
    note,
    async slice(z) {
      if (size === 1) return bytes.subarray(z * area, (z + 1) * area);
      return Uint8Array.from({ length: area }, (_, at) =>
        Math.round(255 * Math.min(1, Math.max(0, value(z * area + at)))),
      );
    },
  };
}

function half(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return exponent === 31 ? Number.NaN : bits & 0x8000 ? -size : size;
}

/** Encoded slices, decoded by the browser when they come into sight; the last ones are kept. */
export function encodedStack(slices: readonly Uint8Array[], width: number, height: number): Stack {
  const kept = new Map<number, Promise<Uint8Array>>();
  const decode = async (z: number) => {
    const blob = new Blob([slices[z]! as Uint8Array<ArrayBuffer>]);
    const image = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    if (image.width !== width || image.height !== height) throw new Error(`slice ${z + 1} has another size`);
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true })!;
    context.drawImage(image, 0, 0);
    image.close();
    return greyOf(context.getImageData(0, 0, width, height).data);
  };
  return {
    width,
    height,
    depth: slices.length,
    note: `the source's own ${slices.length} slices, ${width} × ${height}, decoded by this browser`,
    slice(z) {
      const known = kept.get(z) ?? decode(z);
      kept.delete(z);
      kept.set(z, known);
      if (kept.size * width * height > KEPT_BYTES) kept.delete(kept.keys().next().value!);
      return known;
    },
  };
}
const KEPT_BYTES = 256 << 20;

function greyOf(rgba: Uint8ClampedArray): Uint8Array {
  const grey = new Uint8Array(rgba.length / 4);
  for (let at = 0; at < grey.length; at++) {
    const [r, g, b] = [rgba[4 * at]!, rgba[4 * at + 1]!, rgba[4 * at + 2]!];
    grey[at] = r === g && g === b ? r : Math.round((299 * r + 587 * g + 114 * b) / 1000);
  }
  return grey;
}

/** How grey is shown: on the picture's own 8 bits, in per cent; nothing is known of Hounsfield units. */
export interface Shown {
  readonly brightness: number;
  readonly contrast: number;
  readonly invert: boolean;
}
export const plain: Shown = { brightness: 0, contrast: 100, invert: false };

/** The value that each of the 256 is shown as. */
export function lookup({ brightness, contrast, invert }: Shown): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: 256 }, (_, value) => {
    const shown = (value - 127.5) * (contrast / 100) + 127.5 + brightness * 2.55;
    return invert ? 255 - shown : shown;
  });
}
