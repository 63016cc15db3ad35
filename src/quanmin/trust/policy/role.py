"""The roles that policies know. A post may have any other name; it then shows nothing."""

from __future__ import annotations

from dataclasses import replace

from quanmin.text import Text
from quanmin.trust.actor import ADMINISTRATOR, PUBLIC, Actor, Kind, public_reader

EXCHANGE_MEMBER = "exchange_member"
"""The role of an agency that asks under an agreement of the exchange."""
ROLES: dict[str, Text] = {
    "clinician": Text("医师", "clinician"),
    "nurse": Text("护士", "nurse"),
    "public_health_officer": Text("公共卫生人员", "public health officer"),
    "supervisor": Text("监管人员", "supervisor"),
    "reviewer": Text("复核员", "reviewer"),
    "arbiter": Text("仲裁员", "arbiter"),
    "insurer": Text("保险机构", "insurer"),
    "researcher": Text("科研人员", "researcher"),
    "statistician": Text("统计人员", "statistician"),
    "verifier": Text("核验员", "verifier"),
    "operator": Text("运维人员", "operator"),
    "release_officer": Text("数据发布员", "release officer"),
    "release_checker": Text("发布复核员", "release checker"),
    EXCHANGE_MEMBER: Text("共享交换成员", "member of the exchange"),
    PUBLIC: Text("公众", "the public"),
    "patient": Text("本人", "patient"),
    "guardian": Text("监护人", "guardian"),
    "system_administrator": Text("系统管理员", "system administrator"),
    "security_administrator": Text("安全管理员", "security administrator"),
    "audit_administrator": Text("审计管理员", "audit administrator"),
    ADMINISTRATOR: Text("本机管理员", "local administrator"),
}

_KINDS: dict[str, Kind] = {"clinician": "clinician", "nurse": "clinician", "patient": "patient", "guardian": "patient"}


def typical(role: str, region: str | None = "370000", mfa: bool = True, name: str | None = None) -> Actor:
    """Somebody in a role: what the expected decisions, explanations and tests ask about."""
    if role == ADMINISTRATOR:
        return Actor(name or "local-administrator", frozenset({role}))
    if role == PUBLIC:
        return public_reader() if name is None else replace(public_reader(), id=name)
    citizen = role in ("patient", "guardian")
    return Actor(
        name or f"a-{role.replace('_', '-')}",
        frozenset({role}),
        region=None if citizen else region,
        kind=_KINDS.get(role, "staff"),
        assurance=2 if mfa else 1,
        mfa=mfa,
    )
