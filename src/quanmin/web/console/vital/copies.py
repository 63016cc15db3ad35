"""A certificate as files: the page to print and the electronic certificate, for whoever works on it; the audit keeps that."""

from __future__ import annotations

from quanmin.programs.vital.document import birth_page, electronic
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import DESK, Number, office
from quanmin.web.console.vital.certificate import found
from quanmin.web.face import Face
from quanmin.web.view import Answer, Download

PDF, SIGNED = "application/pdf", "application/sd-jwt"


def install(face: Face) -> None:
    """Register the files."""

    @face.file("/vital/certificates/{number}/print", [PDF], roles=DESK)
    def printed(ask: Ask, number: Number) -> Answer:
        """The certificate as a page to print."""
        one, role = found(ask, number)[0], next(name for name in DESK if ask.holds(name))
        made = birth_page.printed(office(ask), one.number, ask.language, role)
        return Download(f"{one.text}.pdf", PDF, [made])

    @face.file("/vital/certificates/{number}/electronic", [SIGNED], roles=DESK)
    def signed(ask: Ask, number: Number) -> Answer:
        """The electronic certificate of an issued one, which anybody can verify."""
        one, role = found(ask, number)[0], next(name for name in DESK if ask.holds(name))
        return Download(f"{one.text}.sd-jwt", SIGNED, [electronic.issue(office(ask), one.number, role)])
