"""Questions asked of the base: what is answered, what is never told, and that a table is answered like its rows."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from quanmin import population, trust
from quanmin.lake.errors import NotReadable
from quanmin.population import verification
from quanmin.population.errors import NotBuilt, UnknownNumber, UnusableNumber
from quanmin.population.verification import NothingToVerify, Verified, verify_batches, verify_table

LI, WANG, ABSENT = "11010519491231002X", "440524188001010014", "110105198001010016"
WRONG = "110105194912310021"


@pytest.fixture
def base(office: Any) -> Any:
    """Two people: 李明, a woman born 1949-12-31, and 欧阳·娜, a man born 1880-01-01 (by their numbers)."""
    office.send(office.bench, {"number": LI, "name": "李明", "sex": "2"}, {"number": WANG, "name": "欧阳•娜"})
    office.build()
    return office


def table(*rows: tuple[str | None, str | None], **more: list[str | None]) -> pa.Table:
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in (0, 1)]
    return pa.table({"citizen_number": columns[0], "name": columns[1], **more})


def answers(base: Any, asked: pa.Table) -> list[str]:
    return list(verify_table(base.lake, base.decision(), asked)["answer"].to_pylist())


def reads(base: Any) -> list[Any]:
    return [entry.fields for entry in trust.audit.entries(base.lake.ledger, "read")]


ASKED: tuple[tuple[str | None, str | None, str], ...] = (
    (LI, "李明", "agree"),
    (LI.lower(), " 李 明", "agree"),
    (WANG, "欧阳•娜", "agree"),
    (WANG, "欧阳·娜", "agree"),
    (WANG, "欧阳・娜", "agree"),
    (WANG, "欧阳娜", "differ"),
    (LI, "王芳", "differ"),
    (LI, "", "differ"),
    (ABSENT, "李明", "unknown"),
    (WRONG, "李明", "unknown"),
    ("", "李明", "unknown"),
    ("１１０１０５１９４９１２３１００２Ｘ", "李明", "agree"),
)


def test_a_table_is_answered_like_its_rows(base: Any) -> None:
    assert answers(base, table(*[(number, name) for number, name, _ in ASKED])) == [answer for *_, answer in ASKED]
    for number, name, answer in ASKED:
        assert population.verify(base.lake, base.decision(), str(number), str(name)) == answer


def test_what_is_missing_agrees_with_nobody(base: Any) -> None:
    assert answers(base, table((LI, None), (None, "李明"), (None, None))) == ["differ", "unknown", "unknown"]


def test_a_name_that_the_base_does_not_know_agrees_with_nobody(office: Any) -> None:
    office.send(office.bench, {"number": LI, "name": None})
    office.build()
    assert answers(office, table((LI, "李明"), (LI, None))) == ["differ", "differ"]


def test_a_stated_birth_date_or_sex_must_be_the_numbers(base: Any) -> None:
    """Compared where it is filled in, in any way of writing that the standard reads; what cannot be read differs."""
    dates = ["1949-12-31", "19491231", "1949-12-13", None, "", "soon", "1949-12-31"]
    sexes = ["2", "女", "2", None, "", "2", "1"]
    asked = table(*[(LI, "李明")] * 7, birth_date=dates, sex=sexes)
    assert answers(base, asked) == ["agree", "agree", "differ", "agree", "agree", "differ", "differ"]
    typed = table((LI, "李明")).append_column("出生日期", pa.array([dt.date(1949, 12, 31)]))
    assert answers(base, typed) == ["agree"]
    assert answers(base, table((ABSENT, "李明"), birth_date=["1980-01-02"])) == ["unknown"]


def test_columns_are_found_by_the_titles_of_the_standard(base: Any) -> None:
    asked = pa.table({"note": ["x"], "姓名": ["李明"], "公民身份号码": [LI]})
    assert answers(base, asked) == ["agree"]


def test_a_table_without_titles_is_refused_and_not_repeated(base: Any) -> None:
    with pytest.raises(NothingToVerify) as caught:
        verify_table(base.lake, base.decision(), pa.table({LI: [WANG], "李明": ["欧阳娜"]}))
    assert LI not in str(caught.value) and "李明" not in str(caught.value)


def test_parts_and_cuts_keep_the_order(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut in the middle of a part, over several parts: one line of the audit, one count, answers in order."""
    monkeypatch.setattr(verification, "PAIRS", 3)
    asked = table(*[(number, name) for number, name, _ in ASKED])
    verified = Verified()
    found = list(verify_batches(base.lake, base.decision(), [asked, asked.slice(0, 1), asked.slice(0, 0)], verified))
    flat = [answer for part in found for answer in part.to_pylist()]
    assert flat == [*(answer for *_, answer in ASKED), "agree"]
    assert (verified.pairs, verified.answers) == (13, {"agree": 7, "differ": 3, "unknown": 3})
    assert [line["rows"] for line in reads(base)] == [13]


def test_a_verification_is_in_the_audit_without_values(base: Any) -> None:
    decision = base.decision()
    verify_table(base.lake, decision, table((LI, "李明"), (ABSENT, "王芳"), (WRONG, "王芳")))
    [line] = reads(base)
    persons = trust.Pseudonyms.open(base.lake.settings, "audit")
    assert line["decision"] == decision.id and line["rows"] == 3
    assert line["answers"] == {"agree": 1, "differ": 0, "unknown": 2} and line["most_differ"] == 0
    assert line["persons"] == [persons.of(int(LI[:17])), persons.of(int(ABSENT[:17]))]
    everything = str([entry.fields for entry in trust.audit.entries(base.lake.ledger)])
    assert not any(secret in everything for secret in (LI[:17], ABSENT[:17], "李", "王"))
    assert trust.audit.verify(base.lake.ledger).sound


def test_a_question_is_in_the_audit_with_its_answer(base: Any) -> None:
    for number, name in ((LI, "李明"), (LI, "王芳"), (ABSENT, "王芳")):
        population.verify(base.lake, base.decision(), number, name)
    none = {"agree": 0, "differ": 0, "unknown": 0}
    assert [line["answers"] for line in reads(base)] == [{**none, one: 1} for one in ("agree", "differ", "unknown")]


def test_a_guessing_run_alarms_and_an_ordinary_file_does_not(base: Any) -> None:
    ledger, guesses = base.lake.ledger, [(LI, f"李{sign}") for sign in "芳华军伟"]
    ordinary = [(LI, "李明"), (WANG, "王"), *[(LI, "李芳")] * 4, (ABSENT, "李")]
    since = ledger.now() - dt.timedelta(minutes=1)

    def raised() -> list[tuple[str, int]]:
        found = trust.audit.alarms(ledger, since, ledger.now() + dt.timedelta(minutes=1))
        return [(one.rule, one.amount) for one in found if one.rule != "night"]

    verify_table(base.lake, base.decision(), table(*ordinary))
    verify_table(base.lake, base.decision(), table((LI, "李明"), *guesses))
    assert [line["most_differ"] for line in reads(base)] == [1, 4] and raised() == []
    verify_table(base.lake, base.decision(), table((LI, "李明"), (WANG, "王芳"), *guesses, (LI, "李娜"), (LI, "李娜")))
    assert raised() == [("guesses", 5)]


def test_many_are_in_the_audit_by_one_digest(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "NAMED", 1)
    for asked in (
        table((LI, "李明"), (WANG, "王")),
        table((LI, "王"), (WANG, "李明")),
        table((WANG, "王"), (LI, "王")),
    ):
        verify_table(base.lake, base.decision(), asked)
    first, same, other = reads(base)
    assert first["persons"] == same["persons"] == []
    assert first["asked"] == same["asked"] != other["asked"]
    keys = np.array([int(LI[:17]), int(WANG[:17])])
    assert first["asked"] not in hashlib.sha256(keys.tobytes()).hexdigest(), "without a key anybody could try numbers"


def test_an_interrupted_verification_is_in_the_audit(base: Any) -> None:
    given = verify_batches(base.lake, base.decision(), iter([table((LI, "李明")), table((LI, "王芳"))]))
    assert next(given).to_pylist() == ["agree"]
    given.close()
    assert [line["rows"] for line in reads(base)] == [1]


def test_a_file_that_fails_in_the_middle_is_in_the_audit(base: Any) -> None:
    with pytest.raises(NothingToVerify):
        list(verify_batches(base.lake, base.decision(), [table((LI, "李明")), pa.table({"x": ["y"]})]))
    assert [line["rows"] for line in reads(base)] == [1]


@pytest.mark.parametrize("purpose", ["supervision", "treatment", "statistics", "research", "curiosity"])
def test_only_a_decision_that_owes_an_answer_only_may_ask(base: Any, purpose: str) -> None:
    from quanmin.trust.errors import AccessDenied

    with pytest.raises((NotReadable, AccessDenied)):
        verify_table(base.lake, base.decision(purpose, case="C-1"), table((LI, "李明")))
    assert reads(base) == []


@pytest.mark.parametrize("columns", [("person_key",), ("name",), ("person_key", "birth_date")])
def test_what_the_decision_does_not_cover_is_not_compared(base: Any, columns: tuple[str, ...]) -> None:
    with pytest.raises(NotReadable):
        verify_table(base.lake, base.decision("verification", columns), table((LI, "李明")))


def test_before_the_first_build_there_is_nothing_to_ask(office: Any) -> None:
    with pytest.raises(NotBuilt):
        verify_table(office.lake, office.decision(), table((LI, "李明")))
    with pytest.raises(NotBuilt):
        population.verify(office.lake, office.decision(), LI, "李明")


def test_show_gives_each_item_with_its_provenance(base: Any) -> None:
    decision = base.decision("supervision", population.PERSON_COLUMNS, case="C-1")
    found = population.show(base.lake, decision, LI.lower())
    name = next(one for one in found["items"] if one["item"] == "name")
    assert (found["person"], found["contested"]) == (LI, False)
    assert (name["value"], name["shown"], name["source"], name["agreement"]) == ("李明", "clear", base.bench, 1)
    assert [one["item"] for one in found["items"]] == list(population.ITEM_NAMES)


def test_show_without_a_case_is_masked(base: Any) -> None:
    found = population.show(base.lake, base.decision("supervision", population.PERSON_COLUMNS), LI)
    name = next(one for one in found["items"] if one["item"] == "name")
    assert (found["person"], name["value"], name["shown"]) == ("110105************", "李*", "masked")


def test_show_tells_wrong_and_unknown_numbers_apart_and_repeats_neither(base: Any) -> None:
    decision = base.decision("supervision", population.PERSON_COLUMNS)
    for number, kind in ((WRONG, UnusableNumber), (ABSENT, UnknownNumber)):
        with pytest.raises(kind) as caught:
            population.show(base.lake, decision, number)
        assert number[:17] not in str(caught.value)
