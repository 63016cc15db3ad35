"""One delivery: what it is, everything that happened to it; tried again, sent again, parked or given up by hand."""

from __future__ import annotations

from typing import Any

from quanmin.exchange.delivery import command
from quanmin.exchange.delivery.errors import DeliveryUnknown
from quanmin.exchange.delivery.workflow import DELIVERY, INTAKE
from quanmin.exchange.intake.recall import REASONS as RECALLED
from quanmin.lake import Lake
from quanmin.ledger import Document
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.exchange import told
from quanmin.web.console.exchange.agreement import WHY
from quanmin.web.console.exchange.area import OPERATORS, ROLES, Name, PageNumber, acts, mine, shown
from quanmin.web.console.exchange.deliveries import line
from quanmin.web.errors import NotYourPage
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect

TEMPLATE = "console/exchange/delivery.html"
STEPS = {
    "create": Text("建立", "made"),
    "send": Text("开始发送", "sending begun"),
    "retry": Text("未成功，待重试", "failed, to be tried again"),
    "resend": Text("重新发送", "sent again by hand"),
    "sent": Text("全部分块已送达", "every chunk is there"),
    "acknowledge": Text("收到回执", "receipted"),
    "refuse": Text("被拒收", "refused"),
    "park": Text("挂起", "parked"),
    "stop": Text("中止", "stopped"),
    "cancel": Text("取消", "given up"),
    "recall": Text("召回", "recalled"),
    "recalled": Text("召回已确认", "the recall was confirmed"),
    "complete": Text("收齐", "complete"),
    "accept": Text("接收并回执", "taken in and receipted"),
    "resume": Text("恢复", "resumed"),
}


def hand(ask: Ask) -> Lake:
    """The home, for whoever may lay a hand on a delivery; NotYourPage."""
    if not acts(ask):
        raise NotYourPage(roles=", ".join(OPERATORS))
    return ask.lake


def install(face: Face) -> None:
    """Register the page and its forms."""

    @face.page("/exchange/deliveries/{name}", TEMPLATE, roles=ROLES)
    def delivery(ask: Ask, name: Name, page: PageNumber = 1) -> Answer:
        """One delivery: its manifest in short, what was told of its errors, its receipt, and its timeline."""
        document = _of(ask, name)
        data = {**line(document), "may": may(ask, document), "timeline": _timeline(document)}
        data["errors"] = told.errors(ask, document, page)
        data |= {"receipt": document.data.get("receipt"), "digest": document.data.get("digest")}
        title = Text(f"推送 {name}", f"Delivery {name}")
        return shown(title, data, ask, why=WHY, step_words=STEPS, **told.WORDS)

    @face.form("/exchange/deliveries/{name}/retry", (), page=delivery, template=TEMPLATE, roles=OPERATORS)
    def retry(ask: Ask, _posted: Posted, name: Name) -> Answer:
        """Send what is parked or stopped again."""
        command.retry(hand(ask), name, ask.who.id)
        return Redirect(f"/exchange/deliveries/{name}", Text("将再次发送", "It is sent again"))

    @face.form("/exchange/deliveries/{name}/resend", (WHY,), page=delivery, template=TEMPLATE, roles=OPERATORS)
    def resend(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Offer what was sent again, byte for byte."""
        command.resend(hand(ask), name, posted["reason"], ask.who.id)
        return Redirect(f"/exchange/deliveries/{name}", Text("将重新发送", "It is offered again"))

    @face.form("/exchange/deliveries/{name}/park", (WHY,), page=delivery, template=TEMPLATE, roles=OPERATORS)
    def park(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Leave a delivery until somebody tries it again."""
        command.park(hand(ask), name, posted["reason"], ask.who.id)
        return Redirect(f"/exchange/deliveries/{name}", Text("已挂起", "Parked"))

    @face.form("/exchange/deliveries/{name}/cancel", (WHY,), page=delivery, template=TEMPLATE, roles=OPERATORS)
    def cancel(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Give a delivery up that is not under way."""
        command.cancel(hand(ask), name, posted["reason"], ask.who.id)
        return Redirect(f"/exchange/deliveries/{name}", Text("已取消", "Given up"))


def may(ask: Ask, document: Document) -> list[str]:
    """What the viewer can do with a delivery now."""
    if document.kind != DELIVERY.kind or not acts(ask):
        return []
    allowed = {one.name for one in DELIVERY.allowed(document.state)}
    steps = {
        "retry": document.state in ("parked", "stopped"),
        "resend": "resend" in allowed,
        "park": "park" in allowed,
        "cancel": "cancel" in allowed,
    }
    return [name for name, fits in steps.items() if fits]


def _of(ask: Ask, name: str) -> Document:
    """The delivery with this id that the viewer may see; DeliveryUnknown."""
    found = ask.lake.ledger.find([DELIVERY.kind, INTAKE.kind], ref=name)
    seen = [one for one in found if mine(ask, (one.data["manifest"]["sender"], one.data["manifest"]["receiver"]))]
    if not seen:
        raise DeliveryUnknown(delivery=name)
    return seen[-1]


def _timeline(document: Document) -> list[dict[str, Any]]:
    """Everything that happened, in order."""
    steps = command.timeline(document)
    return [
        {**one, "at": step.at, "reason": RECALLED.get(str(step.data.get("reason")), step.data.get("reason"))}
        for one, step in zip(steps, document.actions, strict=True)
    ]
