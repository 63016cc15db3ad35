"""Only what changed is computed anew, and what stands then is what a full computation would have written."""

from __future__ import annotations

import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quanmin.lake import Lake
from quanmin.settings import Settings

LOAN, READER = "library.loan", "library.reader"
DAYS = st.dates(date(1999, 10, 1), date(2000, 9, 30))
TOWNS = st.sampled_from(["110105", "110221", "110114", None])


@st.composite
def loans(draw: st.DrawFn) -> dict[str, Any]:
    """A loan with one of few numbers, so that batches correct each other."""
    lent = draw(DAYS)
    back = draw(
        st.none() | st.integers(0, 90).map(lambda days: datetime(lent.year, lent.month, lent.day) + timedelta(days))
    )
    number = draw(st.integers(1000, 1011))
    words = {"title": draw(st.sampled_from(["Emma", "Zadig"])), "shelf": draw(st.sampled_from(["A", "B", None]))}
    counts = {"copies": draw(st.integers(1, 9)), "fee": draw(st.sampled_from([0.1, 12.5, None]))}
    reader = draw(st.sampled_from(["11010519800101001X", "110105198001010028"]))
    told = {"renewed": draw(st.booleans()), "lent_on": lent, "returned_at": back, "town": draw(TOWNS)}
    return {"loan_no": str(number), "reader_number": reader} | words | counts | told


@st.composite
def readers(draw: st.DrawFn) -> dict[str, Any]:
    """A reader with one of few cards."""
    born = draw(st.none() | st.dates(date(1930, 1, 1), date(1999, 1, 1)))
    told = {"card_no": f"A0000{draw(st.integers(1, 5))}", "reader_number": "11010519800101001X", "birth_date": born}
    return told | {"joined_on": draw(DAYS), "town": draw(TOWNS)}


def batch(rows: st.SearchStrategy[dict[str, Any]], key: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Some rows, each with its own key."""
    return st.lists(rows, min_size=1, max_size=4, unique_by=lambda row: row[key])


STEPS = st.lists(
    st.tuples(st.just(LOAN), batch(loans(), "loan_no"))
    | st.tuples(st.just(READER), batch(readers(), "card_no"))
    | st.tuples(st.just("withdraw"), st.integers(0, 99)),
    min_size=2,
    max_size=4,
)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=batch(loans(), "loan_no"), cards=batch(readers(), "card_no"), steps=STEPS)
def test_incremental_is_full(library_class: Any, first: Any, cards: Any, steps: Any) -> None:
    with tempfile.TemporaryDirectory() as home, Lake.open(Settings(home=Path(home), buckets=4)) as lake:
        library = library_class(lake)
        library.add(LOAN, first)
        library.add(READER, cards)
        library.compute()
        for what, rows in steps:
            if what == "withdraw":
                dataset = (LOAN, READER)[rows % 2]
                numbers = sorted({row["_batch"] for row in library.kept[dataset]})
                if numbers:
                    library.withdraw(dataset, numbers[rows % len(numbers)])
            else:
                library.add(what, rows)
            library.compute()
        after = library.stored()
        library.check()
        library.compute(full=True)
        assert library.stored() == after


def loan(number: int, lent: date, **more: Any) -> dict[str, Any]:
    """A plain loan."""
    base = {
        "loan_no": str(number),
        "reader_number": "11010519800101001X",
        "title": "Emma",
        "copies": 1,
        "lent_on": lent,
    }
    return base | {"town": "110105"} | more


def test_only_the_periods_of_new_rows_are_computed(library) -> None:
    library.add(LOAN, [loan(1000 + month, date(2000, month, 3)) for month in range(1, 13)])
    library.add(READER, [])
    first = library.compute()
    assert first.computed and not first.unchanged
    assert library.compute().computed == ()
    library.add(LOAN, [loan(2000, date(2000, 5, 9))])
    report = library.compute(indicators=["library.loans"])
    assert report.computed == ("library.loans",) and report.periods == 3
    with library.lake.session("measures") as session:
        query = f"SELECT DISTINCT period FROM {session.relation('measured.figure')} WHERE sources = {report.sources}"
        assert {row[0] for row in session.connection.execute(query).fetchall()} == {"2000-05", "2000-Q2", "2000"}
    library.compute()
    library.check()


def test_a_correction_moves_an_event_to_another_month(library) -> None:
    library.add(LOAN, [loan(1000, date(2000, 1, 3)), loan(1001, date(2000, 8, 3))])
    library.add(READER, [])
    library.compute()
    library.add(LOAN, [loan(1000, date(2000, 3, 3))])
    report = library.compute(indicators=["library.loans"])
    assert report.periods == 3  # March, its quarter and the year; January has no figures any more
    library.compute()
    library.check()
    assert not any(key[1] == "2000-01" for key in library.stored())


def test_a_changed_definition_is_computed_anew_and_a_gone_one_is_removed(library) -> None:
    library.add(LOAN, [loan(1000, date(2000, 1, 3)), loan(1001, date(2000, 8, 3), renewed=True)])
    library.add(READER, [])
    library.compute()
    known = library.catalogue.indicators
    one = known.indicators["library.renewed_share"]
    others = {name: each for name, each in known.indicators.items() if name != "library.loans"}
    changed = others | {one.id: type(one)(**(vars(one) | {"version": "2", "small": 1}))}
    indicators = type(known)(known.dimensions, known.measures, changed)
    library.catalogue = type(library.catalogue)(**(vars(library.catalogue) | {"indicators": indicators}))
    report = library.compute()
    assert report.computed == ("library.renewed_share",)
    library.check()
    assert "library.loans" not in {key[0] for key in library.stored()}


def test_a_table_that_is_not_there_yet_is_told(library) -> None:
    library.add(LOAN, [loan(1000, date(2000, 1, 3))])
    report = library.compute()
    assert report.missing["library.loan_rate"] == ("clean.library.reader",)
    assert "library.loans" in report.computed
    library.add(READER, [])
    assert "library.loan_rate" in library.compute().computed
    library.check()


def test_where_old_files_are_gone_everything_is_computed(library) -> None:
    """What changed since cannot be known after the lake was cleaned up."""
    library.add(LOAN, [loan(1000, date(2000, 1, 3)), loan(1001, date(2000, 8, 3))])
    library.add(READER, [])
    library.compute()
    library.withdraw(LOAN, 1)
    library.add(LOAN, [loan(1002, date(2000, 5, 3))])
    assert library.lake.vacuum(retain=1, within=timedelta(0))
    report = library.compute()
    assert "library.loans" in report.computed
    library.check()


def test_upkeep_changes_no_figure(library) -> None:
    for number in range(3):
        library.add(LOAN, [loan(1000 + number, date(2000, 1 + number, 3), **{"town": "110105"})])
    library.add(READER, [])
    library.compute()
    library.lake.compact("clean.library.loan")
    assert library.compute().computed == ()
