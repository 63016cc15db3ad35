"""A library's desk: collecting on a catalogue that knows nothing of health."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quanmin import collect, standards
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.standards import Catalogue
from quanmin.standards.identity import check_character
from quanmin.trust import local_administrator

LOANS = Path(__file__).parents[2] / "library_loans"


class Desk:
    """Sends files to a lake of its own, by the library's catalogue."""

    def __init__(self, lake: Lake, folder: Path) -> None:
        self.lake, self.folder = lake, folder
        self.standards = Path(shutil.copytree(LOANS, folder / "catalogue"))

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue as its files are now."""
        return standards.load(self.standards)

    def change(self, dataset: str, old: str, new: str) -> None:
        """Change a dataset's file."""
        path = self.standards / "datasets" / f"{dataset}.toml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, "the text to change stands there once"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def send(self, dataset: str, data: bytes | str, name: str = "sent.csv") -> collect.Receipt:
        """Collect a file of these bytes."""
        path = self.folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return collect.collect(self.lake, dataset, path, "library", local_administrator(), catalogue=self.catalogue)

    def rows(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """Rows of a stored table, in the order of the file."""
        with self.lake.session("collect") as session:
            query = f"SELECT {columns} FROM {session.relation(table)} ORDER BY _batch, _row"
            return session.connection.execute(query).fetchall()

    @staticmethod
    def number(which: int) -> str:
        """A right citizen number."""
        first = f"11010519800101{which:03}"
        return first + check_character(first)

    @staticmethod
    def failed(receipt: collect.Receipt) -> dict[str, list[int]]:
        """The rows told for each rule that failed."""
        return {rule["id"]: rule["rows"] for rule in receipt.rules if rule["failed"]}


@pytest.fixture
def desk(settings: Settings, tmp_path: Path) -> Iterator[Desk]:
    """The desk with an empty lake."""
    with Lake.open(settings) as lake:
        yield Desk(lake, tmp_path)
