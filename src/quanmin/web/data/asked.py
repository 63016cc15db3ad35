"""The parameters of a request for rows: read strictly, so that a mistyped one is told and not passed over."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from quanmin.opendata.rows import EVERYTHING, FURTHEST, MOST, PAGE, Query, names, order, read, words
from quanmin.opendata.rows.errors import BadParameter
from quanmin.text import Text
from quanmin.web.data.errors import UnknownParameter

ROWS = ("filter", "q", "fields", "order", "limit", "after", "offset", "distinct", "total")
FLAG = Text("true 或 false", "true or false")
LONGEST = 20_000


def only(request: Request, known: Sequence[str]) -> dict[str, str]:
    """The parameters of a request, each once; UnknownParameter."""
    pairs = request.query_params.multi_items()
    found = dict(pairs)
    if len(found) != len(pairs) or not set(found) <= set(known):
        raise UnknownParameter(names=", ".join(known) or "-")
    return found


def query(given: dict[str, str]) -> Query:
    """The query that parameters make; BadParameter, BadFilter, BadOperator."""
    if len(given.get("fields", "")) > LONGEST or len(given.get("order", "")) > LONGEST:
        raise BadParameter(
            parameter="fields, order", kind=Text(f"至多 {LONGEST} 个字符", f"at most {LONGEST} characters")
        )
    return Query(
        filter=read(given["filter"]) if "filter" in given else EVERYTHING,
        q=words(given.get("q", "")),
        fields=names(given["fields"]) if "fields" in given else None,
        order=order(given["order"]) if "order" in given else (),
        limit=number(given, "limit", PAGE, MOST),
        after=given.get("after"),
        offset=number(given, "offset", 0, FURTHEST),
        distinct=flag(given, "distinct"),
        total=flag(given, "total"),
    )


def number(given: dict[str, str], name: str, otherwise: int, most: int, least: int = 0) -> int:
    """A whole number; BadParameter."""
    text = given.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise BadParameter(
            parameter=name, kind=Text(f"{least} 至 {most} 的整数", f"a whole number from {least} to {most}")
        )
    return int(text)


def flag(given: dict[str, str], name: str) -> bool:
    """Yes or no; BadParameter."""
    text = given.get(name, "false")
    if text not in ("true", "false"):
        raise BadParameter(parameter=name, kind=FLAG)
    return text == "true"
