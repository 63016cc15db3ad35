"""A row of a list of datasets, as pages show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from quanmin.opendata.catalogue import vocabulary
from quanmin.text import Text

STARS = 5
TONES = {"public": "ok", "registered": "calm", "application": "wait", "closed": "bad"}


def shown(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a search with the words of their codes; what is marked in them is safe HTML."""
    return [
        {
            **row,
            "title": Text(**row["title"]),
            "marked": Markup(row["highlight"]["title"]),
            "summary": Markup(row["highlight"]["summary"]),
            "organisation": {"id": row["organisation"]["id"], "title": Text(**row["organisation"]["title"])},
            "access": vocabulary("access").terms[row["access"]],
            "tone": TONES[row["access"]],
            "formats": [vocabulary("file_type").terms[one] for one in row["formats"]],
            "stars": stars(row["quality"]),
        }
        for row in rows
    ]


def stars(score: float) -> int:
    """A quality of 0 to 1 as stars, of five."""
    return round(score * STARS)
