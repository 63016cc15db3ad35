"""Rows about the edges: administration from afar, limits of what comes in, the security centre, errors, caches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from quanmin.errors import KINDS
from quanmin.trust import audit
from quanmin.trust.identity import duty, mandate
from quanmin.trust.selfcheck.finding import Finding, judged, left
from quanmin.trust.selfcheck.place import Place

SOON = timedelta(days=30)
_HERE = ("localhost", "127.0.0.1", "::1")
_LARGEST_LINE, _LARGEST_EXPANSION = 16 << 20, 1000


def remote(place: Place) -> Finding:
    """Pages go to other machines by https only; what ends it there is the operator's."""
    origin = urlsplit(place.settings.origin)
    if origin.scheme == "https":
        return left(
            "页面以 https 提供（Secure Cookie、HSTS）；证书与 TLS 版本由运营者的前置代理负责",
            "pages are served at an https address (Secure cookies, HSTS); certificate and version of TLS are the "
            "operator's proxy's",
        )
    if origin.hostname in _HERE:
        return left(
            "页面只以本机地址提供；远程登录本机的方式（如 SSH）由运营者保护",
            "pages are served at an address of this machine; the way to it (such as SSH) is the operator's to protect",
        )
    return judged(
        False,
        "页面以 http 提供给其他机器（QUANMIN_ORIGIN）",
        "pages are served to other machines by http (QUANMIN_ORIGIN)",
    )


def limits(place: Place) -> Finding:
    """What comes in has limits: the length of a line, how far an archive may expand."""
    known = place.settings
    sound = known.max_line_bytes <= _LARGEST_LINE and known.max_expansion <= _LARGEST_EXPANSION
    return judged(
        sound,
        f"单行上限 {known.max_line_bytes:,} 字节，压缩文件最多膨胀 {known.max_expansion} 倍、"
        f"{known.max_expanded_bytes:,} 字节；不接受任何人的 SQL",
        f"a line has {known.max_line_bytes:,} bytes at most, an archive expands {known.max_expansion} times and to "
        f"{known.max_expanded_bytes:,} bytes at most; nobody's SQL is taken",
    )


def centre(place: Place) -> Finding:
    """What a security centre shows: grants about to end, denials and alarms of the last day; no administrator about to lapse."""
    now = place.ledger.now()
    limit = (now + SOON).date().isoformat()
    ending = [one for one in place.ledger.find(mandate.KINDS["grant"].kind, state="held") if one.data["until"] <= limit]
    lapsing = [
        one for one in ending if one.data["role"] in duty.ADMINISTRATORS and not _followed(place, one.data, limit)
    ]
    denied = sum(
        one.fields.get("allowed") is False
        for one in audit.search(place.ledger, event="decide", since=now - timedelta(days=1), limit=10_000)
    )
    alarms = audit.search(place.ledger, event="identity.alarm", since=now - timedelta(days=1), limit=10_000)
    return judged(
        not lapsing,
        f"30 天内到期授权 {len(ending)} 项，其中管理员 {len(lapsing)} 项未续；一天内拒绝 {denied} 次、身份告警 {len(alarms)} 次",
        f"{len(ending)} grants end within 30 days, {len(lapsing)} of them administrators' without another; in a day "
        f"{denied} denials and {len(alarms)} alarms of identity",
    )


def _followed(place: Place, grant: Mapping[str, Any], limit: str) -> bool:
    """Whether somebody holds the same role beyond the limit."""
    held = place.ledger.find(mandate.KINDS["grant"].kind, state="held")
    return any(one.data["role"] == grant["role"] and one.data["until"] > limit for one in held)


def errors(place: Place) -> Finding:
    """Every error a user can meet has a code and says what to do, in both languages."""
    bare = [
        code
        for code, kind in KINDS.items()
        if not all((kind.title.zh, kind.title.en, kind.step.zh, kind.step.en)) or not kind.category
    ]
    return judged(
        not bare,
        f"{len(KINDS)} 种错误均有编号与双语说明，缺 {len(bare)} 种；其余意外只报位置，不报内容",
        f"{len(KINDS)} kinds of errors have a code and a text in both languages, {len(bare)} do not; anything else is told "
        "by its place only",
    )


def cache(place: Place) -> Finding:
    """Pages about somebody are kept nowhere on the way; what stands in front is the operator's."""
    return left(
        "涉及个人的页面以 no-store 发送；前置代理不另行缓存由运营者保证",
        "pages about somebody are sent with no-store; that a proxy in front keeps none is the operator's to see to",
    )
