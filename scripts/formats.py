"""Holds the volumes that each format of `datasets` gives, map-style and streamed, to those that were assembled.

    python3 scripts/formats.py FOLDER expected.json [FOLDER expected.json ...]

expected.json: {"split": {"id": "sha256 of the volume's bytes"}}. One volume of each folder at least must end in a zero byte, since it is
trailing zeros that a column of plain binary loses. Prints the formats that agreed, by folder; exit 1 where one does not.
"""

import hashlib
import importlib.util
import json
import os
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"

import datasets

FORMATS = ["numpy", "torch", "jax", "arrow", "pandas", "polars"]


def cells(column) -> list[bytes]:
    """The bytes of a column, or of one cell, whatever the format made of them."""
    many = [column] if isinstance(column, dict) else list(column)
    plain = [one.as_py() if hasattr(one, "as_py") else one for one in many]
    return [one["bytes"] for one in plain]


def texts(column) -> list[str]:
    return [column] if isinstance(column, str) else [str(one) for one in column]


def sums(parts) -> dict[str, str]:
    rows = [pair for part in parts for pair in zip(texts(part["id"]), cells(part["volume"]), strict=True)]
    assert len(rows) == len({one for one, _ in rows}), "a row came twice"
    return {one: hashlib.sha256(volume).hexdigest() for one, volume in rows}


def main(folder: str, expected_file: str) -> None:
    with open(expected_file, encoding="utf8") as file:
        splits = json.load(file)
    ends = set()
    for split, expected in splits.items():
        with tempfile.TemporaryDirectory() as cache:
            for streaming in (False, True):
                rows = datasets.load_dataset(folder, split=split, streaming=streaming, cache_dir=cache)
                rows = rows.select_columns(["id", "volume"])
                ends |= {row["volume"]["bytes"][-1] for row in rows}
                for name in [None, *filter(importlib.util.find_spec, FORMATS[:3]), *FORMATS[3:]]:
                    found = rows.with_format(name)
                    single = found if streaming else (found[at] for at in range(len(found)))
                    assert sums(single) == expected, f"{split}, {name}, streaming={streaming}: by row"
                    assert sums(found.iter(3)) == expected, f"{split}, {name}, streaming={streaming}: in batches"
                    print(f"{os.path.basename(folder)}: {name} {'streamed' if streaming else 'map-style'} {split}: {len(expected)} rows")
    assert 0 in ends, "no volume ends in a zero byte: nothing could have been cut"


if __name__ == "__main__":
    if len(sys.argv) < 3 or len(sys.argv) % 2 == 0:
        sys.exit(__doc__)
    for pair in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        main(*pair)
