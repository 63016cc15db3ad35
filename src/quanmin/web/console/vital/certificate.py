"""One certificate without what it says of people: its state, replacements, who did what and when, what is owed; its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quanmin.ledger import Document
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital import owed
from quanmin.programs.vital.certificate import desk, record, replacement, workflow
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.programs.vital.errors import NotYourHolder
from quanmin.programs.vital.office import Office, above
from quanmin.programs.vital.role import APPROVER, CLERK, SEALER, SUPERVISOR
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import (
    EVERYONE,
    NOTHING_PERSONAL,
    REASON,
    Number,
    holder,
    office,
    own,
    shown,
    title_of,
)
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TEMPLATE = "console/vital/certificate.html"
QUEUE = "/vital/desk/queue"
PAGE = "/vital/certificates/{number}"
STEPS = {
    "create": Text("填写", "written"),
    "amend": Text("修改", "amended"),
    "return": Text("退回", "sent back"),
    "approve": Text("审核通过", "approved"),
    "seal": Text("用章签发", "sealed and issued"),
    "spoil": Text("作废证", "spoiled"),
    "card": Text("上报信息卡", "card reported"),
    "lose": Text("报失", "reported lost"),
    "supersede": Text("受理换补发", "to be replaced"),
    "restore": Text("换发未成，恢复", "not exchanged after all"),
    "restore_lost": Text("补发未成，仍为报失", "not re-issued after all"),
    "replace": Text("已换补发", "replaced"),
    "cancel": Text("撤销", "cancelled"),
}
SPOIL = Field("reason", Text("原因", "Why"), "choice", choices=list(workflow.SPOIL_REASONS.items()))
CANCEL = Field("reason", Text("撤销原因", "Why"), "choice", choices=list(workflow.CANCEL_REASONS.items()))
DECLARATION = Field(
    "declaration", Text("遗失声明刊登处", "Where the loss was announced"), limit=120, hint=NOTHING_PERSONAL
)
REASONS = {**workflow.SPOIL_REASONS, **workflow.EXCHANGE_REASONS, **workflow.CANCEL_REASONS}
Act = Callable[[Office, int, Posted], object]
FORMS: dict[str, tuple[tuple[Field, ...], tuple[str, ...], Act, Text, str]] = {
    "approve": (
        (),
        (APPROVER,),
        lambda at, key, _: desk.approve(at, key),
        Text("{number} 已审核通过", "{number} was approved"),
        QUEUE,
    ),
    "return": (
        (REASON,),
        (APPROVER,),
        lambda at, key, posted: desk.send_back(at, key, posted["reason"]),
        Text("{number} 已退回修改", "{number} was sent back"),
        QUEUE,
    ),
    "seal": (
        (),
        (SEALER,),
        lambda at, key, _: desk.seal(at, key),
        Text("{number} 已签发", "{number} was issued"),
        QUEUE,
    ),
    "spoil": (
        (SPOIL,),
        (CLERK,),
        lambda at, key, posted: desk.spoil(at, key, posted["reason"]),
        Text("{number} 已作废", "{number} is void"),
        PAGE,
    ),
    "card": (
        (),
        (CLERK,),
        lambda at, key, _: desk.card(at, key),
        Text("{number} 的信息卡已上报", "the card of {number} was reported"),
        PAGE,
    ),
    "lose": (
        (DECLARATION,),
        (CLERK, SUPERVISOR),
        lambda at, key, posted: replacement.lose(at, key, posted["declaration"]),
        Text("{number} 已报失", "{number} was reported lost"),
        PAGE,
    ),
    "cancel": (
        (CANCEL,),
        (SUPERVISOR,),
        lambda at, key, posted: replacement.cancel(at, key, posted["reason"]),
        Text("{number} 已撤销", "{number} was cancelled"),
        PAGE,
    ),
}
"""The steps with a form of its own: what is asked, whose work it is, what is done, what is said, and where one goes on."""


def install(face: Face) -> None:
    """Register the page and its forms."""

    @face.page(PAGE, TEMPLATE, roles=EVERYONE)
    def certificate(ask: Ask, number: Number) -> Answer:
        """One certificate: state, replacements, actions, what is owed; and what whoever asks may do."""
        one, document = found(ask, number)
        line = [each.to_dict() for each in replacement.chain(office(ask), one.number)]
        data = {**one.to_dict(), "chain": line, "steps": steps(document), "may": may(ask, one, document)}
        data |= {
            "owed": [
                each.to_dict() | {"due": each.due, "done": each.done} for each in owed.of(office(ask), one.document)
            ]
        }
        title = Text(f"出生医学证明 {one.text}", f"Birth certificate {one.text}")
        asked = {name: form[0] for name, form in FORMS.items()}
        return shown(
            title, data, ask, words=title_of(holder(ask, one.holder)), step_words=STEPS, asked=asked, reasons=REASONS
        )

    for name in FORMS:
        _form(face, certificate, name)


def found(ask: Ask, number: str) -> tuple[Certificate, Document]:
    """A certificate that whoever asks may see, with its document. CertificateUnknown, NotYourHolder."""
    mine, ledger = own(ask), ask.lake.ledger
    with ledger.reading() as connection:
        one = record.by_number(connection, numbers.key(number))
        if mine.code not in above(connection, one.holder):
            raise NotYourHolder(holder=one.holder)
        return one, ledger.get(one.document, connection)


def steps(document: Document) -> list[dict[str, Any]]:
    """What was done, by whom and when, and the reason that was given."""
    return [
        {
            "step": one.name,
            "by": one.actor,
            "at": one.at,
            "reason": one.data.get("reason") or one.data.get("declaration"),
        }
        for one in document.actions
    ]


def may(ask: Ask, one: Certificate, document: Document) -> list[str]:
    """What whoever asks can do with a certificate now."""
    mine = own(ask)
    allowed = {each.name for each in workflow.CERTIFICATE.allowed(one.state)}
    inside, me = mine.code == one.holder, ask.who.id
    wrote, approved = desk.writer(document) == me, desk.last(document, "approve") == me
    reads = inside and ask.holds(CLERK, APPROVER, SEALER)
    carded = any(step.name == "card" for step in document.actions)
    rights = {
        "read": reads,
        "print": reads,
        "electronic": reads and one.state == workflow.ISSUED,
        "approve": inside and ask.holds(APPROVER) and not wrote,
        "return": inside and ask.holds(APPROVER) and not wrote,
        "seal": inside and ask.holds(SEALER) and not wrote and not approved,
        "amend": inside and ask.holds(CLERK),
        "spoil": inside and ask.holds(CLERK),
        "card": inside and ask.holds(CLERK) and not carded,
        "lose": (inside and ask.holds(CLERK)) or ask.holds(SUPERVISOR),
        "cancel": ask.holds(SUPERVISOR),
        "exchange": ask.holds(CLERK) and one.state == workflow.ISSUED,
        "reissue": ask.holds(CLERK) and not inside and one.state == workflow.LOST,
    }
    always = {"read", "print", "electronic", "exchange", "reissue"}
    return [name for name, right in rights.items() if right and (name in allowed or name in always)]


def _form(face: Face, page: Any, name: str) -> None:
    """The form of one step."""
    fields, roles, act, said, onward = FORMS[name]

    @face.form(f"/vital/certificates/{{number}}/{name}", fields, page=page, template=TEMPLATE, roles=roles)
    def taken(ask: Ask, posted: Posted, number: Number) -> Answer:
        """Take the next step with a certificate."""
        act(office(ask), numbers.key(number), posted)
        return Redirect(onward.format(number=number), said.format(number=number))
