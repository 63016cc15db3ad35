"""The policies in force in plain words with their text, and changing them: proposed, seen, approved by another, put in force."""

from __future__ import annotations

import difflib
from typing import Annotated, Any

from fastapi import Path

from quanmin import jobs
from quanmin.errors import QuanminError
from quanmin.ledger import Document
from quanmin.ledger.errors import IllegalAction, UnknownDocument
from quanmin.text import Text
from quanmin.trust.identity import duty
from quanmin.trust.keys import open_store
from quanmin.trust.policy import active, change, shipped
from quanmin.trust.policy.rule import Rules, load
from quanmin.trust.purpose import OBLIGATIONS
from quanmin.web.ask import Ask
from quanmin.web.console import order
from quanmin.web.console.operations.area import ROLES as OPERATIONS
from quanmin.web.console.trust.area import SECURITY, Number, shown
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TITLE = Text("策略", "Policies")
SIGNS = (duty.SECURITY, change.APPROVER)
EFFECTS = {"permit": Text("允许", "permits"), "forbid": Text("禁止", "forbids")}
ROWS = {
    "all": Text("全部行", "all rows"),
    "jurisdiction": Text("管辖区域内", "the own division"),
    "agreement": Text("共享协议约定的行", "the rows of the agreement"),
    "person": Text("本人的行", "the one person"),
}
OUTCOMES = {
    "clear": Text("明文", "clear"),
    "masked": Text("脱敏", "masked"),
    "generalised": Text("泛化", "generalised"),
    "pseudonymised": Text("假名", "pseudonym"),
    "withheld": Text("不出示", "withheld"),
}
STATES = {
    "proposed": Text("待批准", "waits for approval"),
    "approved": Text("已批准，待生效", "approved, not in force yet"),
    "active": Text("现行", "in force"),
    "refused": Text("已驳回", "refused"),
    "replaced": Text("已被替换", "replaced"),
}
WHY = Field("reason", Text("理由", "Reason"), "words", limit=400)
BECAUSE = Field("because", Text("驳回理由", "Why it is refused"), "words", limit=400)
SEEN = Field("digest", Text("所见差异的摘要", "Digest of what was seen"), "hidden", limit=64)
KIND, WAITS = "compare", ("proposed", "approved")
_LONGEST = 60_000
File = Annotated[str, Path(max_length=60, pattern=r"^[a-z_]+\.cedar$")]


def fields(ask: Ask) -> list[Field]:
    """The files as they are, to be changed; all of them are sent."""
    files = active(ask.lake.ledger).files
    texts = [
        Field(name.removesuffix(".cedar"), Text(name, name), "words", limit=_LONGEST, value=text)
        for name, text in sorted(files.items())
    ]
    return [WHY, *texts]


def install(face: Face) -> None:
    """Register the pages."""
    _active(face)
    _propose(face)
    _change(face)


def _active(face: Face) -> None:
    @face.page("/trust/policies", "console/trust/policies.html")
    def policies(ask: Ask) -> Answer:
        """The policies in force: id, effect, what it says, rows, what a reader then owes; and every version there was."""
        ledger = ask.lake.ledger
        rules, signed = active(ledger), change.sound(ledger, open_store(ask.settings))
        changes = [_told(one) for one in reversed(ledger.find(change.CHANGE.kind))]
        data: dict[str, Any] = {
            "version": rules.version,
            "signed": signed,
            "shipped": rules.version == shipped().version,
        }
        data |= {"policies": _policies(rules), "files": sorted(rules.files)}
        data["changes"] = changes if ask.holds(*SIGNS, *duty.ADMINISTRATORS) else []
        return shown(
            ask, TITLE, data, effects=EFFECTS, scopes=ROWS, owed=OBLIGATIONS, changed=STATES, may=ask.holds(*SECURITY)
        )

    @face.page("/trust/policies/files/{name}", "console/trust/policy_file.html")
    def file(ask: Ask, name: File) -> Answer:
        """The Cedar text of one file."""
        files = active(ask.lake.ledger).files
        if name not in files:
            raise UnknownDocument(document=name)
        return shown(ask, Text(name, name), {"name": name, "text": files[name]})


def _policies(rules: Rules) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "effect": one.effect, "title": one.title, "rows": one.rows, "owes": list(one.owes)}
        for one in rules.policies.values()
    ]


def _told(one: Document) -> dict[str, Any]:
    steps = [{"step": step.name, "by": step.actor, "at": step.at} for step in one.actions]
    return {
        "document": one.id,
        "state": one.state,
        "version": one.data["version"],
        "by": one.actions[0].actor,
        "steps": steps,
    }


def _propose(face: Face) -> None:
    template = "console/trust/policy_propose.html"

    @face.page("/trust/policies/propose", template, roles=SECURITY)
    def proposing(ask: Ask) -> Answer:
        """The files as they are in force, to be changed."""
        return shown(ask, Text("提出策略变更", "Propose a change of policies"), {}, fields=fields(ask))

    @face.form("/trust/policies/propose", fields, page=proposing, template=template, roles=SECURITY)
    def propose(ask: Ask, posted: Posted) -> Answer:
        """Propose the whole set; checked against the schema first."""
        known = active(ask.lake.ledger).files
        files = {name: _text(posted[name.removesuffix(".cedar")], text) for name, text in known.items()}
        made = change.propose(ask.lake.ledger, ask.who, files, posted["reason"])
        return Redirect(
            f"/trust/policies/changes/{made.id}", Text("已提出，待另一人批准", "Proposed; another approves")
        )


def _text(sent: str, known: str) -> str:
    """A text as it stood before the browser wrote its line ends and cut the blanks around it."""
    text = sent.replace("\r\n", "\n")
    return known if text == known.strip() else f"{text}\n"


def _change(face: Face) -> None:
    template = "console/trust/policy_change.html"

    @face.page("/trust/policies/changes/{number}", template, roles=(*SIGNS, *duty.ADMINISTRATORS))
    def one(ask: Ask, number: Number) -> Answer:
        """A proposed change: what its text changes, and to which questions the answers become others."""
        ledger = ask.lake.ledger
        found = ledger.get(number)
        if found.kind != change.CHANGE.kind:
            raise UnknownDocument(document=number)
        data = {**_told(found), "reason": change.reason(ledger, ask.who, number), **_effect(ask, found)}
        may = _may(ask, found)
        digest = Field(SEEN.name, SEEN.title, "hidden", limit=64, value=data["digest"])
        more = {"approve": (digest,) if "approve" in may else (), "because": BECAUSE, "may": may}
        title = Text(f"策略变更 {number}", f"Change of policies {number}")
        return shown(ask, title, data, outcomes=OUTCOMES, changed=STATES, operations=ask.holds(*OPERATIONS), **more)

    everybody = (*SIGNS, *duty.ADMINISTRATORS)

    @face.form("/trust/policies/changes/{number}/compare", (), page=one, template=template, roles=everybody)
    def compare(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Order a comparison of both versions, or look at the one that is under way."""
        found = ask.lake.ledger.get(number)
        if found.kind != change.CHANGE.kind:
            raise UnknownDocument(document=number)
        if found.state not in WAITS:
            raise IllegalAction(document=number, state=found.state, action="compare", allowed="-")
        load(found.data["files"])
        job = order.once(ask, KIND, change=number)
        page = f"/operations/jobs/{job}" if ask.holds(*OPERATIONS) else f"/trust/policies/changes/{number}"
        return Redirect(page, Text("比较已排队", "The comparison is queued"))

    @face.form("/trust/policies/changes/{number}/approve", (SEEN,), page=one, template=template, roles=SIGNS)
    def approve(ask: Ask, posted: Posted, number: Number) -> Answer:
        """Approve the differences that were seen."""
        change.approve(ask.lake.ledger, ask.who, number, posted["digest"])
        return Redirect(f"/trust/policies/changes/{number}", Text("已批准", "Approved"))

    @face.form("/trust/policies/changes/{number}/refuse", (BECAUSE,), page=one, template=template, roles=SIGNS)
    def refuse(ask: Ask, posted: Posted, number: Number) -> Answer:
        """Refuse it, also an approved one."""
        change.refuse(ask.lake.ledger, ask.who, number, posted["because"])
        return Redirect(f"/trust/policies/changes/{number}", Text("已驳回", "Refused"))

    @face.form("/trust/policies/changes/{number}/activate", (), page=one, template=template, roles=SECURITY)
    def activate(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Put it in force at once, signed."""
        change.activate(ask.lake.ledger, ask.who, number, open_store(ask.settings))
        return Redirect("/trust/policies", Text("已生效并签名", "In force, and signed"))


def _effect(ask: Ask, found: Document) -> dict[str, Any]:
    """What a change that waits would do: its text, and its answers as a job compared them with the policies in force."""
    told: dict[str, Any] = {"texts": [], "differences": [], "digest": None, "at": None, "job": None, "unchecked": None}
    if found.state not in WAITS:
        return told
    now, files = active(ask.lake.ledger), found.data["files"]
    told |= {"texts": _texts(now.files, files), "job": order.under_way(ask, KIND, change=found.id)}
    try:
        load(files)
    except QuanminError as error:
        return {**told, "unchecked": error.to_dict()}
    done = jobs.listing(ask.lake, ["done"], ref=KIND).jobs
    fits = (one for one in done if one.result is not None and one.result["change"] == found.id)
    last = next((one for one in fits if one.result is not None and one.result["base"] == now.version), None)
    if last is None or last.result is None:
        return told
    return {**told, "differences": last.result["differences"], "digest": last.result["digest"], "at": last.ended}


def _texts(before: Any, after: Any) -> list[dict[str, str]]:
    """Lines that differ, file by file."""
    found = []
    for name in sorted({*before, *after}):
        sides = (before.get(name, "").splitlines(), after.get(name, "").splitlines())
        lines = list(difflib.unified_diff(*sides, lineterm="", n=2))[2:]
        if lines:
            found.append({"file": name, "lines": "\n".join(lines)})
    return found


def _may(ask: Ask, found: Document) -> list[str]:
    own = found.actions[0].actor == ask.who.id
    steps = {
        "approve": found.state == "proposed" and ask.holds(*SIGNS) and not own,
        "refuse": found.state in WAITS and ask.holds(*SIGNS),
        "activate": found.state == "approved" and ask.holds(*SECURITY),
    }
    return [name for name, fits in steps.items() if fits]
