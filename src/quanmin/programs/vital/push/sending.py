"""A package goes upward through the exchange, a delivery a dataset, and what the level above says of it comes back.

Each part goes under the agreement of its dataset; one without rows is not sent, for the sums tell it. A correction answers the
delivery that it corrects. What was sent before a kill is remembered; a part that was sent and not remembered is the same bytes
again, which count once where they are collected.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from quanmin import standards
from quanmin.exchange.delivery import outbox
from quanmin.exchange.delivery.manifest import What
from quanmin.exchange.intake import kept
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push import bundle
from quanmin.programs.vital.push.bundle import Part, read_package
from quanmin.programs.vital.push.errors import NotAgreed
from quanmin.programs.vital.role import SUPERVISOR


@dataclass(frozen=True)
class Answer:
    """What became of a part: its delivery's state and rows, and the errors that the level above told and closed."""

    dataset: str
    rows: int
    delivery: str | None
    state: str
    accepted: int | None = None
    quarantined: int | None = None
    told: int = 0
    closed: int = 0
    due_on: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


def send(node: Node, office: Office, terms: Sequence[Terms], path: Path) -> dict[str, str]:
    """Send every part that has rows; the deliveries by dataset. What was sent already is not sent again.

    RoleMissing, PackageBroken, PushUnknown, NotAgreed, and what the outbox refuses.
    """
    office.require(SUPERVISOR)
    made = read_package(path)
    document = bundle.get(office, made.id)
    agreed = {part.dataset: _agreed(node, terms, part) for part in made.parts if part.rows}
    sent: dict[str, str] = dict(document.data.get("deliveries", {}))
    if document.state == "sent":
        return sent
    corrected = {} if made.corrects is None else bundle.get(office, made.corrects).data.get("deliveries", {})
    with tempfile.TemporaryDirectory(dir=office.settings.home) as folder:
        for part in made.parts:
            if part.rows and part.dataset not in sent:
                file = Path(folder) / part.file
                file.write_bytes(made.read(path, part))
                sent[part.dataset] = _deliver(node, agreed[part.dataset], part, file, corrected.get(part.dataset))
                office.ledger.act(document.id, "deliver", {"deliveries": dict(sent)}, office.actor.id)
    office.ledger.act(document.id, "send", {}, office.actor.id)
    return sent


def _agreed(node: Node, terms: Sequence[Terms], part: Part) -> Terms:
    """The agreement by which this member pushes a part as files; NotAgreed where there is none, or it leaves out an element."""
    wanted = {element.name for element in standards.catalogue().dataset(part.dataset).elements}
    for one in terms:
        files = one.pushes and one.content == "file" and one.provider == node.member
        if one.dataset == part.dataset and files and wanted <= {*one.elements}:
            return one
    raise NotAgreed(dataset=part.dataset)


def _deliver(node: Node, terms: Terms, part: Part, file: Path, corrects: str | None) -> str:
    content: What = "file" if corrects is None else "correction"
    made = outbox.send(
        node,
        terms,
        file,
        content,
        file=f"{part.batch}.csv",
        form="csv",
        dataset=part.dataset,
        rows=part.rows,
        answers=corrects,
    )
    return str(made.ref)


def answers(node: Node, office: Office, name: str) -> list[Answer]:
    """What the level above made of a package, part by part. PushUnknown."""
    document = bundle.get(office, name)
    feedback = kept.listing(node)
    return [_answer(node, Part(**part), document, feedback) for part in document.data["parts"]]


def _answer(node: Node, part: Part, document: Document, feedback: Sequence[kept.Kept]) -> Answer:
    delivery = document.data.get("deliveries", {}).get(part.dataset)
    if delivery is None:
        return Answer(part.dataset, part.rows, None, "empty" if not part.rows else "waiting")
    found = outbox.of(node, delivery)
    told = [one for one in feedback if one.answers == delivery]
    return Answer(
        part.dataset,
        part.rows,
        delivery,
        found.state,
        found.data.get("accepted"),
        found.data.get("quarantined"),
        sum(one.told for one in told),
        sum(one.closed for one in told),
        min((one.due_on for one in told if one.due_on is not None), default=None),
    )
