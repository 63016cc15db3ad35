"""The records that something is about: found by name among those that everybody may see."""

from __future__ import annotations

from collections.abc import Iterable

from quanmin.opendata.catalogue import Record, read
from quanmin.opendata.catalogue.errors import UnknownRecord
from quanmin.opendata.participation.errors import NoSuchDataset
from quanmin.opendata.portal import Portal


def named(portal: Portal, name: str) -> Record:
    """The published record with a name or id; NoSuchDataset."""
    found = held(portal, name)
    if found is None:
        raise NoSuchDataset(dataset=name[:100])
    return found


def held(portal: Portal, key: str) -> Record | None:
    """The same; None where everybody may see none."""
    try:
        document = portal.catalogue.get(key).document if key else None
    except UnknownRecord:
        return None
    return read(document) if document is not None else None


def several(portal: Portal, keys: Iterable[str]) -> list[Record]:
    """Those of some that everybody may see, in order."""
    return [one for key in keys if (one := held(portal, key)) is not None]


def publishers(portal: Portal) -> list[tuple[str, str, str]]:
    """Every publisher of the catalogue: id, Chinese and English name."""
    from quanmin.opendata.catalogue import Query

    found = portal.catalogue.search(Query(rows=0, facets=("organisation",), values=1_000)).facets["organisation"]
    return [(one["value"], one["title"]["zh"], one["title"]["en"]) for one in found]
