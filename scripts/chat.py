"""`datasets` reads exported chat lines, and Pillow the pictures they name. python chat.py TREE SPLIT ROWS [SPLIT ROWS ...]"""

import os
import sys

from datasets import load_dataset
from PIL import Image

tree, *splits = sys.argv[1:]
for split, count in zip(splits[::2], splits[1::2], strict=True):
    lines = load_dataset("json", data_files=os.path.join(tree, f"{split}.jsonl"), split="train")
    assert len(lines) == int(count), (len(lines), count)
    for line in lines:
        if "messages" in line:
            images, (asked, answered) = line["images"], [turn["content"] for turn in line["messages"]]
            assert [turn["role"] for turn in line["messages"]] == ["user", "assistant"], line
            assert [part["type"] for part in asked] == ["image"] * len(images) + ["text"] and asked[-1]["text"], asked
            assert [part["type"] for part in answered] == ["text"] and answered[0]["text"], answered
        else:
            images = line["image"] if isinstance(line["image"], list) else [line["image"]]
            asked, answered = line["conversations"]
            assert [asked["from"], answered["from"]] == ["human", "gpt"], line
            assert asked["value"].count("<image>\n") == len(images) and answered["value"], asked
        assert len(images) > 0, line
        for name in images:
            with Image.open(os.path.join(tree, name)) as picture:
                picture.load()
    print(f"{len(lines)} lines of {split}")
