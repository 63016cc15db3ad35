"""The case number that a reviewer works under: kept by the browser for the session, sealed, so that it is typed once."""

from __future__ import annotations

from quanmin.text import Text
from quanmin.web import sealed
from quanmin.web.ask import Ask
from quanmin.web.form import Field

COOKIE, USE, LIMIT = "quanmin_case", "case", 60

FIELD = Field(
    "case",
    Text("办件号", "Case number"),
    needed=False,
    limit=LIMIT,
    hint=Text("没有办件号时脱敏；留空即取消", "values are masked without one; empty takes it away"),
)


def of(ask: Ask) -> str | None:
    """The case number in force."""
    return sealed.opened(ask, USE, ask.request.cookies.get(COOKIE, "")[:1000]) or None


def cookies(ask: Ask, case: str | None) -> dict[str, str | None]:
    """The cookie that keeps it, or takes it away."""
    return {COOKIE: sealed.close(ask, USE, case) if case else None}
