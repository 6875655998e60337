"""A Hub's bucket by Python's own client: brings all its files into a folder, and puts one there. Arguments: bucket, folder, file."""

import sys
from pathlib import Path

from huggingface_hub import HfApi

bucket, folder, file = sys.argv[1:]
api = HfApi()
files = [entry for entry in api.list_bucket_tree(bucket, recursive=True) if entry.type == "file"]
found = {info.path: info.size for info in api.get_bucket_paths_info(bucket, [entry.path for entry in files])}
assert found == {entry.path: entry.size for entry in files}, found
api.download_bucket_files(bucket, [(entry, str(Path(folder) / entry.path)) for entry in files])
api.batch_bucket_files(bucket, add=[(file, "from/python")])
print(len(files), "files")
