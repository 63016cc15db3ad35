"""Finding entries by who, about whom, when, for what purpose and of what kind; and a person's own record of access."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from quanmin.ledger import Ledger
from quanmin.ledger.table import AuditLinkRow, AuditRow
from quanmin.trust.audit import record
from quanmin.trust.audit.facts import NOTHING, Facts
from quanmin.trust.audit.log import Entry

LIMIT = 100
_POST: dict[str, type | tuple[type, ...]] = {"roles": list, "organisation": (str, type(None))}
_SOME = 500  # keys asked for at a time


class Access(NamedTuple):
    """One access to a person's data: who, in what role and for which organisation, when, why, and which columns."""

    sequence: int
    at: datetime
    event: str
    actor: str
    roles: tuple[str, ...]
    organisation: str | None
    purpose: str | None
    dataset: str | None
    columns: Mapping[str, str]


def search(
    ledger: Ledger,
    *,
    actor: str | None = None,
    person: str | None = None,
    purpose: str | None = None,
    event: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = LIMIT,
) -> list[Entry]:
    """The newest entries that fit, newest first; `person` is a pseudonym of the audit; `until` is not included.

    `before` is the number of an entry: only older ones are searched, so that a list goes on where it ended.
    """
    query = select(AuditRow.__table__)
    if person is not None:
        query = query.join(AuditLinkRow, AuditLinkRow.sequence == AuditRow.sequence)
        query = query.where(AuditLinkRow.key == f"p:{person}")
    exact = ((AuditRow.actor, actor), (AuditRow.purpose, purpose), (AuditRow.event, event))
    query = query.where(*(column == value for column, value in exact if value is not None))
    query = query.where(AuditRow.at >= since) if since else query
    query = query.where(AuditRow.at < until) if until else query
    query = query.where(AuditRow.sequence < before) if before is not None else query
    with ledger.reading() as connection:
        return read(connection, query.order_by(AuditRow.sequence.desc()).limit(limit))


def of_person(ledger: Ledger, pseudonym: str, facts: Facts = NOTHING, limit: int = 10_000) -> list[Access]:
    """Every access to what is stored of a person, newest first; a read is one, and its beginning where it has no end."""
    found = search(ledger, person=pseudonym, limit=limit)
    over = {one.fields.get("begun") for one in found}
    found = [one for one in found if one.fields["event"] != record.BEGUN or one.sequence not in over]
    wanted = sorted({one.fields["decision"] for one in found if isinstance(one.fields.get("decision"), str)})
    decided = {one.fields["decision"]: one.fields for one in _decisions(ledger, wanted)}
    return [_access(entry, decided.get(entry.fields.get("decision"), {}), facts) for entry in found]


def _access(entry: Entry, decision: Mapping[str, Any], facts: Facts) -> Access:
    fields = {**decision, **entry.fields}
    noted = {**_told(decision.get("facts")), **_told(fields)}  # the decision's own word of that day, else the ledger's
    roles, organisation = facts.post(entry.fields["actor"], entry.at) if len(noted) < len(_POST) else ((), None)
    if "roles" in noted:
        roles = tuple(str(role) for role in noted["roles"])
    columns = fields.get("columns")
    shown = columns.items() if isinstance(columns, dict) else ()
    return Access(
        sequence=entry.sequence,
        at=entry.at,
        event=entry.fields["event"],
        actor=entry.fields["actor"],
        roles=roles,
        organisation=noted.get("organisation", organisation),
        purpose=fields.get("purpose"),
        dataset=fields.get("dataset"),
        columns={name: outcome for name, outcome in shown if outcome != "withheld"},
    )


def _told(given: object) -> dict[str, Any]:
    """What an entry says of the post of its actor."""
    fields = given if isinstance(given, dict) else {}
    return {name: fields[name] for name, sort in _POST.items() if name in fields and isinstance(fields[name], sort)}


def _decisions(ledger: Ledger, wanted: list[str]) -> Iterable[Entry]:
    with ledger.reading() as connection:
        for start in range(0, len(wanted), _SOME):
            keys = [f"d:{one}" for one in wanted[start : start + _SOME]]
            query = select(AuditRow.__table__).join(AuditLinkRow, AuditLinkRow.sequence == AuditRow.sequence)
            yield from read(connection, query.where(AuditLinkRow.key.in_(keys)))


def ended(connection: Connection, begun: Sequence[int]) -> set[int]:
    """Of entries that begin a read those whose end is in the log, too."""
    over = set[int]()
    for start in range(0, len(begun), _SOME):
        names = {record.beginning(one): one for one in begun[start : start + _SOME]}
        kept = connection.execute(select(AuditLinkRow.key).where(AuditLinkRow.key.in_(list(names))))
        over |= {names[key] for key in kept.scalars()}
    return over


def read(connection: Connection, query: Select[Any]) -> list[Entry]:
    """The entries of a query."""
    found = []
    for *columns, leaf in connection.execute(query):
        event = record.Event._make(columns)
        found.append(Entry(event.sequence, event.at, event.fields(), leaf.hex()))
    return found
