"""A release as others see it: its document in the ledger, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanmin.ledger import Document
from quanmin.opendata.release.life import RELEASE, STATES
from quanmin.opendata.release.record import Filed
from quanmin.text import Text


@dataclass(frozen=True)
class Release:
    """One run of a recipe and what became of it.

    `number` is its document, `name` the recipe's id and the dataset's name, `label` both (what the register knows it by).
    `findings` are those of disclosure control; `measured` is for those who check and never goes out. `version` is the number of
    the dataset's version once it is approved, `evidence` the SHA-256 of the evidence file.
    """

    number: int
    name: str
    kind: str
    title: Text
    state: str
    since: datetime
    recipe: str
    recipe_sha256: str
    officer: str
    checker: str | None
    snapshot: int | None
    rows: int | None
    files: tuple[Filed, ...]
    findings: tuple[Mapping[str, Any], ...]
    measured: Mapping[str, Any]
    statement: Mapping[str, Any]
    reason: str | None
    version: int | None
    evidence: str | None
    record: Mapping[str, Any] | None
    standing: bool
    refresh: bool
    document: Document

    @property
    def label(self) -> str:
        """What the register of releases and the record know this release by."""
        return f"{self.name}.{self.number}"

    @property
    def state_title(self) -> Text:
        """The state in words."""
        return STATES[self.state]

    @property
    def allowed(self) -> tuple[str, ...]:
        """What can be done now."""
        return tuple(one.name for one in RELEASE.allowed(self.state))

    @property
    def officer_subject(self) -> str | None:
        """A pseudonym of the person behind the officer's account, where there are accounts."""
        found = self.document.data.get("subject")
        return str(found) if found else None

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of lists and pages; findings with it, figures of people not."""
        names = ("number", "name", "kind", "title", "state", "since", "recipe_sha256", "officer", "checker")
        more = ("snapshot", "rows", "reason", "version", "evidence", "standing", "refresh")
        told = {name: getattr(self, name) for name in (*names, *more)}
        files = [one._asdict() for one in self.files]
        return {**told, "state_title": self.state_title, "files": files, "findings": [*self.findings]}


def of(document: Document) -> Release:
    """A release of its document."""
    data = document.data
    checker = next((one.actor for one in document.actions if one.name in ("approve", "refuse")), None)
    return Release(
        number=document.id,
        name=data["name"],
        kind=data["kind"],
        title=Text(**data["title"]),
        state=document.state,
        since=document.since,
        recipe=data["recipe"],
        recipe_sha256=data["recipe_sha256"],
        officer=document.actions[0].actor,
        checker=data.get("checker") or checker,
        snapshot=data.get("snapshot"),
        rows=data.get("rows"),
        files=tuple(Filed(**one) for one in data.get("files", ())),
        findings=tuple(data.get("findings", ())),
        measured=data.get("measured", {}),
        statement=data.get("statement", {}),
        reason=data.get("reason"),
        version=data.get("version"),
        evidence=data.get("evidence"),
        record=data.get("record"),
        standing=bool(data.get("standing")),
        refresh=bool(data.get("refresh")),
        document=document,
    )
