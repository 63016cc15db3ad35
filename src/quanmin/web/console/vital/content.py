"""What a certificate says of people, for whoever works on it; and the forms that write it anew: amended, exchanged, re-issued.

Every look is told the audit (by the programme). No address and no title holds anything of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from quanmin import standards
from quanmin.errors import QuanminError
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital.certificate import desk, replacement, workflow
from quanmin.programs.vital.certificate.application import EVIDENCE, Application
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.programs.vital.certificate.replacement import REISSUE_EVIDENCE
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital import asked
from quanmin.web.console.vital.area import CLERKS, DESK, Number, holder, office, own, shown, title_of
from quanmin.web.console.vital.certificate import FORMS, found, may
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

READ = "console/vital/content.html"
TEMPLATE = "console/vital/rewrite.html"
EXCHANGE_EVIDENCE = ("recovered_sheet", "parentage_test")
PROOFS = {"amend": asked.FIRST_EVIDENCE, "exchange": EXCHANGE_EVIDENCE, "reissue": REISSUE_EVIDENCE}
WHY = Field("reason", Text("换发原因", "Why"), "choice", choices=list(workflow.EXCHANGE_REASONS.items()))
TITLES = {
    "amend": Text("修改 {number}", "Amend {number}"),
    "exchange": Text("换发 {number}", "Exchange {number}"),
    "reissue": Text("补发 {number}", "Re-issue {number}"),
}
SAID = Text("{number} 已填写，待审核", "{number} was written and is to be approved")
PARTS = ("newborn", "mother", "father", "recipient")
FILE = ("record_no", "delivery", "attendant", "parity")
TITLED = {
    "newborn": Text("新生儿", "Newborn"),
    "mother": asked.MOTHER,
    "father": asked.FATHER,
    "recipient": Text("领证人", "Taken by"),
    "delivery": Text("分娩记录", "The delivery"),
}
CODED = {
    "sex": "GB/T 2261.1-2003",
    "place_type": "CV02.01.102-2011",
    "country": "GB/T 2659-2000",
    "nationality": "GB/T 2659-2000",
    "ethnicity": "GB/T 3304-1991",
    "document_type": "CV02.01.101-2011",
    "delivery": "Delivery way-QM1",
}
"""The value sets of elements."""


def install(face: Face) -> None:
    """Register the pages and their forms."""

    @face.page("/vital/certificates/{number}/content", READ, roles=DESK)
    def content(ask: Ask, number: Number) -> Answer:
        """What a certificate says, for whoever works on it at its institution."""
        one, document = found(ask, number)
        role = next(name for name in DESK if ask.holds(name))
        said = desk.read(office(ask), one.number, role)
        data = {**one.to_dict(), "content": said.to_dict(), "may": may(ask, one, document)}
        title = Text(f"{one.text} 的内容", f"What {one.text} says")
        fields = {name: form[0] for name, form in FORMS.items()}
        return shown(title, data, ask, parts_of=_parts(said), proofs=_proofs(said), asked=fields)

    for name in PROOFS:
        _rewriting(face, name)


def _rewriting(face: Face, name: str) -> None:
    """The page that writes a certificate anew, and its form."""

    @face.page(f"/vital/certificates/{{number}}/{name}", TEMPLATE, roles=CLERKS)
    def rewriting(ask: Ask, number: Number) -> Answer:
        """The form with what the certificate says, where whoever asks may read it."""
        one, _ = found(ask, number)
        at, mine = office(ask), own(ask)
        given = desk.read(at, one.number) if one.holder == mine.code else None
        if given is not None and name != "amend":
            given = replace(given, evidence={})
        sheet = None if name == "amend" else desk.next_blank(at, mine.code)
        data = {**one.to_dict(), "how": name, "next": numbers.text(sheet) if sheet else None}
        more: dict[str, Any] = {"groups": asked.groups(at.today(), mine.region, given)}
        more |= {"proofs": asked.evidence(PROOFS[name], given.evidence if given else None), "filled": given is not None}
        more |= {"first": _first(name, sheet), "words": title_of(holder(ask, one.holder))}
        return shown(TITLES[name].format(number=one.text), data, ask, **more)

    def fields(ask: Ask) -> Sequence[Field]:
        groups = asked.groups(office(ask).today(), own(ask).region, reading=True)
        return [*_first(name, None), *asked.flat(groups, asked.evidence(PROOFS[name]))]

    path = f"/vital/certificates/{{number}}/{name}/write"

    @face.form(path, fields, page=rewriting, template=TEMPLATE, roles=CLERKS)
    def write(ask: Ask, posted: Posted, number: Number) -> Answer | Posted:
        """Write a certificate anew: amended on its sheet, or on another in its place."""
        given = asked.application(posted, PROOFS[name])
        if isinstance(given, Posted):
            return given
        try:
            made = ACTS[name](ask, numbers.key(number), posted, given)
        except QuanminError as error:
            return asked.refused(posted, error)
        return Redirect(f"/vital/certificates/{made.text}", SAID.format(number=made.text))


def _first(name: str, sheet: int | None) -> list[Field]:
    """What is asked before the application: the sheet, and why."""
    if name == "amend":
        return []
    return [asked.number(sheet), *([WHY] if name == "exchange" else [])]


def _amend(ask: Ask, old: int, _posted: Posted, given: Application) -> Certificate:
    return desk.amend(office(ask), old, given)


def _exchange(ask: Ask, old: int, posted: Posted, given: Application) -> Certificate:
    return replacement.exchange(office(ask), own(ask).code, old, numbers.key(posted["number"]), given, posted["reason"])


def _reissue(ask: Ask, old: int, posted: Posted, given: Application) -> Certificate:
    return replacement.reissue(office(ask), own(ask).code, old, numbers.key(posted["number"]), given)


ACTS: dict[str, Callable[[Ask, int, Posted, Application], Certificate]] = {
    "amend": _amend,
    "exchange": _exchange,
    "reissue": _reissue,
}


def _parts(said: Application) -> list[tuple[Text, list[tuple[Text, Any]]]]:
    """What it says, by part and in the order of the form, each element with its title and its value in words."""
    titles = {field.name: field.title for each in asked.groups(said.newborn.birth_date, "").values() for field in each}
    document = said.to_dict()
    flat = {f"{part}_{key}": value for part in PARTS if document[part] for key, value in document[part].items()}
    held = {name: flat.get(name, document.get(name)) for name in titles}
    told = {
        part: [
            (titles[name], _word(name.removeprefix(f"{part}_"), held[name])) for name in titles if name.startswith(part)
        ]
        for part in PARTS
    }
    told["delivery"] = [(titles[name], _word(name, held[name])) for name in FILE]
    return [(TITLED[part], [one for one in pairs if one[1] not in (None, "")]) for part, pairs in told.items()]


def _word(key: str, value: Any) -> Any:
    """A value as it is read: a code with its words."""
    if key == "relation":
        return dict(asked.RELATIONS).get(value, value)
    if key == "place":
        return f"{value} {standards.catalogue().regions.name(value) or ''}".strip()
    codes = standards.catalogue().value_sets[CODED[key]].codes if key in CODED else {}
    return codes.get(value, value)


def _proofs(said: Application) -> list[tuple[Text, str]]:
    return [(EVIDENCE[name], reference) for name, reference in said.evidence.items() if reference]
