"""What pyarrow reads of a shard to get one row, counted at the file, and how large the shard's footer is.

    python3 scripts/row_bytes.py SHARD.parquet...

Prints a line of JSON for each shard: bytes read at most for a row over the bytes that the row has in the file, for rows by
number and by id, and the footer's share of the file.
"""

import io
import json
import os
import sys

import pyarrow.parquet as pq


class Counted(io.FileIO):
    """A file that counts what is read of it."""

    bytes = 0

    def read(self, size=-1):
        data = super().read(size)
        Counted.bytes += len(data)
        return data

    def readinto(self, buffer):
        count = super().readinto(buffer)
        Counted.bytes += count
        return count


def spent(read) -> int:
    before = Counted.bytes
    read()
    return Counted.bytes - before


def measured(file: str) -> dict:
    opened = pq.ParquetFile(Counted(file))
    metadata = opened.metadata
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    # A row's own bytes: its group's, by how many rows that has.
    own = [sum(group.column(at).total_compressed_size for at in range(group.num_columns)) / group.num_rows for group in groups]
    by_number = [spent(lambda at=at: opened.read_row_group(at)) / size for at, size in enumerate(own)]
    ids = [opened.read_row_group(at, columns=["id"])["id"][0].as_py() for at in range(len(groups))]
    by_id = [
        spent(lambda one=one: pq.read_table(Counted(file), filters=[("id", "=", one)])) / size
        for one, size in zip(ids, own, strict=True)
    ]
    with open(file, "rb") as end:
        end.seek(-8, os.SEEK_END)
        footer = int.from_bytes(end.read(4), "little")
    return {
        "rows": metadata.num_rows,
        "groups": len(groups),
        "byNumber": round(max(by_number), 3),
        "byId": round(max(by_id), 3),
        "footer": footer / os.path.getsize(file),
    }


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for one in sys.argv[1:]:
        print(json.dumps(measured(one)))
