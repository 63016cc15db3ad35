"""The history of a person: changes, corrections, withdrawals and vacuumed versions, as the decision shows them."""

from __future__ import annotations

import datetime as dt
from datetime import timedelta
from typing import Any

import pytest

from quanmin import population, trust
from quanmin.lake.errors import NotReadable
from quanmin.population.errors import NotBuilt, UnknownNumber, UnusableNumber
from quanmin.population.history import Past, history
from quanmin.trust.errors import AccessDenied

LI, WANG, ABSENT = "11010519491231002X", "440524188001010014", "110105198001010016"
DEGREE = "education.degree"


@pytest.fixture
def base(office: Any) -> Any:
    office.send(office.bench, {"number": LI, "name": "李明"}, {"number": WANG, "name": "王芳"})
    office.build()
    return office


def degree(base: Any, level: str, number: str = LI, name: str = "李明", flags: str | None = None) -> int:
    row = {"number": number, "name": name, "certificate_no": "105651200405000011", "education": level}
    return int(base.send(DEGREE, row, flags=flags))


def ask(base: Any, number: str = LI, purpose: str = "treatment", case: str | None = "C-1") -> Any:
    return history(base.lake, base.decision(purpose, population.PERSON_COLUMNS, case=case), number)


def withdraw(base: Any, dataset: str, batch: int) -> None:
    """As collect takes a batch back."""
    with base.lake.session("collect") as session:
        table = f"clean.{dataset}"
        session.writer(table, session.schema(table)).delete(f"_batch = {batch}")
        session.commit(note={"withdrawn": batch})


def values(told: Any, item: str) -> list[tuple[Any, Any]]:
    """Before and after of an item, change by change."""
    sides = [[i[side] and i[side]["value"] for side in ("before", "after")] for i in _items(told, item)]
    return [(before, after) for before, after in sides]


def _items(told: Any, item: str) -> list[Any]:
    return [one for change in told["changes"] for one in change["items"] if one["item"] == item]


def test_every_change_of_the_golden_record_is_told(base: Any) -> None:
    degree(base, "31")
    base.build()
    base.send(base.bench, {"number": WANG, "name": "王芳芳"})
    base.build()
    degree(base, "21")
    base.build()
    told = ask(base)
    assert (told["person"], [change["event"] for change in told["changes"]]) == (LI, ["entered", "changed", "changed"])
    assert values(told, "education") == [(None, "31"), ("31", "21")]
    assert values(told, "name")[0] == (None, "李明")
    assert [one["after"]["source"] for one in _items(told, "education")] == [DEGREE, DEGREE]
    assert [one["changed"] for one in _items(told, "name")] == [True, False], "only the agreement of the name changed"
    ids = [change["snapshot"] for change in told["changes"]]
    assert ids == sorted(ids) and all(change["at"] is not None for change in told["changes"])


def test_a_correction_is_told_with_both_records(base: Any) -> None:
    first = degree(base, "31")
    base.build()
    second = degree(base, "21")
    base.build()
    records = [one for one in ask(base)["records"] if one["dataset"] == DEGREE]
    assert [(one["batch"], one["state"], one["row"]) for one in records] == [
        (first, "superseded", 1),
        (second, "live", 1),
    ]
    today = base.lake.ledger.now().astimezone(dt.timezone(timedelta(hours=8))).date()
    assert all(one["collected"] == today and one["source"] == "education" for one in records)


def test_a_correction_that_moves_a_record_to_another_person_is_told_to_both(base: Any) -> None:
    degree(base, "31")
    base.build()
    degree(base, "31", WANG, "王芳")
    base.build()
    assert values(ask(base), "education") == [(None, "31"), ("31", None)]
    assert values(ask(base, WANG), "education") == [(None, "31")]
    assert [one["state"] for one in ask(base)["records"] if one["dataset"] == DEGREE] == ["superseded"]


def test_a_withdrawal_is_told_at_once_and_its_effect_with_the_next_build(base: Any) -> None:
    batch = degree(base, "31")
    base.build()
    withdraw(base, DEGREE, batch)
    before = ask(base)
    assert [one["state"] for one in before["records"] if one["batch"] == batch] == ["withdrawn"]
    assert values(before, "education") == [(None, "31")]
    base.build()
    after = ask(base)
    assert [one["state"] for one in after["records"] if one["batch"] == batch] == ["withdrawn"]
    assert values(after, "education") == [(None, "31"), ("31", None)]


def test_a_person_who_leaves_the_base_keeps_a_history(base: Any) -> None:
    batch = base.send(base.bench, {"number": ABSENT, "name": "赵六"})
    degree(base, "31", ABSENT, "赵六")
    base.build()
    withdraw(base, base.bench, batch)
    base.build()
    told = ask(base, ABSENT)
    assert (told["person"], [change["event"] for change in told["changes"]]) == (ABSENT, ["entered", "left"])
    [record] = [one for one in told["records"] if one["dataset"] == DEGREE]
    assert [one["outcome"] for one in record["outcomes"]] == ["attached", "E02"]
    assert [(one["code"], one["until"]) for one in record["errors"]] == [("E02", None)]


def test_an_error_that_was_put_right_has_an_end(base: Any) -> None:
    batch = degree(base, "31", LI, "王芳")
    base.build()
    [record] = [one for one in ask(base)["records"] if one["batch"] == batch]
    assert [one["outcome"] for one in record["outcomes"]] == ["E03"]
    assert [(one["code"], one["until"]) for one in record["errors"]] == [("E03", None)]
    assert record["errors"][0]["due_on"] > record["collected"]
    degree(base, "31")
    built = base.build()
    [record] = [one for one in ask(base)["records"] if one["batch"] == batch]
    assert [(one["code"], one["until"]) for one in record["errors"]] == [("E03", built.snapshot)]


def test_without_a_case_it_is_told_that_a_hidden_value_changed_but_not_what(base: Any) -> None:
    base.send(base.bench, {"number": ABSENT, "name": "赵六", "household_no": "H1", "member_no": 1})
    base.build()
    base.send(base.bench, {"number": ABSENT, "name": "赵七", "household_no": "H1", "member_no": 1})
    base.build()
    told = ask(base, ABSENT, case=None)
    assert (told["person"], values(told, "name")) == ("110105************", [(None, "赵*"), ("赵*", "赵*")])
    assert [one["changed"] for one in _items(told, "name")] == [True, True]
    assert not any(secret in str(told) for secret in ("六", "七", ABSENT))


@pytest.mark.parametrize("purpose", ["verification", "statistics", "research", "operation", "curiosity"])
@pytest.mark.parametrize("case", [None, "C-1"])
def test_other_purposes_have_no_history(base: Any, purpose: str, case: str | None) -> None:
    with pytest.raises((NotReadable, AccessDenied)):
        ask(base, purpose=purpose, case=case)


def test_a_version_whose_files_are_gone_is_told_as_gone(base: Any) -> None:
    degree(base, "31")
    base.build()
    degree(base, "21")
    base.build()
    assert base.lake.vacuum(retain=1, within=timedelta(0)) > 0
    told = ask(base)
    assert [change["event"] for change in told["changes"]] == ["gone", "gone", "entered"]
    assert values(told, "education") == [(None, "21")]


def test_only_files_that_changed_are_read_again(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten builds that concern another bucket cost one look each, and no scan."""
    from quanmin.lake import engine

    [far] = [one for one in (WANG, ABSENT, "110105198001010032") if _bucket(base, one) != _bucket(base, LI)][:1]
    for place in range(4):
        base.send(base.bench, {"number": far, "name": f"王芳{place}"})
        base.build()
    scanned: list[int] = []
    scan = engine.scan
    monkeypatch.setattr(engine, "scan", lambda uris, *rest: scanned.append(len(uris)) or scan(uris, *rest))
    ask(base)
    near = len(scanned)
    ask(base, far)
    assert near <= len(scanned) - near - 6, "each of three tables was written at least twice more in the other bucket"
    assert max(scanned) <= 1


def _bucket(base: Any, number: str) -> Any:
    reading = base.lake.read(base.decision("treatment", population.PERSON_COLUMNS, case="C"))
    past = Past(reading.lake, reading.decision, reading.snapshot).where(person_key=int(number[:17]))
    with base.lake.session("population") as session:
        return past._buckets(session)


def test_a_history_is_one_line_of_the_audit(base: Any) -> None:
    ask(base)
    [line] = [entry.fields for entry in trust.audit.entries(base.lake.ledger, "read")]
    who = trust.Pseudonyms.open(base.lake.settings, "audit").of(int(LI[:17]))
    assert (line["persons"], line["case"], line["rows"]) == ([who], "C-1", 2)
    assert not any(secret in str(line) for secret in (LI[:17], "李"))


def test_wrong_numbers_are_refused(base: Any, office: Any) -> None:
    for number, kind in ((ABSENT, UnknownNumber), ("110105194912310021", UnusableNumber)):
        with pytest.raises(kind):
            ask(base, number)


def test_before_the_first_build_there_is_no_history(office: Any) -> None:
    with pytest.raises(NotBuilt):
        ask(office)
