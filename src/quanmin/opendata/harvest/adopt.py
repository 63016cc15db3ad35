"""Making a record of another portal ours: an identifier and a name that stay, its source, and what the source says of all.

What it says stays as it says it: a title with markup is refused by the catalogue's rules, not cleaned.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from quanmin.opendata.harvest.found import Found
from quanmin.opendata.harvest.source import Source

HARVEST = "quanmin:harvest"


def record_id(source: Source, original: str) -> str:
    """The identifier of a record here: the source's name, and a hash of the identifier there."""
    return f"{source.name}.{hashlib.sha256(original.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


def adopted(source: Source, found: Found, fetched: str) -> dict[str, Any]:
    """The document of a found record."""
    document = dict(found.document)
    own = record_id(source, found.original)
    said = document.get("dct:publisher") or {}
    agent = (
        said.get("id")
        if isinstance(said.get("id"), str) and re.fullmatch(r"[A-Za-z0-9._-]{1,100}", said["id"])
        else None
    )
    document["dct:identifier"] = own
    document["quanmin:name"] = f"{source.name}-{_slug(found)}-{own[-8:]}".replace("--", "-")
    document["dct:publisher"] = {
        "dct:identifier": agent or source.publisher,
        "foaf:name": said.get("name") or source.publisher_name._asdict(),
    }
    document.setdefault("quanmin:access", source.access)
    if source.theme:
        document.setdefault("dcat:theme", [source.theme])
    provenance = {"source": source.name, "original": found.original, "fetched": fetched}
    document[HARVEST] = provenance | {"digest": digest(found)}
    return document


def digest(found: Found) -> str:
    """What changes when the record does, and with how it is read."""
    said = json.dumps([found.original, found.document], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _slug(found: Found) -> str:
    """A few words of its address or identifier that a name may have."""
    last = found.original[-200:].rstrip("/").rsplit("/", 1)[-1].lower()
    return re.sub(r"[^a-z0-9]+", "-", last).strip("-")[:50] or "record"
