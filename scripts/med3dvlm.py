"""The published preparations of M3D and Med3DVLM in Pillow, numpy and torch, held against an exported tree of NIfTI.

    python med3dvlm.py draw SOURCE            series of every kind of slice, drawn
    python med3dvlm.py check SOURCE TREE FILES.json m3d|med3dvlm

FILES.json: {"a series' folder in SOURCE": "its file in TREE"}. Where the two differ: Med3DVLM has 128 slices for 32, and takes
palette pictures to gray by way of RGBA. Prints a line for each series that is not in FILES.json; exits 1 where a bit differs.
"""

import json
import os
import sys
import warnings
from collections import Counter

import numpy as np
from PIL import Image


def gray(file: str, by_rgba: bool) -> np.ndarray:
    picture = Image.open(file)
    if by_rgba and picture.mode == "P":
        picture = picture.convert("RGBA")
    return np.asarray(picture.convert("L")).astype(np.float32) / 255.0


def stack(folder: str, by_rgba: bool) -> np.ndarray | None:
    """The slices that can be read and have the commonest size, first met where two are alike, in the order of their numbers."""
    names = [name for name in os.listdir(folder) if name.endswith((".jpeg", ".png"))]
    try:
        names.sort(key=lambda name: int(os.path.splitext(name)[0]))
    except ValueError:
        return None
    slices = []
    for name in names:
        try:
            slices.append(gray(os.path.join(folder, name), by_rgba))
        except Exception:
            continue
    if not slices:
        return None
    size = Counter(one.shape for one in slices).most_common(1)[0][0]
    return np.stack([one for one in slices if one.shape == size])


def prepared(folder: str, recipe: str) -> np.ndarray | None:
    """[depth, 256, 256] float32; None where nothing is left, which fails in torch."""
    import torch

    voxels = stack(folder, by_rgba=recipe == "med3dvlm")
    if voxels is None:
        return None
    voxels = voxels - voxels.min()
    voxels = voxels / np.clip(voxels.max(), 1e-8, None)
    # MONAI's CropForeground: the box of what is above 0, no margin.
    box = tuple(
        slice(found.min(), found.max() + 1) if len(found := np.flatnonzero((voxels > 0).any(axis=others))) else slice(0, 0)
        for others in ((1, 2), (0, 2), (0, 1))
    )
    inside = torch.from_numpy(voxels)[box][None]
    size = (128 if recipe == "med3dvlm" else 32, 256, 256)
    if inside.numel() == 0:
        return None
    # MONAI's Resize: what has the size is left alone; "bilinear" of three sides is "trilinear", corners not aligned.
    if inside.shape[1:] != size:
        inside = torch.nn.functional.interpolate(inside[None], size=size, mode="trilinear", align_corners=None)[0]
    return inside[0].numpy()


def check(source: str, tree: str, files: str, recipe: str) -> None:
    import nibabel
    import torch

    capability = torch.backends.cpu.get_cpu_capability()
    assert capability.startswith("AVX"), f"torch for {capability}: without its FMA the last bits are others"
    warnings.simplefilter("ignore")
    with open(files, encoding="utf8") as file:
        listed = json.load(file)
    walk = os.walk(os.path.join(source, "ct_case"))
    folders = {os.path.relpath(folder, source) for folder, inner, _ in walk if not inner}
    for series in sorted(folders - set(listed)):
        made = prepared(os.path.join(source, series), recipe) is not None
        print(f"{series}: not exported, {'but the reference has it' if made else 'nor has the reference'}")
    for series, name in listed.items():
        expected = prepared(os.path.join(source, series), recipe)
        assert expected is not None, f"{series}: the reference has nothing"
        found = np.asanyarray(nibabel.load(os.path.join(tree, name)).dataobj).transpose()
        assert found.dtype == np.float32 and found.shape == expected.shape, (series, found.dtype, found.shape)
        differ = np.count_nonzero(found.reshape(-1).view(np.uint32) != expected.reshape(-1).view(np.uint32))
        assert differ == 0, f"{series}: {differ} of {found.size} voxels differ"
    print(f"{len(listed)} volumes equal")


class Drawing:
    """Slices of a shape in noise, empty at the edges, so that there is something to crop."""

    def __init__(self, source: str):
        self.random = np.random.default_rng(7)
        self.source = source
        self.count = 0

    def noise(self, height: int, width: int, most: int = 255) -> np.ndarray:
        values = self.random.integers(0, most + 1, (height, width))
        rows, columns = np.ogrid[:height, :width]
        inside = (rows - height / 2) ** 2 / height**2 + (columns - width / 2) ** 2 / width**2 < 0.17
        return (values * inside).astype(np.uint8)

    def series(self, slices: list) -> None:
        """A case of its own; a slice is a picture with how it is saved, or bytes."""
        self.count += 1
        case = os.path.join(self.source, "ct_case", f"{self.count:06}")
        os.makedirs(os.path.join(case, "Axial_drawn"))
        with open(os.path.join(case, "text.txt"), "w") as text:
            text.write("study_findings: Drawn by a program.")
        for number, (picture, kind) in enumerate(slices, 1):
            name = os.path.join(case, "Axial_drawn", f"{number}.{kind.pop('name', 'png')}")
            if isinstance(picture, bytes):
                with open(name, "wb") as file:
                    file.write(picture)
            else:
                picture.save(name, **kind)

    def palette(self, height: int, width: int, colours: int = 256, entries: int | None = None) -> Image.Image:
        picture = Image.fromarray(self.noise(height, width, colours - 1)).convert("P")
        chosen = self.random.integers(0, 256, (entries or colours, 3))
        chosen[0] = 0
        picture.putpalette(chosen.astype(np.uint8).tobytes())
        return picture

    def layers(self, mode: str, height: int, width: int) -> Image.Image:
        return Image.merge(mode, [Image.fromarray(self.noise(height, width)) for _ in Image.new(mode, (1, 1)).getbands()])


def draw(source: str) -> None:
    drawing = Drawing(source)
    noise, palette, layers, series = drawing.noise, drawing.palette, drawing.layers, drawing.series

    def transparent(count: int) -> bytes:
        return drawing.random.integers(0, 256, count).astype(np.uint8).tobytes()

    series([(Image.fromarray(noise(61, 53)), {"name": "jpeg", "quality": 90}) for _ in range(7)])
    series([(Image.fromarray(noise(40, 301)), {}) for _ in range(131)])
    palettes = [(palette(48, 51), {}), (palette(48, 51), {"transparency": 3}), (palette(48, 51, entries=200), {})]
    palettes += [(palette(48, 51), {"transparency": transparent(count)}) for count in (256, 90)]
    palettes += [(palette(48, 51, 2**bits), {"bits": bits, **kind}) for bits in (1, 2, 4) for kind in ({}, {"transparency": 0})]
    series(palettes)
    series([(palette(16, 16), {"transparency": transparent(256)})])
    every = [(layers(mode, 40, 41), {}) for mode in ("RGB", "RGBA", "LA")]
    every += [(Image.fromarray(noise(40, 41)), {"transparency": 7}), (layers("RGB", 40, 41), {"transparency": (0, 0, 0)})]
    every += [(palette(40, 41), {"transparency": transparent(90)}), (Image.fromarray(noise(40, 41)).convert("1"), {})]
    every += [(Image.fromarray(noise(40, 41).astype(np.uint16) * 3), {}), (layers("RGB", 40, 41), {"name": "jpeg"})]
    series([*every, (Image.fromarray(noise(41, 40)), {}), (b"no picture", {}), (b"", {"name": "jpeg"})])
    whole = np.arange(128)[:, None, None] + np.arange(256)[None, :, None] // 4 + np.arange(256) // 5 + 1
    whole[0, 0, 0] = 0
    series([(Image.fromarray(one.astype(np.uint8)), {}) for one in whole])
    series([(Image.new("P", (20, 20)), {}), (Image.new("L", (20, 20)), {})])


if __name__ == "__main__":
    if len(sys.argv) not in (3, 6):
        sys.exit(__doc__)
    {"draw": draw, "check": check}[sys.argv[1]](*sys.argv[2:])
