"""A trained model as a document of the ledger: small, precious, versioned, never altered; the lake is for rows of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quanmin.ledger import Action, Document, Ledger, Workflow, register
from quanmin.population.linkage.errors import NoModel, OtherColumns
from quanmin.population.linkage.side import COLUMNS

MODEL = register(Workflow("linkage_model", start="trained", actions=[Action("retire", "trained", "retired")]))


@dataclass(frozen=True)
class Model:
    """A model: its version (the document's number), Splink's settings, what it was trained on, and `prospect`'s shares."""

    version: int
    settings: Mapping[str, Any]
    figures: Mapping[str, int]
    shares: Mapping[str, float] = field(default_factory=dict)


def save(
    ledger: Ledger, settings: Mapping[str, Any], figures: Mapping[str, int], shares: Mapping[str, float] | None = None
) -> Model:
    """Keep a model as the newest version."""
    data = {
        "columns": list(COLUMNS),
        "settings": dict(settings),
        "figures": dict(figures),
        "shares": dict(shares or {}),
    }
    return _model(ledger.create(MODEL.kind, data=data))


def newest(ledger: Ledger) -> Model | None:
    """The newest model that is not retired; OtherColumns if it compares other columns than this program."""
    found = ledger.find(MODEL.kind, state="trained", limit=1)
    return _model(found[-1]) if found else None


def load(ledger: Ledger, version: int) -> Model:
    """A model by its version; NoModel, OtherColumns."""
    found = [document for document in ledger.find(MODEL.kind) if document.id == version]
    if not found:
        raise NoModel(version=version)
    return _model(found[0])


def _model(document: Document) -> Model:
    columns = document.data["columns"]
    if list(columns) != list(COLUMNS):
        different = sorted(set(columns) ^ set(COLUMNS)) or sorted(columns)
        raise OtherColumns(version=document.id, columns=", ".join(different))
    return Model(document.id, document.data["settings"], document.data["figures"], document.data.get("shares", {}))
