"""Look-ups by the thousand: the same answers as `show`, the same audit, nothing kept that should go."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from quanmin import population, trust
from quanmin.lake import lookup
from quanmin.lake.errors import NotReadable, UnknownTable
from quanmin.lake.lookup import Layouts, LookUps
from quanmin.population import lookup as counters
from quanmin.population.errors import NotBuilt, UnknownNumber, UnusableNumber
from quanmin.population.lookup import Counter
from quanmin.population.tables import PERSON
from quanmin.standards.identity import citizen_number
from quanmin.trust.errors import AccessDenied

ABSENT, WRONG = "110105198001010016", "110105194912310021"


def number(place: int) -> str:
    return str(citizen_number.decode(110105 * 10**11 + 19700101 * 1000 + place))


NUMBERS = [number(place) for place in range(12)]


@pytest.fixture
def base(office: Any) -> Any:
    """Twelve people in two buckets, some with a degree."""
    office.send(office.bench, *({"number": one, "name": f"王{place}芳"} for place, one in enumerate(NUMBERS)))
    office.send("education.degree", *({"number": NUMBERS[p], "name": f"王{p}芳", "education": "31"} for p in (1, 4)))
    office.build()
    return office


def counter(base: Any) -> Counter:
    return Counter(base.lake, lambda purpose, case: base.decision(purpose, population.PERSON_COLUMNS, case=case))


@pytest.mark.parametrize(
    ("purpose", "case"), [("supervision", None), ("treatment", "C-1"), ("supervision", "C-1"), ("emergency", None)]
)
def test_every_look_up_answers_like_show(base: Any, purpose: str, case: str | None) -> None:
    made = counter(base)
    decision = base.decision(purpose, population.PERSON_COLUMNS, case=case)
    for one in NUMBERS:
        assert made.show(one, purpose, case) == population.show(base.lake, decision, one)


def test_what_a_build_changes_is_seen_and_what_it_leaves_is_not_read_again(
    base: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = counter(base)
    made.warm()
    base.build(full=True)  # whatever else a second build finds to do, the next ones are incremental
    made.refresh()
    made.warm()
    again: list[Any] = []
    laid_out = lookup.laid_out
    monkeypatch.setattr(lookup, "laid_out", lambda *args: again.append(args) or laid_out(*args))
    base.send(base.bench, {"number": ABSENT, "name": "赵六"})
    assert not base.build().full
    made.refresh()
    assert made.show(ABSENT, "treatment", "C-1")["person"] == ABSENT
    for one in NUMBERS:
        assert made.show(one, "treatment", "C-1")["person"] == one
    assert len(again) == 1, "of two buckets one was written anew"


def test_a_build_is_seen_without_being_told_of(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "FRESH_SECONDS", 0.0)
    made = counter(base)
    with pytest.raises(UnknownNumber):
        made.show(ABSENT, "treatment", "C-1")
    base.send(base.bench, {"number": ABSENT, "name": "赵六"})
    base.build()
    assert made.show(ABSENT, "treatment", "C-1")["person"] == ABSENT


def test_a_look_up_is_in_the_audit_before_it_is_answered(base: Any) -> None:
    made = counter(base)
    made.show(NUMBERS[0], "treatment", "C-1")
    with pytest.raises(UnknownNumber):
        made.show(ABSENT, "treatment", "C-1")
    made.show(NUMBERS[0], "supervision")
    lines = [entry.fields for entry in trust.audit.entries(base.lake.ledger, "read")]
    who = trust.Pseudonyms.open(base.lake.settings, "audit")
    assert [(line["purpose"], line["case"], line["rows"]) for line in lines] == [
        ("treatment", "C-1", 1),
        ("treatment", "C-1", 0),
        ("supervision", None, 1),
    ]
    assert [line["persons"] for line in lines] == [[who.of(int(one[:17]))] for one in (NUMBERS[0], ABSENT, NUMBERS[0])]
    decided = [entry.fields["decision"] for entry in trust.audit.entries(base.lake.ledger, "decide")]
    assert [line["decision"] for line in lines] == [decided[0], decided[0], decided[1]] and len(decided) == 2
    assert trust.audit.verify(base.lake.ledger).sound


def test_without_its_line_in_the_audit_there_is_no_answer(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = counter(base)
    made.show(NUMBERS[0], "treatment", "C-1")

    def fails(*_args: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(trust.audit, "append_all", fails)
    with pytest.raises(OSError, match="full"):
        made.show(NUMBERS[0], "treatment", "C-1")


def test_a_decision_holds_for_a_minute_and_only_for_its_case(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made, now = counter(base), [1000.0]
    monkeypatch.setattr(counters.time, "monotonic", lambda: now[0])
    for case, later in (("C-1", 0.0), ("C-1", 59.0), ("C-2", 59.0), ("C-1", 61.0)):
        now[0] = 1000.0 + later
        made.show(NUMBERS[0], "treatment", case)
    decided = [entry.fields["case"] for entry in trust.audit.entries(base.lake.ledger, "decide")]
    assert decided == ["C-1", "C-2", "C-1"]


@pytest.mark.parametrize("purpose", ["verification", "statistics", "research", "operation", "curiosity"])
def test_other_purposes_look_nobody_up(base: Any, purpose: str) -> None:
    made = counter(base)
    for _ in range(2):
        with pytest.raises((NotReadable, AccessDenied)):
            made.show(NUMBERS[0], purpose, "C-1")
    assert list(trust.audit.entries(base.lake.ledger, "read")) == []


def test_a_decision_on_another_table_or_none_is_refused(base: Any) -> None:
    rows = LookUps(base.lake, PERSON)
    other = trust.decide(
        base.lake.ledger, trust.local_administrator(), "treatment", "health.birth", ("person_key",), "C-1"
    )
    with pytest.raises(NotReadable):
        rows.row(other, int(NUMBERS[0][:17]))
    with pytest.raises(TypeError):
        rows.row("let me", 1)  # type: ignore[arg-type]


def test_many_threads_get_each_their_own(base: Any) -> None:
    made = counter(base)
    asked = NUMBERS * 20
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: made.show(one, "treatment", "C-1")["person"], asked))
    assert found == asked
    lines = [entry.fields for entry in trust.audit.entries(base.lake.ledger, "read")]
    who = trust.Pseudonyms.open(base.lake.settings, "audit")
    assert sorted(line["persons"][0] for line in lines) == sorted(who.of(int(one[:17])) for one in asked)
    assert trust.audit.verify(base.lake.ledger).sound


def test_layouts_leave_no_file_and_stay_within_their_limit(base: Any) -> None:
    table, version = base.lake.table(PERSON), base.lake.snapshot().tables[PERSON]
    folder: Path = base.lake.settings.home / "tmp" / "lookup"
    layouts = Layouts(folder, limit=1)
    sizes = [layouts.of(table, version, bucket).size for bucket in (0, 1, 0)]
    assert list(folder.iterdir()) == [] and min(sizes) > 0
    assert len(layouts._kept) == 1
    roomy = Layouts(folder, limit=10**9)
    first = roomy.of(table, version, 0)
    assert roomy.of(table, version, 0) is first and roomy.of(table, version, 1) is not first
    assert sorted([*first.keys, *roomy.of(table, version, 1).keys]) == sorted(int(one[:17]) for one in NUMBERS)


def test_wrong_numbers_and_a_missing_base_are_told_like_by_show(office: Any) -> None:
    made = counter(office)
    with pytest.raises(UnusableNumber):
        made.show(WRONG, "treatment", "C-1")
    for call in (lambda: made.show(ABSENT, "treatment", "C-1"), made.warm):
        with pytest.raises(NotBuilt):
            call()
    with pytest.raises(UnknownTable):
        LookUps(office.lake, PERSON).warm()
