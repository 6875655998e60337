"""`datasets` reads exported chat lines, and Pillow the pictures they name. python chat.py TREE SPLIT ROWS"""

import os
import sys

from datasets import load_dataset
from PIL import Image

tree, split, count = sys.argv[1:]
lines = load_dataset("json", data_files=os.path.join(tree, f"{split}.jsonl"), split="train")
assert len(lines) == int(count), (len(lines), count)
for line in lines:
    turns = line.get("messages") or line["conversations"]
    images = line.get("images") or line["image"]
    question, answer = (turn.get("content") or turn["value"] for turn in turns)
    assert question.count("<image>") == len(images) > 0 and answer
    for name in images:
        with Image.open(os.path.join(tree, name)) as picture:
            picture.load()
print(f"{len(lines)} lines of {split}")
