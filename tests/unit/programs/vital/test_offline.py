"""Files of institutions without a line."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from quanmin.programs.vital import invariant, offline, owed, role
from quanmin.programs.vital.blank import holding
from quanmin.programs.vital.certificate import record
from quanmin.programs.vital.errors import FileUnreadable, NotYourHolder
from quanmin.programs.vital.number import Span, text

from .county import CLINIC, COUNTY, HOSPITAL, MOTHER, County, application

STAFF = {"clerk": "赵", "approver": "钱", "sealer": "孙"}


def issue(number: int, who: int, on: str = "2015-03-01", **changes: Any) -> dict[str, Any]:
    told = {"action": "issue", "on": on, **STAFF, "number": text(number), "application": application(who).to_dict()}
    return told | changes


def written(folder: Path, lines: list[Any]) -> Path:
    file = folder / "acts.jsonl"
    shown = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in lines]
    file.write_text("\n".join(shown), "utf-8")
    return file


def test_what_was_done_without_a_line_is_done_line_by_line_and_once(
    county: County, blanks: Span, tmp_path: Path
) -> None:
    clerk = county.at(role.CLERK)
    lines = [
        issue(blanks.first, 0),
        {"action": "card", "on": "2015-03-02", "by": "赵", "number": text(blanks.first)},
        {"action": "void", "on": "2015-03-02", "by": "李", "number": text(blanks.first + 1), "reason": "damaged"},
        {
            "action": "lose",
            "on": "2015-03-02",
            "by": "李",
            "number": text(blanks.first + 2),
            "last": text(blanks.first + 3),
        },
        {"action": "return", "on": "2015-03-02", "by": "李", "number": text(blanks.last), "to": COUNTY},
        "",
        issue(blanks.first + 5, 1, on="2015-02-28"),
    ]
    report = offline.take(clerk, HOSPITAL, written(tmp_path, lines))
    assert report.to_dict() | {"sha256": ""} == {
        "file": "acts.jsonl", "sha256": "", "done": 6, "repeated": 0, "refused": []
    }  # fmt: skip
    again = offline.take(clerk, HOSPITAL, written(tmp_path, [*lines, issue(blanks.first + 6, 2)]))
    assert (again.done, again.repeated, again.refused) == (1, 6, [])
    [of] = holding.holdings(county.local, HOSPITAL, alone=True)
    assert (of.bound, of.void, of.lost, of.moving) == (3, 1, 2, 1)
    days = {one.number: one.issued_on for one in record.listing(county.local)}
    assert days[blanks.first] == date(2015, 3, 1) and days[blanks.first + 5] == date(2015, 2, 28)
    assert invariant.check(county.local) == []


def test_an_act_that_is_told_late_is_late(county: County, blanks: Span, tmp_path: Path) -> None:
    county.go(days=12)
    offline.take(county.at(role.CLERK), HOSPITAL, written(tmp_path, [issue(blanks.first, 0)]))
    [late] = owed.listing(county.local, what=owed.CARD)
    assert late.ref == text(blanks.first)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "QM-VITAL-031"),
        ('["issue"]', "QM-VITAL-031"),
        ('{"action": "fly", "on": "2015-03-01"}', "QM-VITAL-031"),
        ('{"action": "card", "on": "2015-02-30", "number": "E370000001", "by": "a"}', "QM-VITAL-031"),
        ('{"action": "card", "on": "2015-03-01", "number": "E370000001"}', "QM-VITAL-031"),
        ('{"action": "card", "on": "2015-03-01", "number": "E37", "by": "a"}', "QM-VITAL-001"),
        ('{"action": "card", "on": "2015-03-09", "number": "E370000001", "by": "a"}', "QM-VITAL-015"),
        ('{"action": "card", "on": "2013-03-09", "number": "E370000001", "by": "a"}', "QM-VITAL-015"),
        (
            '{"action": "void", "on": "2015-03-01", "number": "E370000999", "by": "a", "reason": "damaged"}',
            "QM-VITAL-006",
        ),
        ('{"action": "receive", "on": "2015-03-01", "movement": "x", "by": "a"}', "QM-VITAL-031"),
        ('{"action": "receive", "on": "2015-03-01", "movement": 1e400, "by": "a"}', "QM-VITAL-031"),
        (f'{{"action": "receive", "on": "2015-03-01", "movement": {1 << 70}, "by": "a"}}', "QM-VITAL-031"),
        ('{"action": "lose", "on": "2015-03-01", "number": "E370000001", "last": 7, "by": "a"}', "QM-VITAL-031"),
    ],
)
def test_a_bad_line_is_refused_with_its_number_and_code_and_the_others_are_done(
    county: County, blanks: Span, tmp_path: Path, line: str, code: str
) -> None:
    report = offline.take(county.at(role.CLERK), HOSPITAL, written(tmp_path, [issue(blanks.first, 0), line]))
    assert report.done == 1
    assert [(one.line, one.code) for one in report.refused] == [(2, code)]


def test_an_issue_by_fewer_than_three_people_is_none_and_leaves_no_trace(
    county: County, blanks: Span, tmp_path: Path
) -> None:
    wrong = [
        issue(blanks.first, 0, sealer="赵"),
        issue(blanks.first, 0, application={"newborn": {}}),
        issue(blanks.first, 0, application=application(0, weight=1).to_dict()),
        issue(blanks.first, 0, on="2013-12-31"),
        issue(blanks.first, 0, application=application(0).to_dict() | {"evidence": ["mandate"]}),
    ]
    report = offline.take(county.at(role.CLERK), HOSPITAL, written(tmp_path, wrong))
    assert [one.code for one in report.refused] == [
        "QM-VITAL-017",
        "QM-VITAL-020",
        "QM-VITAL-020",
        "QM-VITAL-015",
        "QM-VITAL-020",
    ]
    assert holding.holdings(county.local, HOSPITAL, alone=True)[0].bound == 0
    assert not any(MOTHER.name in one.message.zh + one.message.en for one in report.refused)
    put_right = offline.take(county.at(role.CLERK), HOSPITAL, written(tmp_path, [issue(blanks.first, 0)]))
    assert (put_right.done, put_right.refused) == (1, [])


def test_a_kill_within_a_line_leaves_nothing_of_it(
    county: County, blanks: Span, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, [issue(blanks.first, 0)])
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(offline.desk, "seal", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        offline.take(county.at(role.CLERK), HOSPITAL, file)
    assert record.listing(county.local) == []
    assert offline.take(county.at(role.CLERK), HOSPITAL, file).done == 1


def test_a_file_is_brought_by_its_own_institution_and_is_text(county: County, blanks: Span, tmp_path: Path) -> None:
    file = written(tmp_path, [issue(blanks.first, 0)])
    with pytest.raises(NotYourHolder):
        offline.take(county.at(role.CLERK, of=CLINIC), HOSPITAL, file)
    file.write_bytes("赵".encode("gb18030"))
    for bad in (file, tmp_path / "none"):
        with pytest.raises(FileUnreadable):
            offline.take(county.at(role.CLERK), HOSPITAL, bad)
    assert timedelta(days=366) < offline.OLDEST
