"""Anybody's file of death rates by age: `age` and `mx`, or `age`, `deaths` and `exposure`, in CSV as people write it.

UTF-8 (with or without a mark) or GB18030; commas or tabs; titles in English or Chinese; other columns are not read. The file is
taken whole or refused with the row of what is wrong, counted as lines of the file are.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from quanmin.collect.errors import EmptyFile, NoSuchFile
from quanmin.programs.vital.demography.age import AgeGroups, groups
from quanmin.programs.vital.demography.errors import (
    ColumnsWrong,
    FileUnreadable,
    NoRows,
    NotANumber,
    RateTooHigh,
    RowTooShort,
)
from quanmin.programs.vital.demography.life_table import rates
from quanmin.programs.vital.demography.number import Floats, counts

MOST_BYTES = 1_000_000
TITLES = {
    "age": ("age", "ages", "agegroup", "x", "年龄", "年龄组", "年龄别", "岁"),
    "mx": ("mx", "m(x)", "nmx", "m", "deathrate", "rate", "死亡率", "年龄别死亡率", "分年龄死亡率"),
    "deaths": ("deaths", "death", "d", "dx", "死亡数", "死亡人数"),
    "exposure": (
        *("exposure", "exposures", "personyears", "population", "midyearpopulation", "pop"),
        *("人年数", "人年", "暴露人年", "平均人口", "平均人口数", "年平均人口", "人口数", "人口"),
    ),
}
"""What a column may be called; spaces, signs of joining and capitals do not matter."""
OLD = 80
"""From here on more than one death for each person-year is possible."""


@dataclass(frozen=True, eq=False)
class RateFile:
    """Rates per person-year by age [ages], the deaths where they are known, and the line of each row."""

    ages: AgeGroups
    mx: Floats
    deaths: Floats | None
    lines: tuple[int, ...]


def read_rates(path: Path) -> RateFile:
    """The file at `path`.

    Raises `NoSuchFile`, `EmptyFile`, `FileUnreadable`, `NoRows`, `ColumnsWrong`, `RowTooShort`, `AgeUnreadable`,
    `AgesOutOfOrder`, `AgesGap`, `AgesUnusual`, `LastAgeClosed`, `NotANumber`, `NegativeNumber`, `NoExposure` or `RateTooHigh`.
    """
    titles, rows = _rows(_text(path), path.name)
    columns = _columns(titles, path.name)
    if not rows:
        raise NoRows(source=path.name)
    lines = tuple(line for line, _ in rows)
    for line, fields in rows:
        if len(fields) != len(titles):
            raise RowTooShort(row=line)
    ages = groups([fields[columns["age"]] for _, fields in rows], lines)
    found = {
        name: counts(name, [_number(fields[place], line, name) for line, fields in rows], None, lines)
        for name, place in columns.items()
        if name != "age"
    }
    mx = found["mx"] if "mx" in found else rates(found["deaths"], found["exposure"], lines)
    for place, (age, rate) in enumerate(zip(ages.starts, mx.tolist(), strict=True)):
        if rate > 1 and age < OLD:
            raise RateTooHigh(row=lines[place])
    return RateFile(ages, mx, found.get("deaths"), lines)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise NoSuchFile(file=path.name) from None
    if not data.strip():
        raise EmptyFile(file=path.name)
    if len(data) <= MOST_BYTES and b"\0" not in data:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise FileUnreadable(file=path.name, most=MOST_BYTES // 1_000_000)


def _rows(text: str, name: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The titles, and each row that is not blank with the line on which it ends."""
    heading = next(line for line in text.splitlines() if line.strip()) if text.strip() else ""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in heading else ",", strict=True)
    try:
        rows = [(reader.line_num, fields) for fields in reader if any(field.strip() for field in fields)]
    except csv.Error:
        raise FileUnreadable(file=name, most=MOST_BYTES // 1_000_000) from None
    if not rows:
        raise EmptyFile(file=name)
    return rows[0][1], rows[1:]


def _columns(titles: Sequence[str], file: str) -> dict[str, int]:
    """The place of each column that is known: the age, and either the rate or deaths and exposure (these first)."""
    plain = [_plain(title) for title in titles]
    places = {name: [at for at, title in enumerate(plain) if title in known] for name, known in TITLES.items()}
    twice = [name for name, at in places.items() if len(at) > 1]
    counted = bool(places["deaths"] and places["exposure"])
    lacking = [] if places["age"] else ["age"]
    if not counted and not places["mx"]:
        lacking += ["mx"] if not places["deaths"] and not places["exposure"] else _absent(places)
    if twice or lacking:
        raise ColumnsWrong(file=file, columns=", ".join(twice or lacking))
    ignored = "mx" if counted else "exposure"
    return {name: at[0] for name, at in places.items() if at and name != ignored}


def _absent(places: dict[str, list[int]]) -> list[str]:
    return [name for name in ("deaths", "exposure") if not places[name]]


def _plain(title: str) -> str:
    folded = unicodedata.normalize("NFKC", title).lower()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in "_-")


def _number(text: str, row: int, column: str) -> float:
    """A number as people write it: `0.0123`, `1e-3`, `1,234`, `１２`."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "").replace(" ", "")
    try:
        found = float(plain) if "_" not in plain else np.nan
    except ValueError:
        raise NotANumber(row=row, column=column) from None
    if not np.isfinite(found):
        raise NotANumber(row=row, column=column)
    return found
