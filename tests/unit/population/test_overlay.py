"""The overlay on the benchmark: by number and name a record is attached, or set aside with the code that says why."""

from __future__ import annotations

import datetime as dt
from typing import Any

LI, WANG, ABSENT = "11010519491231002X", "440524188001010014", "110105198001010016"
FIRST, LATER = dt.date(1990, 1, 1), dt.date(2000, 1, 1)


def bench(office: Any, *rows: dict[str, Any]) -> None:
    office.send(office.bench, *rows)


def of(office: Any, *rows: tuple[str | None, str | None]) -> list[str]:
    """What becomes of the whole-population register's rows."""
    office.send(office.whole, *[{"number": number, "name": name} for number, name in rows])
    office.build()
    return list(office.outcomes(office.whole).values())


def people(office: Any) -> list[tuple[Any, ...]]:
    with office.lake.session("population") as session:
        rows = session.connection.execute(
            f"SELECT citizen_number, name, contested FROM {session.relation('linked.person')} AS p ORDER BY ALL"
        ).fetchall()
    return list(rows)


def test_number_and_name_attach(office: Any) -> None:
    bench(office, {"number": LI, "name": "李明"}, {"number": WANG, "name": "王芳"})
    assert of(office, (LI, "李明"), (LI, " 李 明"), (WANG, "王芳")) == ["attached"] * 3


def test_another_name_is_set_aside_a_former_one_is_not(office: Any) -> None:
    bench(office, {"number": LI, "name": "李明", "former_name": "赵一"}, {"number": WANG, "name": "王芳"})
    assert of(office, (LI, "王芳"), (LI, "赵一"), (WANG, "赵一")) == ["E03", "attached", "E03"]


def test_a_variant_character_attaches_and_is_told(office: Any) -> None:
    bench(office, {"number": LI, "name": "李峰"})
    assert of(office, (LI, "李峯"), (LI, "李丰")) == ["attached", "E03"]
    assert office.build().errors == {"E03": 1, "E13": 1}


def test_a_number_that_is_unknown_or_missing_is_set_aside(office: Any) -> None:
    bench(office, {"number": LI, "name": "李明"})
    assert of(office, (ABSENT, "李明"), (None, "李明"), (LI, "李明")) == ["E02", "E12", "attached"]


def test_a_number_that_cannot_be_one_is_wrong_not_missing(office: Any) -> None:
    bench(office, {"number": LI, "name": "李明"})
    assert of(office, ("110105194912310021", "李明"), ("x", "李明")) == ["E01", "E01"]


def test_the_benchmark_decides_who_exists(office: Any) -> None:
    """A record of another source makes nobody; a row of the benchmark without a usable number makes nobody either."""
    bench(office, {"number": LI, "name": "李明"}, {"number": None, "name": "王芳"}, {"number": "x", "name": "赵一"})
    of(office, (ABSENT, "欧阳娜"))
    assert people(office) == [(LI, "李明", False)]
    assert list(office.outcomes(office.bench).values()) == ["attached", "E12", "E01"]


def test_who_registered_first_holds_a_shared_number(office: Any) -> None:
    """The other claimant is set aside, and so is whoever speaks of that one; the person is marked as contested."""
    bench(
        office,
        {"number": LI, "name": "王芳", "registered_on": LATER},
        {"number": LI, "name": "李明", "registered_on": FIRST},
    )
    assert of(office, (LI, "李明"), (LI, "王芳"), (LI, "赵一")) == ["attached", "E06", "E03"]
    assert list(office.outcomes(office.bench).values()) == ["E06", "attached"]
    assert people(office) == [(LI, "李明", True)]


def test_the_same_person_twice_in_the_benchmark_is_a_repeat(office: Any) -> None:
    bench(
        office,
        {"number": LI, "name": "李明", "registered_on": FIRST},
        {"number": LI, "name": "李 明", "registered_on": LATER},
    )
    office.build()
    assert list(office.outcomes(office.bench).values()) == ["attached", "E07"]
    assert people(office) == [(LI, "李明", False)]


def test_every_record_has_exactly_one_outcome(office: Any) -> None:
    bench(office, {"number": LI, "name": "李明"}, {"number": None, "name": None})
    office.send(office.death, {"number": LI, "name": "李明"}, {"number": ABSENT, "name": None})
    outcomes = of(office, (LI, None), (None, None), (ABSENT, None), (LI, "李明"))
    assert len(outcomes) == 4
    assert office.build(full=True).records == 8
