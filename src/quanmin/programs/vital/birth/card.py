"""Reported cards become rows of `health.birth`, each once, and are told again when the certificate stands differently.

A gathering is a document with the certificates that it holds; the same gathering makes the same bytes, and the same bytes are
one batch. Whatever was killed between gathering, collecting and marking is done again from the document, and counts once. A
certificate that was exchanged, issued anew, lost or cancelled is told again under its number: the later row is the live one.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from quanmin.collect import Receipt, collect
from quanmin.lake import Lake
from quanmin.ledger import Action, Document, Leases, Workflow, progress, register
from quanmin.ledger.blank import BirthCertificateRow, HolderRow
from quanmin.ledger.table import ActionRow, ProgressRow
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital.certificate import record
from quanmin.programs.vital.certificate.application import Application, Parent
from quanmin.programs.vital.certificate.condition import REGISTER, RESIDENT
from quanmin.programs.vital.certificate.workflow import CANCELLED, CODES, ISSUED, LOST, REPLACED
from quanmin.programs.vital.office import Office

DATASET, SOURCE = "health.birth", "health"
GATHERING = register(
    Workflow("birth_cards", start="gathered", actions=[Action("collect", "gathered", "collected", needs=("batch",))])
)
VALID, GONE, TAKEN, VOID = "1", "2", "3", "4"
"""Codes of `Birth certificate standing-QM1`: valid, reported lost, replaced, cancelled. The last two count no birth."""
STANDING = f"coalesce(standing, '{VALID}') NOT IN ('{TAKEN}', '{VOID}')"
"""SQL: whether a row of `health.birth` counts a birth."""
MOST = 20_000
"""Certificates in one gathering at most; the next call takes the rest."""
WAIT = 60.0
_CODE_LENGTHS = range(9, 23)


def collect_cards(lake: Lake, office: Office) -> Receipt | None:
    """Collect the cards that were reported, or stand differently, since the last time; None where there is nothing new.

    What collect raises is raised, and the next call does the same again.
    """
    with Leases(lake.ledger) as lease:
        lease.take("birth cards", wait=WAIT)
        gathering = _gathering(lake, office)
        if gathering is None:
            return None
        with tempfile.TemporaryDirectory(dir=lake.settings.home) as place:
            path = Path(place) / f"cards-{gathering.id}.ndjson"
            path.write_text(_text(office, gathering.data["cards"]), "utf-8")
            receipt = collect(lake, DATASET, path, SOURCE, office.actor)
        _mark(office, gathering, receipt)
        return receipt


def _gathering(lake: Lake, office: Office) -> Document | None:
    """The one that was left half done, or a new one."""
    open_ = lake.ledger.find(GATHERING.kind, state="gathered", limit=1)
    if open_:
        return open_[-1]
    with lake.ledger.writing() as connection:
        cards = due(connection)
        if not cards:
            return None
        return lake.ledger.create(GATHERING.kind, None, {"cards": cards}, office.actor.id, connection)


def due(connection: Connection, limit: int = MOST) -> list[list[Any]]:
    """Certificates (documents, by number) whose card was reported and whose standing was not told yet, with that standing."""
    row = BirthCertificateRow
    told, standing = ProgressRow.data["standing"].as_string(), _standing()
    query = (
        select(row.document, func.coalesce(standing, VALID))
        .outerjoin(ProgressRow, ProgressRow.document == row.document)
        .where(carded(row.document), or_(told.is_(None), told != standing))
        .order_by(row.document)
        .limit(limit)
    )
    return [list(one) for one in connection.execute(query)]


def _standing() -> ColumnElement[str | None]:
    """The code of a certificate's standing; null while something is about to take its place: it stands as it was told.

    It is replaced only once the card of what took its place is reported, so that every birth counts at every moment once.
    """
    row, after = BirthCertificateRow, aliased(BirthCertificateRow)
    followed = exists().where(after.before == row.number, carded(after.document))
    return case(
        (row.state == CANCELLED, VOID),
        (and_(row.state == REPLACED, followed), TAKEN),
        (row.state == LOST, GONE),
        (row.state == ISSUED, VALID),
        else_=None,
    )


def carded(document: Any) -> ColumnElement[bool]:
    """Whether the card of a certificate, by its document, was reported."""
    return exists().where(ActionRow.document == document, ActionRow.name == "card")


def standings(connection: Connection, documents: Sequence[int]) -> list[tuple[int, str]]:
    """How certificates, by document, stand now; in the order given."""
    found: dict[int, str] = {}
    row = BirthCertificateRow
    for at in range(0, len(documents), 500):
        query = select(row.document, func.coalesce(_standing(), VALID)).where(
            row.document.in_(documents[at : at + 500])
        )
        found |= {document: str(standing) for document, standing in connection.execute(query)}
    return [(document, found[document]) for document in documents]


def rows(office: Office, connection: Connection, cards: Sequence[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """The rows of `health.birth` of certificates, given as pairs of document and standing; in their order."""
    titles = {code: title for code, title in connection.execute(select(HolderRow.code, HolderRow.title))}
    for at in range(0, len(cards), 500):
        part = {int(document): str(standing) for document, standing in cards[at : at + 500]}
        documents = {one.id: one for one in office.ledger.several(list(part), connection)}
        wanted = select(BirthCertificateRow.__table__).where(BirthCertificateRow.document.in_(list(part)))
        found: dict[int, dict[str, Any]] = {one["document"]: dict(one) for one in connection.execute(wanted).mappings()}
        for number, standing in part.items():
            row = found[number]
            yield row_of(documents[number], row, titles[row["holder"]], standing)


def _text(office: Office, cards: Sequence[Sequence[Any]]) -> str:
    """One line of JSON a certificate, the same for the same cards."""
    with office.ledger.reading() as connection:
        lines = [json.dumps(one, ensure_ascii=False, sort_keys=True) for one in rows(office, connection, cards)]
    return "\n".join(lines) + "\n"


def row_of(document: Document, row: Mapping[str, Any], title: str, standing: str) -> dict[str, Any]:
    """The row of `health.birth` of a certificate (its document and row, its holder's title); what has no value is left out."""
    says, holder, before = record.application_of(document), str(row["holder"]), row["before"]
    own = {
        "certificate_no": numbers.text(row["number"]),
        "issue": CODES[row["kind"]],
        "standing": standing,
        "previous_certificate_no": None if before is None else numbers.text(before),
        "institution_code": holder if len(holder) in _CODE_LENGTHS else None,
        "institution_name": title,
        "issued_on": row["issued_on"],
        "reported_on": next(step.data["on"] for step in document.actions if step.name == "card"),
        "parity": says.parity,
        "delivery": says.delivery,
        **_child(says),
        **_parent(says.mother, "mother"),
        **_parent(says.father, "father"),
    }
    return {name: _plain(value) for name, value in own.items() if value is not None and value != ""}


def _child(says: Application) -> dict[str, Any]:
    child = says.newborn
    return {
        "name": child.name,
        "sex": child.sex,
        "birth_date": child.birth_date,
        "birth_time": child.birth_time,
        "birth_place": child.place,
        "birth_place_type": child.place_type,
        "gestational_weeks": child.weeks,
        "weight": child.weight,
        "length": child.length,
        "plurality": child.order,
        "plurality_count": child.plurality,
    }


def _parent(one: Parent | None, side: str) -> dict[str, Any]:
    """A parent's elements; a father that the mother does not state is `/`."""
    if one is None:
        return {"father_name": "/", "father_number": "/"} if side == "father" else {}
    citizen = one.document_type in (RESIDENT, REGISTER)
    own: dict[str, Any] = {f"{side}_name": one.name, f"{side}_number": one.document_number if citizen else None}
    if side == "mother":
        own |= {
            "mother_birth_date": one.birth_date,
            "mother_ethnicity": one.ethnicity,
            "mother_document_type": one.document_type,
            "mother_document_no": None if citizen else one.document_number,
            "mother_residence": one.residence,
        }
    return own


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _mark(office: Office, gathering: Document, receipt: Receipt) -> None:
    """It is collected, and each certificate remembers what was told of it, in one transaction."""
    with office.ledger.writing() as connection:
        data = {"batch": receipt.batch, "accepted": receipt.accepted, "quarantined": receipt.quarantined}
        office.ledger.act(gathering.id, "collect", data, office.actor.id, connection=connection)
        for document, standing in gathering.data["cards"]:
            told = {"standing": standing, "batch": receipt.batch}
            progress.tell(connection, int(document), told, office.now())
