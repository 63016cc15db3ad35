"""The facts that decisions ask about: who treats whom, who agreed to what, which agreement covers what. No person is named."""

from __future__ import annotations

from quanmin.ledger.errors import UnknownDocument
from quanmin.text import Text
from quanmin.trust import PURPOSES
from quanmin.trust.circumstance import CONSENTED, REGISTRARS, Circumstances
from quanmin.web.ask import Ask
from quanmin.web.console.trust import area
from quanmin.web.console.trust.area import (
    CITIZENS,
    PERSON,
    REASON,
    SECURITY,
    SYSTEM,
    UNTIL,
    Number,
    PageNumber,
    paged,
    shown,
)
from quanmin.web.console.trust.explain import dataset_words, purposes
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

CARE = (
    PERSON,
    Field(
        "who",
        Text("诊疗账号", "Account that treats"),
        needed=False,
        limit=40,
        hint=Text("空为本机构", "none: your organisation"),
    ),
    UNTIL,
)
CONSENT = (
    Field("purpose", Text("用途", "Purpose"), "choice", choices=[(one, PURPOSES[one].title) for one in CONSENTED]),
    PERSON,
)
DOCUMENT = Field("document", Text("编号", "Document"), "number", limit=10)


def facts(ask: Ask) -> Circumstances:
    """The facts of the installation."""
    return Circumstances(ask.registry, ask.settings)


def install(face: Face) -> None:
    """Register the pages."""
    _care(face)
    _consent(face)
    _agreement(face)
    _one_agreement(face)


def _care(face: Face) -> None:
    template = "console/trust/care.html"

    @face.page("/trust/care", template, roles=REGISTRARS)
    def care(ask: Ask, page: PageNumber = 1) -> Answer:
        """The relations of one's own and of one's organisation."""
        data = paged(facts(ask).cares(ask.who)[::-1], page)
        return shown(ask, Text("诊疗关系", "Care relations"), data, fields=CARE, end=(DOCUMENT, REASON))

    @face.form("/trust/care/open", CARE, page=care, template=template, roles=REGISTRARS)
    def open_(ask: Ask, posted: Posted) -> Answer:
        """Write down that a person is under treatment."""
        facts(ask).open_care(ask.who, posted["person"], posted["until"], posted["who"])
        return Redirect("/trust/care", Text("已登记", "Written down"))

    @face.form("/trust/care/end", (DOCUMENT, REASON), page=care, template=template, roles=REGISTRARS)
    def end(ask: Ask, posted: Posted) -> Answer:
        """End a relation at once."""
        facts(ask).end_care(ask.who, posted["document"], posted["reason"])
        return Redirect("/trust/care", Text("已终止", "Ended"))


def _consent(face: Face) -> None:
    template = "console/trust/consents.html"

    @face.page("/trust/consents", template, roles=CITIZENS)
    def consents(ask: Ask) -> Answer:
        """What oneself, or the ward acted for, agreed to or took back."""
        rows = facts(ask).consents(ask.who)
        data = {"rows": rows, "acting_for_ward": ask.who.acting_for is not None}
        return shown(ask, Text("同意", "Consents"), data, fields=CONSENT, purposes=purposes())

    @face.form("/trust/consents/give", CONSENT, page=consents, template=template, roles=CITIZENS)
    def give(ask: Ask, posted: Posted) -> Answer:
        """Agree to a purpose."""
        facts(ask).consent(ask.who, posted["person"], posted["purpose"])
        return Redirect("/trust/consents", Text("已记录同意", "Your consent is kept"))

    @face.form("/trust/consents/withdraw", CONSENT, page=consents, template=template, roles=CITIZENS)
    def withdraw(ask: Ask, posted: Posted) -> Answer:
        """Take a consent back: from now on the purpose sees the person no more."""
        facts(ask).consent(ask.who, posted["person"], posted["purpose"], given=False)
        return Redirect("/trust/consents", Text("已撤回，即时生效", "Taken back; it holds at once"))


def agreement_fields(ask: Ask) -> list[Field]:
    """What an agreement needs."""
    known = Text("以空格分隔，如 health.death linked.person", "separated by blanks, such as health.death linked.person")
    return [
        Field("organisation", Text("机构", "Organisation"), "choice", choices=area.places(ask)),
        Field("purpose", Text("用途", "Purpose"), "choice", choices=list(purposes().items())),
        Field("datasets", Text("数据集", "Datasets"), "words", limit=2000, hint=known),
        UNTIL,
    ]


def _agreement(face: Face) -> None:
    template = "console/trust/agreements.html"

    @face.page("/trust/agreements", template)
    def agreements(ask: Ask, page: PageNumber = 1) -> Answer:
        """The agreements of one's organisation; every one for the administrators."""
        data = paged(facts(ask).agreements(ask.who)[::-1], page)
        fields = agreement_fields(ask) if ask.holds(*SYSTEM) else []
        more = {"purposes": purposes(), "datasets": dataset_words(), "may_end": ask.holds(*SECURITY)}
        return shown(ask, Text("数据协议", "Agreements"), data, fields=fields, **more)

    @face.form("/trust/agreements/propose", agreement_fields, page=agreements, template=template, roles=SYSTEM)
    def propose(ask: Ask, posted: Posted) -> Answer:
        """Propose that an organisation may use datasets."""
        given = (posted["organisation"], posted["purpose"], posted["datasets"].split(), posted["until"])
        facts(ask).propose_agreement(ask.who, *given)
        return Redirect("/trust/agreements", Text("已提出，待安全管理员确认", "Proposed; the other confirms"))


def _one_agreement(face: Face) -> None:
    template = "console/trust/agreement.html"

    @face.page("/trust/agreements/{number}", template)
    def one(ask: Ask, number: Number) -> Answer:
        """One agreement, and its end."""
        found = next((one for one in facts(ask).agreements(ask.who) if one["document"] == number), None)
        if found is None:
            raise UnknownDocument(document=number)
        may = found["state"] in ("in_force", "over") and ask.holds(*SECURITY)
        more = {"purposes": purposes(), "datasets": dataset_words(), "may": may, "reason": REASON}
        return shown(ask, Text(f"数据协议 {number}", f"Agreement {number}"), found, **more)

    @face.form("/trust/agreements/{number}/end", (REASON,), page=one, template=template, roles=SECURITY)
    def end(ask: Ask, posted: Posted, number: Number) -> Answer:
        """End it at once."""
        facts(ask).end_agreement(ask.who, number, posted["reason"])
        return Redirect("/trust/agreements", Text("已终止", "Ended"))
