"""What the pages of the area share: whose they are, whose matters they show, the links between them, and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Path, Query
from sqlalchemy import Connection

from quanmin.errors import QuanminError
from quanmin.ledger.listing import SIZE, place
from quanmin.programs.vital import holder as holders
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital import owed
from quanmin.programs.vital.blank import movement
from quanmin.programs.vital.blank.span_row import USES
from quanmin.programs.vital.certificate import workflow
from quanmin.programs.vital.errors import BadNumber, BadRange, HolderUnknown, NotYourHolder
from quanmin.programs.vital.number import Span
from quanmin.programs.vital.office import Holder, Office, above
from quanmin.programs.vital.role import APPROVER, CLERK, KEEPER, ROLES, SEALER, SUPERVISOR
from quanmin.text import Language, Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital.errors import NoHolder
from quanmin.web.form import Field, Posted
from quanmin.web.view import View

EVERYONE = tuple(ROLES)
"""Who sees the area: whoever has a duty with certificates."""
KEEPERS, CLERKS, APPROVERS, SEALERS, SUPERVISORS = ((one,) for one in (KEEPER, CLERK, APPROVER, SEALER, SUPERVISOR))
STOCK = (KEEPER, SUPERVISOR)
DESK = (CLERK, APPROVER, SEALER)

Document = Annotated[int, Path(ge=1, le=2**31 - 1)]
Code = Annotated[str, Path(max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]
Number = Annotated[str, Path(max_length=10, pattern=r"^[A-Za-z][0-9]{9}$")]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
Whose = Annotated[str, Query(max_length=60, pattern=r"^[A-Za-z0-9_-]*$")]
Word = Annotated[str, Query(max_length=20, pattern=r"^[a-z_]*$")]

SUB: tuple[tuple[str, Text, tuple[str, ...]], ...] = (
    ("/vital", Text("概览", "What there is"), EVERYONE),
    ("/vital/stock", Text("空白证库存", "Stock of blanks"), STOCK),
    ("/vital/destructions", Text("废证销毁", "Destruction"), SUPERVISORS),
    ("/vital/desk", Text("签发", "Issue"), CLERKS),
    ("/vital/desk/queue", Text("审核用章", "Approve and seal"), DESK),
    ("/vital/registry", Text("证件查询", "Certificates"), EVERYONE),
    ("/vital/overdue", Text("催办", "Overdue"), EVERYONE),
    ("/vital/holders", Text("机构", "Holders"), STOCK),
    ("/vital/check", Text("账实核查", "Invariants"), SUPERVISORS),
)
TONES = {
    "sent": "wait",
    "received": "ok",
    "refused": "bad",
    "prepared": "wait",
    "approved": "wait",
    "returned": "bad",
    "issued": "ok",
    "lost": "bad",
    "cancelled": "bad",
    "open": "ok",
    "closing": "wait",
    "void": "bad",
    "settled": "ok",
    "proposed": "wait",
    "done": "ok",
}
_STOPS: tuple[tuple[Language, str], ...] = (("zh", "。"), ("en", ". "))
NOTHING_PERSONAL = Text("不写个人信息", "nothing about a person")
FIRST = Field("first", Text("起号", "First number"), limit=20, hint=Text("录入或扫描", "typed or scanned"))
LAST = Field(
    "last", Text("止号", "Last number"), needed=False, limit=20, hint=Text("只有一张时留空", "empty for one sheet")
)
REASON = Field("reason", Text("理由", "Reason"), "words", limit=400, hint=NOTHING_PERSONAL)


def office(ask: Ask) -> Office:
    """Where whoever asks acts."""
    return Office(ask.lake.ledger, ask.settings, ask.who)


def own(ask: Ask) -> Holder:
    """The holder that whoever asks acts for: its organisation's. NoHolder."""
    return holder(ask, ask.who.organisation or "", NoHolder())


def holder(ask: Ask, code: str, otherwise: QuanminError | None = None) -> Holder:
    """A holder by its code, whosever it is. HolderUnknown, or what is to be said instead."""
    at = office(ask)
    try:
        with at.ledger.reading() as connection:
            return at.holder(connection, code)
    except HolderUnknown as unknown:
        raise otherwise or unknown from None


def seen(ask: Ask, code: str) -> Holder:
    """A holder whose matters whoever asks may see: its own or one below it. NoHolder, NotYourHolder, HolderUnknown."""
    mine = own(ask)
    if not code or code == mine.code:
        return mine
    found = holder(ask, code)
    with ask.lake.ledger.reading() as connection:
        if not over(connection, mine.code, code):
            raise NotYourHolder(holder=code)
    return found


def over(connection: Connection, upper: str, code: str) -> bool:
    """Whether a holder is another, or stands over it."""
    return upper in above(connection, code)


def sees(ask: Ask, *codes: str) -> bool:
    """Whether the matters of one of some holders are shown to whoever asks."""
    mine = own(ask).code
    with ask.lake.ledger.reading() as connection:
        return any(over(connection, mine, one) for one in codes)


def title_of(one: Holder) -> Text:
    """What a holder is called."""
    return Text(f"{one.title}（{one.code}）", f"{one.title} ({one.code})")


def span(posted: Posted) -> Span | Posted:
    """The numbers that were typed or scanned, or the form with what is wrong with them."""
    for name in ("first", "last"):
        if posted[name] is not None:
            try:
                numbers.key(posted[name])
            except BadNumber as wrong:
                return posted.wrong(name, words(wrong))
    try:
        return numbers.span(posted["first"], posted["last"])
    except BadRange as wrong:
        return posted.wrong("last", words(wrong))


def words(error: QuanminError) -> Text:
    """An error at a field: its code, what is wrong, and what to do."""
    zh, en = (f"{error.message(language)}{stop}{error.next_step(language)}" for language, stop in _STOPS)
    return Text(zh, en)


def at_field(posted: Posted, error: QuanminError, places: Mapping[type[QuanminError], str]) -> Posted:
    """The form with the error at its field; the error itself where it belongs to none."""
    name = next((name for kind, name in places.items() if isinstance(error, kind)), None)
    if name is None:
        raise error
    return posted.wrong(name, words(error))


def noticed(posted: Posted, zone: str) -> datetime | Posted | None:
    """When something was noticed, from a day and an hour; None where neither is given (it was just now)."""
    day, hour = posted["found_on"], posted["found_at"]
    if day is None and hour is None:
        return None
    if day is None or hour is None:
        name = "found_on" if day is None else "found_at"
        return posted.wrong(name, Text("日期与时间须同时填写", "give both the day and the hour"))
    try:
        return datetime.combine(day, time.fromisoformat(hour), ZoneInfo(zone))
    except ValueError:
        return posted.wrong("found_at", Text("时间如 14:30", "an hour such as 14:30"))


def paged(rows: Sequence[Any], page: int) -> dict[str, Any]:
    """A page of a list, and where it is."""
    at = place(page, len(rows))
    return {"rows": list(rows[at.skip : at.skip + SIZE]), "page": at.page, "pages": at.pages, "total": len(rows)}


def occurred(today: date) -> Field:
    """The day on which something happened."""
    return Field("occurred_on", Text("发生日期", "Day"), "day", value=today.isoformat())


def shown(title: Text, data: Mapping[str, Any], ask: Ask, **more: Any) -> View:
    """A page of the area."""
    links = [(path, words) for path, words, roles in SUB if ask.holds(*roles)]
    told = {"states": workflow.STATES, "kinds": workflow.KINDS, "tones": TONES, "what": owed.WHAT, "uses": USES}
    told |= {"movement_kinds": movement.KINDS, "movement_states": movement.STATES, "levels": holders.LEVEL_TITLES}
    told |= {"holder_states": holders.STATES, "keys": (KEEPER, CLERK, APPROVER, SEALER, SUPERVISOR)}
    return View(title, data, {"sub": links, "now": ask.lake.ledger.now(), **told, **more})
