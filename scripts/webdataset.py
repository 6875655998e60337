"""Samples of exported tars as WebDataset groups them, read by tarfile, beside the shards' rows.

python webdataset.py TREE SHARDS.PARQUET…
"""

import io
import json
import os
import sys
import tarfile

import numpy as np
import pyarrow.parquet as pq

tree, *shards = sys.argv[1:]
keys = set()
for shard in shards:
    samples, last = [], None
    with tarfile.open(os.path.join(tree, os.path.basename(shard).replace(".parquet", ".tar"))) as tar:
        for member in tar:
            assert member.isfile() and member.mtime == 0 and member.uid == 0, member
            key, extension = member.name.split(".", 1)
            if key != last:
                samples.append({})
                assert key not in keys, key
                keys.add(key)
                last = key
            samples[-1][extension] = tar.extractfile(member).read()
    rows = pq.read_table(shard).to_pylist()
    assert len(samples) == len(rows), (len(samples), len(rows))
    for sample, row in zip(samples, rows):
        cell = row["volume"]["bytes"]
        array = np.load(io.BytesIO(sample["npy"]))
        assert array.dtype == row["volume_dtype"] and list(array.shape) == row["volume_shape"], row["id"]
        assert array.tobytes() == cell, row["id"]
        assert json.loads(sample["json"])["id"] == row["id"]
        assert sample["txt"].decode() == (row["report"] or ""), row["id"]
print(f"{len(keys)} samples equal")
