"""The pages of the area and whose work each is; lists a page at a time; the words for states, kinds and roles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Path, Query

from quanmin.exchange import role as exchange
from quanmin.ledger.listing import place
from quanmin.opendata.participation import role as participation
from quanmin.population.review.item import ARBITER, REVIEWER
from quanmin.programs.vital import role as vital
from quanmin.text import Text
from quanmin.trust import reidentification
from quanmin.trust.approval import SIGNERS
from quanmin.trust.circumstance import REGISTRARS
from quanmin.trust.identity import duty
from quanmin.trust.policy import change
from quanmin.trust.policy.role import ROLES
from quanmin.trust.work import OPERATOR
from quanmin.web.ask import Ask
from quanmin.web.form import Field
from quanmin.web.view import View

T = TypeVar("T")
SYSTEM, SECURITY, AUDIT = ((one,) for one in duty.ADMINISTRATORS)
ADMINISTRATORS = duty.ADMINISTRATORS
CLINICIANS = ("clinician", "physician", "nurse")
CITIZENS = ("patient", "guardian")
REIDENTIFIERS = (reidentification.ASKS, reidentification.APPROVES)
SIZE = 50

PAGES: tuple[tuple[str, Text, tuple[str, ...]], ...] = (
    ("/trust", Text("概览", "What there is"), ()),
    ("/trust/approvals", Text("待双人办理", "Approvals"), SIGNERS),
    ("/trust/people", Text("账号", "Accounts"), ADMINISTRATORS),
    ("/trust/organisations", Text("机构", "Organisations"), ADMINISTRATORS),
    ("/trust/posts", Text("岗位", "Posts"), ADMINISTRATORS),
    ("/trust/grants", Text("授权", "Grants"), ADMINISTRATORS),
    ("/trust/guardians", Text("监护", "Guardians"), ADMINISTRATORS),
    ("/trust/certificates", Text("证书", "Certificates"), ADMINISTRATORS),
    ("/trust/tokens", Text("服务密钥", "Keys of services"), ADMINISTRATORS),
    ("/trust/sessions", Text("会话", "Sessions"), ADMINISTRATORS),
    ("/trust/emergency", Text("紧急访问", "Emergency access"), (*ADMINISTRATORS, *CLINICIANS)),
    ("/trust/patients", Text("居民开户", "Enrol a citizen"), ("verifier",)),
    ("/trust/flags", Text("重点人员", "Flagged persons"), (duty.SECURITY, duty.AUDIT)),
    ("/trust/reidentification", Text("假名还原", "Re-identification"), REIDENTIFIERS),
    ("/trust/care", Text("诊疗关系", "Care relations"), REGISTRARS),
    ("/trust/consents", Text("同意", "Consents"), CITIZENS),
    ("/trust/agreements", Text("数据协议", "Agreements"), ()),
    ("/trust/policies", Text("策略", "Policies"), ()),
    ("/trust/explain", Text("为什么", "Why"), ()),
    ("/trust/see", Text("能看什么", "What may be seen"), ()),
    ("/trust/audit", Text("审计", "Audit"), AUDIT),
    ("/trust/selfcheck", Text("自查", "Self-check"), (*ADMINISTRATORS, OPERATOR)),
)

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
Name = Annotated[str, Path(max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]
Word = Annotated[str, Query(max_length=60)]

STATES = {
    "proposed": Text("待确认", "proposed"),
    "waiting": Text("待激活", "waits for its code"),
    "enrolling": Text("待绑定验证码", "waits for a first code"),
    "active": Text("在用", "active"),
    "disabled": Text("已停用", "disabled"),
    "returning": Text("待确认恢复", "to be used again"),
    "confirmed": Text("已确认", "confirmed"),
    "held": Text("有效", "in force"),
    "in_force": Text("有效", "in force"),
    "refused": Text("已驳回", "refused"),
    "ended": Text("已终止", "ended"),
    "over": Text("已到期", "over"),
    "open": Text("有效", "open"),
    "reviewed": Text("已复核", "reviewed"),
    "given": Text("已同意", "given"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "asked": Text("待批准", "asked"),
    "approved": Text("已批准", "approved"),
    "opened": Text("已还原", "opened"),
    "replaced": Text("已被替换", "replaced"),
}
TONES = {"active": "ok", "held": "ok", "in_force": "ok", "open": "ok", "given": "ok", "approved": "ok"}
TONES |= {"returning": "wait", "proposed": "wait", "waiting": "wait", "enrolling": "wait", "asked": "wait"}
TONES |= {"disabled": "bad", "refused": "bad"}

KINDS = {
    "staff": Text("工作人员", "staff"),
    "clinician": Text("医务人员", "clinician"),
    "patient": Text("居民", "citizen"),
    "participant": Text("公众参与者", "participant"),
    "organisation": Text("机构", "organisation"),
    "service": Text("服务", "service"),
}
ROLE_WORDS = {
    **ROLES,
    "physician": Text("医师岗", "physician"),
    "registrar": Text("登记员", "registrar"),
    reidentification.ASKS: Text("假名还原申请人", "may ask for re-identification"),
    reidentification.APPROVES: Text("假名还原批准人", "may approve re-identification"),
    change.APPROVER: Text("策略批准人", "may approve policies"),
    OPERATOR: Text("运维人员", "operator"),
    REVIEWER: Text("审核员", "reviewer"),
    ARBITER: Text("裁定人", "arbiter"),
    "participant": Text("公众参与者", "participant"),
    **participation.ROLES,
    **exchange.ROLES,
    **vital.ROLES,
}
GIVABLE = tuple(one for one in ROLE_WORDS if one not in ("administrator", "patient", "guardian", "participant"))

UNTIL = Field("until", Text("截止日期", "Until"), "day", hint=Text("当天仍有效", "the last day that it counts"))
REASON = Field(
    "reason", Text("理由", "Reason"), "words", limit=400, hint=Text("不写个人信息", "nothing about a person")
)
PERSON = Field(
    "person",
    Text("公民身份号码", "Citizen number"),
    "secret",
    limit=30,
    hint=Text("只用于识别本人，不显示、不进网址", "recognised, never shown, never in an address"),
)


def links(ask: Ask) -> list[tuple[str, Text]]:
    """The pages of the area that are somebody's work."""
    return [(path, title) for path, title, roles in PAGES if not roles or ask.holds(*roles)]


def shown(ask: Ask, title: Text, data: dict[str, Any], **more: Any) -> View:
    """A page of the area."""
    words = {"states": STATES, "tones": TONES, "kinds": KINDS, "role_words": ROLE_WORDS}
    return View(title, data, {"links": links(ask), **words, **more})


def paged(rows: Sequence[T], page: int) -> dict[str, Any]:
    """A part of a list, and where in it that is."""
    at = place(page, len(rows), SIZE)
    return {"rows": rows[at.skip : at.skip + SIZE], "total": len(rows), "page": at.page, "pages": at.pages}


def choices(known: Iterable[str], words: dict[str, Text]) -> list[tuple[str, Text]]:
    """Values to choose from, with their words."""
    return [(one, words.get(one, Text(one, one))) for one in known]


def places(ask: Ask) -> list[tuple[str, Text]]:
    """The organisations that are open."""
    from quanmin.trust.identity import organisation

    return [
        (one.id, Text(f"{one.title}（{one.id}）", f"{one.title} ({one.id})")) for one in organisation.tree(ask.registry)
    ]


def role_field() -> Field:
    """The role of a post or grant."""
    return Field("role", Text("角色", "Role"), "choice", choices=choices(GIVABLE, ROLE_WORDS))


def ordered(rows: Iterable[dict[str, Any]], by: str, known: Sequence[str]) -> list[dict[str, Any]]:
    """Rows in the order of a column (with a hyphen before it, the other way round); those without it last."""
    column = by.removeprefix("-")
    name = column if column in known else known[0]
    listed = list(rows)
    there = [row for row in listed if row.get(name) is not None]
    there.sort(key=lambda row: _comparable(row[name]), reverse=by.startswith("-") and name == column)
    return [*there, *(row for row in listed if row.get(name) is None)]


def _comparable(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
