"""The store of uploads: whole or cut is known, only the owner goes on, names and sizes are not taken at their word."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quanmin.collect.errors import (
    BadFileName,
    BadSize,
    DiskFull,
    EmptyFile,
    FileTooLarge,
    MoreThanDeclared,
    NoSuchUpload,
    UploadCut,
    UploadsFull,
    UploadTaken,
    WrongOffset,
)
from quanmin.collect.upload import MOST, Uploads
from quanmin.settings import Settings

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Uploads]:
    def making(at: datetime = NOW, **limits: float) -> Uploads:
        return Uploads(Settings(home=tmp_path, **limits), lambda: at)

    return making


def test_a_file_that_was_cut_goes_on_where_it_stopped_in_another_process(make: Callable[..., Uploads]) -> None:
    upload = make().begin("anna", "births.csv", 10)
    writing = make().go_on("anna", upload.id, 0)
    writing.write(b"abcd")
    with pytest.raises(UploadCut) as cut:
        make().whole("anna", upload.id)
    assert cut.value.fields["offset"] == 4
    again = make().go_on("anna", upload.id, 4)
    again.write(b"efghij")
    assert again.end().whole
    found = make().whole("anna", upload.id)
    assert found.path.read_bytes() == b"abcdefghij"
    assert found.path.name == "births.csv"


def test_bytes_beyond_what_was_noted_are_written_over(make: Callable[..., Uploads]) -> None:
    upload = make().begin("anna", "a.csv", 6)
    make().go_on("anna", upload.id, 0).write(b"abc")
    with upload.path.open("ab") as file:
        file.write(b"zzzzzz")  # a process that was killed between writing and noting it
    assert make().get("anna", upload.id).offset == 3
    make().go_on("anna", upload.id, 3).write(b"def")
    assert make().whole("anna", upload.id).path.read_bytes() == b"abcdef"


def test_fewer_bytes_on_the_disk_than_noted_count(make: Callable[..., Uploads]) -> None:
    upload = make().begin("anna", "a.csv", 6)
    make().go_on("anna", upload.id, 0).write(b"abcdef")
    with upload.path.open("rb+") as file:
        file.truncate(2)
    assert make().get("anna", upload.id).offset == 2


@pytest.mark.parametrize("offset", [0, 3, 5, 99])
def test_bytes_for_another_place_are_refused(make: Callable[..., Uploads], offset: int) -> None:
    upload = make().begin("anna", "a.csv", 10)
    make().go_on("anna", upload.id, 0).write(b"abcd")
    with pytest.raises(WrongOffset):
        make().go_on("anna", upload.id, offset)


def test_more_than_declared_is_refused_and_nothing_of_it_kept(make: Callable[..., Uploads]) -> None:
    upload = make().begin("anna", "a.csv", 3)
    with pytest.raises(MoreThanDeclared):
        make().go_on("anna", upload.id, 0).write(b"abcd")
    assert make().get("anna", upload.id).offset == 0


def test_a_connection_that_hangs_cannot_hold_up_the_next(make: Callable[..., Uploads]) -> None:
    upload = make().begin("anna", "a.csv", 8)
    first = make().go_on("anna", upload.id, 0)
    first.write(b"ab")
    second = make().go_on("anna", upload.id, 2)
    second.write(b"cd")
    with pytest.raises(UploadTaken):
        first.write(b"XX")
    second.write(b"efgh")
    assert make().whole("anna", upload.id).path.read_bytes() == b"abcdefgh"


def test_nobody_else_sees_it(make: Callable[..., Uploads]) -> None:
    upload = make().begin("anna", "a.csv", 3)
    for ask in (make().get, make().whole, make().remove, lambda who, one: make().go_on(who, one, 0)):
        with pytest.raises(NoSuchUpload):
            ask("boris", upload.id)
    assert make().of("boris") == []
    assert [one.id for one in make().of("anna")] == [upload.id]


@pytest.mark.parametrize("odd", ["", "..", "../../etc/passwd", "x" * 26, "x" * 25, "A" * 26, "lock"])
def test_a_handle_is_no_path(make: Callable[..., Uploads], odd: str) -> None:
    make().begin("anna", "a.csv", 3)
    with pytest.raises(NoSuchUpload):
        make().get("anna", odd)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "../a.csv",
        "..",
        ".",
        ".hidden",
        "a/b.csv",
        "a\\b.csv",
        "C:a.csv",
        "a\0.csv",
        "a\n.csv",
        "x" * 121,
        "年" * 90,
        "a\u202eb.csv",
        "\ud800.csv",
        " a.csv",
        "a|b.csv",
    ],
    ids=ascii,
)
def test_a_name_that_is_more_than_a_name_is_refused(make: Callable[..., Uploads], tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFileName) as refused:
        make().begin("anna", name, 3)
    assert name.strip() not in refused.value.message("en") or not name.strip(". ")
    assert not [*tmp_path.rglob("*.csv")]


def test_a_number_of_somebody_in_a_name_is_starred(make: Callable[..., Uploads]) -> None:
    assert make().begin("anna", "身份证11010519491231002X.csv", 3).name == "身份证***.csv"


def test_sizes_and_sums_have_limits(make: Callable[..., Uploads]) -> None:
    with pytest.raises(EmptyFile):
        make().begin("anna", "a.csv", 0)
    with pytest.raises(BadSize):
        make().begin("anna", "a.csv", -1)
    with pytest.raises(FileTooLarge):
        make(upload_bytes=100).begin("anna", "a.csv", 101)
    with pytest.raises(DiskFull):
        make(upload_bytes=1 << 60, upload_quota=1 << 60).begin("anna", "a.csv", 1 << 59)
    tight = make(upload_quota=100)
    first = tight.begin("anna", "a.csv", 60)
    with pytest.raises(UploadsFull):
        tight.begin("anna", "b.csv", 41)
    tight.begin("boris", "b.csv", 41)
    tight.remove("anna", first.id)
    tight.begin("anna", "b.csv", 41)


def test_an_account_has_so_many_at_once(make: Callable[..., Uploads]) -> None:
    for _ in range(MOST):
        make().begin("anna", "a.csv", 1)
    with pytest.raises(UploadsFull):
        make().begin("anna", "a.csv", 1)


def test_what_nobody_touched_goes(make: Callable[..., Uploads], tmp_path: Path) -> None:
    upload = make().begin("anna", "a.csv", 3)
    later = make(NOW + timedelta(hours=47))
    later.go_on("anna", upload.id, 0).write(b"a")
    much = make(NOW + timedelta(hours=94))
    assert much.get("anna", upload.id).offset == 1
    gone = make(NOW + timedelta(hours=96))
    with pytest.raises(NoSuchUpload):
        gone.get("anna", upload.id)
    assert gone.of("anna") == []
    assert gone.sweep() == 1
    assert [one.name for one in (tmp_path / "uploads").iterdir()] == ["lock"]


def test_a_state_whose_file_was_taken_goes(make: Callable[..., Uploads], tmp_path: Path) -> None:
    upload = make().begin("anna", "a.csv", 3)
    shutil.rmtree(upload.path.parent)  # the job that collected it did
    with pytest.raises(NoSuchUpload):
        make().get("anna", upload.id)
    assert make().sweep() == 1
    assert not [*(tmp_path / "uploads").glob(f"{upload.id}*")]


def test_an_upload_that_is_removed_under_way_is_gone(make: Callable[..., Uploads]) -> None:
    upload = make().begin("anna", "a.csv", 3)
    writing = make().go_on("anna", upload.id, 0)
    writing.write(b"a")
    make().remove("anna", upload.id)
    for ask in (lambda: writing.write(b"b"), writing.end):
        with pytest.raises(NoSuchUpload):
            ask()


def test_nobody_else_on_the_machine_may_read_it(make: Callable[..., Uploads], tmp_path: Path) -> None:
    upload = make().begin("anna", "a.csv", 3)
    assert (tmp_path / "uploads").stat().st_mode & 0o077 == 0
    assert upload.path.stat().st_mode & 0o077 == 0
