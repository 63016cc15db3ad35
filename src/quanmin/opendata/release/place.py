"""People's places: a number from 0 that a person keeps in all releases, by the pseudonym of open data.

The register of releases knows people by places only. Whoever has this list and the key of the pseudonyms knows who is who, so
it stands apart from the register and is kept as closely as the lake. It only grows.
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quanmin.opendata.release.errors import PlacesDamaged

_DIGEST = 32


class Places:
    """The list in one file; one writer at a time, who holds the lease of releases."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._known = self._read()

    def of(self, people: pa.Array) -> NDArray[np.int64]:
        """The place of each pseudonym; new ones get the next places, which are on the disk before this returns."""
        found = pc.index_in(people, value_set=self._known)
        if found.null_count:
            fresh = people.filter(found.is_null()).unique()
            self._known = pa.concat_arrays([self._known, fresh])
            self._write()
            found = pc.index_in(people, value_set=self._known)
        return np.asarray(found.cast(pa.int64()))

    def __len__(self) -> int:
        return len(self._known)

    def _read(self) -> pa.Array:
        if not self.file.exists():
            return pa.array([], pa.string())
        content = self.file.read_bytes()
        if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
            raise PlacesDamaged()
        return pq.read_table(io.BytesIO(content[_DIGEST:]))["person"].combine_chunks().cast(pa.string())

    def _write(self) -> None:
        held = io.BytesIO()
        pq.write_table(pa.table({"person": self._known}), held, compression="zstd", use_dictionary=False)
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.file.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
            target.write(hashlib.sha256(held.getbuffer()).digest())
            target.write(held.getbuffer())
            target.flush()
            os.fsync(target.fileno())
        os.replace(part, self.file)
