"""Finding people: who is found, who may not be asked for, and that nothing leaks past the masks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from quanmin import population, trust
from quanmin.lake.errors import NotReadable
from quanmin.population.errors import NotBuilt, TooMany, TooVague, UnusableCriterion
from quanmin.population.find import Sought, find
from quanmin.trust.errors import AccessDenied

LI, WANG, FENG = "11010519491231002X", "440524188001010014", "110105198001010016"
COLUMNS = population.PERSON_COLUMNS


@pytest.fixture
def base(office: Any) -> Any:
    """Three people: two called 李峰 when variants are folded, one with an interpunct."""
    office.send(
        office.bench,
        {"number": LI, "name": "李峰", "birth_place": "110105"},
        {"number": FENG, "name": "李峯", "birth_place": "110108"},
        {"number": WANG, "name": "欧阳•娜", "birth_place": "440524"},
    )
    office.build()
    return office


def ask(base: Any, purpose: str = "treatment", case: str | None = "C-1", limit: int = 20, **sought: Any) -> Any:
    return find(base.lake, base.decision(purpose, COLUMNS, case=case), Sought(**sought), limit)


def people(*args: Any, **kwargs: Any) -> list[tuple[str | None, str]]:
    return [(one["person"], one["match"]) for one in ask(*args, **kwargs)]


def test_a_name_is_found_with_variants_behind_the_very_name(base: Any) -> None:
    assert people(base, name="李峰") == [(LI, "same"), (FENG, "variant")]
    assert people(base, name=" 李 峯") == [(FENG, "same"), (LI, "variant")]
    assert people(base, name="欧阳·娜") == [(WANG, "same")]
    assert people(base, name="李") == []


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        ({"birth_date": dt.date(1949, 12, 31)}, [LI]),
        ({"birth_year": 1980}, [FENG]),
        ({"name": "李峰", "birth_year": 1980}, [FENG]),
        ({"name": "李峰", "sex": "女"}, [LI]),
        ({"name": "李峰", "sex": "1"}, [FENG]),
        ({"name": "李峰", "region": "1101"}, [LI, FENG]),
        ({"name": "李峰", "region": "110108"}, [FENG]),
        ({"name": "李峰", "region": "44"}, []),
        ({"birth_year": 1949, "sex": "1"}, []),
        ({"birth_date": dt.date(1880, 1, 1), "sex": "1", "region": "440524", "name": "欧阳娜"}, []),
    ],
)
def test_every_part_given_narrows(base: Any, sought: dict[str, Any], expected: list[str]) -> None:
    assert sorted(person for person, _ in people(base, **sought)) == sorted(expected)


def test_without_a_case_a_name_cannot_be_asked_by(base: Any) -> None:
    """Otherwise names could be tried until the masked row appears."""
    for purpose in ("treatment", "supervision", "emergency"):
        with pytest.raises(NotReadable) as caught:
            ask(base, purpose, case=None, name="李峰", birth_year=1949)
        assert caught.value.fields == {"columns": "name"}


def test_without_a_case_rows_are_masked_and_hold_no_number_at_all(base: Any) -> None:
    """A masked number (six in front, four behind) beside the birth date would be the whole number."""
    [found] = ask(base, case=None, birth_year=1949)
    items = {item["item"]: item for item in found["items"]}
    assert found["person"] is None
    assert (items["citizen_number"]["value"], items["citizen_number"]["shown"]) == (None, "withheld")
    assert (items["name"]["value"], items["birth_date"]["value"]) == ("李*", dt.date(1949, 12, 31))
    assert not any(part in str(found) for part in (LI[-4:], LI[:17], "峰"))


@pytest.mark.parametrize("purpose", ["verification", "statistics", "research", "operation", "curiosity"])
@pytest.mark.parametrize("case", [None, "C-1"])
def test_other_purposes_find_nobody(base: Any, purpose: str, case: str | None) -> None:
    with pytest.raises((NotReadable, AccessDenied)):
        ask(base, purpose, case=case, birth_year=1949)


def test_a_column_that_was_not_decided_on_cannot_be_asked_by(base: Any) -> None:
    narrow = base.decision("treatment", ("person_key", "name"), case="C-1")
    with pytest.raises(NotReadable):
        find(base.lake, narrow, Sought(name="李峰", birth_year=1949))
    assert [one["person"] for one in find(base.lake, narrow, Sought(name="欧阳·娜"))] == [None]


@pytest.mark.parametrize("sought", [{"name": "李峰"}, {"birth_year": 1949}])
def test_too_many_are_not_shown_nor_counted(base: Any, sought: dict[str, Any]) -> None:
    base.send(base.bench, {"number": "110105194912310046", "name": "王芳"})
    base.build()
    assert len(ask(base, limit=2, **sought)) == 2
    with pytest.raises(TooMany) as caught:
        ask(base, limit=1, **sought)
    assert caught.value.fields == {"limit": 1}


@pytest.mark.parametrize("sought", [{}, {"sex": "1"}, {"region": "11"}, {"sex": "1", "region": "11"}])
def test_too_little_is_refused(sought: dict[str, Any]) -> None:
    with pytest.raises(TooVague):
        Sought(**sought)


@pytest.mark.parametrize(
    "sought",
    [
        {"name": "  "},
        {"name": "李", "sex": "5; DROP"},
        {"name": "李", "region": "1'"},
        {"name": "李", "region": "0"},
        {"birth_year": 17},
        {"birth_date": dt.date(1949, 12, 31), "birth_year": 1949},
    ],
)
def test_what_can_be_nobodys_is_refused_and_not_repeated(sought: dict[str, Any]) -> None:
    with pytest.raises((UnusableCriterion, TooVague)) as caught:
        Sought(**sought)
    assert set(caught.value.fields.values()) <= set(sought)


def test_a_name_with_signs_of_sql_is_a_name(base: Any) -> None:
    assert people(base, name="李' OR true --") == []


def test_a_search_is_in_the_audit_without_values(base: Any) -> None:
    ask(base, name="李峰", sex="2")
    with pytest.raises(TooMany):
        ask(base, name="李峰", limit=1)
    ask(base, name="张三")
    lines = [entry.fields for entry in trust.audit.entries(base.lake.ledger, "read")]
    who = trust.Pseudonyms.open(base.lake.settings, "audit")
    assert [(line["sought"], line["persons"], line["rows"]) for line in lines] == [
        (["name", "sex"], [who.of(int(LI[:17]))], 1),
        (["name"], [], 2),
        (["name"], [], 0),
    ]
    assert all(line["case"] == "C-1" and line["purpose"] == "treatment" for line in lines)
    everything = str([entry.fields for entry in trust.audit.entries(base.lake.ledger)])
    assert not any(secret in everything for secret in (LI[:17], "李", "张"))


def test_before_the_first_build_nobody_is_found(office: Any) -> None:
    with pytest.raises(NotBuilt):
        ask(office, name="李峰")
