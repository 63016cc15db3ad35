"""Pseudonyms and what a decision does to columns."""

from __future__ import annotations

import datetime
import stat

import pyarrow as pa
import pytest

from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import Column, Pseudonyms, transform
from quanmin.trust.errors import KeyUnreadable

WHY = Text("因为", "because")


def test_stable_for_a_purpose_and_different_between_purposes(settings: Settings) -> None:
    first = Pseudonyms.open(settings, "research")
    assert first.of(42) == Pseudonyms.open(settings, "research").of(42) != first.of(43)
    assert first.of(42) != Pseudonyms.open(settings, "statistics").of(42)
    assert first.column([42, None]) == [first.of(42), None]
    elsewhere = Settings(home=settings.home / "other")
    assert Pseudonyms.open(elsewhere, "research").of(42) != first.of(42)


def test_the_key_is_for_its_owner_only(settings: Settings) -> None:
    Pseudonyms.open(settings, "research")
    [key] = (settings.home / "keys").iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and key.stat().st_size == 32
    key.write_bytes(b"short")
    with pytest.raises(KeyUnreadable):
        Pseudonyms.open(settings, "research")


def test_each_outcome(settings: Settings) -> None:
    names = pa.array(["李明", None])
    marks = Pseudonyms.open(settings, "research")
    assert transform(Column("name", "clear", "name", WHY), names, marks) is names
    assert transform(Column("name", "withheld", "name", WHY), names, marks) is None
    assert transform(Column("name", "masked", "name", WHY), names, marks).to_pylist() == ["李*", None]
    assert transform(Column("name", "pseudonymised", "name", WHY), names, marks).to_pylist() == [marks.of("李明"), None]
    days = pa.array([datetime.date(1949, 12, 31), None])
    year = transform(Column("birth_date", "generalised", "date", WHY), days, marks)
    assert year.to_pylist() == [datetime.date(1949, 1, 1), None]
    region = transform(Column("r", "generalised", "region", WHY), pa.array(["110105", None]), marks)
    assert region.to_pylist() == ["110100", None]
    assert transform(Column("n", "generalised", "name", WHY), names, marks).to_pylist() == ["李*", None]
