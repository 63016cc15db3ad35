"""How often records are looked at, downloaded and made use of.

Counting is another's work (a job over the server's log); here is kept what it hands in, all of it or nothing: a failed
update leaves every counter as it was. The hottest are sorted by a sum in which what is rarer weighs more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from quanmin.ledger import Ledger
from quanmin.ledger.table import CatalogueCountRow
from quanmin.opendata.catalogue.errors import CountersInvalid

_SOME = 500
_MOST = 2**53


class Counts(NamedTuple):
    """The counters of one record."""

    views: int = 0
    downloads: int = 0
    reuses: int = 0

    @property
    def heat(self) -> int:
        """What the hottest are sorted by: a download counts as ten views, a reuse as a hundred downloads."""
        return self.views + 10 * self.downloads + 1_000 * self.reuses


def update(ledger: Ledger, counts: Mapping[str, Counts]) -> None:
    """Put the counters of these records in the place of those that stood; others stay. CountersInvalid."""
    for record, given in counts.items():
        for name, number in zip(Counts._fields, given, strict=True):
            if type(number) is not int or not 0 <= number < _MOST:
                raise CountersInvalid(record=record, counter=name)
    at = ledger.now()
    rows = [{"record": record, **given._asdict(), "at": at} for record, given in counts.items()]
    with ledger.writing() as connection:
        made = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        for start in range(0, len(rows), _SOME):
            query = made(CatalogueCountRow).values(rows[start : start + _SOME])
            changed = {name: query.excluded[name] for name in ("views", "downloads", "reuses", "at")}
            connection.execute(query.on_conflict_do_update(index_elements=["record"], set_=changed))


def read(ledger: Ledger) -> dict[str, Counts]:
    """The counters of every record that has some."""
    columns = (CatalogueCountRow.record, CatalogueCountRow.views, CatalogueCountRow.downloads, CatalogueCountRow.reuses)
    with ledger.reading() as connection:
        return {record: Counts(*numbers) for record, *numbers in connection.execute(select(*columns))}
