"""A small simulated province that went the whole way, and counts made by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from quanmin import demo, population, synth, trust
from quanmin.lake import Lake
from quanmin.programs.vital import statistic
from quanmin.programs.vital.statistic.gate import Birth, Counts, Death
from quanmin.programs.vital.statistic.population import Cohort
from quanmin.settings import Settings

PEOPLE = 2_500
REGION = "130000"


class Province(NamedTuple):
    """The lake, the agencies' files with their truth, and what was counted."""

    lake: Lake
    files: Path
    measured: statistic.Measured


@pytest.fixture(scope="package")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A province of a few thousand people, collected, built and counted."""
    home = tmp_path_factory.mktemp("statistic")
    files = home / "files"
    synth.write(files, PEOPLE, 7)
    with Lake.open(Settings(home=home / "home", buckets=4)) as lake:
        demo.collect_all(lake, files, trust.local_administrator())
        population.build(lake)
        yield Province(lake, files, statistic.measure(lake))


@pytest.fixture
def decision(province: Province) -> Callable[[str], trust.Decision]:
    """A decision of the local administrator for a purpose."""

    def made(purpose: str) -> trust.Decision:
        actor = trust.local_administrator()
        return trust.decide(province.lake.ledger, actor, purpose, "linked.person", population.PERSON_COLUMNS, "C-1")

    return made


def counts(minimum: int = 0, scale: int = 1, years: tuple[int, ...] = (2014, 2015), **more: Any) -> Counts:
    """Counts of two cities made by hand: everybody of one age in each cohort, deaths at all ages; `scale` multiplies all."""
    cohorts = [
        Cohort(area, sex, born, None, 40 * scale)
        for area in ("130100", "130200")
        for sex in ("1", "2")
        for born in range(1915, 2016)
    ]
    ages = (0, 1, *range(5, 90, 5))
    deaths = [
        Death(area, year, 6, sex, age, "heart", "IX", False, False, age == 0, (1 + age // 10) * scale)
        for area in ("130100", "130200")
        for year in years
        for sex in ("1", "2")
        for age in ages
    ]
    births = [
        Birth("130100", year, month, sex, mother, 1 + month % 2, False, scale)
        for year in years
        for month in range(1, 13)
        for sex in ("1", "2")
        for mother in (20, 25, 30)
    ]
    made = Counts(REGION, date(2015, 12, 31), 1, minimum, tuple(cohorts), tuple(births), tuple(deaths))
    return made if not more else Counts(**{**vars(made), **more})
