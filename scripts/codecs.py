"""How fast pyarrow reads volumes, one row after the other as training does, beside np.load.

    python3 scripts/codecs.py FOLDER

FOLDER has a Parquet file NAME.parquet for each codec. What voxshard does not write is made of none.parquet: the rows as .npy
files, Zstandard at level 3, and for float32 a column of numbers with BYTE_STREAM_SPLIT. Prints a line of JSON for each.
"""

import glob
import json
import os
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROUNDS = 5


def arrays(file: str):
    """Each row's array; the bytes as they lie in memory, nothing copied."""
    shards = pq.ParquetFile(file)
    for group in range(shards.num_row_groups):
        table = shards.read_row_group(group, columns=["volume", "volume_dtype"]).combine_chunks()
        for row in range(len(table)):
            cell = table["volume"][row]
            if isinstance(cell, pa.StructScalar):
                yield np.frombuffer(cell["bytes"].as_buffer(), table["volume_dtype"][row].as_py())
            else:
                yield cell.values.to_numpy()


def loaded(folder: str):
    for file in sorted(glob.glob(f"{folder}/npy/*.npy")):
        yield np.load(file)


def measured(name: str, file: str, read) -> None:
    """The best of some rounds: wall time, and CPU of all of pyarrow's threads."""
    wall, cpu, rows = float("inf"), float("inf"), 0
    for _ in range(ROUNDS):
        start, spent = time.perf_counter(), time.process_time()
        rows = sum(1 for array in read(file) if array[..., -1].size)
        wall = min(wall, time.perf_counter() - start)
        cpu = min(cpu, time.process_time() - spent)
    files = glob.glob(f"{file}/npy/*.npy") if os.path.isdir(file) else [file]
    size = sum(map(os.path.getsize, files))
    print(json.dumps({"name": name, "MB": round(size / 1e6, 1), "rowsPerSecond": round(rows / wall), "readCpuMs": round(1000 * cpu / rows, 1)}), flush=True)


def made(folder: str) -> None:
    plain = pq.read_table(f"{folder}/none.parquet")
    dtype = plain["volume_dtype"][0].as_py()
    volumes = [np.frombuffer(cell["bytes"].as_buffer(), dtype) for cell in plain["volume"]]
    os.mkdir(f"{folder}/npy")
    for at, volume in enumerate(volumes):
        np.save(f"{folder}/npy/{at:04}.npy", volume)
    group = pq.ParquetFile(f"{folder}/none.parquet").metadata.row_group(0).num_rows
    common = {"row_group_size": group, "use_dictionary": False, "write_statistics": False}
    pq.write_table(plain, f"{folder}/zstd-3.parquet", compression="zstd", compression_level=3, **common)
    if dtype != "float32":
        return
    lists = pa.FixedSizeListArray.from_arrays(pa.array(np.concatenate(volumes)), len(volumes[0]))
    numbers = pa.table({"volume": lists, "volume_dtype": plain["volume_dtype"]})
    for name, split in [("numbers, zstd-1", False), ("BYTE_STREAM_SPLIT, zstd-1", True)]:
        # Only of the leaf: of strings and bytes the encoding is none.
        encoding = {"column_encoding": {"volume.list.element": "BYTE_STREAM_SPLIT"}} if split else {}
        pq.write_table(numbers, f"{folder}/{name}.parquet", compression="zstd", compression_level=1, **encoding, **common)


def main(folder: str) -> None:
    made(folder)
    measured("np.load", folder, loaded)
    for file in sorted(glob.glob(f"{folder}/*.parquet"), key=os.path.getsize, reverse=True):
        measured(os.path.basename(file).removesuffix(".parquet"), file, arrays)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
