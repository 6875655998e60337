"""nibabel reads each .nii.gz of an exported tree as the array of its row. python nifti.py TREE SHARDS.PARQUET…"""

import os
import sys

import nibabel
import numpy as np
import pyarrow.parquet as pq

tree, *shards = sys.argv[1:]
count = 0
for shard in shards:
    for row in pq.read_table(shard).to_pylist():
        cell = row["volume"]["bytes"]
        array = np.frombuffer(cell, row["volume_dtype"]).reshape(row["volume_shape"][-3:])
        if len(row["volume_shape"]) == 4 and array.dtype == np.uint8:
            array = (array / np.float64(255)).astype(np.float32)
        image = nibabel.load(os.path.join(tree, row["image"].replace(".npy", ".nii.gz")))
        data = np.asanyarray(image.dataobj).transpose()
        wide = np.float32 if array.dtype == np.float16 else array.dtype
        assert data.dtype == wide and np.array_equal(data, array), row["id"]
        header = image.header
        assert header["qform_code"] == 0 and header["sform_code"] == 0 and header["xyzt_units"] == 0
        assert header.get_zooms() == (1, 1, 1)
        assert b"unknown" in header["descrip"].item(), header["descrip"]
        count += 1
print(f"{count} arrays equal")
