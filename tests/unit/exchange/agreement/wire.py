"""A fake of the way between nodes: it hands bodies to the platform's handlers, unsigned, and can be cut or tampered with."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from quanmin.errors import QuanminError
from quanmin.exchange.agreement import Standing, verb
from quanmin.exchange.message.envelope import Envelope
from quanmin.exchange.node.handler import HANDLERS, Answer, Received
from quanmin.exchange.node.node import Node
from quanmin.lake import Lake

from .parties import Parties, Pen

assert verb.STEPS


class Wire:
    """`Sender` of one member, straight into the handlers of a node."""

    def __init__(self, member: str, platform: Callable[[], Node]) -> None:
        self.member, self._platform = member, platform
        self.tamper: Callable[[bytes], bytes] = lambda body: body

    def send(self, to: str, method: str, path: str, body: bytes = b"", **_told: Any) -> Answer:
        node = self._platform()
        assert to == node.member
        envelope = Envelope("m", self.member, to)
        for (verb_, form), one in HANDLERS.items():
            found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", form), path)
            if verb_ == method and found is not None:
                received = Received(envelope, None, found.groupdict(), {}, body, "")
                try:
                    reply = one.handle(node, received)
                except QuanminError as error:
                    told = json.dumps(error.to_dict()).encode()
                    return Answer(403, told, envelope, "", "consumer")
                return Answer(reply.status, self.tamper(reply.body), envelope, "")
        raise AssertionError(path)

    def refusal(self, answer: Answer) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(answer.body)
        return found


def node(parties: Parties, lake: Lake, pen: Pen, sender: Any) -> Node:
    """A node of a lake whose clock is that of the parties."""
    lake.ledger.now = lambda: parties.now
    standing = Standing(lake.ledger, lake.settings)
    journal: Any = None
    return Node(lake.settings, lake, pen, lambda: parties.directory, standing, journal, sender)
