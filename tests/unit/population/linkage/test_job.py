"""Linkage of a few records whose answer is plain: what attaches, what waits for a clerk, what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from quanmin.population import linkage
from quanmin.population.errors import NoBenchmark, NotBuilt
from quanmin.population.linkage import saved, setting, side
from quanmin.population.linkage.errors import OtherColumns
from quanmin.population.linkage.job import STAGE
from quanmin.population.linkage.table import LINK
from quanmin.population.tables import ADOPTED
from quanmin.standards.identity import citizen_number

ROWS = 40


def number(day: dt.date, order: int, region: str = "130224") -> str:
    """A sound number."""
    first17 = f"{region}{day:%Y%m%d}{order:03}"
    return first17 + citizen_number.check_character(first17)


def person(day: dt.date, name: str, order: int = 12) -> dict[str, Any]:
    """A row of somebody, with number, name, sex and birth date that fit together."""
    return {"number": number(day, order), "name": name, "birth_date": day, "sex": "2" if order % 2 == 0 else "1"}


def crowd(count: int) -> list[dict[str, Any]]:
    """People with days and names of their own."""
    return [
        person(
            dt.date(1950 + i % 50, 1 + i % 12, 1 + i % 28),
            f"{'赵钱孙周吴郑冯陈'[i % 8]}{chr(0x4E50 + i)}{chr(0x5E50 + i)}",
        )
        for i in range(count)
    ]


LI = person(dt.date(1971, 3, 7), "李晓明")
TWINS = [person(dt.date(1988, 5, 2), "欧阳娜", 22), person(dt.date(1988, 5, 2), "欧阳婷", 24)]


def mistyped(text: str) -> str:
    """The number with one digit of the order wrong."""
    return text[:15] + str((int(text[15]) + 3) % 10) + text[16:]


@pytest.fixture
def base(office):
    """The crowd, Li and the twins in the base; other sources speak of the crowd under right numbers."""
    office.send(office.bench, *crowd(ROWS), LI, *TWINS)
    office.send(office.whole, *crowd(ROWS))
    return office


def decisions(office, *rows: dict[str, Any]) -> list[tuple[str, int] | None]:
    """What is decided on each row when it comes in: the decision and the person."""
    batch = office.send(office.death, *rows)
    office.build()
    linkage.link(office.lake)
    with office.lake.session(STAGE) as session:
        found = session.connection.execute(
            f"SELECT _row, decision, person_key FROM {session.relation(LINK)} WHERE _batch = ?", [batch]
        ).fetchall()
    known = {row: (decision, key) for row, decision, key in found}
    return [known.get(place) for place in range(1, len(rows) + 1)]


def key(row: dict[str, Any]) -> int:
    return int(row["number"][:17])


def test_one_slip_in_the_number_attaches(base) -> None:
    assert decisions(base, {**LI, "number": mistyped(LI["number"])}) == [("attach", key(LI))]


def test_a_missing_number_attaches_by_name_birth_and_sex(base) -> None:
    assert decisions(base, {**LI, "number": None}) == [("attach", key(LI))]


def test_a_homophone_under_the_right_number_attaches(base) -> None:
    assert decisions(base, {**LI, "name": "李小明"}) == [("attach", key(LI))]


def test_twins_are_told_apart_by_their_names(base) -> None:
    stated = [{**twin, "number": None} for twin in TWINS]
    assert decisions(base, *stated) == [("attach", key(twin)) for twin in TWINS]


def test_a_stranger_of_the_same_name_and_birth_with_a_number_of_his_own_waits_for_a_clerk(base) -> None:
    assert decisions(base, {**LI, "number": number(LI["birth_date"], 98, "653125")}) == [("review", key(LI))]


def test_a_newborn_without_a_name_is_found_in_the_household_of_the_mothers_number(base) -> None:
    born, home = dt.date(2014, 5, 6), {"household_no": "13000000000015"}
    child = person(born, "李小宝", 31)
    base.send(base.bench, {**person(dt.date(1986, 2, 3), "王秀英", 44), **home}, {**child, **home})
    base.send(base.bench, *(person(born, f"钱{c}", order) for c, order in zip("甲乙丙", (33, 35, 37), strict=True)))
    stated = {"birth_date": born, "sex": "1", "mother_number": number(dt.date(1986, 2, 3), 44)}
    batch = base.send("health.birth", stated, also=("mother_number",))
    base.build()
    linkage.link(base.lake)
    with base.lake.session(STAGE) as session:
        links = f"SELECT decision, person_key FROM {session.relation(LINK)} WHERE _batch = {batch}"
        assert session.connection.execute(links).fetchall() == [("attach", key(child))]


def test_somebody_else_stays_apart(base) -> None:
    [other] = decisions(base, {**person(dt.date(1971, 3, 7), "王大海"), "number": None})
    assert other is None or other[0] == "apart"


def test_every_record_set_aside_is_counted_once(base) -> None:
    base.send(base.death, {**LI, "number": None}, person(dt.date(2001, 1, 1), "无此人"), LI)
    base.build()
    report = linkage.link(base.lake)
    assert (report.records, report.attach, report.review, report.apart, report.without) == (2, 1, 0, 0, 1)
    again = linkage.link(base.lake)
    assert (report.trained, again.trained, again.model) == (True, False, report.model)


def tables(office) -> dict[str, list[str]]:
    """What linkage wrote, row by row, without the version of the model."""
    with office.lake.session(STAGE) as session:
        return {
            table: sorted(
                map(str, session.connection.execute(f"SELECT {columns} FROM {session.relation(table)}").fetchall())
            )
            for table, columns in ((LINK, "* EXCLUDE (model)"), (ADOPTED, "*"))
        }


def test_a_residual_taken_in_small_pieces_gives_the_same_rows_as_at_once(base, monkeypatch: pytest.MonkeyPatch) -> None:
    slips = [{**one, "number": mistyped(one["number"])} for one in crowd(ROWS)[::3]]
    unnumbered = [{**one, "number": None} for one in [LI, *TWINS, *crowd(ROWS)[1::3]]]
    base.send(base.death, *slips, {**LI, "name": "李小明"}, {**LI, "number": number(LI["birth_date"], 98, "653125")})
    base.send(base.whole, *unnumbered, person(dt.date(2001, 1, 1), "无此人"))
    base.build()
    linkage.link(base.lake)
    first = linkage.link(base.lake, train=True)
    whole = tables(base)
    assert first.attach == len(whole[ADOPTED]) > 20 and first.review and first.apart + first.without
    for name, most in (("RECORDS_AT_ONCE", 7), ("LEAST_PEOPLE", 1), ("MOST_PEOPLE", 1)):
        monkeypatch.setattr(setting, name, most)
    again = linkage.link(base.lake, train=True)
    assert tables(base) == whole
    assert again.to_dict() == {
        **first.to_dict(),
        "model": again.model,
        "snapshot": again.snapshot,
        "seconds": again.seconds,
    }


def test_a_base_of_another_size_gets_a_model_of_its_own(base) -> None:
    base.build()
    first = linkage.link(base.lake)
    base.send(
        base.bench, *(person(dt.date(2003, 1 + i % 12, 1 + i % 28), f"邓{chr(0x5E50 + i)}", 100 + i) for i in range(60))
    )
    base.build()
    assert linkage.link(base.lake).model > first.model


def test_nothing_set_aside_is_no_link_and_no_error(base) -> None:
    base.build()
    report = linkage.link(base.lake)
    assert (report.records, report.pairs, report.attach) == (0, 0, 0)


def test_a_model_of_other_columns_is_refused_until_a_new_one_is_trained(base, monkeypatch: pytest.MonkeyPatch) -> None:
    base.build()
    with monkeypatch.context() as patch:
        patch.setattr(saved, "COLUMNS", side.COLUMNS[:-1])
        saved.save(base.lake.ledger, {}, {"people": ROWS})
    with pytest.raises(OtherColumns):
        linkage.link(base.lake)
    assert LINK not in base.lake.snapshot().tables
    assert linkage.link(base.lake, train=True).trained


def test_without_a_benchmark_or_a_base_nothing_is_linked(office) -> None:
    office.send(office.whole, *crowd(2))
    with pytest.raises(NoBenchmark):
        linkage.link(office.lake)
    office.send(office.bench, *crowd(2))
    with pytest.raises(NotBuilt):
        linkage.link(office.lake)
    assert LINK not in office.lake.snapshot().tables
