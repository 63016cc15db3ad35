"""What is told of figures, and what is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from quanmin import measures
from quanmin.measures.document import definition
from quanmin.measures.errors import BadPeriod, NoFigures, NoSuchDivision, UnknownIndicator

LOAN = "library.loan"


@pytest.fixture
def counted(library):
    """Twelve loans of one day in one town, three in another, one of them renewed."""
    row = {
        "reader_number": "11010519800101001X",
        "title": "Emma",
        "copies": 1,
        "shelf": "A",
        "lent_on": date(2000, 5, 4),
        "returned_at": datetime(2000, 5, 9, 10),
    }
    towns = ["110105"] * 12 + ["110114"] * 3
    library.add(
        LOAN, [row | {"loan_no": str(1000 + n), "town": town, "renewed": n == 0} for n, town in enumerate(towns)]
    )
    library.compute()
    return library


def ask(library, name: str, **more):
    """A question to the library."""
    return measures.figures(library.lake, name, of=library.catalogue, **more)


def test_a_figure_has_its_sides_its_interval_and_its_marks(counted):
    [found] = ask(counted, "library.renewed_share", region="110105", period="2000", whole=True)
    assert (found.numerator, found.denominator, found.categories) == (1.0, 12.0, {"shelf": "A"})
    assert found.value == pytest.approx(100 / 12) and found.lower < found.value < found.upper
    assert found.marks == ("small", "uncertain")
    assert (found.period_start, found.period_end, found.level) == (date(2000, 1, 1), date(2000, 12, 31), "county")
    assert found.sources == counted.lake.history()[-1].note["from"]


def test_no_number_of_few_is_told_unless_the_whole_is_asked_for(counted):
    told = {one.region: one for one in ask(counted, "library.loans", period="2000-05", categories={"shelf": "total"})}
    assert told["110105"].numerator == 12.0 and told["110105"].marks == ()
    few = told["110114"]
    assert (few.numerator, few.value, few.marks) == (None, None, ("small",))
    assert few.to_dict()["marks"] == ["small"]


def test_provisional_depends_on_the_day_of_the_question(counted):
    settled = date(2000, 5, 31) + timedelta(days=90)
    for today, marked in ((settled, True), (settled + timedelta(days=1), False)):
        found = ask(counted, "library.loans", period="2000-05", level="nation", today=today)
        assert {"provisional" in one.marks for one in found} == {marked}


def test_what_is_not_there_is_told(counted):
    with pytest.raises(UnknownIndicator):
        ask(counted, "library.readings")
    with pytest.raises(UnknownIndicator):
        measures.compute(counted.lake, ["library.readings"], catalogue=counted.catalogue)
    with pytest.raises(NoFigures):
        ask(counted, "library.loan_rate")
    with pytest.raises(BadPeriod):
        ask(counted, "library.loans", period="May")
    with pytest.raises(NoSuchDivision):
        ask(counted, "library.loans", region="999999")
    assert ask(counted, "library.loans", period="1999") == []


def test_nothing_was_computed_yet(library):
    with pytest.raises(NoFigures):
        ask(library, "library.loans")


def test_a_definition_is_told_down_to_its_tables(library):
    told = definition(library.catalogue, "library.movement")
    assert [(one["id"], one["times"], one["table"]) for one in told["sides"]] == [
        ("loans", 1, "clean.library.loan"),
        ("new_readers", -1, "clean.library.reader"),
    ]
    bands = definition(library.catalogue, "library.joining_rate")["dimensions"]
    assert [one["code"] for one in bands[0]["categories"]] == ["0-6", "7-14", "15-59", "60+"]
    with pytest.raises(UnknownIndicator):
        definition(library.catalogue, "library.readings")
