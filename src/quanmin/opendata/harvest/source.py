"""A source: another portal, what it speaks, and what holds for its records where they do not say it themselves.

Kept as a document of the ledger; every run is an action on it with its report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args
from urllib.parse import urlsplit

from quanmin.ledger import Action, Document, Ledger, Workflow, database, register
from quanmin.opendata.catalogue import vocabulary
from quanmin.opendata.harvest.errors import BadSource, NoSuchSource, SourceKnown
from quanmin.text import Language, Text

FORMATS: dict[str, Text] = {
    "dcat": Text("DCAT（Turtle、RDF/XML、JSON-LD、N-Triples）", "DCAT (Turtle, RDF/XML, JSON-LD, N-Triples)"),
    "data_json": Text("DCAT-US data.json（1.1、3.0）", "DCAT-US data.json (1.1, 3.0)"),
    "ckan": Text("CKAN 接口", "CKAN Action API"),
    "datapackage": Text("Data Package", "Data Package"),
    "core_metadata": Text("政务信息资源目录核心元数据 CSV", "core metadata of government information resources, CSV"),
}
SOURCE = register(
    Workflow(
        "harvest_source",
        start="active",
        actions=[Action("run", "active", "active"), Action("stop", "active", "stopped")],
    )
)
_NAME, _ID = re.compile(r"[a-z0-9][a-z0-9-]{1,29}"), re.compile(r"[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class Source:
    """What an operator says of it. `address` is http(s), or file:// for the command line alone."""

    name: str
    address: str
    format: str
    publisher: str
    publisher_name: Text
    access: str = "public"
    language: Language = "zh"
    theme: str | None = None

    def checked(self) -> Source:
        """The same; BadSource."""
        rules = {
            "name": (bool(_NAME.fullmatch(self.name)), "a-z 0-9 -, 2-30"),
            "address": (_addressed(self.address), "http, https, file"),
            "format": (self.format in FORMATS, ", ".join(FORMATS)),
            "publisher": (bool(_ID.fullmatch(self.publisher)), "A-Z a-z 0-9 . _ -"),
            "publisher_name": (all(self.publisher_name), "zh, en"),
            "access": (self.access in vocabulary("access").terms, ", ".join(vocabulary("access").terms)),
            "language": (self.language in get_args(Language), "zh, en"),
            "theme": (
                self.theme is None or self.theme in vocabulary("theme").terms,
                ", ".join(vocabulary("theme").terms),
            ),
        }
        for field, (sound, allowed) in rules.items():
            if not sound:
                raise BadSource(field=field, allowed=allowed)
        return self

    @property
    def local(self) -> bool:
        """Whether it is a file of this machine."""
        return self.address.startswith("file:")


def _addressed(address: str) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    if len(address) > 2_000 or not address.isprintable() or "@" in parts.netloc:
        return False
    return (parts.scheme == "file" and not parts.netloc and bool(parts.path)) or (
        parts.scheme in ("http", "https") and bool(parts.hostname)
    )


@dataclass(frozen=True)
class Known:
    """A source as it stands; `report` is that of the last run."""

    document: int
    source: Source
    state: str
    report: Mapping[str, Any] | None


def add(ledger: Ledger, source: Source, actor: str) -> Known:
    """Make a source known; BadSource, SourceKnown."""
    data = {name: value for name, value in asdict(source.checked()).items()}
    data["publisher_name"] = list(source.publisher_name)
    with ledger.writing() as connection:
        database.lock(connection, "harvest sources")
        if ledger.find(SOURCE.kind, ref=source.name, state="active", connection=connection):
            raise SourceKnown(source=source.name)
        return _of(ledger.create(SOURCE.kind, source.name, {"source": data}, actor, connection))


def get(ledger: Ledger, name: str) -> Known:
    """The active source of this name; NoSuchSource."""
    found = ledger.find(SOURCE.kind, ref=name, state="active") if _NAME.fullmatch(name) else []
    if not found:
        raise NoSuchSource(source=name)
    return _of(found[-1])


def sources(ledger: Ledger) -> list[Known]:
    """Those that are active, the oldest first."""
    return [_of(one) for one in ledger.find(SOURCE.kind, state="active")]


def stop(ledger: Ledger, name: str, actor: str) -> Known:
    """Ask it no more; its records stay. NoSuchSource."""
    return _of(ledger.act(get(ledger, name).document, "stop", {}, actor))


def _of(document: Document) -> Known:
    said = dict(document.data["source"])
    said["publisher_name"] = Text(*said["publisher_name"])
    return Known(document.id, Source(**said), document.state, document.data.get("report"))
