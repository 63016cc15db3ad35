"""Requests for data, discussions and error reports: who answers, who hides, what remains, who is told."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from quanmin.ledger.errors import IllegalAction
from quanmin.opendata import Portal
from quanmin.opendata.participation import about, dataset, discussion, notice, owner, paper, report, request
from quanmin.opendata.participation.errors import (
    BadPeriod,
    ChoiceUnknown,
    NoSuchDataset,
    NoSuchField,
    NotYours,
    OwnMatter,
    PersonInText,
    TextRefused,
    UnknownPaper,
)
from quanmin.opendata.participation.role import PUBLISHER
from quanmin.trust import Actor, local_administrator

from .conftest import Clock, record, somebody

WISH = request.Wish("分县死因数据", "研究健康不平等", "县、年龄组、死因")
FINDING = report.Finding("value", "2025年3月的率大于1", "rate", "第12行")


def due(portal: Portal, number: int) -> list[str]:
    """The actions that are late for a document."""
    return [one.action for one in portal.ledger.overdue() if one.document == number]


def test_a_request_is_answered_by_whom_it_concerns(
    portal: Portal, ann: Actor, ben: Actor, publisher: Actor, stranger: Actor, moderator: Actor, clock: Clock
) -> None:
    made = request.ask(portal, ann, WISH._replace(dataset="open-one"))
    assert notice.count(portal.ledger, publisher, ("publisher",)) == 1
    assert (
        notice.count(portal.ledger, stranger, ("publisher",))
        == 0
        == notice.count(portal.ledger, moderator, ("publisher",))
    )
    for other in (ann, ben, stranger, moderator, replace(publisher, mfa=False), replace(publisher, organisation=None)):
        with pytest.raises(NotYours):
            request.answer(portal, other, made.id, request.Reply("answer", "在办"))
    with pytest.raises(OwnMatter):
        request.answer(portal, replace(publisher, id=ann.id), made.id, request.Reply("answer", "在办"))
    clock.on(days=40)
    assert due(portal, made.id) == ["answer"]
    assert request.answer(portal, publisher, made.id, request.Reply("answer", "正在核实")).state == "answered"
    assert due(portal, made.id) == []
    soon = clock.now.date() + timedelta(days=30)
    for day in (None, clock.now.date(), soon + timedelta(days=5000)):
        with pytest.raises(BadPeriod):
            request.answer(portal, publisher, made.id, request.Reply("plan", "计划发布", day))
    assert (
        request.answer(portal, publisher, made.id, request.Reply("plan", "计划发布", soon)).data["day"]
        == soon.isoformat()
    )
    with pytest.raises(NoSuchDataset):
        request.answer(portal, publisher, made.id, request.Reply("publish", "已发布", dataset="nowhere"))
    with pytest.raises(TextRefused):
        request.answer(portal, publisher, made.id, request.Reply("publish", "", dataset="asked-one"))
    done = request.answer(portal, publisher, made.id, request.Reply("publish", "已发布", dataset="asked-one"))
    assert done.state == "published" and done.data["record"] == "id-asked-one"
    assert about(portal, dataset.named(portal, "asked-one"))["requests"]["total"] == 1
    assert [one.step for one in notice.of(portal.ledger, ann, ("account",))] == ["publish", "plan", "answer"]
    with pytest.raises(IllegalAction):
        request.answer(portal, publisher, made.id, request.Reply("decline", "不行"))
    with pytest.raises(ChoiceUnknown):
        request.answer(portal, publisher, made.id, request.Reply("hide", "不行"))


def test_a_request_of_nobody_is_the_moderators_until_they_give_it_to_somebody(
    portal: Portal, ann: Actor, publisher: Actor, moderator: Actor
) -> None:
    made = request.ask(portal, ann, WISH)
    assert notice.count(portal.ledger, moderator, ("moderators",)) == 1
    with pytest.raises(NotYours):
        request.answer(portal, publisher, made.id, request.Reply("answer", "在办"))
    with pytest.raises(ChoiceUnknown):
        request.route(portal, moderator, made.id, "nobody")
    with pytest.raises(NotYours):
        request.route(portal, publisher, made.id, "health")
    request.route(portal, moderator, made.id, "health")
    assert [one.step for one in notice.of(portal.ledger, publisher, ("publisher",))] == ["route"]
    assert (
        request.answer(portal, publisher, made.id, request.Reply("decline", "涉及个人信息")).data["reason"]
        == "涉及个人信息"
    )


def test_one_vote_an_account(portal: Portal, ann: Actor, ben: Actor, publisher: Actor) -> None:
    made = request.ask(portal, ann, WISH._replace(publisher="health"))
    assert [request.vote(portal, one, made.id, True) for one in (ann, ann, ben)] == [1, 1, 2]
    assert request.vote(portal, ann, made.id, False) == 1 and paper.voted(portal.ledger, ben, made.id)
    request.answer(portal, publisher, made.id, request.Reply("decline", "无此数据"))
    with pytest.raises(ChoiceUnknown):
        request.vote(portal, ann, made.id, True)
    assert request.vote(portal, ben, made.id, False) == 0
    with pytest.raises(UnknownPaper):
        request.vote(portal, ann, made.id + 1, True)


def test_hidden_is_not_gone(portal: Portal, ann: Actor, moderator: Actor, publisher: Actor) -> None:
    made = request.ask(portal, ann, WISH)
    with pytest.raises(NotYours):
        request.hide(portal, publisher, made.id, "广告")
    assert request.hide(portal, moderator, made.id, "广告").data["title"] == WISH.title
    with pytest.raises(NotYours):
        request.withdraw(portal, moderator, made.id)


@pytest.mark.parametrize("part", ["title", "purpose", "fields"])
@pytest.mark.parametrize(
    ("text", "error"), [("", TextRefused), ("x" * 5001, TextRefused), ("打13800138000", PersonInText)]
)
def test_every_text_of_a_request_is_looked_at(portal: Portal, ann: Actor, part: str, text: str, error: type) -> None:
    with pytest.raises(error):
        request.ask(portal, ann, WISH._replace(**{part: text}))
    assert portal.ledger.count(request.KIND.kind) == {}


def test_a_discussion_tells_whom_it_concerns(
    portal: Portal, ann: Actor, ben: Actor, publisher: Actor, clock: Clock
) -> None:
    ledger = portal.ledger
    made = discussion.begin(portal, ann, "open-one", "口径", "率的分母是什么？")
    assert notice.count(ledger, publisher, ("publisher",)) == 1
    [first] = notice.of(ledger, publisher, ("publisher",))
    notice.seen(ledger, ann, ("publisher", "moderators", "account"), first.id)  # not hers to see away
    assert notice.count(ledger, publisher, ("publisher",)) == 1
    notice.seen(ledger, publisher, ("publisher",), first.id)
    assert (
        notice.count(ledger, publisher, ("publisher",)) == 0 and len(notice.of(ledger, publisher, ("publisher",))) == 1
    )
    discussion.post(portal, ben, made.id, "我也想知道")
    clock.on(days=30)
    assert due(portal, made.id) == ["answer"]
    assert discussion.post(portal, publisher, made.id, "常住人口").state == "answered" and due(portal, made.id) == []
    assert [one.step for one in notice.of(ledger, ann, ("account",))] == ["answer", "post"]
    assert [one.step for one in notice.of(ledger, ben, ("account",))] == ["answer"]
    assert [one.official for one in discussion.posts(discussion.get(portal, made.id))] == [False, False, True]
    assert discussion.post(portal, ann, made.id, "谢谢").state == "open"


def test_who_closes_a_discussion(
    portal: Portal, ann: Actor, ben: Actor, publisher: Actor, stranger: Actor, moderator: Actor
) -> None:
    made = discussion.begin(portal, ann, "open-one", "口径", "率的分母是什么？").id
    for other in (ben, stranger):
        with pytest.raises(NotYours):
            discussion.settle(portal, other, made, "close")
    for who in (ann, publisher, moderator):
        assert discussion.settle(portal, who, made, "close").state == "closed"
        with pytest.raises(IllegalAction):
            discussion.post(portal, ann, made, "还有")
        assert discussion.settle(portal, who, made, "reopen").state == "open"


def test_a_hidden_post_leaves_its_place(
    portal: Portal, ann: Actor, ben: Actor, moderator: Actor, publisher: Actor
) -> None:
    made = discussion.begin(portal, ann, "open-one", "口径", "率的分母是什么？").id
    discussion.post(portal, ben, made, "买药找我")
    with pytest.raises(NotYours):
        discussion.hide(portal, publisher, made, "广告", 1)
    for number in (7, -1):
        with pytest.raises(UnknownPaper):
            discussion.hide(portal, moderator, made, "广告", number)
    with pytest.raises(TextRefused):
        discussion.hide(portal, moderator, made, "", 1)
    discussion.hide(portal, moderator, made, "广告", 1)
    with pytest.raises(UnknownPaper):
        discussion.hide(portal, moderator, made, "广告", 1)
    texts = [(one.text, one.reason) for one in discussion.posts(discussion.get(portal, made))]
    assert texts == [("率的分母是什么？", None), (None, "广告")]
    assert [one.step for one in notice.of(portal.ledger, ben, ("account",))] == ["hide_post"]
    discussion.hide(portal, moderator, made, "离题")
    assert {one.text for one in discussion.posts(discussion.get(portal, made))} == {None}
    assert about(portal, dataset.named(portal, "open-one"))["discussions"]["total"] == 0


def test_a_discussion_ends_somewhere(portal: Portal, ann: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discussion, "MANY", 3)
    made = discussion.begin(portal, ann, "open-one", "口径", "一").id
    discussion.post(portal, ann, made, "二")
    discussion.post(portal, ann, made, "三")
    with pytest.raises(IllegalAction):
        discussion.post(portal, ann, made, "四")


def test_an_error_report_is_told_in_public_and_goes_back_to_the_source(
    portal: Portal, ann: Actor, publisher: Actor, stranger: Actor, moderator: Actor, clock: Clock, tmp_path: Path
) -> None:
    made = report.send(portal, ann, "open-one", FINDING)
    assert report.export(portal.ledger, "cdc", tmp_path) == {} and not list(tmp_path.glob("*.csv"))
    source = next(iter(report.senders(["health.death"])))
    assert report.export(portal.ledger, source, tmp_path) == {f"{source}.reports.csv": 1}
    [line] = csv.DictReader((tmp_path / f"{source}.reports.csv").read_text("utf-8-sig").splitlines())
    assert (line["dataset"], line["field"], line["row"], line["state"]) == ("id-open-one", "rate", "第12行", "received")
    assert date.fromisoformat(line["due_on"]) > clock.now.date()
    for other in (ann, stranger, moderator):
        with pytest.raises(NotYours):
            report.answer(portal, other, made.id, "confirm")
    clock.on(days=30)
    assert due(portal, made.id) == ["confirm"]
    report.answer(portal, publisher, made.id, "confirm")
    for version in ("", "x" * 200, "电话13800138000"):
        with pytest.raises((TextRefused, PersonInText)):
            report.answer(portal, publisher, made.id, "correct", version)
    done = report.answer(portal, publisher, made.id, "correct", "2025.2")
    assert done.state == "corrected" and done.data["version"] == "2025.2"
    assert report.export(portal.ledger, source, tmp_path / "later") == {}
    with pytest.raises(IllegalAction):
        report.answer(portal, publisher, made.id, "reject", "无误")


def test_a_report_that_a_spreadsheet_would_compute(portal: Portal, ann: Actor, tmp_path: Path) -> None:
    report.send(portal, ann, "open-one", report.Finding("code", '=HYPERLINK("https://x.org")', None, "+1", "@SUM(A1)"))
    source = next(iter(report.senders(["health.death"])))
    report.export(portal.ledger, source, tmp_path)
    [line] = csv.DictReader((tmp_path / f"{source}.reports.csv").read_text("utf-8-sig").splitlines())
    assert [line[name][0] for name in ("words", "row", "code")] == ["'", "'", "'"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"sort": "x"}, ChoiceUnknown),
        ({"field": "no_such"}, NoSuchField),
        ({"words": ""}, TextRefused),
        ({"row": "身份证 11010519491231002X"}, PersonInText),
        ({"code": "a\nb"}, TextRefused),
        ({"words": "张三 13800138000"}, PersonInText),
    ],
)
def test_a_report_that_says_nothing_is_refused(portal: Portal, ann: Actor, change: dict[str, Any], error: type) -> None:
    with pytest.raises(error):
        report.send(portal, ann, "open-one", FINDING._replace(**change))


def test_nothing_is_said_of_what_nobody_may_see(portal: Portal, ann: Actor) -> None:
    portal.catalogue.draft(record("hidden-one"), "officer")
    portal.catalogue.withdraw("closed-one", "错误", "officer")
    for name in ("hidden-one", "closed-one", "", "x" * 5000):
        with pytest.raises(NoSuchDataset):
            discussion.begin(portal, ann, name, "标题", "内容")
        with pytest.raises(NoSuchDataset):
            report.send(portal, ann, name, FINDING)


def test_a_publisher_without_an_organisation_is_the_roots(portal: Portal) -> None:
    ledger = portal.ledger
    ledger.create("organisation", "office", {"title": "卫健委", "region": "000000", "parent": None}, "x")
    ledger.create("organisation", "cdc", {"title": "疾控", "region": "000000", "parent": "office"}, "x")
    root, cdc = (somebody("a", PUBLISHER, organisation=one, kind="staff") for one in ("office", "cdc"))
    assert owner.answers(ledger, root, "health") and not owner.answers(ledger, cdc, "health")
    assert owner.answers(ledger, cdc, "cdc") and not owner.answers(ledger, root, "cdc")
    assert not owner.answers(ledger, root, None) and owner.answers(ledger, local_administrator(), None)
    for publisher, seen in (("health", [1, 0]), ("cdc", [0, 1])):
        with ledger.writing() as connection:
            made = ledger.create("discussion", "r", {"title": "x", "text": "y"}, "u", connection)
            notice.tell(connection, ledger.now(), "publisher", publisher, made.id, "create")
        assert [notice.count(ledger, one, ("publisher",)) for one in (root, cdc)] == (
            seen if publisher == "health" else [1, 1]
        )


def test_documents_of_other_kinds_are_not_there(portal: Portal, ann: Actor) -> None:
    made = request.ask(portal, ann, WISH)
    for module in (discussion, report):
        with pytest.raises(UnknownPaper):
            module.get(portal, made.id)
    for number in (0, -1, 2**62):
        with pytest.raises(UnknownPaper):
            request.get(portal, number)
