"""Reads output folders with pyarrow, polars, DuckDB and `datasets`, whichever are installed.

    python3 scripts/readers.py FOLDER expected.json [FOLDER expected.json ...]

expected.json: {"split": {"id": "sha256 of the volume's bytes"}}. Prints the readers that agreed, by folder; exit 1 where one does not.
"""

import glob
import hashlib
import importlib
import json
import os
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"


def sums(ids, volumes) -> list[tuple[str, str]]:
    return [(one, hashlib.sha256(volume["bytes"]).hexdigest()) for one, volume in zip(ids, volumes, strict=True)]


def once(rows: list[tuple[str, str]]) -> dict[str, str]:
    assert len(rows) == len(dict(rows)), "a row came twice"
    return dict(rows)


def is_stream(file: str) -> bool:
    """Of Arrow's two layouts the one that `Dataset.from_file` maps."""
    with open(file, "rb") as opened:
        return file.endswith(".arrow") and opened.read(6) != b"ARROW1"


def pyarrow(pa, files, splits) -> dict[str, str]:
    from pyarrow import ipc, parquet

    found = []
    for file in files:
        if file.endswith(".parquet"):
            table = parquet.read_table(file)
        else:
            table = (ipc.open_stream if is_stream(file) else ipc.open_file)(pa.memory_map(file)).read_all()
        table.validate(full=True)
        features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
        assert list(features) == table.schema.names, file
        own = sums(table["id"].to_pylist(), table["volume"].to_pylist())
        found += own
        if file.endswith(".parquet"):
            chosen = parquet.read_table(file, filters=[("id", "=", own[0][0])], columns=["id", "volume"])
            assert sums(chosen["id"].to_pylist(), chosen["volume"].to_pylist()) == own[:1], file
    return once(found)


def polars(pl, files, splits) -> dict[str, str]:
    found = []
    for file in files:
        if is_stream(file):
            lazy = pl.read_ipc_stream(file).lazy()
        else:
            lazy = pl.scan_parquet(file) if file.endswith(".parquet") else pl.scan_ipc(file)
        rows = lazy.select("id", "volume", pl.col("preview").struct.field("bytes")).collect()
        assert all(one.startswith(b"\xff\xd8") for one in rows["bytes"]), file
        own = sums(rows["id"], rows["volume"])
        found += own
        chosen = lazy.filter(pl.col("id") == own[-1][0]).select("id", "volume").collect()
        assert sums(chosen["id"], chosen["volume"]) == own[-1:], file
    return once(found)


def duckdb(db, files, splits) -> dict[str, str]:
    files = [file for file in files if file.endswith(".parquet")]
    rows = db.execute("SELECT id, sha256(volume.bytes) FROM read_parquet(?)", [files]).fetchall() if files else None
    return rows and once(rows)


def datasets(ds, files, splits) -> dict[str, str]:
    """Each split at once and streamed, by the folder's card; `preview` comes as a picture."""
    for streaming in (False, True):
        for split, expected in splits.items():
            with tempfile.TemporaryDirectory() as cache:
                folder = os.path.dirname(os.path.dirname(files[0]))
                rows = ds.load_dataset(folder, split=split, streaming=streaming, cache_dir=cache)
                assert isinstance(rows.features["preview"], ds.Image), rows.features["preview"]
                own = []
                for row in rows:
                    assert row["preview"].mode == "L" and min(row["preview"].size) > 0, row["id"]
                    assert row["split"] == split, row["id"]
                    own += sums([row["id"]], [row["volume"]])
                assert once(own) == expected, f"{split}, streaming={streaming}"
    every = {one: volume for volumes in splits.values() for one, volume in volumes.items()}
    if is_stream(files[0]):
        mapped = [ds.Dataset.from_file(file) for file in files]
        assert all(isinstance(one.features["preview"], ds.Image) for one in mapped)
        assert once([pair for one in mapped for pair in sums(one["id"], one["volume"])]) == every, "Dataset.from_file"
    return every


def main(folder: str, expected_file: str) -> None:
    with open(expected_file, encoding="utf8") as file:
        splits = json.load(file)
    expected = {one: volume for volumes in splits.values() for one, volume in volumes.items()}
    files = sorted(glob.glob(os.path.join(folder, "data", "*")))
    for reader in (pyarrow, polars, duckdb, datasets):
        try:
            library = importlib.import_module(reader.__name__)
        except ImportError:
            continue
        found = reader(library, files, splits)
        assert found is None or found == expected, f"{reader.__name__}: {len(found)} rows, {len(expected)} expected"
        if found is not None:
            print(f"{os.path.basename(folder)}: {reader.__name__} {library.__version__}: {len(found)} rows")


if __name__ == "__main__":
    if len(sys.argv) < 3 or len(sys.argv) % 2 == 0:
        sys.exit(__doc__)
    for pair in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        main(*pair)
