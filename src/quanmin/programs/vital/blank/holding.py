"""What lies where: the store of a holder and of those under it, counted from the rows and, independently, from the documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from quanmin.ledger.blank import BlankRangeRow, BlankUseRow
from quanmin.programs.vital.blank import span_row
from quanmin.programs.vital.number import Span, text
from quanmin.programs.vital.office import Office, below


@dataclass(frozen=True)
class Holding:
    """Of one holder and edition: numbers that came and did not go, and what became of them.

    `free` + `moving` + `bound` + `void` + `lost` + `destroyed` = `held`.
    """

    holder: str
    edition: int
    held: int
    moving: int
    bound: int
    void: int
    lost: int
    destroyed: int

    @property
    def free(self) -> int:
        """Blanks in the safe that can be issued or sent."""
        return self.held - self.moving - self.bound - self.void - self.lost - self.destroyed

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"free": self.free}


def holdings(office: Office, under: str | None = None, alone: bool = False) -> list[Holding]:
    """What lies with a holder and all under it (or with it `alone`), by holder and edition. HolderUnknown."""
    with office.ledger.reading() as connection:
        codes = None
        if under is not None:
            office.holder(connection, under)
            codes = [under] if alone else below(connection, under)
        found = span_row.counts(connection, codes)
    return [Holding(holder, edition, **counted) for (holder, edition), counted in sorted(found.items())]


def free(office: Office, holder: str, edition: int | None = None) -> list[tuple[int, Span]]:
    """The runs of blanks that a holder can issue or send: editions with runs. HolderUnknown."""
    with office.ledger.reading() as connection:
        office.holder(connection, holder)
        return span_row.free(connection, holder, edition)


@dataclass(frozen=True)
class Place:
    """Where a number is: its holder, and what it was used for (`free`, `moving` or a use)."""

    number: int
    holder: str
    edition: int
    state: str
    document: int | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"number": text(self.number)}


def place(office: Office, number: int) -> Place | None:
    """Where one number is; None where it was never printed."""
    with office.ledger.reading() as connection:
        return next(_places(connection, Span(number, number)), None)


def _places(connection: Connection, span: Span) -> Iterator[Place]:
    used = {
        row.number: row
        for row in connection.execute(select(BlankUseRow.__table__).where(BlankUseRow.number.between(*span)))
    }
    rows = select(BlankRangeRow.__table__).where(BlankRangeRow.first <= span.last, BlankRangeRow.last >= span.first)
    for row in connection.execute(rows.order_by(BlankRangeRow.first)):
        for number in range(max(row.first, span.first), min(row.last, span.last) + 1):
            use = used.get(number)
            state = use.state if use else "free" if row.movement is None else "moving"
            yield Place(number, row.holder, row.edition, state, use.document if use else row.movement)
