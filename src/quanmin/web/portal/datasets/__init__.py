"""The open catalogue in the portal: search, datasets, organisations, themes, areas, tags and series. One file a concept."""

from __future__ import annotations

from quanmin.web.face import Face
from quanmin.web.portal.datasets import browse, dataset, listing, preview, version

MODULES = (listing, dataset, version, preview, browse)


def install(face: Face) -> None:
    """Register the pages."""
    for module in MODULES:
        module.install(face)
