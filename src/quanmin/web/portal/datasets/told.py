"""What the page of a dataset tells of its record, part by part."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quanmin import standards
from quanmin.errors import Denied
from quanmin.opendata.access import ANYBODY, Reader, require
from quanmin.opendata.catalogue import Document, Quality, Record, Standing, assess, read
from quanmin.opendata.catalogue.quality import due
from quanmin.opendata.catalogue.record import Distribution
from quanmin.opendata.participation import granted
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.portal.datasets.row import TONES, stars

QUALITY: dict[str, Text] = {
    "licence": Text("许可", "Licence"),
    "temporal": Text("时间", "Time"),
    "spatial": Text("地区", "Place"),
    "frequency": Text("更新周期", "Frequency stated"),
    "punctual": Text("按期更新", "Frequency kept"),
    "description": Text("说明", "Description"),
    "format": Text("开放格式", "Open format"),
    "reachable": Text("可下载并有校验和", "Reachable, with checksums"),
    "fields": Text("字段说明", "Fields described"),
}
EVIDENCE = "Disclosure evidence"
"""The title of the distribution that holds the evidence of a release."""
CODES = 60
_KEPT = re.compile(r"/files/([0-9a-f]{64})\.[a-z0-9]+")


@dataclass(frozen=True)
class Told:
    """A record as its page tells it."""

    ask: Ask
    standing: Standing
    document: Document

    @cached_property
    def record(self) -> Record:
        """The record, typed."""
        return read(self.document)

    @cached_property
    def quality(self) -> Quality:
        """Its quality today."""
        return assess(self.record, self.ask.lake.ledger.now().date())

    @cached_property
    def refused(self) -> Denied | None:
        """Why whoever asks may not have the data; None where he may."""
        try:
            require(self.record, reader(self.ask))
        except Denied as refused:
            return refused
        return None

    def data(self) -> dict[str, Any]:
        """The whole of it, for programs."""
        due_on = due(self.record)
        return {
            "name": self.record.name,
            "state": self.standing.state,
            "since": self.standing.since,
            "document": self.document,
            "versions": [version(one) for one in reversed(self.standing.versions) if one.state != "draft"],
            "quality": {"stars": stars(self.quality.score), **self.quality.document()},
            "due": due_on.isoformat() if due_on else None,
            "counts": self.ask.place.portal.catalogue.counts(self.record.id)._asdict(),
            "access": {
                "kind": self.record.access.code,
                "granted": self.refused is None,
                "why": self.refused.to_dict() if self.refused else None,
            },
        }

    def more(self) -> dict[str, Any]:
        """What only the page needs."""
        return {
            "record": self.record,
            "told": self,
            "tone": TONES[self.record.access.code],
            "parts_of": [(one, QUALITY.get(one.name, Text(one.name, one.name))) for one in self.quality.parts],
            "refused": self.refused,
            "files": [one for one in self.record.distributions if not is_evidence(one)],
            "evidence": next((one for one in self.record.distributions if is_evidence(one)), None),
            "fields": [field(one) for one in self.record.variables],
            "sources": [(one, source(one)) for one in self.record.origin.sources],
            "keywords": self.record.keywords.get(self.ask.language) or next(iter(self.record.keywords.values()), ()),
        }


def reader(ask: Ask) -> Reader:
    """Whoever asks, as the rules of access see it."""
    return Reader(ask.actor.id, granted(ask.place.lake.ledger, ask.actor.id)) if ask.actor else ANYBODY


def version(one: Any) -> dict[str, Any]:
    """A version in a line."""
    document: Mapping[str, Any] = one.step.document or {}
    return {
        "number": one.number,
        "state": one.state,
        "at": one.step.at,
        "version": document.get("dcat:version"),
        "modified": document.get("dct:modified"),
    }


def is_evidence(one: Distribution) -> bool:
    """Whether a distribution is the evidence of a release."""
    return EVIDENCE in one.title.en


def kept(one: Distribution) -> str | None:
    """The checksum of a distribution that the portal itself keeps."""
    found = _KEPT.fullmatch(one.download_url or "")
    return found[1] if found else None


def field(one: Any) -> dict[str, Any]:
    """A field of the data, with the codes that it may hold."""
    known = standards.catalogue().value_sets.get(one.values) if one.values else None
    codes = list(known.codes.items()) if known else []
    return {
        "field": one,
        "system": known.system if known else one.values,
        "version": known.version if known else None,
        "title": known.title if known else None,
        "codes": codes[:CODES],
        "left": len(codes) - CODES if len(codes) > CODES else 0,
    }


def source(dataset: str) -> Text | None:
    """What a source is called, where it is a dataset of the standards."""
    known = standards.catalogue().datasets.get(dataset)
    return known.title if known else None
