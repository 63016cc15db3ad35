"""The console: what staff work in. One file an area; each registers its pages and forms with the face."""

from __future__ import annotations

from quanmin.text import Text
from quanmin.web import entry, interface, patterns
from quanmin.web.console import (
    account,
    collect,
    exchange,
    feedback,
    operations,
    overview,
    participation,
    population,
    releases,
    review,
    standards,
    trust,
    vital,
    vital_statistic,
)
from quanmin.web.console.areas import AREAS
from quanmin.web.face import Face
from quanmin.web.place import Place

MODULES = (
    overview,
    collect,
    standards,
    population,
    vital_statistic,
    review,
    vital,
    feedback,
    exchange,
    releases,
    participation,
    trust,
    operations,
    account,
)


def console(place: Place, base: str) -> Face:
    """The face with all its pages."""
    face = Face("console", Text("全民 · 控制台", "Quanmin console"), place, base, AREAS)
    entry.install(face)
    for module in MODULES:
        module.install(face)
    patterns.install(face)
    interface.install(face)
    return face
