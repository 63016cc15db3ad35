"""What each source says of a person: every record, as decided, and how it compares with the golden value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from quanmin import trust
from quanmin.population.errors import UnknownNumber, UnusableNumber
from quanmin.population.statement import statements

LI, WANG = "11010519491231002X", "440524188001010014"


@pytest.fixture
def base(office: Any) -> Any:
    office.send(office.bench, {"number": LI, "name": "李明", "sex": "2"}, {"number": WANG, "name": "王芳"})
    office.send("education.degree", {"number": LI, "name": "李明", "education": "31"})
    office.send(office.whole, {"number": LI, "name": "李明", "education": "21"}, {"number": LI, "name": "赵一"})
    office.build()
    return office


def asked(base: Any, number: str, purpose: str = "supervision", case: str | None = "C-1") -> dict[str, Any]:
    def decide(table: str, elements: Sequence[str]) -> trust.Decision:
        return trust.decide(base.lake.ledger, trust.local_administrator(), purpose, table, tuple(elements), case=case)

    return statements(base.lake, decide, number)


def test_every_attached_record_is_told_the_benchmark_first(base: Any) -> None:
    found = asked(base, LI)
    assert [(one["dataset"], one["row"]) for one in found["records"]] == [
        (base.bench, 1),
        ("education.degree", 1),
        (base.whole, 1),
    ]
    assert found["person"] == LI
    assert all(one["collected"] and one["source"] and one["outcome"] == "attached" for one in found["records"])


def test_a_value_is_compared_with_the_golden_one(base: Any) -> None:
    found = asked(base, LI)
    golden = next(one for one in found["items"] if one["item"] == "education")
    marks = {one["dataset"]: one["items"]["education"] for one in found["records"] if "education" in one["items"]}
    assert golden["value"] == "21", "an education only rises"
    assert golden["probability"] > 0.5
    assert (marks["education.degree"]["mark"], marks[base.whole]["mark"]) == ("differs", "same")
    assert marks["education.degree"]["value"] == "31"


def test_what_is_masked_is_masked_with_its_reason_and_still_compared(base: Any) -> None:
    found = asked(base, LI, case=None)
    name = found["records"][0]["items"]["name"]
    assert "李明" not in str(found)
    assert LI not in str(found)
    assert (name["shown"], name["mark"]) == ("masked", "same")
    assert name["reason"].en


def test_what_is_withheld_is_neither_shown_nor_compared(base: Any) -> None:
    found = asked(base, LI, purpose="public_health", case=None)
    for record in found["records"]:
        for item in record["items"].values():
            assert item["shown"] != "withheld" or (item["value"] is None and item["mark"] == "absent")


def test_who_has_only_the_register_has_one_record(base: Any) -> None:
    assert [one["dataset"] for one in asked(base, WANG)["records"]] == [base.bench]


def test_unknown_and_unusable_numbers_are_told(base: Any) -> None:
    with pytest.raises(UnknownNumber):
        asked(base, "110105198001010016")
    with pytest.raises(UnusableNumber):
        asked(base, "110105194912310021")
