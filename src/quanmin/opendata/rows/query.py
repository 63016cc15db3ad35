"""A query: which rows, which fields, in which order, how many."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quanmin.opendata.rows.errors import BadParameter
from quanmin.opendata.rows.filter import EVERYTHING, Node
from quanmin.text import Text

PAGE = 100
"""Rows of a page, unless another number is asked for."""
MOST = 32_000
"""Rows that a page may have."""
FURTHEST = 10_000_000
"""Rows that may be passed over by number; further on only a cursor leads."""
SORTS = 16
"""Columns that rows may be sorted by."""


@dataclass(frozen=True)
class Query:
    """What is asked of a table. `fields`: all when None; `order`: names of fields and whether downwards.

    `after` is the cursor of the page before; `offset` passes over rows by number instead. `distinct`: rows that are
    equal in all their fields are given once. `total`: count what is found.
    """

    filter: Node = EVERYTHING
    q: Node = EVERYTHING
    fields: tuple[str, ...] | None = None
    order: tuple[tuple[str, bool], ...] = ()
    limit: int = PAGE
    after: str | None = None
    offset: int = 0
    distinct: bool = False
    total: bool = False

    def check(self) -> None:
        """BadParameter, unless the numbers are in range and the names are given once."""
        if not 0 <= self.limit <= MOST:
            raise BadParameter(parameter="limit", kind=Text(f"0 至 {MOST} 的整数", f"a whole number from 0 to {MOST}"))
        if not 0 <= self.offset <= FURTHEST:
            kind = Text(f"0 至 {FURTHEST} 的整数", f"a whole number from 0 to {FURTHEST}")
            raise BadParameter(parameter="offset", kind=kind)
        if self.offset and self.after is not None:
            kind = Text("0（与翻页标记 after 不能同用）", "0 where a cursor is given")
            raise BadParameter(parameter="offset", kind=kind)
        for parameter, names in (("fields", self.fields), ("order", [name for name, _ in self.order])):
            if names is not None and len(set(names)) != len(names):
                raise BadParameter(parameter=parameter, kind=Text("不重复的字段名", "names of fields, each once"))
        if self.fields == () or len(self.order) > SORTS:
            kind = Text(f"至少一个字段，排序至多 {SORTS} 个", f"one field at least, to sort by at most {SORTS}")
            raise BadParameter(parameter="fields, order", kind=kind)

    @property
    def fingerprint(self) -> str:
        """What a cursor is bound to: all that says which rows come in which order."""
        return repr((self.filter, self.q, self.order, (self.fields or ()) if self.distinct else None))


def names(text: str) -> tuple[str, ...]:
    """Names separated by commas; one with a comma, a quote or a blank at its end is put in double quotes."""
    return tuple(_name(part) for part in _parts(text))


def order(text: str) -> tuple[tuple[str, bool], ...]:
    """`field, field desc, ...`; BadParameter."""
    made = []
    for part in _parts(text):
        found = re.fullmatch(r"(.*?)(?:\s+(asc|desc))?", part, re.DOTALL | re.IGNORECASE)
        assert found is not None  # the pattern takes everything
        made.append((_name(found[1]), (found[2] or "").lower() == "desc"))
    return tuple(made)


def _parts(text: str) -> list[str]:
    """The pieces between commas that stand outside of double quotes."""
    parts, quoted = [""], False
    for piece in re.split(r"([\",])", text):
        quoted ^= piece == '"'
        if piece == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += piece
    parts = [one.strip() for one in parts]
    if quoted or not all(parts) or len(parts) > 2_000:
        raise BadParameter(parameter="fields, order", kind=Text("以逗号分隔的字段名", "names of fields between commas"))
    return parts


def _name(part: str) -> str:
    """A name without the quotes around it."""
    return part[1:-1].replace('""', '"') if len(part) > 2 and part[0] == part[-1] == '"' else part
