"""The vital indicators on a handful of births, deaths and people, with the results worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from quanmin import measures, standards
from quanmin.lake import Lake
from quanmin.population.plan import plan_of
from quanmin.population.tables import PERSON, person_schema
from quanmin.settings import Settings
from quanmin.standards.reading import ARROW_TYPES

HERE = "110105"
MOTHERS = (date(1990, 6, 1), date(1984, 3, 9), date(2001, 1, 1), date(1960, 1, 1), None)

KNOWN = ("weight", "gestational_weeks", "delivery", "birth_place_type")
BIRTHS: list[dict[str, Any]] = [
    {"sex": "1", "issued_on": date(2019, 3, 11)} | dict(zip(KNOWN, (2499, 36, "3", "1"), strict=True)),
    {"sex": "1", "issued_on": date(2019, 3, 12)} | dict(zip(KNOWN, (2500, 37, "1", "2"), strict=True)),
    {"sex": "2", "issued_on": date(2019, 4, 30)} | dict(zip(KNOWN, (3100, 40, "3", "3"), strict=True)),
    {
        "sex": "1",
        "issue": "2",
        "standing": "1",
        "issued_on": date(2019, 3, 1),
    },  # the child of the one that was replaced
    {"sex": "2", "issued_on": date(2019, 3, 5)},
    {"sex": "2", "issue": "2", "weight": 900, "issued_on": date(2019, 6, 1)},
    {"sex": "1", "issue": "3", "delivery": "3", "issued_on": date(2019, 7, 1)},
    {"sex": "1", "issue": "1", "standing": "3", "weight": 700, "issued_on": date(2019, 3, 1)},
    {"sex": "1", "issue": "1", "standing": "4", "weight": 700, "issued_on": date(2019, 3, 1)},
]
DEATHS = [
    ("1", date(2019, 1, 1), date(2019, 1, 20), "P21", date(2019, 1, 25)),
    ("2", date(2018, 5, 2), date(2019, 5, 1), "R95", date(2019, 5, 20)),
    ("2", date(2016, 1, 1), date(2019, 2, 1), "W69.0", date(2019, 2, 2)),
    ("2", date(1988, 1, 1), date(2019, 9, 9), "O72.1", date(2019, 9, 9)),
    ("1", date(1940, 1, 1), date(2019, 12, 31), "I21.9", date(2020, 1, 7)),
    ("1", date(1930, 1, 1), date(2019, 11, 30), None, date(2019, 12, 9)),
    ("2", date(1985, 1, 1), date(2019, 3, 3), "O96.0", date(2019, 3, 3)),
]
PEOPLE = [
    *(("2", date(1990, 1, 1), None),) * 30,
    *(("1", date(1960, 1, 1), None),) * 60,
    *(("1", date(1930, 1, 1), date(2019, 6, 30)),) * 5,
    *(("2", date(2019, 7, 1), None),) * 10,
    *(("2", date(2019, 7, 2), None),) * 7,
]


def write(lake: Lake, table: str, stage: str, schema: pa.Schema, rows: list[dict[str, Any]]) -> None:
    """Rows of a table; what is not said is missing."""
    whole = [{name: row.get(name, {"bucket": 0, "_batch": 1}.get(name)) for name in schema.names} for row in rows]
    with lake.session(stage, transaction=table) as session:
        session.writer(table, schema, "bucket").write(pa.Table.from_pylist(whole, schema))
        session.commit(note={"from": 0, "plan": "test"})


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str, str], measures.Figure]]:
    """The nation's figures of 2019 by indicator and categories."""
    catalogue = standards.catalogue()
    births = [
        {"certificate_no": f"T{n:09}", "birth_date": date(2019, 3, 1), "birth_place": HERE, **one}
        for n, one in enumerate(BIRTHS)
    ]
    births = [one | {"mother_birth_date": MOTHERS[n % 5]} for n, one in enumerate(births)]
    deaths = [
        {"certificate_no": f"D{n}", "sex": sex, "birth_date": born, "death_date": died, "region": HERE}
        | {"underlying_cause_code": cause, "filled_on": filled}
        for n, (sex, born, died, cause, filled) in enumerate(DEATHS)
    ]
    orders = [
        {"record_no": f"R{n}", "child_order": n % 3 + 1, "child_birth_date": date(2019, 8, 8), "region": HERE}
        for n in range(7)
    ]
    orders.append(orders[0] | {"record_no": "R9", "outcome": "2"})
    people = [
        {"person_key": n, "citizen_number": f"{HERE}19900101001X", "sex": sex, "birth_date": born, "death_date": died}
        for n, (sex, born, died) in enumerate(PEOPLE)
    ]
    with Lake.open(Settings(home=tmp_path_factory.mktemp("home"), buckets=4)) as lake:
        for dataset, rows in (
            ("health.birth", births),
            ("health.death", deaths),
            ("health.childbirth_history", orders),
        ):
            elements = [(one.name, ARROW_TYPES[one.type]) for one in catalogue.dataset(dataset).elements]
            schema = pa.schema([*elements, ("bucket", pa.int32()), ("_batch", pa.int64())])
            write(lake, f"clean.{dataset}", "collect", schema, rows)
        write(lake, PERSON, "population", person_schema(plan_of(catalogue)), people)
        report = measures.compute(lake)
        assert set(report.computed) == set(catalogue.indicators.indicators) and not report.missing
        yield {
            (name, " ".join(one.categories.values()), one.level): one
            for name in report.computed
            for one in measures.figures(lake, name, period="2019", whole=True)
        }


EXPECTED = [
    ("births", "total", 5, None, 5),
    ("crude_birth_rate", "", 5, 100, 50),
    ("general_fertility_rate", "", 5, 30, 5 / 30 * 1000),
    ("age_specific_fertility_rate", "25-29", 1, 30, 1000 / 30),
    ("age_specific_fertility_rate", "30-34", 1, None, None),
    ("age_specific_fertility_rate", "45-49", 1, None, None),
    ("sex_ratio_at_birth", "", 3, 2, 150),
    ("low_birth_weight_share", "total", 1, 3, 100 / 3),
    ("low_birth_weight_share", "1", 1, 2, 50),
    ("preterm_share", "", 1, 3, 100 / 3),
    ("caesarean_share", "", 2, 3, 200 / 3),
    ("hospital_birth_share", "", 2, 3, 200 / 3),
    ("certified_in_time_share", "", 3, 5, 60),
    ("birth_order_share", "1", 3, 7, 300 / 7),
    ("birth_order_share", "3", 2, 7, 200 / 7),
    ("deaths", "total", 7, None, 7),
    ("deaths", "2", 4, None, 4),
    ("crude_death_rate", "total", 7, 100, 70),
    ("crude_death_rate", "1", 3, 60, 50),
    ("natural_increase_rate", "", -2, 100, -20),
    ("infant_mortality_rate", "total", 2, 5, 400),
    ("neonatal_mortality_rate", "", 1, 5, 200),
    ("under_five_mortality_rate", "", 3, 5, 600),
    ("maternal_mortality_ratio", "", 1, 5, 20_000),
    ("age_specific_death_rate", "55-59 1", 0, 60, 0),
    ("age_specific_death_rate", "85+ 1", 1, None, None),
    ("age_specific_death_rate", "75-79 total", 1, None, None),
    ("cause_chapter_death_rate", "XVI", 1, 100, 1000),
    ("cause_chapter_death_rate", "XX", 1, 100, 1000),
    ("cause_chapter_death_rate", "XV", 2, 100, 2000),
    ("cause_chapter_death_rate", "unknown", 1, 100, 1000),
    ("ill_defined_cause_share", "", 1, 6, 100 / 6),
    ("coded_cause_share", "", 6, 7, 600 / 7),
    ("death_registered_in_time_share", "", 5, 7, 500 / 7),
    ("population", "total total", 100, None, 100),
    ("population", "0 2", 10, None, 10),
]


@pytest.mark.parametrize(("name", "categories", "above", "below", "value"), EXPECTED)
@pytest.mark.parametrize("level", ["nation", "county"])
def test_the_figure_is_the_one_worked_out(
    told: dict[tuple[str, str, str], measures.Figure],
    level: str,
    name: str,
    categories: str,
    above: float,
    below: float,
    value: float,
) -> None:
    found = told[f"vital.{name}", categories, level]
    assert (found.numerator, found.denominator) == (above, below)
    assert found.value == (pytest.approx(value) if value is not None else None)
    assert ("no_denominator" in found.marks) == (value is None)


def test_every_indicator_is_worked_out() -> None:
    assert {f"vital.{name}" for name, *_ in EXPECTED} == set(standards.catalogue().indicators.indicators)
