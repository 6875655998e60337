"""The authors' CapDataset over an exported tree, beside the lines of docs/torch.md over the shards, item for item.

python cap_dataset.py LOADER.py TREE SHARDS SPLIT: exits 1 where an item differs in image or text.
"""

import json
import os
import random
import re
import sys
import types

import numpy as np
import torch
from datasets import load_dataset
from torch.utils.data import Dataset

loader, tree, shards, split = sys.argv[1:]


class Compose:
    """Without chance: what is random is left out."""

    def __init__(self, steps):
        self.steps = [step for step in steps if step is not None]

    def __call__(self, value):
        for step in self.steps:
            value = step(value)
        return value


def chance(**_):
    return None


mtf = types.SimpleNamespace(
    Compose=Compose,
    ToTensor=lambda dtype: lambda array: torch.as_tensor(array, dtype=dtype),
    **dict.fromkeys(["RandRotate90", "RandFlip", "RandScaleIntensity", "RandShiftIntensity"], chance),
)


class Tokenizer:
    """A number for each letter: enough for the class's arithmetic."""

    eos_token_id, pad_token_id = 1, 0

    def __call__(self, text, max_length, **_):
        ids = torch.zeros((1, max_length), dtype=torch.long)
        codes = torch.tensor([ord(letter) for letter in text[:max_length]])
        ids[0, : len(codes)] = codes
        return {"input_ids": ids, "attention_mask": (ids != 0).long()}


names = dict(mtf=mtf, set_track_meta=bool, Dataset=Dataset, torch=torch, np=np, os=os, json=json, random=random)
with open(loader) as file:
    exec(file.read(), names)
args = types.SimpleNamespace(
    data_root=tree, cap_data_path=os.path.join(tree, "M3D_Cap.json"), proj_out_num=2, max_length=512
)
theirs = names["CapDataset"](args, Tokenizer(), mode=split)

with open("docs/torch.md") as file:
    snippet = re.search(r"```python\n(.*?)```", file.read(), re.S)[1]
assert len(snippet.splitlines()) <= 5, "five lines at most, as the page says"
snippet = snippet.replace("out/data/", f"{shards}/data/").replace("test", split)
exec(snippet)

assert len(rows) == len(theirs) > 0, (len(rows), len(theirs))
for at, row in enumerate(rows):
    image, text = item(row)
    their = theirs[at]
    assert their is not None, row["id"]
    assert image.dtype == their["image"].dtype and torch.equal(image, their["image"]), row["id"]
    assert text == their["answer"], row["id"]
    again = np.load(os.path.join(tree, row["image"]))
    path = os.path.join(os.environ["HF_HOME"], "again.npy")
    np.save(path, again)
    with open(path, "rb") as one, open(os.path.join(tree, row["image"]), "rb") as other:
        assert one.read() == other.read(), f"{row['id']}: np.save writes other bytes"
print(f"{len(rows)} items of {split}: image and text equal")
