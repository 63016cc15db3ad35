"""The queue: putting work in, looking at it, ending it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from quanmin.jobs.errors import NoSuchJob, NotYourJob, UnknownKind
from quanmin.jobs.job import JOB, OPEN, Job, of_document, owner_of
from quanmin.jobs.kind import Kind, allowed, kind, require
from quanmin.jobs.report import read
from quanmin.lake import Lake
from quanmin.ledger import Document, database
from quanmin.ledger.errors import UnknownDocument
from quanmin.ledger.listing import SIZE, page
from quanmin.ledger.progress import told
from quanmin.trust import Actor


@dataclass(frozen=True)
class Listing:
    """A page of jobs, the newest first, and how many there are in all."""

    jobs: list[Job]
    total: int
    page: int
    pages: int


def queue(lake: Lake, actor: Actor, name: str, parameters: Mapping[str, Any] | None = None) -> Job:
    """Put work into the queue on behalf of an actor. UnknownKind, RoleMissing, BadParameter."""
    known = kind(name)
    if not known.roles:
        raise UnknownKind(name=name)
    require(lake, actor, known)
    data = about(lake, actor, known, parameters or {})
    return of_document(lake.ledger.create(JOB.kind, known.name, data, actor.id))


def order(lake: Lake, name: str, parameters: Mapping[str, Any], account: str) -> Job:
    """Put work into the queue that the program orders for an account; once while it waits or is done. BadParameter."""
    known = kind(name)
    assert not known.roles  # nobody's work is ordered in his stead
    data = about(lake, Actor(account, frozenset()), known, parameters)
    with lake.ledger.writing() as connection:
        database.lock(connection, f"job {name}")
        for document in lake.ledger.find(JOB.kind, ref=name, states=OPEN, connection=connection):
            if document.data["parameters"] == data["parameters"]:
                return of_document(document)
        return of_document(lake.ledger.create(JOB.kind, known.name, data, account, connection))


def about(lake: Lake, actor: Actor, known: Kind, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What the document of a new job holds."""
    checked = known.checked(lake.settings, parameters)
    return {"kind": known.name, "parameters": checked, "owner": owner_of(actor)}


def get(lake: Lake, number: int) -> Job:
    """A job with how far it is; NoSuchJob."""
    with lake.ledger.reading() as connection:
        return _told(connection, [_document(lake, number, connection)])[0]


def listing(
    lake: Lake, states: Sequence[str] = (), *, number: int = 1, size: int = SIZE, ref: str | None = None
) -> Listing:
    """A page of jobs, the newest first; `ref` is the name of a kind."""
    found = page(lake.ledger, [JOB.kind], states, number, size, newest=True, ref=ref)
    with lake.ledger.reading() as connection:
        return Listing(_told(connection, found.documents), found.total, found.page, found.pages)


def counts(lake: Lake) -> dict[str, int]:
    """How many jobs are in each state."""
    return lake.ledger.count(JOB.kind)


def cancel(lake: Lake, actor: Actor, number: int) -> Job:
    """End a job: at once where it waits; where it is being done, at the next place where that can be done.

    Whoever queued it may, and those whose work it is. NoSuchJob, NotYourJob, IllegalAction when it is over.
    """
    document = _mine(lake, actor, number)
    with lake.ledger.writing() as connection:
        now = _document(lake, number, connection)
        action = "stop" if now.state == "running" else "cancel"
        done = lake.ledger.act(number, action, {}, actor.id, connection=connection)
    if done.state == "cancelled":
        known = kind(document.data["kind"])
        known.after(lake.settings, document.data["owner"]["id"], document.data["parameters"])
    return get(lake, number)


def again(lake: Lake, actor: Actor, number: int) -> Job:
    """Queue a job that was interrupted anew, on behalf of the actor. RoleMissing, NotYourJob, IllegalAction."""
    document = _document(lake, number)
    known, owner = kind(document.data["kind"]), document.data["owner"]["id"]
    require(lake, actor, known)
    if not known.by_clock and actor.id != owner:  # the upload is whoever's it was
        raise NotYourJob(job=number, role=", ".join(known.roles))
    lake.ledger.act(number, "again", {"owner": owner_of(actor)}, actor.id)
    return get(lake, number)


def _mine(lake: Lake, actor: Actor, number: int) -> Document:
    document = _document(lake, number)
    known = kind(document.data["kind"])
    if actor.id != document.data["owner"]["id"] and not allowed(actor, known):
        raise NotYourJob(job=number, role=", ".join(known.roles))
    return document


def _document(lake: Lake, number: int, connection: Connection | None = None) -> Document:
    try:
        return lake.ledger.get(number, connection, kinds=(JOB.kind,))
    except UnknownDocument:
        raise NoSuchJob(job=number) from None


def _told(connection: Connection, documents: Sequence[Document]) -> list[Job]:
    """Jobs with how far they are."""
    known = told(connection, [one.id for one in documents])
    return [of_document(one, read(known[one.id]) if one.id in known else None) for one in documents]
