"""Open releases in the console: recipes checked and run, what they gave looked at and checked by another, withdrawn, verified."""

from __future__ import annotations

from quanmin.web.console.releases import course, listing, recipe, release, steps
from quanmin.web.face import Face


def install(face: Face) -> None:
    """Register the pages; those with a name of their own before those with a number."""
    for module in (listing, recipe, course):
        module.install(face)
    steps.install(face, release.install(face))
