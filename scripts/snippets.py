"""Runs every block of Python in texts, each by itself as somebody who copies it would, and says what came of it.

    HF_ENDPOINT=http://127.0.0.1:PORT python3 scripts/snippets.py README.md...

Prints a line for each thing that a block has left: its name, and how many rows or which shapes it has. Exit 1 where one fails.
"""

import os
import re
import sys

os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


def told(value) -> str | None:
    """What a test can hold it against; None for modules, functions and classes."""
    if isinstance(value, dict) and "image" in value:
        image, text = value["image"], value["text"]
        return f"{str(image.dtype).removeprefix('torch.')} {list(image.shape)} {type(text).__name__}"
    if type(value).__name__ == "DataLoader":
        items = list(value)
        assert len(items) > 0
        sizes = [len(item["image"]) if value.batch_size else 1 for item in items]
        texts = [text for item in items for text in (item["text"] if value.batch_size else [item["text"]])]
        return f"{sum(sizes)} rows, {len(texts)} texts"
    if isinstance(value, type | str | dict) or callable(value):
        return None
    if hasattr(value, "__len__"):
        return f"{len(value)} rows"
    return f"{sum(1 for _ in value)} rows" if type(value).__name__ == "IterableDataset" else None


def main(file: str) -> None:
    with open(file, encoding="utf8") as text:
        blocks = re.findall(r"^```python\n(.*?)^```", text.read(), re.S | re.M)
    for at, block in enumerate(blocks):
        space: dict = {"__name__": "__main__"}
        try:
            exec(compile(block, f"block {at}", "exec"), space)
            for name, value in space.items():
                line = None if name.startswith("__") else told(value)
                if line is not None:
                    print(f"{os.path.basename(file)} {name}: {line}", flush=True)
        except Exception:
            print(block, file=sys.stderr)
            raise


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for one in sys.argv[1:]:
        main(one)
