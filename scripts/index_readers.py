"""Reads an index's light columns with pyarrow, polars and DuckDB, whichever are installed, and its CRC-32s.

    python3 scripts/index_readers.py archives.parquet expected.json

expected.json: {"id of a series": [archive, split or null, count, stored bytes, [CRC-32, …]]}. Exit 1 where a reader does not agree.
"""

import importlib
import json
import struct
import sys

COLUMNS = ["id", "archive", "split", "count", "stored_bytes"]


def crcs(cell: bytes) -> list[int]:
    return [one for (one,) in struct.iter_unpack("<I", cell)]


def pyarrow(pa, file):
    from pyarrow import parquet

    table = parquet.read_table(file, columns=[*COLUMNS, "crc32", "subsets"])
    table.validate(full=True)
    assert str(table.schema.field("subsets").type).startswith("list"), table.schema
    return zip(*(table[name].to_pylist() for name in [*COLUMNS, "crc32"]), strict=True)


def polars(pl, file):
    lazy = pl.scan_parquet(file)
    assert lazy.select(pl.col("count").sum()).collect().item() > 0
    return lazy.select(*COLUMNS, "crc32").collect().rows()


def duckdb(db, file):
    names = ", ".join(f'"{name}"' for name in [*COLUMNS, "crc32"])
    return db.execute(f"SELECT {names} FROM read_parquet(?)", [file]).fetchall()


def main(file: str, expected_file: str) -> None:
    with open(expected_file, encoding="utf8") as handle:
        expected = json.load(handle)
    for reader in (pyarrow, polars, duckdb):
        try:
            library = importlib.import_module(reader.__name__)
        except ImportError:
            continue
        found = {row[0]: [*row[1:-1], crcs(row[-1])] for row in reader(library, file) if row[0] is not None}
        assert found == expected, f"{reader.__name__}: {len(found)} series, {len(expected)} expected"
        print(f"{reader.__name__} {library.__version__}: {len(found)} series")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
