"""One page of all that waits for the viewer's signature as the second person, and what came of it."""

from __future__ import annotations

from typing import Any

from quanmin.text import Text
from quanmin.trust.approval import ELSEWHERE, SIGNERS, Desk, Sort, Waiting
from quanmin.web.ask import Ask
from quanmin.web.console.trust import certificates, people
from quanmin.web.console.trust.area import REASON, Number, shown
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect, View

TITLE = Text("待双人办理", "Approvals")
WORDS = {
    "account": Text("账号", "account"),
    "post": Text("岗位", "post"),
    "grant": Text("授权", "grant"),
    "guardianship": Text("监护", "guardianship"),
    "certificate": Text("证书申请", "request for a certificate"),
    "service_key": Text("服务公钥", "key of a service"),
    "data_agreement": Text("数据协议", "agreement"),
    "person_flag": Text("重点人员标记", "flag of a person"),
    "reidentification": Text("假名还原", "re-identification"),
    "policy_change": Text("策略变更", "change of policies"),
    "emergency_access": Text("紧急访问", "emergency access"),
}
STEPS = {
    "confirm": Text("确认", "Confirm"),
    "confirm_again": Text("确认重置", "Confirm the reset"),
    "enable": Text("确认恢复使用", "Confirm that it is used again"),
    "issue": Text("签发", "Issue"),
    "renew": Text("确认续任", "Confirm the renewal"),
    "approve": Text("查看差异并批准", "Look at the differences and approve"),
    "activate": Text("查看并生效", "Look and put in force"),
    "review": Text("复核", "Review"),
}
TOLD = {
    "role": Text("角色", "Role"),
    "organisation": Text("机构", "Organisation"),
    "purpose": Text("目的", "Purpose"),
    "owner": Text("负责人", "Owner"),
    "from": Text("起", "From"),
    "until": Text("止", "Until"),
    "kind": Text("类别", "Kind"),
    "datasets": Text("数据集", "Datasets"),
    "case": Text("案号", "Case"),
    "reason": Text("理由", "Reason"),
    "version": Text("版本", "Version"),
    "pseudonyms": Text("假名数", "Pseudonyms"),
}
PLACES = {"policy": "/trust/policies/changes/", "emergency": "/trust/emergency/"}


def desk(ask: Ask) -> Desk:
    """The approvals of the viewer."""
    return Desk(ask.registry, ask.settings, ask.who)


def row(one: Waiting, ask: Ask) -> dict[str, Any]:
    """A line of the list: `place` is where it is looked at, `late` whether its time is over."""
    here = f"/trust/approvals/{one.sort}/{one.document}"
    place = f"{PLACES[one.sort]}{one.document}" if one.sort in ELSEWHERE else here
    late = one.due is not None and one.due < ask.lake.ledger.now()
    refuses = desk(ask).refuses(one)
    return {**one._asdict(), "place": place, "late": late, "here": one.sort not in ELSEWHERE, "refuses": refuses}


def install(face: Face) -> None:
    """Register the pages."""
    template = "console/trust/approvals.html"

    @face.page("/trust/approvals", template, roles=SIGNERS)
    def approvals(ask: Ask) -> Answer:
        """What waits for the viewer, and what the viewer proposed and another has to sign."""
        here = desk(ask)
        data = {"waiting": [row(one, ask) for one in here.waiting()], "asked": [row(one, ask) for one in here.asked()]}
        return shown(ask, TITLE, data, words=WORDS, steps=STEPS)

    @face.page("/trust/approvals/{sort}/{number}", template, roles=SIGNERS)
    def one(ask: Ask, sort: Sort, number: Number) -> Answer:
        """One of them: what it says; approve or refuse it."""
        found = row(desk(ask).one(sort, number), ask)
        word = WORDS[found["kind"]]
        title = Text(f"{word.zh} {number}", f"{word.en.capitalize()} {number}")
        return shown(ask, title, found, words=WORDS, steps=STEPS, told=TOLD, reason=REASON)

    @face.form(
        "/trust/approvals/{sort}/{number}/approve", (), page=_again(one, approvals), template=template, roles=SIGNERS
    )
    def approve(ask: Ask, _posted: Posted, sort: Sort, number: Number) -> Answer:
        """Sign as the second person."""
        here = desk(ask)
        signed = here.approve(sort, number)
        if signed.half is not None:
            name = str(ask.lake.ledger.get(number).ref)
            made = people.code(ask, name, signed.half, Text("后半", "second half"), "/trust/approvals")
            return View(made.title, made.data, made.more, template=people.CODE)
        if signed.certificate is not None:
            return certificates.issued_page(ask, signed.certificate)
        return Redirect("/trust/approvals", Text(f"第 {number} 号已办理", f"Document {number} is signed"))

    @face.form(
        "/trust/approvals/{sort}/{number}/refuse",
        (REASON,),
        page=_again(one, approvals),
        template=template,
        roles=SIGNERS,
    )
    def refuse(ask: Ask, posted: Posted, sort: Sort, number: Number) -> Answer:
        """Say no and why."""
        desk(ask).refuse(sort, number, posted["reason"])
        return Redirect("/trust/approvals", Text(f"第 {number} 号已驳回", f"Document {number} is refused"))


def _again(one: Any, whole: Any) -> Any:
    """What is shown where signing failed: the thing itself, or the list where somebody else was first."""

    def again(ask: Ask, sort: Sort, number: int) -> Answer:
        waits = any((each.sort, each.document) == (sort, number) for each in desk(ask).waiting())
        answer: Answer = one(ask, sort, number) if waits else whole(ask)
        return answer

    return again
