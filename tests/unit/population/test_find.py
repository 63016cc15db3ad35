"""Finding people: who is found, who may not be asked for, and that nothing leaks past the masks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from quanmin import population, trust
from quanmin.lake.errors import NotReadable
from quanmin.population.errors import NotBuilt, TooMany, TooVague, UnusableCriterion
from quanmin.population.find import MATCHES, Sought, alike_names, find, search
from quanmin.trust.errors import AccessDenied

LI, WANG, FENG = "11010519491231002X", "440524188001010014", "110105198001010016"
ZHAO = "110105199001010010"
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


def looked(base: Any, purpose: str = "treatment", case: str | None = "C-1", limit: int = 20, **sought: Any) -> Any:
    """Who is found when former names are asked for too."""

    def decide(table: str, elements: Any) -> Any:
        return trust.decide(base.lake.ledger, trust.local_administrator(), purpose, table, tuple(elements), case=case)

    return [(one["person"], one["match"]) for one in search(base.lake, decide, Sought(**sought), limit)]


def test_a_name_borne_before_leads_to_its_bearer_behind_whoever_bears_it_now(base: Any) -> None:
    base.send(base.bench, {"number": ZHAO, "name": "赵敏", "former_name": "李峰"})
    base.build()
    assert looked(base, name="李峰") == [(LI, "same"), (ZHAO, "former"), (FENG, "variant")]
    assert looked(base, name="李峯") == [(FENG, "same"), (LI, "variant"), (ZHAO, "variant")]
    assert looked(base, name="li feng", birth_year=1990) == [(ZHAO, "sound")]
    assert looked(base, name="赵敏") == [(ZHAO, "same")]
    assert people(base, name="李峰") == [(LI, "same"), (FENG, "variant")], "without a decision on former names"
    with pytest.raises(NotReadable):
        looked(base, case=None, name="李峰")


def test_a_former_name_that_was_corrected_or_is_another_claimants_leads_to_nobody(base: Any) -> None:
    key = {"household_no": "H00001", "member_no": 1}
    base.send(base.bench, {"number": ZHAO, "name": "赵敏", "former_name": "钱多", **key})
    base.send(base.bench, {"number": ZHAO, "name": "赵敏", "former_name": None, **key})
    base.send(base.bench, {"number": LI, "name": "孙悟", "former_name": "钱多"})
    base.build()
    assert looked(base, name="钱多") == []
    assert looked(base, name="qian duo") == []


def test_a_name_is_found_by_its_pinyin_and_characters_by_sound_when_asked(base: Any) -> None:
    assert looked(base, name="li feng") == looked(base, name="LiFeng") == [(LI, "sound"), (FENG, "sound")]
    assert looked(base, name="ou yang na") == [(WANG, "sound")]
    assert looked(base, name="里锋") == []
    assert looked(base, name="里锋", sound=True) == [(LI, "sound"), (FENG, "sound")]
    assert looked(base, name="李峰", sound=True) == [(LI, "same"), (FENG, "variant")]
    with pytest.raises(NotReadable):
        looked(base, case=None, name="li feng")
    with pytest.raises(TooMany):
        looked(base, limit=1, name="li feng")


@pytest.mark.parametrize(
    ("address", "expected"),
    [("胜利巷", [LI, FENG]), ("胜利巷12号", [LI]), ("胜利 巷１２", [LI]), ("胜利巷９－９", [FENG]), ("某村", [])],
)
def test_a_part_of_an_address_narrows(office: Any, address: str, expected: list[str]) -> None:
    office.send(office.bench, {"number": LI, "name": "李峰", "registered_address": "望都县胜利巷１２号"})
    office.send(office.bench, {"number": FENG, "name": "李峰"}, {"number": WANG, "name": "李峰"})
    office.send(office.whole, {"number": FENG, "name": "李峰", "residence_address": "朝阳区胜利 巷9-9"})
    office.build()
    assert [person for person, _ in looked(office, name="李峰", address=address)] == expected
    assert [person for person, _ in looked(office, birth_year=1949, address=address)] == [
        one for one in expected if one == LI
    ]
    with pytest.raises(NotReadable) as caught:
        looked(office, case=None, birth_year=1949, address=address)
    assert caught.value.fields == {"columns": "registered_address, residence"}


def test_columns_are_matched_like_pairs() -> None:
    held = ["李峰", "李峯", "里锋", "李 峰", "李", "", None, "Li Feng", "lifeng", "李·峰", "赵敏"]
    for sought in (Sought("李峰"), Sought("李峰", sound=True), Sought("li feng"), Sought("lifeng"), Sought("Li Feng")):
        expected = [one is not None and sought.match(one) is not None for one in held]
        assert alike_names(pa.array(held, pa.string()), sought).to_pylist() == expected
    assert [Sought("li feng").match("李峰", None), Sought("李峰").match("赵敏", "李峰")] == ["sound", "former"]
    assert list(MATCHES) == ["same", "former", "variant", "sound"]


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
        {"name": "李", "address": " 村 "},
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


def test_an_address_with_signs_of_sql_is_an_address(base: Any) -> None:
    assert looked(base, name="李峰", address="') OR true --") == []


def test_that_former_names_were_asked_for_is_in_the_audit(base: Any) -> None:
    looked(base, name="li feng", address="胜利巷")
    [line] = [entry.fields for entry in trust.audit.entries(base.lake.ledger, "read")]
    assert line["sought"] == ["former_name", "name", "registered_address", "residence"]
    decided = {entry.fields["decision"]: entry.fields for entry in trust.audit.entries(base.lake.ledger, "decide")}
    assert decided[line["former"]]["columns"] == {"person_key": "clear", "former_name": "clear"}
    assert decided[line["decision"]]["dataset"] == "linked.person"


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
