"""Templates into text: compiled once, escaped always. Jinja2 is imported when the first chart is drawn.

Where a template is in every picture or in a loop over many marks, it escapes words by the filter `words` and lets numbers stand
bare, as escaping numbers took half of its time.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from markupsafe import Markup

from quanmin.charts.palette import SIGN

if TYPE_CHECKING:
    from jinja2 import Environment, Template


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["words"] = escape
    return made


@cache
def template(name: str) -> Template:
    """A template of this package by the name of its file without the ending."""
    return _environment().get_template(f"{name}.jinja")


def rendered(kind: str, name: str, **fields: object) -> Markup:
    """The template of a kind, filled; ids begin with `name`, or with a checksum of the picture, so that they are its own."""
    text = template(kind).render(kind=kind, sign=SIGN, **fields)
    own = re.sub(r"[^\w-]", "-", name) if name else f"c{crc32(text.encode()):08x}"
    return Markup(text.replace(SIGN, own))
