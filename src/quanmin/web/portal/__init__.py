"""The public portal: for citizens, and for everybody who wants figures. One file an area."""

from __future__ import annotations

from quanmin.text import Text
from quanmin.web import entry, interface, patterns
from quanmin.web.face import Face
from quanmin.web.place import Place
from quanmin.web.portal import (
    api_keys,
    claims,
    datasets,
    home,
    my_record,
    participation,
    statistics,
    verification,
)
from quanmin.web.portal.areas import AREAS

MODULES = (home, datasets, statistics, participation, my_record, claims, api_keys, verification)


def portal(place: Place, base: str) -> Face:
    """The face with all its pages."""
    face = Face("portal", Text("全民健康数据", "Quanmin health data"), place, base, AREAS)
    entry.install(face)
    for module in MODULES:
        module.install(face)
    patterns.install(face)
    interface.install(face)
    return face
