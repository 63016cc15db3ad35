"""The issue desk: a certificate is written on the next blank, by keyboard and scanner."""

from __future__ import annotations

from collections.abc import Sequence

from quanmin.errors import QuanminError
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital.certificate import desk as desks
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital import asked
from quanmin.web.console.vital.area import CLERKS, office, own, shown, title_of
from quanmin.web.console.vital.overview import waiting
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TEMPLATE = "console/vital/desk.html"


def fields(ask: Ask) -> Sequence[Field]:
    """What is asked, for reading it."""
    mine, proofs = own(ask), asked.evidence(asked.FIRST_EVIDENCE)
    return [asked.number(None), *asked.flat(asked.groups(office(ask).today(), mine.region, reading=True), proofs)]


def install(face: Face) -> None:
    """Register the page and its form."""

    @face.page("/vital/desk", TEMPLATE, roles=CLERKS)
    def desk(ask: Ask) -> Answer:
        """The form of a first issue, with the next blank, today and the own division there already."""
        mine, at = own(ask), office(ask)
        sheet = desks.next_blank(at, mine.code)
        told = waiting(ask, mine.code)
        data = {"holder": mine.to_dict(), "next": numbers.text(sheet) if sheet else None, "waiting": told}
        more = {"sheet": asked.number(sheet), "groups": asked.groups(at.today(), mine.region)}
        more |= {"proofs": asked.evidence(asked.FIRST_EVIDENCE)}
        return shown(Text("签发出生医学证明", "Issue a birth certificate"), data, ask, words=title_of(mine), **more)

    @face.form("/vital/desk/prepare", fields, page=desk, template=TEMPLATE, roles=CLERKS)
    def prepare(ask: Ask, posted: Posted) -> Answer | Posted:
        """Write a certificate on a blank."""
        given = asked.application(posted, asked.FIRST_EVIDENCE)
        if isinstance(given, Posted):
            return given
        try:
            made = desks.prepare(office(ask), own(ask).code, numbers.key(posted["number"]), given)
        except QuanminError as error:
            return asked.refused(posted, error)
        return Redirect(
            "/vital/desk", Text(f"{made.text} 已填写，待审核", f"{made.text} was written and is to be approved")
        )
