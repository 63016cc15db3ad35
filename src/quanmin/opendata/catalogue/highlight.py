"""Marking what was found in a text, safe for HTML: everything is escaped, and `<mark>` is the only tag."""

from __future__ import annotations

import html
from collections.abc import Sequence

from quanmin.opendata.catalogue.folding import fold_with_places

OPEN, CLOSE = "<mark>", "</mark>"
WINDOW, LEAD = 160, 30


def marked(text: str, terms: Sequence[str]) -> str:
    """The text as HTML with each place of each folded term marked; what joins is one mark."""
    return _html(text, spans(text, terms), 0, len(text))


def snippet(text: str, terms: Sequence[str]) -> str:
    """The part of the text around the first place, marked; its beginning where there is none."""
    found = spans(text, terms)
    start = max(0, found[0][0] - LEAD) if found else 0
    stop = min(len(text), start + WINDOW)
    before, after = "…" if start else "", "…" if stop < len(text) else ""
    return before + _html(text, found, start, stop) + after


def _html(text: str, found: Sequence[tuple[int, int]], start: int, stop: int) -> str:
    """The text from `start` to `stop` with what was found in it."""
    pieces, end = [], start
    for first, last in found:
        first, last = max(first, start), min(last, stop)
        if first < last:
            pieces += [html.escape(text[end:first]), OPEN, html.escape(text[first:last]), CLOSE]
            end = last
    return "".join([*pieces, html.escape(text[end:stop])])


def spans(text: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Where the folded terms stand in the text, in order, joined where they meet."""
    if not terms:
        return []
    folded = fold_with_places(text)
    found = []
    for term in terms:
        place = folded.text.find(term)
        while place >= 0:
            found.append((folded.places[place], folded.places[place + len(term) - 1] + 1))
            place = folded.text.find(term, place + len(term))
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined
