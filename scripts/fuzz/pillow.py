"""Writes image files, sound and damaged, and what Pillow makes of each: a line of JSON, then the file's bytes.

Arguments: a seed, how many files. The line holds byteLength, kind, and height, width and sha1 of convert("L")'s pixels
where Pillow reads the file.
"""
import hashlib, io, json, random, struct, sys, warnings, zlib

import numpy as np
import PIL
from PIL import Image

warnings.simplefilter("ignore")
SEED, COUNT = int(sys.argv[1]), int(sys.argv[2])
rng = random.Random(SEED)
noise = np.random.default_rng(SEED)
RESTARTS = int(PIL.__version__.split(".")[0]) >= 11


def pixels():
    """A small image mostly, 512 × 512 at most: flat, smooth, noisy, or a disk on black."""
    top = rng.choice([8, 17, 40, 64, 64, 130, 512])
    h, w = rng.randint(1, top), rng.randint(1, top)
    y, x = np.mgrid[0:h, 0:w]
    kind = rng.randrange(5)
    if kind == 0:
        a = np.full((h, w), rng.randrange(256))
    elif kind == 1:
        a = (x * rng.random() * 4 + y * rng.random() * 4 + 40 * np.sin(x / 7.0)) % 256
    elif kind == 2:
        a = noise.integers(0, 256, (h, w))
    elif kind == 3:
        a = np.where((x - w / 2) ** 2 + (y - h / 2) ** 2 < (min(h, w) / 2.2) ** 2, 90 + noise.normal(0, 20, (h, w)), 0)
    else:
        a = noise.integers(0, 2, (h, w)) * 255
    return np.clip(a, 0, 255).astype(np.uint8)


def coloured(a):
    return np.stack([a, np.roll(a, 1, 0), 255 - a if rng.random() < 0.5 else a], axis=2)


def jpeg():
    a = pixels()
    options = {"quality": rng.randint(1, 100), "optimize": rng.random() < 0.4}
    style = rng.random()
    if rng.random() < 0.3:
        most = rng.choice([2, 16, 100, 255])
        options.pop("quality")
        options["qtables"] = [[rng.randint(1, most) for _ in range(64)] for _ in range(rng.choice([1, 2]))]
    if style < 0.15:
        options["progressive"] = True
    if 0.12 < style < 0.2 and RESTARTS:
        options["restart_marker_blocks"] = rng.randint(1, 9)
    image = Image.fromarray(coloured(a) if 0.1 < style < 0.3 else a)
    if style > 0.97:
        image = image.convert("CMYK")
    if rng.random() < 0.1:
        options["exif"] = b"Exif\0\0II*\0\x08\0\0\0\0\0" + rng.randbytes(rng.randrange(20))
    if rng.random() < 0.1:
        options["dpi"] = (72, 72)
    out = io.BytesIO()
    try:
        image.save(out, "JPEG", **options)
    except OSError:  # some tables at random make an image larger than Pillow's buffer
        return jpeg()
    return out.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def filtered(rows, bpp):
    """Rows of bytes by filters at random, or one for all."""
    height, width = rows.shape
    fixed = rng.choice([None, None, 0, 1, 2, 3, 4])
    out, above = bytearray(), np.zeros(width, np.int32)
    for row in rows.astype(np.int32):
        kind = rng.randrange(5) if fixed is None else fixed
        left = np.concatenate([np.zeros(bpp, np.int32), row])[:width]
        corner = np.concatenate([np.zeros(bpp, np.int32), above])[:width]
        p = left + above - corner
        pa, pb, pc = abs(p - left), abs(p - above), abs(p - corner)
        paeth = np.where((pa <= pb) & (pa <= pc), left, np.where(pb <= pc, above, corner))
        guess = [0, left, above, (left + above) >> 1, paeth][kind]
        out.append(kind)
        out += ((row - guess) & 255).astype(np.uint8).tobytes()
        above = row
    if rng.random() < 0.03:
        out[rng.randrange(height) * (width + 1)] = rng.randrange(5, 256)
    if rng.random() < 0.03:
        del out[rng.randrange(len(out)) :]
    if rng.random() < 0.03:
        out += rng.randbytes(rng.randint(1, 20))
    return bytes(out)


ODD_CHUNKS = [b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"tIME", b"sBIT", b"bKGD", b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP", b"tRNS", b"acTL", b"hIST", b"abCd", b"ABCD", b"PLTE", b"IHDR"]


def odd_chunk():
    return chunk(rng.choice(ODD_CHUNKS), rng.randbytes(rng.choice([0, 1, 4, 7, 9, 32, rng.randrange(40)])))


def png():
    a = pixels()
    colour = rng.choice([0, 0, 2, 3, 3])
    if rng.random() < 0.1:  # other kinds, by Pillow itself
        out = io.BytesIO()
        Image.fromarray(a).convert(rng.choice(["1", "LA", "RGBA", "I", "P"])).save(out, "PNG", optimize=rng.random() < 0.3)
        return out.getvalue()
    rows = coloured(a).reshape(a.shape[0], -1) if colour == 2 else a
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", a.shape[1], a.shape[0], 8, colour, 0, 0, int(rng.random() < 0.02)))]
    if colour == 3:
        entries = 256 if rng.random() < 0.7 else rng.randint(1, 256)
        parts.append(chunk(b"PLTE", rng.randbytes(entries * 3 - (rng.random() < 0.02))))
    data = zlib.compress(filtered(rows, 3 if colour == 2 else 1), rng.randint(0, 9))
    pieces = [chunk(b"IDAT", data)]
    if rng.random() < 0.2:
        cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randint(1, 4)))
        pieces = [chunk(b"IDAT", data[i:j]) for i, j in zip([0] + cuts, cuts + [len(data)])]
    parts += pieces + [chunk(b"IEND", b"")]
    while rng.random() < 0.2:
        parts.insert(rng.randint(1, len(parts)), odd_chunk())
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def repaired(data):
    """A PNG's checksums made right again, so that damage reaches what is behind them."""
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        end = at + 12 + struct.unpack(">I", out[at : at + 4])[0]
        if end > len(out):
            break
        out[end - 4 : end] = struct.pack(">I", zlib.crc32(bytes(out[at + 4 : end - 4])))
        at = end
    return bytes(out)


def damaged(data):
    out = bytearray(data)
    kinds = ["truncated", "flipped", "flipped", "head", "cut", "inserted", "extended", "marker", "segment", "at a boundary"]
    kind = rng.choice(kinds + ["in the scan"] * 5 if out[0] == 255 else kinds)
    if kind == "in the scan":
        return kind, in_scan(data)
    if kind == "at a boundary":
        del out[max(1, rng.choice(boundaries(data)) + rng.choice([0, 0, 0, -1, 1, 2, 4, 8, rng.randint(-14, 14)])) :]
    elif kind == "truncated":
        del out[len(out) - rng.choice([1, 2, 3, rng.randint(1, 30), rng.randint(1, len(out))]) :]
    elif kind == "flipped":
        for _ in range(rng.choice([1, 1, 2, 8])):
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    elif kind == "head":
        for _ in range(rng.choice([1, 1, 3])):
            out[rng.randrange(min(len(out), 640))] = rng.choice([0, 1, 255, rng.randrange(256)])
    elif kind == "cut":
        at = rng.randrange(len(out))
        del out[at : at + rng.choice([1, 2, rng.randint(1, 200)])]
    elif kind == "inserted":
        at = rng.randrange(len(out) + 1)
        out[at:at] = rng.randbytes(rng.randint(1, 20))
    elif kind == "extended":
        out += rng.choice([b"\0", b"\xff\xd9", rng.randbytes(rng.randint(1, 90))])
    elif kind == "marker":
        at = rng.randrange(len(out) + 1)
        out[at:at] = bytes([255, rng.choice([0, 0xD0, 0xD8, 0xD9, 0xDA, 0xDD, 0xFF, rng.randrange(256)])])
    elif out[0] == 255:
        body = rng.choice([b"JFIF\0", b"Exif\0\0MM\0*", b"Adobe", b"ICC_PROFILE\0", b"MPF\0", b"Photoshop 3.0\0", b""])
        body += rng.randbytes(rng.choice([0, 1, rng.randrange(60)]))
        out[2:2] = segment(rng.choice([0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE]), body)
    if out[:1] == b"\x89" and rng.random() < 0.7:
        out = bytearray(repaired(out))
    return kind, bytes(out)


def other():
    """What is no JPEG and no PNG, whatever its name says: transparent, turned, of several frames, compressed in some way."""
    a = pixels()
    name = rng.choice(["gif", "gif", "tiff", "tiff", "webp", "webp", "avif", "bmp", "ppm", "jpeg2000"])
    options = {}
    modes = {"gif": ["L", "P", "RGB"], "tiff": ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"], "webp": ["L", "RGB", "RGBA"]}
    mode = rng.choice(modes.get(name, ["L", "RGB"]))
    image = Image.fromarray(coloured(a) if mode in ("RGB", "RGBA", "P", "CMYK") else a).convert(mode)
    if mode in ("LA", "RGBA"):
        image.putalpha(Image.fromarray(np.roll(a, 3, 1)))
    if mode == "RGBA" and rng.random() < 0.2:
        image.putalpha(255)
    if name == "gif":
        options = rng.choice([{}, {"transparency": rng.randrange(256)}, {"interlace": 0}, {"save_all": True, "append_images": [image.rotate(90)]}])
    if name == "tiff":
        options = {"compression": rng.choice([None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "raw"])}
        if mode in ("L", "RGB") and rng.random() < 0.2:
            options = {"compression": "jpeg", "quality": rng.randint(1, 100)}
        if rng.random() < 0.3:
            options["tiffinfo"] = {274: rng.randint(1, 8)}
        if rng.random() < 0.1:
            options["big_tiff"] = True
        if rng.random() < 0.1:
            options |= {"save_all": True, "append_images": [image.rotate(90)]}
    if name == "webp":
        options = {"lossless": rng.random() < 0.5, "quality": rng.randint(1, 100), "exact": rng.random() < 0.3, "method": 0}
        if rng.random() < 0.1:
            options |= {"save_all": True, "append_images": [image.rotate(180)]}
    if name in ("webp", "avif") and rng.random() < 0.2:
        exif = Image.Exif()
        exif[274] = rng.randint(1, 8)
        options["exif"] = exif.tobytes()
    out = io.BytesIO()
    try:
        image.save(out, name, **options)
    except (OSError, ValueError, SystemError):  # a size or mode that the format has not
        return other()
    return name, out.getvalue()


def boundaries(data):
    """Where a PNG's chunks or a JPEG's segments end."""
    at, ends = (8, [8]) if data[:1] == b"\x89" else (2, [2])
    while at + 4 <= len(data):
        if data[:1] == b"\x89":
            at += 12 + struct.unpack(">I", data[at : at + 4])[0]
        elif data[at] == 255:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        else:
            break
        ends.append(min(at, len(data)))
    return ends


def segment(marker, body):
    return bytes([255, marker]) + struct.pack(">H", len(body) + 2) + body


def in_scan(data):
    """Markers, fill bytes and segments between SOS and EOI, or a frame that says arithmetic coding."""
    out = bytearray(data)
    if rng.random() < 0.15:
        for plain, arithmetic in ((0xC0, 0xC9), (0xC2, 0xCA)):
            at = data.find(bytes([255, plain, 0]))
            if at > 0:
                out[at + 1] = arithmetic
                return bytes(out)
    first = data.find(b"\xff\xda")
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randint(first + 2, len(out) - rng.choice([0, 2, 2]))
        new = rng.choice(
            [
                b"\xff" * rng.choice([1, 2, 3, rng.randint(1, 600)]),
                bytes([255, rng.choice([0xD8, 0xD9, 0xD0 + rng.randrange(8), 1, rng.randrange(256)])]),
                segment(rng.choice([0xE0, 0xE1, 0xEE, 0xFE, 0xDC, 0xDD, 0xDB, 0xC4, 0xCC, 0xC0, 0xDA]), rng.randbytes(rng.randrange(30))),
                segment(rng.choice([0xE0, 0xFE]), rng.randbytes(rng.choice([1, 300, 60000]))),
                segment(0xDD, struct.pack(">H", rng.randrange(4))),
                b"\xff\xd8" + data[2 : rng.randint(2, len(data))],
                data[first : rng.randint(first, min(first + 40, len(data)))],
            ]
        )
        if rng.random() < 0.5:
            out[at : at + len(new)] = new
        else:
            out[at:at] = new
    return bytes(out)


def verdict(data):
    try:
        gray = np.array(Image.open(io.BytesIO(data)).convert("L"))
    except Exception:
        return {}
    return {"height": gray.shape[0], "width": gray.shape[1], "sha1": hashlib.sha1(gray.tobytes()).hexdigest()}


out = sys.stdout.buffer
out.write(json.dumps({"Pillow": PIL.__version__, "seed": SEED}).encode() + b"\n")
for _ in range(COUNT):
    kind = "sound"
    made = rng.choice([jpeg, jpeg, png, png, other])
    name, data = made() if made is other else (made.__name__, made())
    if rng.random() < (0.3 if made is other else 0.5):
        kind, data = damaged(data)
    out.write(json.dumps({"byteLength": len(data), "kind": f"{name} {kind}", **verdict(data)}).encode() + b"\n" + data)
