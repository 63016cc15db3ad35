"""Figures of a library's loans: what is counted, where, and when it is counted anew."""

from __future__ import annotations

from datetime import date, datetime

LOAN, READER = "library.loan", "library.reader"

LOANS = [
    {"loan_no": "1001", "reader_number": "11010519800101001X", "title": "Emma", "shelf": "A", "copies": 1, "fee": 10.5}
    | {"renewed": True, "lent_on": date(2000, 1, 5), "returned_at": datetime(2000, 3, 1, 12), "town": "110105"},
    {"loan_no": "1002", "reader_number": "11010519800101001X", "title": "Walden", "shelf": "B", "copies": 2}
    | {"renewed": False, "lent_on": date(2000, 1, 31), "returned_at": datetime(2000, 2, 2, 9), "town": "110221"},
    {"loan_no": "1003", "reader_number": "110105198001010028", "title": "三体", "copies": 9, "fee": 0.1}
    | {"lent_on": date(2000, 12, 31), "town": "999999"},
    {"loan_no": "1004", "reader_number": "110105198001010028", "title": "Zadig", "shelf": "A", "copies": 6}
    | {"renewed": True, "lent_on": date(1999, 6, 1), "returned_at": datetime(1999, 6, 30), "town": "110221"},
]
READERS = [
    {"card_no": "A00001", "reader_number": "11010519800101001X", "birth_date": date(1980, 2, 29), "town": "110221"}
    | {"joined_on": date(1999, 1, 1)},
    {"card_no": "A00002", "reader_number": "110105198001010028", "birth_date": date(1994, 7, 2), "town": "110105"}
    | {"joined_on": date(2000, 7, 1)},
]


def test_figures_are_those_of_the_reference(library):
    library.add(LOAN, LOANS)
    library.add(READER, READERS)
    report = library.compute()
    assert len(report.computed) == len(library.catalogue.indicators.indicators) and not report.missing
    assert report.figures == len(library.stored())
    library.check()


def test_a_county_that_ended_is_told_under_its_successor(library):
    library.add(LOAN, LOANS)
    library.add(READER, READERS)
    library.compute(indicators=["library.loans"])
    stored = library.stored()
    told = {key[1:4]: value[0] for key, value in stored.items() if key[4] == '{"copies": "2-4", "shelf": "B"}'}
    assert told["2000-01", "county", "110114"] == 1.0
    assert ("2000-01", "county", "110221") not in told
    assert told["2000", "province", "110000"] == told["2000", "nation", "000000"] == 1.0
    old = {key[1:4]: value for key, value in stored.items() if key[1] == "1999-06"}
    assert ("1999-06", "county", "110221") in old
