"""Errors go back to whoever delivered what has them: a delivery in the other direction under the same agreement.

A feedback answers one delivery. It tells the errors that were not told as standing by the feedback acknowledged last, and those
that were and stand no more. Nothing further is told of a delivery while a feedback about it is on its way. A kill between its
steps leaves a case that the next run goes on with: the file is on disk before the case, the case before the delivery.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from quanmin.collect import BATCH
from quanmin.exchange.delivery import outbox
from quanmin.exchange.delivery.crash import crash
from quanmin.exchange.delivery.manifest import What
from quanmin.exchange.intake import case, delivered, dispute, register, standing, told
from quanmin.exchange.intake.delivered import Delivered
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.lake import Lake
from quanmin.ledger import Document, Leases

MOST = 100_000
"""Errors of one delivery that stand as told at a time; the summary says how many more there are. As some are closed, others
are told: a delivery of which every row fails makes one case, and is corrected at its source rather than line by line."""
Post = Callable[[Node, Terms, Path, "Parcel"], Document]
"""Sends a file as a delivery under an agreement, from this member to the other side; the document of the delivery."""


@dataclass(frozen=True)
class Parcel:
    """What is said of a file that is sent: its content, dataset, name, lines or rows, and the delivery that it answers."""

    content: What
    dataset: str
    file: str
    rows: int
    answers: str | None = None


@dataclass(frozen=True)
class Round:
    """One look at an agreement: the deliveries told of, and lines of them."""

    agreement: str
    feedback: tuple[str, ...] = ()
    told: int = 0
    closed: int = 0


def posted(node: Node, terms: Terms, file: Path, parcel: Parcel) -> Document:
    """Send through the outbox."""
    return outbox.send(
        node,
        terms,
        file,
        parcel.content,
        file=parcel.file,
        dataset=parcel.dataset,
        rows=parcel.rows,
        answers=parcel.answers,
    )


def tell_all(node: Node, post: Post = posted) -> list[Round]:
    """Tell what is new under every agreement in force of which this member is the consumer."""
    return [tell(node, terms, post) for terms in node.agreements.all() if terms.consumer == node.member]


def tell(node: Node, terms: Terms, post: Post = posted) -> Round:
    """Tell the provider of an agreement what is new about its deliveries; by one process at a time."""
    with Leases(node.ledger) as lease:
        lease.take(f"exchange feedback {terms.id}", wait=30)
        _go_on(node, terms, post)
        return _tell(node, terms, post)


def cases(node: Node, terms: str | None = None) -> list[Document]:
    """The cases of an agreement or of all, the oldest first."""
    found = node.ledger.find(case.CASE.kind)
    return [one for one in found if terms is None or one.data["agreement"] == terms]


def _go_on(node: Node, terms: Terms, post: Post) -> None:
    """Send what was prepared and not sent, and see what came of what was sent."""
    for one in cases(node, terms.id):
        if one.state == "prepared":
            _send(node, terms, one, post)
        elif one.state == "told":
            _see(node, one)


def _see(node: Node, one: Document) -> None:
    found = node.ledger.find(delivered.DELIVERY, ref=one.data["delivery"])
    sent = found[-1] if found else None
    if sent is None or sent.state in ("refused", "cancelled", "recalled"):
        node.ledger.act(one.id, "lapse", {"error": {"state": sent.state if sent else "gone"}})
    elif sent.state == "acknowledged":
        node.ledger.act(one.id, "acknowledge", {"receipt": sent.data["receipt"]})


def _send(node: Node, terms: Terms, one: Document, post: Post) -> None:
    """Send the file of a case, unless that was done before a kill."""
    file = register.folder(node.settings.home, str(one.ref)) / f"{one.data['number']}.zip"
    own = [made for made in delivered.sent(node.ledger, terms.id) if made.sha256 == one.data["sha256"]]
    if own:
        node.ledger.act(one.id, "send", {"delivery": own[-1].id})
    elif file.is_file():
        parcel = Parcel(
            "feedback", terms.dataset, f"{terms.dataset}.feedback.zip", int(one.data["lines"]), str(one.ref)
        )
        sent = post(node, terms, file, parcel)
        crash("feedback posted")
        node.ledger.act(one.id, "send", {"delivery": sent.ref})
    else:
        node.ledger.act(one.id, "lapse", {"error": {"state": "gone"}})


@dataclass(frozen=True)
class Answered:
    """A delivery that may be told of: its batch (None where nothing of it is in the lake) and its cases."""

    delivery: Delivered
    batch: int | None
    cases: tuple[Document, ...]

    @property
    def known(self) -> str | None:
        """The case acknowledged last."""
        acknowledged = [one for one in self.cases if one.state in ("open", "closed")]
        return str(acknowledged[-1].data["number"]) if acknowledged else None

    @property
    def newest(self) -> str | None:
        """The case told last, acknowledged or not."""
        alive = [one for one in self.cases if one.state != "lapsed"]
        return str(alive[-1].data["number"]) if alive else None


@dataclass(frozen=True)
class Stand:
    """The errors of a delivery as they are now (`standing.SCHEMA`): all that were told, and of others the first.

    `beyond` is how many others there are that were not looked at one by one.
    """

    answered: Answered
    errors: pa.Table
    beyond: int = 0


Source = Callable[[Node, Terms], Iterator[Stand]]
SOURCES: list[Source] = []
"""Where the errors of what is delivered under an agreement are found."""


def source(find: Source) -> Source:
    """Register where errors are found."""
    SOURCES.append(find)
    return find


def by_delivery(node: Node, terms: Terms) -> dict[str, tuple[Document, ...]]:
    """The cases of an agreement by the delivery that they answer, each in order."""
    own: dict[str, tuple[Document, ...]] = {}
    for one in cases(node, terms.id):
        own[str(one.ref)] = (*own.get(str(one.ref), ()), one)
    return own


def answered(node: Node, terms: Terms) -> list[Answered]:
    """What was collected under an agreement; of deliveries of the same bytes, the first one that stands."""
    own = by_delivery(node, terms)
    held = {one.ref: one.id for one in node.ledger.find(BATCH.kind, state="accepted")}
    found, seen = [], set[int]()
    for delivery in delivered.received(node.ledger, terms.id, ("accepted", "recalled")):
        if delivery.content not in delivered.FILES:
            continue
        batch = held.get(delivery.reference) if delivery.state == "accepted" else None
        batch = None if batch in seen else batch
        seen.update([] if batch is None else [batch])
        found.append(Answered(delivery, batch, own.get(delivery.id, ())))
    return found


@source
def collected(node: Node, terms: Terms) -> Iterator[Stand]:
    """The errors of what was collected: those of its rows, and those that the base found."""
    found = answered(node, terms)
    batches = [one.batch for one in found if one.batch is not None]
    errors = standing.errors(node.lake, terms.dataset, terms.provider, batches, corrections(node, found))
    for one in found:
        yield Stand(one, errors.filter(pc.equal(errors.column("batch"), pa.scalar(one.batch, pa.int64()))))


def corrections(node: Node, found: Sequence[Answered]) -> dict[int, list[int]]:
    """Per batch, those that were sent as its corrections: answering a feedback about it, or the delivery itself."""
    batches = {one.delivery.id: one.batch for one in found if one.batch is not None}
    about = {str(told.data.get("delivery")): str(one.delivery.id) for one in found for told in one.cases}
    pairs: dict[int, list[int]] = defaultdict(list)
    for one in found:
        answers = one.delivery.answers
        first = batches.get(about.get(answers, answers)) if answers else None
        if first is not None and one.batch is not None and one.batch != first:
            pairs[first].append(one.batch)
    return pairs


def _tell(node: Node, terms: Terms, post: Post) -> Round:
    round_ = Round(terms.id)
    for found in chain.from_iterable(find(node, terms) for find in SOURCES):
        one = found.answered
        stands = dispute.without_upheld(node.ledger, _standing(found.errors), one.cases)
        _count(node, one, found.errors, stands)
        if any(told_.state in case.WAITING for told_ in one.cases):
            continue
        news = _news(node, one, stands, found.beyond)
        if news.count:
            made = _prepare(node, terms, one, news)
            _send(node, terms, made, post)
            sent = node.ledger.get(made.id)
            names = (*round_.feedback, str(sent.data.get("delivery")))
            round_ = Round(terms.id, names, round_.told + len(news.new), round_.closed + len(news.gone))
    return round_


@dataclass(frozen=True)
class News:
    """What is told now: errors that are `new`, those that are `gone`, and how many `more` stand that are not told yet."""

    new: pa.Table
    gone: pa.Table
    more: int

    @property
    def count(self) -> int:
        """Lines of the feedback."""
        return len(self.new) + len(self.gone)


def _news(node: Node, one: Answered, stands: pa.Table, beyond: int) -> News:
    """What is new, as far as there is room: no more than `MOST` errors of a delivery stand as told at a time."""
    known = register.read(node.settings.home, one.delivery.id, one.known)
    new, gone = register.news(known, stands)
    room = max(0, MOST - (len(stands) - len(new)))
    return News(new.slice(0, room), gone, beyond + max(0, len(new) - room))


def _standing(own: pa.Table) -> pa.Table:
    """Without errors of rows as they were sent that were replaced since; those of the base stand until it is built again."""
    moot = pc.and_(own.column("replaced"), pc.equal(own.column("origin"), "file"))
    return own.filter(pc.invert(moot))


def _prepare(node: Node, terms: Terms, one: Answered, news: News) -> Document:
    """The file, the register, and then the case."""
    home, number, new, gone = node.settings.home, str(len(one.cases) + 1), news.new, news.gone
    before = register.read(home, one.delivery.id, one.known)
    register.write(home, one.delivery.id, number, register.after(before, new, gone, number))
    facts = {
        "delivery": one.delivery.id,
        "number": int(number),  # so that no two feedbacks of a delivery are the same bytes
        "agreement": one.delivery.agreement,
        "source": terms.provider,
        "at": node.ledger.now().isoformat(timespec="seconds"),
        "snapshot": _snapshot(node.lake),
        "more": news.more,
    }
    path = register.folder(home, one.delivery.id) / f"{number}.zip"
    made = told.make(path, terms.dataset, new, gone, facts)
    crash("feedback made")
    due = min((day for day in new.column("due_on").to_pylist() if day is not None), default=None)
    data = {
        "agreement": terms.id,
        "member": terms.provider,
        "dataset": terms.dataset,
        "batch": one.batch,
        "number": number,
        "told": len(new),
        "closes": len(gone),
        "more": news.more,
        "lines": made.lines,
        "sha256": made.sha256,
        "due_on": due and due.isoformat(),
    }
    found = node.ledger.create(case.CASE.kind, one.delivery.id, data)
    crash("case kept")
    return found


def _snapshot(lake: Lake) -> int:
    return lake.snapshot().id


def _count(node: Node, one: Answered, own: pa.Table, stands: pa.Table) -> None:
    """Where the errors of each case stand now; a case of which none is left is closed."""
    alive = [told_ for told_ in one.cases if told_.state in ("told", "open")]
    if not alive:
        return
    known = register.read(node.settings.home, one.delivery.id, one.newest)
    marks, numbers = register.marks(known).to_pylist(), known.column("case").to_pylist()
    now = dict(zip(register.marks(own).to_pylist(), own.column("replaced").to_pylist(), strict=True))
    standing_now = set(register.marks(stands).to_pylist())
    raised = dispute.raised(node.ledger, known, one.cases)
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for place, (mark, number) in enumerate(zip(marks, numbers, strict=True)):
        totals[number][_state(mark, now, standing_now, place in raised)] += 1
    for told_ in alive:
        counted = totals[str(told_.data["number"])]
        counted["closed"] += int(told_.data["told"]) - counted.total()
        case.stand(node.ledger, told_, dict(counted))


def _state(mark: str, now: dict[str, bool], stands: set[str], disputed: bool) -> str:
    """Of one error that was told."""
    if mark not in now:
        return "closed"
    if mark not in stands:
        return "closed" if now[mark] else "upheld"
    if disputed:
        return "disputed"
    return "corrected" if now[mark] else "open"
