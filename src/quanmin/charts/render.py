"""Templates into text: compiled once, escaped always. Jinja2 is imported when the first chart is drawn."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from quanmin.charts.palette import SIGN

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def template(name: str) -> Template:
    """A template of this package by the name of its file without the ending."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(
        loader=folder,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    ).get_template(f"{name}.jinja")


def rendered(kind: str, name: str, **fields: object) -> Markup:
    """The template of a kind, filled; ids begin with `name`, or with a digest of the picture so that they are its own."""
    text = template(kind).render(kind=kind, sign=SIGN, **fields)
    return Markup(text.replace(SIGN, name or "c" + hashlib.blake2b(text.encode(), digest_size=6).hexdigest()))
