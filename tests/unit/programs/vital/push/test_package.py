"""The package of a month: every row counted, the same bytes from the same ledger, corrections with their reference."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.unit.programs.vital.birth.hospital import CITY, COUNTY, FIRST, HOSPITAL, PROVINCE, Desk, october

from quanmin.programs.vital import number
from quanmin.programs.vital.blank import loss
from quanmin.programs.vital.certificate import replacement
from quanmin.programs.vital.number import Span
from quanmin.programs.vital.push import balance, bundle, month, package, read_package, yearly
from quanmin.programs.vital.push.errors import (
    AlreadyPushed,
    BadMonth,
    MonthClosed,
    MonthOpen,
    NothingChanged,
    NotSent,
    PackageBroken,
    PushUnknown,
)

NOVEMBER = dt.datetime(2026, 11, 3, 4, tzinfo=dt.UTC)


def rows(path: Path, dataset: str) -> list[dict[str, str]]:
    made = read_package(path)
    [part] = [one for one in made.parts if one.dataset == dataset]
    return list(csv.DictReader(io.StringIO(made.read(path, part).decode())))


def test_a_month_tells_all_that_moved_was_issued_and_born(place):
    numbers = {name: number.text(one) for name, one in october(place).items()}
    place.at = NOVEMBER
    path = package(place.office, "2026-10")
    stock = rows(path, "health.certificate_stock")
    kinds = Counter(row["kind"] for row in stock)
    assert kinds == {"1": 1, "3": 3 + 1, "2": 3 + 2, "4": 2, "6": 2, "7": 1, "8": 1}
    pairs = {row["action_no"] for row in stock}
    assert all(row["pair"] in pairs for row in stock if row["kind"] == "2") and len(pairs) == len(stock)
    assert all(int(r["quantity"]) == int(r["last_serial"]) - int(r["first_serial"]) + 1 for r in stock)
    issues = {(row["kind"], row["certificate_no"]): row for row in rows(path, "health.certificate_issue")}
    assert issues.keys() == {
        ("1", numbers["one"]),
        ("1", numbers["other"]),
        ("1", numbers["third"]),
        ("2", numbers["new"]),
        ("4", numbers["one"]),
        ("5", numbers["other"]),
    }
    assert issues["2", numbers["new"]]["previous_no"] == numbers["one"]
    assert issues["1", numbers["one"]]["newborn"] == issues["2", numbers["new"]]["newborn"]
    assert issues["1", numbers["third"]]["reported_on"] == "2026-11-05"  # no card: as late as the push is due
    births = {row["certificate_no"]: row["standing"] for row in rows(path, "health.birth")}
    assert births == {numbers["one"]: "3", numbers["other"]: "2", numbers["new"]: "1"}
    assert [row["code"] for row in rows(path, "health.certificate_holder")] == [HOSPITAL, PROVINCE, CITY, COUNTY]


def test_the_sums_are_those_of_the_rows_and_of_the_safes(place):
    october(place)
    place.at = NOVEMBER
    place.issue(place.application(order=10))  # after the month: it counts backwards from here
    loss.void(place.office, COUNTY, Span(FIRST + 950, FIRST + 951), "damaged")
    sums = {row["holder"]: row for row in rows(package(place.office, "2026-10"), balance.DATASET)}
    assert {holder: int(row["closing"]) for holder, row in sums.items()} == {
        PROVINCE: 0,
        CITY: 0,
        COUNTY: 100,
        HOSPITAL: 900 - 4 - 1 - 3 - 1 - 10,  # issued, spoiled, void, lost, on their way back
    }
    for row in sums.values():
        own = {name: int(row[name]) for name in ("opening", "closing", *balance.SIGNS)}
        assert own["opening"] + sum(own[name] * sign for name, sign in balance.SIGNS.items()) == own["closing"]
        assert own["opening"] == 0
    place.at = dt.datetime(2026, 12, 2, tzinfo=dt.UTC)
    later = {row["holder"]: row for row in rows(package(place.office, "2026-11"), balance.DATASET)}
    assert {holder: row["opening"] for holder, row in later.items()} == {
        holder: row["closing"] for holder, row in sums.items() if holder in later
    }
    assert (later[HOSPITAL]["issued"], later[COUNTY]["voided"]) == ("1", "2")


def test_the_same_ledger_makes_the_same_bytes(place):
    october(place)
    place.at = NOVEMBER
    path = package(place.office, "2026-10")
    first = path.read_bytes()
    place.at += dt.timedelta(days=1, hours=3)
    assert package(place.office, "2026-10") == path
    assert path.read_bytes() == first
    manifest = json.loads(zipfile.ZipFile(path).read("manifest.json"))
    assert (manifest["id"], manifest["correction"], manifest["corrects"]) == ("health-2026-10-1", False, None)
    assert {part["rows"] for part in manifest["parts"]} == {3, 4, 6, 16}


@pytest.mark.parametrize("text", ["2026-13", "2026", "10-2026", "２０２６-10"])
def test_what_is_no_month_is_refused(place, text):
    with pytest.raises(BadMonth):
        package(place.office, text)


def sent(place: Desk, path: Path) -> str:
    """A package as it is after it was sent."""
    name = read_package(path).id
    place.lake.ledger.act(bundle.get(place.office, name).id, "send", {})
    return name


def test_a_correction_names_what_it_corrects_until_the_year_closes(place):
    place.issue()
    with pytest.raises(MonthOpen):
        package(place.office, "2026-10")
    place.at = NOVEMBER
    path = package(place.office, "2026-10")
    with pytest.raises(NotSent):
        package(place.office, "2026-10", correction_of="health-2026-10-1")
    name = sent(place, path)
    with pytest.raises(AlreadyPushed):
        package(place.office, "2026-10")
    with pytest.raises(NothingChanged):
        package(place.office, "2026-10", correction_of=name)
    with pytest.raises(PushUnknown):
        package(place.office, "2026-10", correction_of="health-2026-10-7")
    with pytest.raises(BadMonth):
        package(place.office, "2026-09", correction_of=name)
    found = dt.datetime(2026, 10, 30, 4, tzinfo=dt.UTC)
    loss.void(place.office, COUNTY, Span(FIRST + 990, FIRST + 990), "damaged", found_at=found)  # told late
    [made] = yearly(place.office, 2026)
    assert (made.name, read_package(made).corrects) == ("health-2026-10-2.zip", name)
    assert [row["reported_on"] for row in rows(made, "health.certificate_stock") if row["kind"] == "6"] == [
        "2026-11-03"
    ]
    sent(place, made)
    assert yearly(place.office, 2026) == []
    place.at = dt.datetime(2027, 2, 20, 15, 59, tzinfo=dt.UTC)  # a minute before midnight where it is
    replacement.lose(place.office, FIRST, "齐鲁晚报")
    [again] = yearly(place.office, 2026)
    assert read_package(again).corrects == "health-2026-10-2"
    place.at += dt.timedelta(minutes=2)
    with pytest.raises(MonthClosed):
        package(place.office, "2026-10", correction_of=name)


def broken(path: Path, change: Any) -> Path:
    """The package with its members changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    out = path.with_name("broken.zip")
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out


def _manifest(members: dict[str, bytes], **more: Any) -> None:
    members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | more).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members.pop("health.birth.csv"),
        lambda members: members.update({"health.birth.csv": members["health.birth.csv"] + b"\n"}),
        lambda members: members.update({"more.csv": b""}),
        lambda members: members.update({"manifest.json": b"{"}),
        lambda members: _manifest(members, month="2026-13"),
        lambda members: _manifest(members, correction=True),
        lambda members: _manifest(members, parts=[]),
        lambda members: _manifest(members, more=1),
        lambda members: members.pop("manifest.json"),
    ],
)
def test_a_package_that_is_not_what_it_says_is_refused(place, change):
    place.issue()
    place.at = NOVEMBER
    path = package(place.office, "2026-10")
    assert read_package(broken(path, lambda members: None)) == read_package(path)
    with pytest.raises(PackageBroken):
        read_package(broken(path, change))


def test_months_and_their_days():
    one = month("2026-12")
    assert (one.last, one.due, one.closes) == (dt.date(2026, 12, 31), dt.date(2027, 1, 5), dt.date(2027, 2, 20))
    assert dt.date(2026, 12, 31) in one and dt.date(2027, 1, 1) not in one
    assert str(month("2024-02").after) == "2024-03" and month("2024-02").last.day == 29
