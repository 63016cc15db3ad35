"""How deliveries stand: counts by state, on the sender's side and on the receiver's."""

from __future__ import annotations

from typing import NamedTuple

from quanmin.exchange.delivery.workflow import DELIVERY, INTAKE
from quanmin.ledger import Ledger
from quanmin.text import Text

SENT: dict[str, Text] = {
    "prepared": Text("待发送", "prepared"),
    "sending": Text("发送中", "sending"),
    "sent": Text("已送达，待回执", "sent, no receipt yet"),
    "acknowledged": Text("已回执", "acknowledged"),
    "refused": Text("被拒收", "refused"),
    "parked": Text("已挂起", "parked"),
    "stopped": Text("已中止", "stopped"),
    "cancelled": Text("已取消", "cancelled"),
    "recalling": Text("召回中", "being recalled"),
    "recalled": Text("已召回", "recalled"),
}
TAKEN: dict[str, Text] = {
    "offered": Text("接收中", "coming in"),
    "received": Text("已收齐，处理中", "received, being taken in"),
    "accepted": Text("已接收", "accepted"),
    "refused": Text("已拒收", "refused"),
    "stopped": Text("已中止", "stopped"),
    "recalled": Text("已召回", "recalled"),
}


class Standing(NamedTuple):
    """How many deliveries are in each state: those sent from here, and those that came in."""

    sent: dict[str, int]
    taken: dict[str, int]


def standing(ledger: Ledger) -> Standing:
    """The counts, of every state in the order of a life, 0 where there are none."""
    sent, taken = ledger.count(DELIVERY.kind), ledger.count(INTAKE.kind)
    return Standing({state: sent.get(state, 0) for state in SENT}, {state: taken.get(state, 0) for state in TAKEN})
