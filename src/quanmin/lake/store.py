"""Where the lake's files are: a folder, or an address that Arrow's file systems know (`s3://…`)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import fs

from quanmin.flow import ZONES
from quanmin.lake.errors import BadAddress

_DATASET = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


class Store:
    """The files under one root. Paths are relative to it, with `/`."""

    def __init__(self, root: str) -> None:
        self.local = "://" not in root
        self.root = str(Path(root).resolve()) if self.local else root.rstrip("/")
        if self.local:
            self._files: Any = fs.LocalFileSystem()
            self._base = self.root
        else:
            self._files, self._base = fs.FileSystem.from_uri(self.root)

    def folder(self, table: str) -> str:
        """The folder of a table address, relative to the root: `clean.health.birth` is in `clean/health.birth`."""
        zone, _, dataset = table.partition(".")
        if zone not in ZONES or not _DATASET.fullmatch(dataset):
            raise BadAddress(table=table)
        return f"{zone}/{dataset}"

    def uri(self, path: str) -> str:
        """The full address of a path."""
        return f"{self.root}/{path}"

    def create(self, path: str) -> pa.NativeFile:
        """A new file to write to; folders are made."""
        full = f"{self._base}/{path}"
        if self.local:
            Path(full).parent.mkdir(parents=True, exist_ok=True)
        return self._files.open_output_stream(full)

    def size(self, path: str) -> int:
        """Bytes of a file."""
        return int(self._files.get_file_info(f"{self._base}/{path}").size)

    def delete(self, path: str) -> None:
        """Remove a file; one that is not there is fine."""
        try:
            self._files.delete_file(f"{self._base}/{path}")
        except FileNotFoundError:
            return
