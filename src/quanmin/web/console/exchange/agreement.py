"""One agreement: its terms, who signed, its versions, what was done, its deliveries; and what the viewer may do next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quanmin import standards
from quanmin.exchange.agreement.errors import AgreementUnknown
from quanmin.exchange.agreement.office import Office
from quanmin.exchange.agreement.workflow import SIDE
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document
from quanmin.text import Text
from quanmin.trust.purpose import PURPOSES
from quanmin.web.ask import Ask
from quanmin.web.console.exchange.agreements import may, versions, waits
from quanmin.web.console.exchange.area import OPERATORS, ROLES, Name, acts, clock, late, shown
from quanmin.web.console.exchange.deliveries import listed
from quanmin.web.console.exchange.members import directory
from quanmin.web.errors import NotYourPage
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TEMPLATE = "console/exchange/agreement.html"
NEWEST = 20
"""Deliveries that the page shows."""
WHY = Field("reason", Text("理由", "Reason"), "words", limit=400, hint=Text("不写个人信息", "nothing about a person"))
STEPS = {
    "create": Text("草拟", "drafted"),
    "change": Text("修改", "changed"),
    "request": Text("提交申请", "requested"),
    "review": Text("审核通过，转提供方", "reviewed and passed on to the provider"),
    "grant": Text("主管部门批准（无条件共享）", "granted by the authority (shared without conditions)"),
    "refuse": Text("不予共享", "refused"),
    "answer": Text("提供方同意", "granted by the provider"),
    "sign": Text("签署", "signed"),
    "withdraw": Text("撤回", "withdrawn"),
    "suspend": Text("暂停", "suspended"),
    "resume": Text("恢复", "resumed"),
    "revoke": Text("撤销", "revoked"),
    "expire": Text("届满", "expired"),
    "supersede": Text("由新版本取代", "superseded"),
}
OPERATION_WORDS = {
    "lookup": Text("单条查询", "look-ups of one"),
    "query": Text("批量查询", "queries of many"),
    "verify": Text("核验", "verification"),
}
FORM_WORDS = {
    "parquet": Text("Parquet 文件", "a Parquet file"),
    "ndjson": Text("NDJSON（每行一个 JSON 对象）", "NDJSON, one JSON object a line"),
}
"""Of rows that are pushed."""
PLAIN = {
    "request": (Text("提交申请", "Hand it in"), Text("已提交申请", "Handed in")),
    "review": (Text("审核通过", "Pass it on"), Text("已审核通过", "Passed on")),
    "answer": (Text("同意共享", "Grant it"), Text("已同意共享", "Granted")),
    "resume": (Text("恢复", "Resume it"), Text("已恢复", "Resumed")),
}
"""Steps without words: what the button says, and what is said afterwards."""
REASONED = {
    "refuse": (Text("不予共享", "Refuse it"), Text("已拒绝", "Refused")),
    "withdraw": (Text("撤回", "Withdraw it"), Text("已撤回", "Withdrawn")),
    "suspend": (Text("暂停", "Suspend it"), Text("已暂停", "Suspended")),
    "revoke": (Text("撤销", "Revoke it"), Text("已撤销", "Revoked")),
}
"""Steps with a reason."""


def office(ask: Ask) -> Office:
    """Where the own member acts."""
    return Office(ask.lake.ledger, ask.settings, lambda: directory(ask))


def install(face: Face) -> None:
    """Register the page and its forms."""

    @face.page("/exchange/agreements/{name}", TEMPLATE, roles=ROLES)
    def agreement(ask: Ask, name: Name) -> Answer:
        """One agreement: terms, signatures, versions, clock, what was done, and its newest deliveries."""
        found = versions(ask, name)
        if not found:
            raise AgreementUnknown(agreement=name)
        found = sorted(found, key=lambda one: int(one.data["terms"]["version"]))
        last, now = found[-1], ask.lake.ledger.now()
        terms, due = last.data["terms"], clock(last)
        read = Terms.read(terms)
        data = {"id": name, "state": last.state, "since": last.since, "terms": terms, "clock": due}
        data |= {"late": late(due, now), "reason": last.data.get("reason"), "digest": read.digest()}
        data |= {"signatures": _signatures(last), "steps": _steps(found)}
        data |= {"versions": [_version(one) for one in found[::-1]], "deliveries": listed(ask, name)[:NEWEST]}
        data |= {"may": may(ask, last), "waits": waits(ask, last)}
        title = Text(f"{terms['title_zh']}（{name}）", f"{terms['title_en']} ({name})")
        words = {"purposes": PURPOSES, "operations": OPERATION_WORDS}
        words |= {"rows_in": FORM_WORDS[read.form] if read.supplies else None}
        more = words | {"why": WHY, "plain": PLAIN, "reasoned": REASONED, "step_words": STEPS, "side_words": SIDE}
        return shown(title, data, ask, elements=_elements(terms), **more)

    for step, (_words, said) in PLAIN.items():
        _plain(face, agreement, step, said)
    for step, (_words, said) in REASONED.items():
        _reasoned(face, agreement, step, said)


def _plain(face: Face, page: Any, step: str, said: Text) -> None:
    """The form of a step that needs no words."""

    @face.form(f"/exchange/agreements/{{name}}/{step}", (), page=page, template=TEMPLATE, roles=OPERATORS)
    def act(ask: Ask, _posted: Posted, name: Name) -> Answer:
        """Take the next step with an agreement, for this installation's member."""
        _own(ask)
        getattr(office(ask), step)(ask.settings.member, name)
        return Redirect(f"/exchange/agreements/{name}", said)


def _reasoned(face: Face, page: Any, step: str, said: Text) -> None:
    """The form of a step with its reason."""

    @face.form(f"/exchange/agreements/{{name}}/{step}", (WHY,), page=page, template=TEMPLATE, roles=OPERATORS)
    def act(ask: Ask, posted: Posted, name: Name) -> Answer:
        """End or stop an agreement for a reason, for this installation's member."""
        _own(ask)
        getattr(office(ask), step)(ask.settings.member, name, posted["reason"])
        return Redirect(f"/exchange/agreements/{name}", said)


def _own(ask: Ask) -> None:
    """Whoever belongs to another member does not act for this one."""
    if not acts(ask):
        raise NotYourPage(roles=", ".join(OPERATORS))


def _signatures(document: Document) -> dict[str, dict[str, Any]]:
    """Who signed by which key and when, by side."""
    signed = document.data.get("signatures") or {}
    return {side: {**one, "at": datetime.fromisoformat(str(one["at"]))} for side, one in signed.items()}


def _steps(found: list[Document]) -> list[dict[str, Any]]:
    """What was done with all versions, in order."""
    return [
        {
            "version": one.data["terms"]["version"],
            "step": step.name,
            "as": step.role,
            "by": step.actor,
            "at": step.at,
            "reason": step.data.get("reason"),
        }
        for one in found
        for step in one.actions
    ]


def _version(one: Document) -> dict[str, Any]:
    terms = one.data["terms"]
    return {
        "version": terms["version"],
        "state": one.state,
        "since": one.since,
        "starts": terms["starts"],
        "until": terms["until"],
    }


def _elements(terms: dict[str, Any]) -> list[tuple[str, Text, int | None]]:
    """The elements with their titles and grades, where the catalogue has them."""
    dataset = standards.catalogue().datasets.get(terms["dataset"])
    known = {one.name: one for one in dataset.elements} if dataset else {}
    return [
        (name, known[name].title, known[name].grade) if name in known else (name, Text(name, name), None)
        for name in terms["elements"]
    ]
