"""Samples of exported tars as another project's own reader gives them.

    python webdataset_readers.py datasets|ray TREE EXPECTED.json

EXPECTED.json: {"key": ["sha256 of the array's bytes", shape, dtype, text, facts]}. Exits 1 where a sample differs, lacks or is too much.
"""

import glob
import hashlib
import importlib
import json
import os
import sys
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", RAY_USAGE_STATS_ENABLED="0", RAY_DATA_DISABLE_PROGRESS_BARS="1")

import numpy as np


def by_datasets(tars: list[str]):
    """Each split by its name, at once and streamed; all of them as one split too, whose types the first tar tells."""
    import datasets

    files = {"every": tars}
    for tar in tars:
        files.setdefault(os.path.basename(tar).split("-")[0], []).append(tar)
    for streaming in (False, True):
        with tempfile.TemporaryDirectory() as cache:
            for split in files:
                rows = datasets.load_dataset(
                    "webdataset", data_files={split: files[split]}, split=split, streaming=streaming, cache_dir=cache
                )
                yield list(rows), split == "every"


def by_ray(tars: list[str]):
    """On one core of this machine, with no page of its own and nothing left behind."""
    import ray

    with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp") as folder:
        ray.init(
            num_cpus=1, include_dashboard=False, log_to_driver=False, object_store_memory=100_000_000,
            _node_ip_address="127.0.0.1", _temp_dir=folder,
        )  # fmt: skip
        try:
            yield list(ray.data.read_webdataset(tars).iter_rows()), True
        finally:
            ray.shutdown()


def main(reader: str, tree: str, expected_file: str) -> None:
    with open(expected_file, encoding="utf8") as file:
        expected = json.load(file)
    tars = sorted(glob.glob(os.path.join(tree, "*.tar")))
    for samples, is_whole in {"datasets": by_datasets, "ray": by_ray}[reader](tars):
        found = {}
        for sample in samples:
            sha256, shape, dtype, text, facts = expected[sample["__key__"]]
            array = np.array(sample["npy"], dtype)
            assert list(array.shape) == shape, (sample["__key__"], array.shape)
            found[sample["__key__"]] = [hashlib.sha256(array.tobytes()).hexdigest(), shape, dtype, sample["txt"], sample["json"]]
            assert found[sample["__key__"]] == [sha256, shape, dtype, text, facts], (found[sample["__key__"]], text, facts)
        assert len(found) == len(samples) > 0, "a sample came twice"
        assert not is_whole or found.keys() == expected.keys(), (len(found), len(expected))
    print(f"{reader} {importlib.import_module(reader).__version__}: {len(expected)} samples")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
