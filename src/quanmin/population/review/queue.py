"""The queue: what the base leaves to a clerk becomes documents, and what is no longer asked lapses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import select

from quanmin import flow, standards
from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.ledger import Document, Leases, workflow
from quanmin.ledger import listing as pages
from quanmin.ledger.table import DocumentRow
from quanmin.population.errors import NotBuilt
from quanmin.population.linkage.table import LINK
from quanmin.population.plan import Plan, plan_of
from quanmin.population.review import item, journal, merge
from quanmin.population.review.double import doubles
from quanmin.population.review.item import About
from quanmin.population.tables import PERSON, STATEMENT
from quanmin.text import Text
from quanmin.trust import Actor

STAGE = flow.Stage("review", Text("人工审核", "clerical review"), reads=("clean.*", "linked.*"), writes=())
MOST_RIVALS = 5
"""So many of the records that claim a number are shown beside its holder."""
AT_ONCE = 1000


class Found(NamedTuple):
    """A question that the base leaves open."""

    about: About
    ref: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Gathered:
    """What a gathering did: new items by what they are about, and how many lapsed."""

    new: dict[About, int]
    lapsed: int
    snapshot: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)


def gather(lake: Lake) -> Gathered:
    """Make an item for every open question of the base, once; let those lapse that the base no longer asks. NotBuilt."""
    with Leases(lake.ledger) as leases:
        leases.take("review gather", 60)
        with Session(lake, STAGE) as session:
            if not session.exists(PERSON):
                raise NotBuilt()
            found = {(one.about, one.ref): one for one in questions(session)}
            snapshot = session.snapshot.id
        lapsed = _lapse(lake, set(found))
        known = _known(lake)
        fresh = [one for place, one in found.items() if place not in known]
        remaining = iter(fresh)
        while some := list(islice(remaining, AT_ONCE)):
            with lake.ledger.writing() as connection:
                for one in some:
                    lake.ledger.create(item.KINDS[one.about].kind, one.ref, one.data, connection=connection)
    new = {about: sum(one.about == about for one in fresh) for about in item.KINDS}
    return Gathered(new, lapsed, snapshot)


def questions(session: Session) -> Iterator[Found]:
    """Every open question, about the people who survive as they are now."""
    plan, merged = plan_of(standards.catalogue()), merge.everyone(session.lake.ledger)
    yield from _links(session, merged)
    yield from _contested(session, plan, merged)
    yield from _doubles(session, plan, merged)


def _links(session: Session, merged: dict[int, int]) -> Iterator[Found]:
    if not session.exists(LINK):
        return
    columns = "person_key, dataset, _batch, _row, weight, probability, margin, model"
    query = f"SELECT {columns} FROM {session.relation(LINK)} WHERE decision = 'review' ORDER BY dataset, _batch, _row"
    for key, dataset, batch, row, *rest in session.connection.sql(query).fetchall():
        person = merged.get(key, key)
        ref = f"{dataset} {batch} {row} {journal.reference(session.lake, person)}"
        data = {"people": [person], "dataset": dataset, "batch": batch, "row": row}
        yield Found("link", ref, {**data, **dict(zip(("weight", "probability", "margin", "model"), rest, strict=True))})


def _contested(session: Session, plan: Plan, merged: dict[int, int]) -> Iterator[Found]:
    if not session.exists(STATEMENT) or not session.exists(f"clean.{plan.benchmark.dataset}"):
        return
    dataset = plan.benchmark.dataset  # the numbers that the rows state: a merge has led their statements elsewhere
    stated = f"SELECT _batch, _row FROM {session.relation(STATEMENT)} WHERE dataset = '{dataset}' AND outcome = 'E06'"
    query = (
        f"SELECT c.person_key, list((c._batch, c._row) ORDER BY c._batch, c._row) FROM {session.live(dataset)} AS c "
        f"SEMI JOIN ({stated}) AS s ON s._batch = c._batch AND s._row = c._row "
        "WHERE c.person_key IS NOT NULL GROUP BY ALL ORDER BY ALL"
    )
    for key, places in session.connection.sql(query).fetchall():
        if key in merged:
            continue
        claims = hashlib.sha256(repr(places).encode()).hexdigest()[:12]
        data = {
            "people": [key],
            "dataset": dataset,
            "claims": len(places),
            "rows": list(map(list, places[:MOST_RIVALS])),
        }
        yield Found("contested", f"{journal.reference(session.lake, key)} {claims}", data)


def _doubles(session: Session, plan: Plan, merged: dict[int, int]) -> Iterator[Found]:
    for one in doubles(session, plan):
        pair = sorted({merged.get(key, key) for key in one.people})
        if len(pair) == 2:
            ref = " ".join(journal.reference(session.lake, key) for key in pair)
            counts = dict(zip((merged.get(key, key) for key in one.people), one.records, strict=True))
            data = {"people": pair, "records": [counts[key] for key in pair], "near": one.near}
            yield Found("double", ref, data)


def _known(lake: Lake) -> set[tuple[About, str]]:
    """The questions that were asked before and did not lapse."""
    kinds = {workflow.kind: about for about, workflow in item.KINDS.items()}
    query = select(DocumentRow.kind, DocumentRow.ref).where(
        DocumentRow.kind.in_(list(kinds)), DocumentRow.state != "lapsed"
    )
    with lake.ledger.reading() as connection:
        return {(kinds[kind], str(ref)) for kind, ref in connection.execute(query)}


def _lapse(lake: Lake, asked: set[tuple[About, str]]) -> int:
    """Let waiting items lapse that are no longer asked; one that was undone stays until somebody decides anew."""
    count, merged = 0, merge.everyone(lake.ledger)
    for about, kind in item.KINDS.items():
        for document in lake.ledger.find(kind.kind, states=item.WAITING):
            stale = any(key in merged for key in item.people(document.data))
            undone = any(step.name == "undo" for step in document.actions)
            if stale or ((about, str(document.ref)) not in asked and not undone):
                lake.ledger.act(document.id, "lapse", {"why": "merged" if stale else "gone"})
                count += 1
    return count


def listing(
    lake: Lake, abouts: Sequence[About] = (), states: Sequence[str] = item.WAITING, limit: int | None = None
) -> list[dict[str, Any]]:
    """Items without anybody's data: number, what about, state, since when, due when, the address of the record."""
    found = [
        document
        for about in abouts or tuple(item.KINDS)
        for document in lake.ledger.find(item.KINDS[about].kind, states=states)
    ]
    return [told(document) for document in sorted(found, key=lambda one: one.id)[:limit]]


def page(
    lake: Lake, abouts: Sequence[About] = (), states: Sequence[str] = item.WAITING, number: int = 1
) -> dict[str, Any]:
    """A page of `listing`, the oldest first: `items`, `page`, `pages`, `total`."""
    found = pages.page(lake.ledger, _kinds(abouts), states, number)
    return {
        "items": [told(one) for one in found.documents],
        "page": found.page,
        "pages": found.pages,
        "total": found.total,
    }


def following(lake: Lake, actor: Actor, review: int, abouts: Sequence[About] = (), back: bool = False) -> int | None:
    """The next item (or the one before) that waits for an opinion of an actor; None at the end of the queue."""
    at = review
    while numbers := pages.beside(lake.ledger, _kinds(abouts), item.WAITING, at, back):
        for at in numbers:
            if item.waits_for(lake.ledger.get(at), actor, actor.id):
                return at
    return None


def _kinds(abouts: Sequence[About]) -> list[str]:
    return [item.KINDS[about].kind for about in abouts or tuple(item.KINDS)]


def told(document: Document) -> dict[str, Any]:
    """An item as the list shows it."""
    about = item.about(document)
    dues = [a.due.after(document.since) for a in workflow(document.kind).allowed(document.state) if a.due is not None]
    return {
        "review": document.id,
        "about": about,
        "title": item.ABOUT[about],
        "state": document.state,
        "state_title": item.STATES[document.state],
        "since": document.since,
        "due": min(dues, default=None),
        "dataset": document.data.get("dataset"),
        "batch": document.data.get("batch"),
        "row": document.data.get("row"),
        "weight": document.data.get("weight"),
        "answer": item.settled(document),
        "steps": len(document.actions),
    }


def counts(lake: Lake) -> dict[About, dict[str, int]]:
    """How many items are in each state, by what they are about."""
    return {about: lake.ledger.count(kind.kind) for about, kind in item.KINDS.items()}
