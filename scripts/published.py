"""Reads a published data set back with Python's own clients, and writes to the Hub with them.

    HF_ENDPOINT=http://127.0.0.1:PORT HF_TOKEN=hf_... python3 scripts/published.py me/name expected.json

expected.json: {"split": {"id": "sha256 of the volume's bytes"}}. Exit 0 where all is equal, 1 where not. The miniature Hub
has no Xet.
"""

import hashlib
import json
import os
import sys
import tempfile

os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import datasets
import huggingface_hub as hub


def main(repository: str, expected_file: str) -> None:
    with open(expected_file, encoding="utf8") as file:
        expected = json.load(file)
    with tempfile.TemporaryDirectory() as cache:
        downloaded(repository, cache)
        for split, volumes in expected.items():
            for streaming in (False, True):
                rows = datasets.load_dataset(repository, split=split, streaming=streaming, cache_dir=cache)
                found = {row["id"]: hashlib.sha256(row["volume"]["bytes"]).hexdigest() for row in rows}
                assert found == volumes, f"{split}, streaming={streaming}: {len(found)} rows of {len(volumes)}"
        index = datasets.load_dataset(repository, "index", split="index", cache_dir=cache)
        assert set(index["id"]) == {one for volumes in expected.values() for one in volumes}, "the index"
    written(repository.split("/")[0])
    print(f"{repository}: {sum(map(len, expected.values()))} rows as expected")


def downloaded(repository: str, cache: str) -> None:
    """Every file of the newest commit, by its hash."""
    api = hub.HfApi()
    info = api.dataset_info(repository, files_metadata=True)
    folder = hub.snapshot_download(repository, repo_type="dataset", revision=info.sha, cache_dir=cache)
    for one in info.siblings:
        with open(os.path.join(folder, one.rfilename), "rb") as file:
            data = file.read()
        assert len(data) == one.size, one.rfilename
        if one.lfs is not None:
            assert hashlib.sha256(data).hexdigest() == one.lfs.sha256, one.rfilename


def written(owner: str) -> None:
    """The miniature Hub takes what Python's client sends: whole, in parts, again without a change."""
    api = hub.HfApi()
    repository = f"{owner}/from-python"
    api.create_repo(repository, repo_type="dataset", exist_ok=True)
    api.create_repo(repository, repo_type="dataset", exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        files = {"README.md": b"---\nlicense: mit\n---\n", "a.bin": os.urandom(300_000), "data/b.parquet": os.urandom(50)}
        for name, data in files.items():
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        api.upload_folder(repo_id=repository, repo_type="dataset", folder_path=folder)
        before = api.dataset_info(repository).sha
        api.upload_folder(repo_id=repository, repo_type="dataset", folder_path=folder)
        assert api.dataset_info(repository).sha == before, "no change is no commit"
        for name, data in files.items():
            with open(api.hf_hub_download(repository, name, repo_type="dataset", local_dir=folder + "/back"), "rb") as file:
                assert file.read() == data, name
    request = api.upload_file(
        repo_id=repository, repo_type="dataset", path_in_repo="c.txt", path_or_fileobj=b"c", create_pr=True
    )
    assert request.pr_num == 1, request
    assert not api.file_exists(repository, "c.txt", repo_type="dataset")
    assert api.file_exists(repository, "c.txt", repo_type="dataset", revision="refs/pr/1")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
