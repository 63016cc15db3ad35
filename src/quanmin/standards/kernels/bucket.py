"""The bucket of a person: which of n partitions of a table holds the rows of a key, the same on every engine and machine."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.standards.kernels.buffer import filled, plain, to_numpy


def mix(key: int) -> int:
    """The splitmix64 finaliser of one key: the reference."""
    mask = (1 << 64) - 1
    key &= mask
    key = ((key ^ (key >> 30)) * 0xBF58476D1CE4E5B9) & mask
    key = ((key ^ (key >> 27)) * 0x94D049BB133111EB) & mask
    return key ^ (key >> 31)


def bucket_of(
    person_key: pa.Array | pa.ChunkedArray | NDArray[np.int64], rows: pa.Array | NDArray[np.int64] | None, buckets: int
) -> NDArray[np.int32]:
    """Bucket (0 to `buckets` - 1) of each key: splitmix64 modulo `buckets`; a null key goes by its row number `rows`."""
    key = filled(person_key, 0).astype(np.uint64)
    key ^= key >> np.uint64(30)
    key *= np.uint64(0xBF58476D1CE4E5B9)
    key ^= key >> np.uint64(27)
    key *= np.uint64(0x94D049BB133111EB)
    key ^= key >> np.uint64(31)
    bucket = (key % np.uint64(buckets)).astype(np.int32)
    if isinstance(person_key, pa.Array | pa.ChunkedArray) and person_key.null_count:
        null = to_numpy(plain(person_key).is_null())
        place = np.arange(len(null)) if rows is None else filled(rows, 0)
        bucket[null] = (place[null] % buckets).astype(np.int32)
    return bucket
