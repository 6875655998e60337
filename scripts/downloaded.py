"""Lists and downloads a data set with Python's own Hub client, and compares it with the folder that a Hub serves.

    HF_ENDPOINT=http://127.0.0.1:PORT python3 scripts/downloaded.py owner/name FOLDER

Exit 0 where all is equal, 1 where not.
"""

import filecmp
import os
import sys
import tempfile

os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import huggingface_hub as hub
from huggingface_hub import errors


def main(repository: str, folder: str) -> None:
    api = hub.HfApi()
    files = sorted(
        os.path.relpath(os.path.join(where, name), folder) for where, _, names in os.walk(folder) for name in names
    )
    info = api.dataset_info(repository)
    assert sorted(one.rfilename for one in info.siblings) == files, "dataset_info"
    listed(api, repository, folder, files)
    with tempfile.TemporaryDirectory() as cache:
        whole = hub.snapshot_download(repository, repo_type="dataset", revision=info.sha, cache_dir=cache)
        _, different, unread = filecmp.cmpfiles(folder, whole, files, shallow=False)
        assert not different and not unread, (different, unread)
    in_ranges(repository, folder, files, info.sha)
    refused(api, repository, files[0])
    print(f"{repository}: {len(files)} files listed, downloaded and read in ranges, huggingface_hub {hub.__version__}")


def listed(api: hub.HfApi, repository: str, folder: str, files: list[str]) -> None:
    size = {name: os.path.getsize(os.path.join(folder, name)) for name in files}
    for expand in (False, True):
        tree = api.list_repo_tree(repository, repo_type="dataset", recursive=True, expand=expand)
        assert {one.path: one.size for one in tree if hasattr(one, "size")} == size, f"tree, expand={expand}"
    some = [*files[:3], "not/there"]
    found = api.get_paths_info(repository, some, repo_type="dataset")
    assert sorted(one.path for one in found) == files[:3], "paths-info"


def in_ranges(repository: str, folder: str, files: list[str], sha: str) -> None:
    """As pandas, DuckDB and `datasets` stream: fsspec's file system over the Hub."""
    remote = hub.HfFileSystem()
    for name in files:
        with open(os.path.join(folder, name), "rb") as file, remote.open(
            f"datasets/{repository}@{sha}/{name}", block_size=0 if os.path.getsize(file.name) == 0 else 512
        ) as other:
            for offset in (0, 1000, max(0, os.path.getsize(file.name) - 100)):
                file.seek(offset)
                other.seek(offset)
                assert file.read(50) == other.read(50), f"{name} at {offset}"


def refused(api: hub.HfApi, repository: str, name: str) -> None:
    """The client knows each refusal by its headers."""
    for error, of in (
        (errors.RepositoryNotFoundError, ("no/such-repository", name, None)),
        (errors.RevisionNotFoundError, (repository, name, "no-such-branch")),
        (errors.RemoteEntryNotFoundError, (repository, "no/such/file", None)),
    ):
        try:
            api.hf_hub_download(of[0], of[1], repo_type="dataset", revision=of[2])
        except error:
            continue
        raise AssertionError(f"{error.__name__} was not raised")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
