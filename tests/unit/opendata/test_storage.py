"""The files of the portal: named by what they hold, wholly there or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

import pytest

from quanmin.opendata.storage import Storage
from quanmin.opendata.storage.errors import FileDamaged, UnknownFile


def test_a_file_is_found_by_the_checksum_of_what_it_holds(tmp_path: Path) -> None:
    storage = Storage(tmp_path / "files")
    kept = storage.keep("县,人数\n".encode())
    assert kept.sha256 == hashlib.sha256("县,人数\n".encode()).hexdigest()
    assert kept.size == len("县,人数\n".encode())
    assert storage.path(kept.sha256).read_text() == "县,人数\n"
    assert storage.verify(kept.sha256) == kept
    (tmp_path / "one").write_text("县,人数\n")
    assert storage.keep(tmp_path / "one") == kept
    assert len([one for one in (tmp_path / "files").rglob("*") if one.is_file()]) == 1


def test_what_breaks_while_it_is_written_leaves_nothing(tmp_path: Path) -> None:
    storage = Storage(tmp_path)

    def breaks(out: BinaryIO) -> None:
        out.write(b"half")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        storage.write(breaks)
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 63, "0" * 64, "G" * 64, "0" * 64 + "\n"])
def test_a_name_that_is_no_checksum_of_ours_leads_nowhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownFile):
        Storage(tmp_path).path(name)


def test_a_damaged_file_is_noticed(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    kept = storage.keep(b"12")
    path = storage.path(kept.sha256)
    path.write_bytes(b"13")
    with pytest.raises(FileDamaged):
        storage.verify(kept.sha256)
