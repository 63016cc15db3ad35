"""From the lake to the figures: counted anew by brute force from the base, and held against what the simulation says is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

import pyarrow.parquet as pq
import pytest

from quanmin import trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.population.errors import NotBuilt
from quanmin.programs.vital import pupil, statistic
from quanmin.programs.vital.statistic import cube
from quanmin.programs.vital.statistic.certifier import certifiers
from quanmin.programs.vital.statistic.errors import NotMeasured, PeriodWrong, RegionUnknown
from quanmin.programs.vital.statistic.explore import INDICATORS, explore
from quanmin.programs.vital.statistic.gate import counts
from quanmin.programs.vital.statistic.population import Person, count, january, populations
from quanmin.settings import Settings
from quanmin.standards.region import NATION
from quanmin.trust import audit

from .conftest import REGION, Province

Deciding = Callable[[str], trust.Decision]
LAST = 2015


def people(province: Province) -> list[Person]:
    """Everybody of the base, row by row."""
    with province.lake.session(cube.STAGE) as session:
        rows = session.connection.execute(
            f"SELECT sex, birth, death, region FROM {cube.living(session)} AS p"
        ).fetchall()
    return [Person(*row) for row in rows]


def test_cohorts_give_the_population_of_every_first_of_january(province: Province, decision: Deciding) -> None:
    found = counts(province.lake, decision("supervision"), NATION, date(LAST, 12, 31))
    everybody = people(province)
    for year in (2011, 2014, 2016):
        plain = count(everybody, date(year, 1, 1))
        known = january(found.cohorts, year)
        for sex in ("1", "2"):
            by_age = Counter[int]()
            for cell, number in plain.items():
                if cell.sex == sex:
                    by_age[cell.age] += number
            assert [by_age[age] for age in range(101)] == known.of(sex).tolist()


def test_a_population_counted_where_it_lies_is_the_plain_one(province: Province) -> None:
    day = date(2014, 7, 1)
    with province.lake.session(cube.STAGE) as session:
        found = populations(session, cube.living(session), day)
    assert found == count(people(province), day)


def test_the_population_is_the_true_one_but_for_the_errors_that_were_put_in(
    province: Province, decision: Deciding
) -> None:
    truth = pq.read_table(province.files / "truth" / "persons.parquet").to_pylist()
    real = Counter[tuple[str, int]]()
    for one in truth:
        if one["in_base"] and one["birth_date"] and one["sex"] and one["birth_date"].year < LAST:
            died = one["death_date"]
            if died is None or died.year >= LAST:
                real[one["sex"], min(LAST - 1 - one["birth_date"].year, 100)] += 1
    found = counts(province.lake, decision("supervision"), NATION, date(LAST, 12, 31))
    known = january(found.cohorts, LAST)
    apart = sum(abs(real[sex, age] - known.of(sex)[age]) for sex in ("1", "2") for age in range(101))
    assert 0 < real.total() and apart <= 0.02 * real.total()


def test_births_and_deaths_are_the_true_ones_but_for_the_errors_that_were_put_in(
    province: Province, decision: Deciding
) -> None:
    persons = {one["person_id"]: one for one in pq.read_table(province.files / "truth" / "persons.parquet").to_pylist()}
    records = pq.read_table(province.files / "truth" / "records.parquet").to_pylist()
    found = counts(province.lake, decision("supervision"), NATION, date(LAST, 12, 31))
    for dataset, item, got in (
        ("health.birth", "birth_date", found.births),
        ("health.death", "death_date", found.deaths),
    ):
        told = {one["person_id"] for one in records if one["dataset"] == dataset}
        real = Counter(persons[one][item].year for one in told if persons[one][item] is not None)
        known = Counter[int]()
        for row in got:
            known[row.year] += row[-1]
        apart = sum(abs(real[year] - known[year]) for year in {*real, *known})
        assert real.total() > 50 and apart <= 0.12 * real.total()


def test_pupils_are_the_children_who_came_but_for_the_errors_that_were_put_in(
    province: Province, decision: Deciding
) -> None:
    rows = pq.read_table(province.files / "truth" / "records.parquet").to_pylist()
    came = {one["person_id"] for one in rows if one["dataset"] == pupil.DATASET}
    with province.lake.session(cube.STAGE) as session:
        query = f"SELECT {', '.join(pupil.COLUMNS)} FROM {session.live(pupil.DATASET)} AS r"
        children = pupil.children(pupil.Record(*row) for row in session.connection.execute(query).fetchall())
    found = counts(province.lake, decision("supervision"), NATION, date(LAST, 12, 31)).pupils
    told = Counter[tuple[int, int]]()
    for row in found:
        told[row.born, row.entered] += row.pupils
    assert told == Counter((one.birth_date.year, one.enrolled_on.year) for one in children)
    assert province.measured.pupils == told.total() > 150
    assert abs(told.total() - len(came)) <= 0.03 * len(came)


def test_a_cohort_at_school_gives_the_share_of_births_that_the_simulation_certifies(
    province: Province, decision: Deciding
) -> None:
    found = statistic.year(province.lake, decision("supervision"), REGION, LAST, 3)["birth_completeness_school"]
    truth = pq.read_table(province.files / "truth" / "persons.parquet", columns=["birth_date"])[
        "birth_date"
    ].to_pylist()
    births = sum(1 for born in truth if born and born.year == LAST - 7)
    assert found.denominator == pytest.approx(births, rel=0.15) and found.numerator is not None
    assert found.value == pytest.approx(100 * found.numerator / found.denominator)


def test_the_counts_of_a_region_are_those_of_its_parts(province: Province, decision: Deciding) -> None:
    day = date(LAST, 12, 31)
    whole = counts(province.lake, decision("supervision"), REGION, day)
    parts = [counts(province.lake, decision("supervision"), one, day) for one in whole.areas]
    for name in ("births", "deaths", "pupils"):
        assert sum(row[-1] for row in getattr(whole, name)) == sum(
            row[-1] for part in parts for row in getattr(part, name)
        ) + sum(row[-1] for row in getattr(whole, name) if row.area == REGION)
    assert province.measured.deaths == sum(
        row.deaths for row in counts(province.lake, decision("supervision"), NATION, day).deaths
    )


def test_counting_again_gives_the_same_rows(province: Province, decision: Deciding) -> None:
    day = date(LAST, 12, 31)
    before = counts(province.lake, decision("supervision"), REGION, day)
    again = statistic.measure(province.lake)
    after = counts(province.lake, decision("supervision"), REGION, day)
    assert again.rows == province.measured.rows
    assert (before.cohorts, before.births, before.deaths) == (after.cohorts, after.births, after.deaths)
    assert before.pupils == after.pupils


def test_a_purpose_that_owes_sums_only_is_told_no_small_count(province: Province, decision: Deciding) -> None:
    found = statistic.year(province.lake, decision("statistics"), REGION, LAST)
    told = [
        row[name]
        for table in found.tables.values()
        for row in table
        for name in ("births", "deaths", "people")
        if name in row
    ]
    assert found.basis.minimum == 10
    assert [one for one in told if one is not None and 0 < one < 10] == []
    assert statistic.year(province.lake, decision("supervision"), REGION, LAST).basis.minimum == 0


def test_every_read_is_in_the_audit(province: Province, decision: Deciding) -> None:
    before = len(list(audit.entries(province.lake.ledger)))
    statistic.year(province.lake, decision("statistics"), REGION, LAST)
    assert len(list(audit.entries(province.lake.ledger))) >= before + 1


def test_what_is_refused(province: Province, decision: Deciding) -> None:
    lake = province.lake
    with pytest.raises(RegionUnknown):
        statistic.year(lake, decision("statistics"), "139999", LAST)
    with pytest.raises(RegionUnknown):
        certifiers(lake, decision("statistics"), "139999", LAST)
    with pytest.raises(PeriodWrong):
        statistic.year(lake, decision("statistics"), REGION, 1999)
    answer_only = trust.decide(
        lake.ledger,
        trust.local_administrator(),
        "verification",
        "linked.person",
        ("person_key", "citizen_number", "name"),
    )
    with pytest.raises(NotReadable):
        statistic.year(lake, answer_only, REGION, LAST)


def test_before_the_base_is_built_and_before_it_was_counted(tmp_path, province: Province, decision: Deciding) -> None:
    with Lake.open(Settings(home=tmp_path)) as empty, pytest.raises(NotBuilt):
        statistic.measure(empty)
    first = next(one for one in province.lake.history() if "linked.person" in one.tables)
    assert cube.POPULATION not in first.tables
    reading = province.lake.read(decision("statistics"), first.id)
    from quanmin.programs.vital.statistic.gate import Gate

    with pytest.raises(NotMeasured):
        Gate(reading.lake, reading.decision, reading.snapshot).years()


@pytest.mark.parametrize("by", ["year", "area"])
def test_an_indicator_is_the_figure_of_the_year(province: Province, decision: Deciding, by: str) -> None:
    found = explore(province.lake, decision("supervision"), REGION, LAST, "crude_death_rate", by)
    whole = statistic.year(province.lake, decision("supervision"), REGION, LAST)
    if by == "year":
        assert found.rows[-1]["value"] == whole["crude_death_rate"].value
        assert [row["label"] for row in found.rows] == [str(year) for year in whole.years]
    else:
        rates = {row["region"]: row["death_rate"] for row in whole.tables["areas"]}
        assert [row["value"] for row in found.rows] == pytest.approx(list(rates.values()))
    assert found.title == INDICATORS["crude_death_rate"]


def test_an_indicator_for_statistics_tells_no_small_count(province: Province, decision: Deciding) -> None:
    for indicator in ("crude_death_rate", "infant_mortality", "sex_ratio_at_birth"):
        for by in ("year", "area"):
            rows = explore(province.lake, decision("statistics"), REGION, LAST, indicator, by).rows
            told = [row["numerator"] for row in rows if row["numerator"] is not None]
            assert [one for one in told if 0 < one < 10] == []


def test_certifiers_are_counted_as_their_certificates(province: Province, decision: Deciding) -> None:
    rows = certifiers(province.lake, decision("supervision"), REGION, LAST)
    whole = statistic.year(province.lake, decision("supervision"), REGION, LAST)
    assert sum(row["deaths"] for row in rows) == whole["deaths"].value
    assert all(row["unusable"] == sum(row["classes"].values()) for row in rows)
    assert all(row["few"] == (row["deaths"] < 20) for row in rows)
    hidden = certifiers(province.lake, decision("statistics"), REGION, LAST)
    assert len(hidden) == len(rows) and all(row["deaths"] is None for row in hidden if row["suppressed"])
    assert [row["deaths"] for row in hidden if row["deaths"] is not None and row["deaths"] < 10] == []
