import { randomFrom } from "./random.ts";

/** Centre and radii in parts of the volume (-1 to 1), and a gray value; later ones lie over earlier ones. */
interface Ellipsoid {
  readonly centre: readonly [x: number, y: number, z: number];
  readonly radii: readonly [x: number, y: number, z: number];
  readonly gray: number;
}

/** A body, drawn like a trunk on CT: fat, muscle, lungs, heart, spine, and a few lesions. Differs with the seed. */
export function anatomy(seed: string): Ellipsoid[] {
  const random = randomFrom(seed);
  const near = (value: number, spread = 0.06) => value + (random() - 0.5) * 2 * spread;
  const part = (x: number, y: number, z: number, rx: number, ry: number, rz: number, gray: number): Ellipsoid => ({
    centre: [near(x), near(y), near(z)],
    radii: [near(rx, rx / 8), near(ry, ry / 8), near(rz, rz / 8)],
    gray: Math.round(near(gray, 6)),
  });
  const lesions = Array.from({ length: 2 + Math.floor(random() * 3) }, () =>
    part(near(0, 0.4), near(-0.1, 0.3), near(0, 0.6), 0.07, 0.07, 0.2, 190),
  );
  return [
    part(0, 0, 0, 0.86, 0.68, 1.5, 62),
    part(0, 0, 0, 0.78, 0.6, 1.45, 118),
    part(-0.38, -0.05, -0.35, 0.3, 0.4, 0.8, 14),
    part(0.38, -0.05, -0.35, 0.3, 0.4, 0.8, 14),
    part(-0.34, 0, 0.75, 0.38, 0.36, 0.6, 138),
    part(0.08, -0.14, -0.1, 0.2, 0.2, 0.4, 150),
    part(0, 0.4, 0, 0.13, 0.13, 2, 232),
    ...lesions,
  ];
}

export interface SliceSize {
  readonly height: number;
  readonly width: number;
}

/** One slice at depth z (-1 to 1), 8-bit gray: air is exactly 0, everything else has noise. */
export function drawSlice(body: readonly Ellipsoid[], z: number, { height, width }: SliceSize, seed: string): Buffer {
  const pixels = Buffer.alloc(height * width);
  for (const { centre, radii, gray } of body) {
    const depth = (z - centre[2]) / radii[2];
    if (Math.abs(depth) >= 1) continue;
    const across = Math.sqrt(1 - depth * depth);
    const [cx, cy] = [((centre[0] + 1) / 2) * width, ((centre[1] + 1) / 2) * height];
    const [rx, ry] = [(radii[0] / 2) * width * across, (radii[1] / 2) * height * across];
    for (let y = Math.max(0, Math.ceil(cy - ry)); y < Math.min(height, cy + ry); y++) {
      const half = rx * Math.sqrt(Math.max(0, 1 - ((y - cy) / ry) ** 2));
      const [from, to] = [Math.max(0, Math.ceil(cx - half)), Math.min(width, Math.floor(cx + half) + 1)];
      if (from < to) pixels.fill(gray, y * width + from, y * width + to);
    }
  }
  const random = randomFrom(seed);
  for (let at = 0; at < pixels.length; at++)
    if (pixels[at] !== 0) pixels[at] = Math.min(255, Math.max(1, pixels[at]! + (random() + random() - 1) * 16));
  return pixels;
}
