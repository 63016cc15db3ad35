"""Feedback as letters, on both ledgers; and the list of what is open."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from quanmin import trust
from quanmin.collect.batch import BATCH
from quanmin.lake import Lake
from quanmin.ledger.errors import IllegalAction, MissingField
from quanmin.population import letter, outstanding
from quanmin.population.errors import LetterWaits, NoSuchLetter, NothingToTell, NotItsCorrection, UnknownSource
from quanmin.settings import Settings
from quanmin.trust.keys.errors import RoleMissing

LI = {"number": "11010519491231002X", "name": "李明"}
WANG = {"number": "440524188001010014", "name": "王芳"}
OPERATOR = trust.Actor("op", frozenset({"operator"}), assurance=2, mfa=True)
REVIEWER = trust.Actor("re", frozenset({"reviewer"}), assurance=2, mfa=True)


@pytest.fixture
def base(office: Any) -> Any:
    """Health has three errors in two datasets."""
    office.send(office.bench, LI, WANG)
    strangers = ({**LI, "name": "赵一"}, {"number": "110105198001010016", "name": "欧阳娜"})
    office.send(office.whole, LI, *strangers, sent_as="w.csv")
    office.send(office.death, {**WANG, "name": "赵一"}, sent_as="d.csv")
    office.build()
    return office


def test_what_is_open_is_counted_by_source_code_and_age(base: Any) -> None:
    found = outstanding.standing(base.lake)
    [health] = [one for one in found["sources"] if one["source"] == "health"]
    assert (found["errors"], found["overdue"]) == (3, 0)
    assert health["codes"] == {"E02": 1, "E03": 2}
    assert health["datasets"] == {base.whole: 2, base.death: 1}
    assert (health["ages"], found["ages"]) == ({"week": 3}, {"week": 3})
    assert health["due_on"] is not None


def test_a_source_has_its_list_with_addresses(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = outstanding.listing(base.lake, "health")
    assert {(one["file"], one["row"], one["code"]) for one in whole["rows"]} == {
        ("w.csv", 2, "E03"),
        ("w.csv", 3, "E02"),
        ("d.csv", 1, "E03"),
    }
    assert [one["code"] for one in outstanding.listing(base.lake, "health", code="E02")["rows"]] == ["E02"]
    assert outstanding.listing(base.lake, "health", dataset=base.death)["total"] == 1
    assert outstanding.listing(base.lake, "health", late=True)["total"] == 0
    monkeypatch.setattr(outstanding, "SIZE", 2)
    pages = [outstanding.listing(base.lake, "health", number=number) for number in (1, 2)]
    assert [row for page in pages for row in page["rows"]] == whole["rows"]
    assert outstanding.listing(base.lake, "health", number=99)["page"] == 2
    with pytest.raises(UnknownSource):
        outstanding.listing(base.lake, "nobody")


def test_a_letter_is_the_export_of_its_snapshot(base: Any, tmp_path: Path) -> None:
    made = letter.prepare(base.lake, OPERATOR, "health")
    base.send(base.whole, {**WANG, "name": "钱二"}, sent_as="later.csv")
    base.build()
    report = letter.files(base.lake, OPERATOR, made.id, tmp_path)
    for one in made.data["files"]:
        assert hashlib.sha256((tmp_path / one["file"]).read_bytes()).hexdigest() == one["sha256"]
    assert sum(report.files.values()) == made.data["errors"] == 3
    assert outstanding.standing(base.lake)["errors"] == 4


def test_one_letter_of_a_source_waits_at_a_time(base: Any) -> None:
    first = letter.prepare(base.lake, OPERATOR, "health")
    with pytest.raises(LetterWaits):
        letter.prepare(base.lake, OPERATOR, "health")
    letter.drop(base.lake, OPERATOR, first.id, "prepared too early")
    second = letter.prepare(base.lake, OPERATOR, "health")
    assert letter.latest(base.lake)["health"]["letter"] == second.id
    assert [one["letter"] for one in letter.page(base.lake)["letters"]] == [second.id, first.id]
    with pytest.raises(NothingToTell):
        letter.prepare(base.lake, OPERATOR, "education")


def test_it_is_an_operators_work(base: Any) -> None:
    made = letter.prepare(base.lake, OPERATOR, "health")
    for refused in (
        lambda: letter.prepare(base.lake, REVIEWER, "health"),
        lambda: letter.send(base.lake, REVIEWER, made.id, "mail"),
        lambda: letter.files(base.lake, REVIEWER, made.id, Path()),
    ):
        with pytest.raises(RoleMissing):
            refused()


DATA = {
    "source": "health",
    "snapshot": 1,
    **dict.fromkeys(("errors", "rows", "uncoded"), 1),
    "codes": {"E01": 1},
    "due_on": None,
    "files": [],
}


def test_a_letter_is_sent_and_answered(either_settings: Settings) -> None:
    with Lake.open(either_settings) as lake:
        made = lake.ledger.create(letter.LETTER.kind, "health", DATA)
        with pytest.raises(IllegalAction):
            letter.answer(lake, OPERATOR, made.id, "confirmed")
        with pytest.raises(MissingField):
            letter.send(lake, OPERATOR, made.id, "by pigeon")
        assert letter.send(lake, OPERATOR, made.id, "mail").state == "sent"
        with pytest.raises(IllegalAction):
            letter.drop(lake, OPERATOR, made.id, "too late")
        with pytest.raises(MissingField):
            letter.answer(lake, OPERATOR, made.id, "perhaps")
        done = letter.answer(lake, OPERATOR, made.id, "confirmed", None, "证件 11010519491231002X 已核")
        told = letter.told(lake, done)
        assert (told["state"], told["sent"]["by"], told["due"]) == ("answered", "op", None)
        assert "11010519491231002X" not in told["remark"]
        assert letter.page(lake, "health")["total"] == 1 and letter.page(lake, "education")["total"] == 0


def test_a_correction_is_the_sources_and_came_afterwards(either_settings: Settings) -> None:
    with Lake.open(either_settings) as lake:
        early = lake.ledger.create(BATCH.kind, "a", {"source": "health"})
        made = lake.ledger.create(letter.LETTER.kind, "health", DATA)
        others = lake.ledger.create(BATCH.kind, "b", {"source": "education"})
        right = lake.ledger.create(BATCH.kind, "c", {"source": "health"})
        letter.send(lake, OPERATOR, made.id, "exchange")
        for wrong in (early.id, others.id, made.id, 10**6):
            with pytest.raises(NotItsCorrection):
                letter.answer(lake, OPERATOR, made.id, "corrected", wrong)
        assert letter.answer(lake, OPERATOR, made.id, "corrected", right.id).data["batch"] == right.id


def test_what_is_no_letter_is_none(either_settings: Settings) -> None:
    with Lake.open(either_settings) as lake:
        other = lake.ledger.create(BATCH.kind, "a", {"source": "health"})
        for number in (other.id, 10**6):
            with pytest.raises(NoSuchLetter):
                letter.get(lake, number)


def test_what_waits_too_long_is_late(either_settings: Settings) -> None:
    with Lake.open(either_settings) as lake:
        made = lake.ledger.create(letter.LETTER.kind, "health", DATA)
        assert not letter.told(lake, made)["late"]
        due = letter.told(lake, made)["due"]
        lake.ledger.now = lambda: due.replace(year=due.year + 1)
        assert letter.told(lake, made)["late"]
        assert [one.document for one in lake.ledger.overdue()] == [made.id]
