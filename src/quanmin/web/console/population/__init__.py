"""The population base in the console: look a person up, find, verify, and the base in figures.

A number or a name is posted, never part of an address. The pages of somebody who was found are addressed by a handle that only
the session which got it can open, for half an hour.
"""

from __future__ import annotations

from quanmin.web.console.population import check, figures, person, search
from quanmin.web.face import Face


def install(face: Face) -> None:
    """Register the pages."""
    for module in (person, search, check, figures):
        module.install(face)
