"""A query and what it found, both as plain JSON would have them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from quanmin.opendata.catalogue.condition import Condition
from quanmin.opendata.catalogue.errors import QueryInvalid, QueryTooLong
from quanmin.opendata.catalogue.projection import FACETS
from quanmin.text import LANGUAGES, Language

Sort = Literal["relevance", "newest", "hottest", "title", "changed", "name"]
SORTS: tuple[Sort, ...] = get_args(Sort)
LONGEST = 300  # characters of a text
MOST_ROWS = 1_000
MOST_VALUES = 1_000  # of a facet, and of filters


@dataclass(frozen=True)
class Query:
    """What is looked for.

    `filters` maps a facet to the codes of which a record has any; of a facet all of whose codes are wanted give `every`. A page
    begins at `offset`, or after the last row of the page that gave `after`. `facets` are counted, `values` of each at most.
    `where` is what else a record must fulfil. `backwards` lists the last first, and then only by `offset`. Rows that are `brief`
    hold the id only.
    """

    text: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    every: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: Sort = "relevance"
    rows: int = 20
    offset: int = 0
    after: str | None = None
    facets: tuple[str, ...] = FACETS
    values: int = 20
    language: Language = "zh"
    where: Condition | None = None
    backwards: bool = False
    brief: bool = False

    def check(self) -> None:
        """QueryTooLong or QueryInvalid unless it can be answered; takes no longer for a long text."""
        if len(self.text) > LONGEST:
            raise QueryTooLong(length=len(self.text), limit=LONGEST)
        if self.sort not in SORTS:
            raise QueryInvalid(part="sort", allowed=", ".join(SORTS))
        if self.backwards and self.after is not None:
            raise QueryInvalid(part="after", allowed="offset")
        if self.language not in LANGUAGES:
            raise QueryInvalid(part="language", allowed=", ".join(LANGUAGES))
        for part, given in (("filters", self.filters), ("every", self.every), ("facets", self.facets)):
            if any(one not in FACETS for one in given):
                raise QueryInvalid(part=part, allowed=", ".join(FACETS))
        narrowed = [codes for given in (self.filters, self.every) for codes in given.values()]
        if any(isinstance(codes, str) or not all(isinstance(code, str) for code in codes) for codes in narrowed):
            raise QueryInvalid(part="filters", allowed="(code, …)")
        if sum(map(len, narrowed)) > MOST_VALUES:
            raise QueryInvalid(part="filters", allowed=f"0-{MOST_VALUES}")
        limits = (("rows", self.rows, MOST_ROWS), ("offset", self.offset, None), ("values", self.values, MOST_VALUES))
        for part, number, limit in limits:
            if type(number) is not int or number < 0 or (limit is not None and number > limit):
                raise QueryInvalid(part=part, allowed=f"0-{limit}" if limit is not None else "0-")


@dataclass(frozen=True)
class Anchor:
    """The last row of a page: the next begins after it, also when the catalogue changed in between."""

    sort: Sort
    value: int | str
    id: str
    score: int | None

    def token(self) -> str:
        """As it is handed out."""
        said = json.dumps([self.sort, self.value, self.id, self.score], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def anchor(token: str, sort: Sort) -> Anchor:
    """The row that a token names; QueryInvalid for one that was not handed out for this sort."""
    try:
        if len(token) > 2_000:
            raise ValueError("too long")
        sort_, value, identifier, score = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise QueryInvalid(part="after", allowed="next") from None
    kinds = str if sort in ("title", "name") else int
    scored = type(score) is int and 0 <= score < 2**31 if sort == "relevance" else score is None
    good = sort_ == sort and type(value) is kinds and type(identifier) is str and scored
    if not good or (isinstance(value, int) and abs(value) >= 2**62):
        raise QueryInvalid(part="after", allowed="next")
    return Anchor(sort, value, identifier, score)


@dataclass(frozen=True)
class Found:
    """What a query found; `rows`, `facets` and `document()` are JSON.

    `loosened` says that no record has all that was asked for, so that those with the most of it are shown.
    """

    total: int
    rows: list[dict[str, Any]]
    facets: dict[str, list[dict[str, Any]]]
    next: str | None
    loosened: bool = False

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "total": self.total,
            "rows": self.rows,
            "facets": self.facets,
            "next": self.next,
            "loosened": self.loosened,
        }
