"""A query that is exactly a record's id or name (also a former one): that record comes first.

Ids are in the index; whose a name is stays in the ledger, and is asked once for each text that looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from quanmin.ledger import Ledger
from quanmin.ledger.table import CatalogueNameRow
from quanmin.opendata.catalogue.view import Bools, Documents, View

Named = Callable[[str], str | None]
"""The id of the record whose name this is."""

_ID = re.compile(r"\S{1,300}")
_NAME = re.compile(r"[a-z0-9_-]{2,100}")
_HIGHEST = np.float32(1e30)


def nobody(_name: str) -> str | None:
    """There are no names."""
    return None


def names(ledger: Ledger) -> Named:
    """The names that the ledger knows."""

    def named(name: str) -> str | None:
        query = select(CatalogueNameRow.record).where(CatalogueNameRow.name == name)
        with ledger.reading() as connection:
            return connection.execute(query).scalar()

    return named


def first(view: View, text: str, named: Named, mask: Bools | None) -> int | None:
    """The document that a query names, if the filters let it through."""
    key = text.strip()
    if not _ID.fullmatch(key):
        return None
    number = place(view, key)
    if number is None and _NAME.fullmatch(key.lower()):
        record = named(key.lower())
        number = place(view, record) if record is not None else None
    return number if number is not None and (mask is None or mask[number]) else None


def place(view: View, record: str) -> int | None:
    """The document of the record with this id; None where nobody may see it."""
    for segment, start in zip(reversed(view.segments), reversed(view.starts[:-1]), strict=True):
        number = segment.number(record)
        if number is not None and view.alive[start + number]:
            return int(start + number)
    return None


Matched = tuple[Documents, npt.NDArray[np.float32], bool]


def led(number: int, documents: Documents, scores: npt.NDArray[np.float32], loosened: bool) -> Matched:
    """What was found, with this document before all others; where not all terms were found, this one alone."""
    if loosened:
        return np.array([number], np.uint32), np.array([_HIGHEST], np.float32), False
    others = documents != number
    found = np.append(documents[others], np.uint32(number))
    return found, np.append(scores[others], _HIGHEST).astype(np.float32), False
