"""Where the lake's files are: a folder, or an address that Arrow's file systems know (`s3://…`)."""

from __future__ import annotations

import re
import uuid
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

    def open(self, path: str) -> pa.NativeFile:
        """A file to read in any order."""
        return self._files.open_input_file(f"{self._base}/{path}")

    def size(self, path: str) -> int:
        """Bytes of a file."""
        return int(self._files.get_file_info(f"{self._base}/{path}").size)

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return bool(self._files.get_file_info(f"{self._base}/{path}").type == fs.FileType.File)

    def delete(self, path: str) -> None:
        """Remove a file; one that is not there is fine."""
        try:
            self._files.delete_file(f"{self._base}/{path}")
        except FileNotFoundError:
            return

    def folders(self, path: str) -> list[str]:
        """The names of the folders in a folder, which need not be there."""
        found = self._files.get_file_info(fs.FileSelector(f"{self._base}/{path}", allow_not_found=True))
        return sorted(info.base_name for info in found if info.type == fs.FileType.Directory)

    def names(self, path: str) -> list[str]:
        """The names of the files in a folder, which need not be there."""
        found = self._files.get_file_info(fs.FileSelector(f"{self._base}/{path}", allow_not_found=True))
        return sorted(info.base_name for info in found if info.type == fs.FileType.File)

    def delete_folder(self, path: str) -> None:
        """Remove a folder with all that is in it; one that is not there is fine."""
        try:
            self._files.delete_dir(f"{self._base}/{path}")
        except FileNotFoundError:
            return

    def put(self, path: str, text: str) -> None:
        """Write a small file: it is there as a whole, or not at all."""
        draft = f"{path}.{uuid.uuid4().hex}"
        with self.create(draft) as file:
            file.write(text.encode())
        self._files.move(f"{self._base}/{draft}", f"{self._base}/{path}")

    def get(self, path: str) -> str | None:
        """The text of a small file; None where there is none."""
        if not self.exists(path):
            return None
        with self._files.open_input_stream(f"{self._base}/{path}") as found:
            return bytes(found.read()).decode()

    def once(self, path: str, text: str) -> str:
        """The text of a small file, which is made with `text` if it is not there yet."""
        if not self.exists(path):
            self.put(path, text)
        return self.get(path) or ""
