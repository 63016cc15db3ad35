"""One movement of blanks: what was sent by whom to whom; the receiver counts and takes it, or refuses it."""

from __future__ import annotations

from quanmin.errors import QuanminError
from quanmin.programs.vital.blank import movement as movements
from quanmin.programs.vital.errors import BadRange, NotYourHolder
from quanmin.programs.vital.office import PRINTER
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import (
    FIRST,
    KEEPERS,
    LAST,
    REASON,
    STOCK,
    Document,
    at_field,
    holder,
    office,
    own,
    sees,
    shown,
    span,
    title_of,
)
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TEMPLATE = "console/vital/movement.html"
COUNTED = (
    Field(
        "first",
        FIRST.title,
        needed=False,
        limit=20,
        hint=Text("扫描首张核对；留空表示已清点无误", "scan the first to compare; empty: counted and right"),
    ),
    LAST,
)


def _title(ask: Ask, code: str) -> Text:
    return Text("印制厂", "the printer") if code == PRINTER else title_of(holder(ask, code))


def install(face: Face) -> None:
    """Register the page and its forms."""

    @face.page("/vital/movements/{number}", TEMPLATE, roles=STOCK)
    def movement(ask: Ask, number: Document) -> Answer:
        """One movement, and what whoever asks may do with it."""
        one = movements.get(office(ask), number)
        if not sees(ask, *(code for code in (one.sender, one.receiver) if code != PRINTER)):
            raise NotYourHolder(holder=one.receiver)
        mine = one.state == "sent" and one.receiver == own(ask).code and ask.holds(*KEEPERS)
        data = {**one.to_dict(), "by": one.by, "may": ["receive", "refuse"] if mine else []}
        parties = {"sender": _title(ask, one.sender), "receiver": _title(ask, one.receiver)}
        title = Text(f"出入库单 {number}", f"Movement {number}")
        return shown(title, data, ask, parties=parties, counted=COUNTED, why=REASON)

    @face.form("/vital/movements/{number}/receive", COUNTED, page=movement, template=TEMPLATE, roles=KEEPERS)
    def receive(ask: Ask, posted: Posted, number: Document) -> Answer | Posted:
        """Take what was sent; what was scanned must be it."""
        scanned = None
        if posted["first"] is not None:
            run = span(posted)
            if isinstance(run, Posted):
                return run
            scanned = [run]
        try:
            movements.receive(office(ask), number, scanned)
        except QuanminError as error:
            return at_field(posted, error, {BadRange: "first"})
        return Redirect("/vital/stock", Text(f"已签收出入库单 {number}", f"Movement {number} was received"))

    @face.form("/vital/movements/{number}/refuse", (REASON,), page=movement, template=TEMPLATE, roles=KEEPERS)
    def refuse(ask: Ask, posted: Posted, number: Document) -> Answer:
        """Leave what was sent with its sender."""
        movements.refuse(office(ask), number, posted["reason"])
        return Redirect("/vital/stock", Text(f"已拒收出入库单 {number}", f"Movement {number} was refused"))
