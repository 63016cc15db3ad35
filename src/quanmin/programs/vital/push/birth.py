"""Births of a month as rows of `health.birth`: the reported cards of what was issued in it, as their certificates stand now."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from quanmin.ledger.blank import BirthCertificateRow
from quanmin.programs.vital.birth import card
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push.month import Month
from quanmin.programs.vital.push.row import Line

DATASET = card.DATASET


def rows(office: Office, connection: Connection, one: Month) -> Iterator[Line]:
    """The rows, by certificate."""
    query = (
        select(BirthCertificateRow.document)
        .where(BirthCertificateRow.issued_on.between(one.first, one.last), card.carded(BirthCertificateRow.document))
        .order_by(BirthCertificateRow.number)
    )
    documents = list(connection.execute(query).scalars())
    yield from card.rows(office, connection, card.standings(connection, documents))
