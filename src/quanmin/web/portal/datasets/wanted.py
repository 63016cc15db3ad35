"""What a reader of the catalogue asked for, as a query and as the addresses that lead on from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import urlencode

from quanmin.opendata.catalogue import FACETS, Catalogue, Found, Query, vocabulary
from quanmin.opendata.catalogue.query import Sort
from quanmin.text import Language, Text

TITLES: dict[str, Text] = {
    "organisation": Text("发布机构", "Organisation"),
    "theme": Text("主题", "Theme"),
    "area": Text("业务领域", "Business area"),
    "tag": Text("标签", "Tag"),
    "format": Text("格式", "Format"),
    "licence": Text("许可", "Licence"),
    "access": Text("开放属性", "Access"),
    "region": Text("地区", "Region"),
    "year": Text("更新年份", "Year"),
    "series": Text("系列", "Series"),
}
SORTED: dict[str, Text] = {
    "relevance": Text("相关", "Relevance"),
    "newest": Text("最新", "Newest"),
    "hottest": Text("最热", "Hottest"),
    "title": Text("标题", "Title"),
}
_SETS = {"theme": "theme", "area": "area", "format": "file_type", "licence": "licence", "access": "access"}
ROWS, VALUES, MOST = 20, 10, 60


@dataclass(frozen=True)
class Wanted:
    """A search of the page: a text, codes by facet, an order, and the row after which the page begins.

    `fixed` is what the page itself is about (an organisation): it narrows, and stands in no address.
    """

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "relevance"
    after: str | None = None
    wide: str = ""
    fixed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def query(self, language: Language, **more: Any) -> Query:
        """The query of the page; QueryTooLong, QueryInvalid when it is checked."""
        sort = cast(Sort, self.sort)
        filters = {**self.chosen, **self.fixed}
        return Query(self.text, filters, sort=sort, rows=ROWS, after=self.after, language=language, **more)

    def address(self, **changed: Any) -> str:
        """The address of the same search with something else in it; always of its first page."""
        now = replace(self, after=None, **changed)
        pairs = [("q", now.text)] if now.text else []
        pairs += [(facet, code) for facet in FACETS for code in now.chosen.get(facet, ())]
        pairs += [("sort", now.sort)] if now.sort != "relevance" else []
        pairs += [("wide", now.wide)] if now.wide else []
        return "?" + urlencode(pairs)

    def on(self, token: str) -> str:
        """The address of the next page."""
        start = self.address()
        return f"{start}{'&' if len(start) > 1 else ''}{urlencode({'after': token})}"

    def turned(self, facet: str, code: str) -> str:
        """The address with a code of a facet chosen, or not any more."""
        codes = self.chosen.get(facet, ())
        left = tuple(one for one in codes if one != code) if code in codes else (*codes, code)
        return self.address(chosen={**self.chosen, facet: left})


def facets(catalogue: Catalogue, wanted: Wanted, found: Found, language: Language) -> list[dict[str, Any]]:
    """The facets of a page: of each its values with counts, whether they are chosen, and the address that turns them.

    Values of a facet in which something is chosen are counted as if nothing were, for that is what choosing another one finds.
    """
    listed = []
    for facet in FACETS:
        if facet in wanted.fixed:
            continue
        values = found.facets[facet]
        if wanted.chosen.get(facet):
            others = replace(
                wanted, chosen={one: codes for one, codes in wanted.chosen.items() if one != facet}, after=None
            )
            query = replace(others.query(language, facets=(facet,), values=MOST), rows=0)
            values = catalogue.search(query).facets[facet]
        if facet == "series":
            called = {one["value"]: catalogue.title(one["value"]) for one in values[:MOST]}
            values = [
                {**one, "title": (called[one["value"]] or Text(**one["title"]))._asdict()} for one in values[:MOST]
            ]
        shown = _values(wanted, facet, values)
        if shown:
            listed.append({"facet": facet, "title": TITLES[facet], **_short(wanted, facet, shown)})
    return listed


def _short(wanted: Wanted, facet: str, shown: list[dict[str, Any]]) -> dict[str, Any]:
    """The chosen values and the first of the others, or all where more of them are asked for."""
    wide = wanted.wide == facet
    some = shown if wide else [one for place, one in enumerate(shown) if one["chosen"] or place < VALUES]
    more = wanted.address(wide="" if wide else facet) if len(shown) > VALUES else None
    return {"values": some, "wide": wide, "more": more}


def _values(wanted: Wanted, facet: str, values: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    chosen = wanted.chosen.get(facet, ())
    told = {one["value"]: (Text(**one["title"]), one["count"]) for one in values[:MOST]}
    told |= {code: (title_of(facet, code), 0) for code in chosen if code not in told}
    return [
        {
            "value": code,
            "title": title,
            "count": count,
            "chosen": code in chosen,
            "address": wanted.turned(facet, code),
        }
        for code, (title, count) in told.items()
    ]


def title_of(facet: str, code: str) -> Text:
    """What a code of a facet is called; itself where no value set knows it."""
    name = _SETS.get(facet)
    term = vocabulary(name).terms.get(code) if name else None
    return term.title if term else Text(code, code)


def sorts(wanted: Wanted) -> list[dict[str, Any]]:
    """The orders with their addresses."""
    return [
        {"sort": one, "title": SORTED[one], "chosen": one == wanted.sort, "address": wanted.address(sort=one)}
        for one in SORTED
    ]
