"""The vital statistics of a region as open datasets: sound records, both forms alike, and no small count in them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from quanmin import demo, population, synth, trust
from quanmin.lake import Lake
from quanmin.opendata import Portal, vital_statistics
from quanmin.opendata.catalogue import problems
from quanmin.programs.vital import statistic
from quanmin.programs.vital.statistic.errors import PeriodWrong
from quanmin.settings import Settings

REGION, LAST, SPAN = "130000", 2015, 5


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lake, Portal]]:
    place = tmp_path_factory.mktemp("open")
    synth.write(place / "files", 1_500, 3)
    with Lake.open(Settings(home=place / "home", buckets=4)) as lake:
        demo.collect_all(lake, place / "files", trust.local_administrator())
        population.build(lake)
        statistic.measure(lake)
        made = Portal(lake.settings, lake.ledger)
        yield lake, made
        made.looker.close()


@pytest.fixture(scope="module")
def told(portal: tuple[Lake, Portal]) -> list[dict[str, Any]]:
    return vital_statistics.publish(*portal, REGION, LAST, SPAN, "operator")


def rows(portal: Portal, one: dict[str, Any]) -> list[dict[str, Any]]:
    return pyarrow.parquet.read_table(portal.storage.path(one["parquet"])).to_pylist()


def test_three_datasets_are_published_with_sound_records(
    portal: tuple[Lake, Portal], told: list[dict[str, Any]]
) -> None:
    assert [one["record"] for one in told] == [
        f"{n}-{REGION}" for n in ("vital-statistics", "life-tables", "leading-causes")
    ]
    for one in told:
        standing = portal[1].catalogue.get(one["record"])
        assert standing.document is not None and problems(standing.document) == [] and standing.state == "published"
        assert standing.document["dct:temporal"] == [{"dcat:startDate": "2011-01-01", "dcat:endDate": "2015-12-31"}]
        assert standing.document["dct:spatial"][0]["dct:identifier"] == REGION


def test_both_forms_hold_the_same_rows_and_again_the_same_bytes(
    portal: tuple[Lake, Portal], told: list[dict[str, Any]]
) -> None:
    for one in told:
        path: Path = portal[1].storage.path(one["csv"])
        plain = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
        assert len(plain) == len(rows(portal[1], one)) == one["rows"] > 0
    assert vital_statistics.publish(*portal, REGION, LAST, SPAN, "operator") == told


def test_nothing_small_is_open(portal: tuple[Lake, Portal], told: list[dict[str, Any]]) -> None:
    every = [row for one in told for row in rows(portal[1], one)]
    counts = [row[name] for row in every for name in ("deaths", "numerator") if row.get(name) is not None]
    rated = [row["numerator"] for row in every if row.get("indicator", "").endswith(("_rate", "_mortality"))]
    assert counts and [one for one in rated if one is not None and 0 < one < 10] == []
    assert [row["deaths"] for row in every if row.get("deaths") is not None and 0 < row["deaths"] < 10] == []


def test_a_life_table_is_whole(portal: tuple[Lake, Portal], told: list[dict[str, Any]]) -> None:
    for sex in ("male", "female", "both"):
        table = [row for row in rows(portal[1], told[1]) if row["sex"] == sex]
        assert table[0]["lx"] == 100_000 and table[-1]["qx"] == 1 and table[-1]["width"] is None
        assert sum(row["dx"] for row in table) == pytest.approx(100_000)
        assert table[0]["Tx"] == pytest.approx(sum(row["Lx"] for row in table))
        assert all(row["low"] < row["ex"] < row["high"] for row in table)


def test_a_span_that_is_no_block_is_refused(portal: tuple[Lake, Portal]) -> None:
    with pytest.raises(PeriodWrong):
        vital_statistics.publish(*portal, REGION, 2014, SPAN, "operator")
