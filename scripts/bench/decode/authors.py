"""The authors' arithmetic, asked for one volume at a time: a folder's path on stdin, one line of JSON on stdout.

Their script's decoding and numpy lines as they are. MONAI's CropForeground and Resize are written out as what they call:
a box of voxels > 0, then torch's trilinear interpolation with corners not aligned.
"""
import json, os, resource, sys

import numpy as np
import PIL
import torch
from PIL import Image

torch.set_num_threads(1)


def volume(folder):
    files = sorted((f for f in os.listdir(folder) if f.endswith((".jpeg", ".png"))), key=lambda f: int(f.split(".")[0]))
    images = [np.array(Image.open(os.path.join(folder, f)).convert("L"))[np.newaxis] for f in files]
    stack = np.concatenate(images, axis=0)
    array = stack.astype(np.float32) / 255.0
    array = array[np.newaxis]
    array = array - array.min()
    array = array / np.clip(array.max(), a_min=1e-8, a_max=None)
    image = torch.as_tensor(array)
    foreground = (image > 0).any(0)
    box = []
    for axis in range(3):
        found = torch.nonzero(any_but(foreground, axis))
        box.append(slice(int(found[0]), int(found[-1]) + 1))
    cropped = image[(slice(None), *box)]
    return torch.nn.functional.interpolate(cropped[None], size=(32, 256, 256), mode="trilinear", align_corners=False)[0].numpy()


def any_but(mask, axis):
    for other in sorted((a for a in range(3) if a != axis), reverse=True):
        mask = mask.any(dim=other)
    return mask


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1000


print(json.dumps({"python": sys.version.split()[0], "Pillow": PIL.__version__, "numpy": np.__version__, "torch": torch.__version__}), flush=True)
for line in sys.stdin:
    folder, out = json.loads(line)
    before = cpu()
    result = volume(folder)
    used = cpu() - before
    if out:
        np.ascontiguousarray(result, dtype="<f4").tofile(out)
    print(json.dumps({"cpuMs": used}), flush=True)
