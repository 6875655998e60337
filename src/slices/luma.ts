/** Pillow's integer luma of one RGB pixel: ITU-R 601-2 in 16-bit fixed point, rounded. */
const luma = (red: number, green: number, blue: number) => (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >>> 16;

/** Interleaved RGB(A): alpha, where there is one, does not count. */
export function lumaOfRgb(raw: Uint8Array, channels: number, count: number): Uint8Array {
  const pixels = new Uint8Array(count);
  for (let i = 0, at = 0; i < count; i++, at += channels) pixels[i] = luma(raw[at]!, raw[at + 1]!, raw[at + 2]!);
  return pixels;
}

/** 16-bit RGB(A): Pillow keeps the high byte. */
export function lumaOfWideRgb(raw: Uint16Array, channels: number, count: number): Uint8Array {
  const pixels = new Uint8Array(count);
  for (let i = 0, at = 0; i < count; i++, at += channels)
    pixels[i] = luma(raw[at]! >> 8, raw[at + 1]! >> 8, raw[at + 2]! >> 8);
  return pixels;
}

/** CMYK as Pillow turns it into RGB: ink off white by a rounded product, clipped. */
export function lumaOfCmyk(raw: Uint8Array, count: number): Uint8Array {
  const pixels = new Uint8Array(count);
  const under = (ink: number, light: number) => {
    const product = ink * light + 128;
    return Math.max(0, Math.min(255, light - (((product >> 8) + product) >> 8)));
  };
  for (let i = 0, at = 0; i < count; i++, at += 4) {
    const light = 255 - raw[at + 3]!;
    pixels[i] = luma(under(raw[at]!, light), under(raw[at + 1]!, light), under(raw[at + 2]!, light));
  }
  return pixels;
}

/** 16-bit gray: Pillow clips plain gray at 255, and keeps the high byte where there is an alpha channel. */
export function lumaOfWideGray(raw: Uint16Array, channels: number, count: number, highByte: boolean): Uint8Array {
  const pixels = new Uint8Array(count);
  for (let i = 0; i < count; i++) pixels[i] = highByte ? raw[i * channels]! >> 8 : Math.min(raw[i * channels]!, 255);
  return pixels;
}

/** The first of several interleaved 8-bit channels. */
export function firstChannel(raw: Uint8Array, channels: number, count: number): Uint8Array {
  if (channels === 1) return raw.byteLength === count ? raw : raw.slice(0, count);
  const pixels = new Uint8Array(count);
  for (let i = 0; i < count; i++) pixels[i] = raw[i * channels]!;
  return pixels;
}
