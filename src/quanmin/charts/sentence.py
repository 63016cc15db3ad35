"""Sentences that say what a picture shows: the highest, the lowest, how it goes, what is hidden."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter

from quanmin.charts.figure import HIDDEN, Figure, Unit
from quanmin.text import Language, Text

NONE = Text("", "")
NOTHING = Text("没有可显示的数据。", "There is nothing to show.")


def same(words: object) -> Text:
    """Words that are the same in both languages: a year, a code, a name."""
    return Text(str(words), str(words))


def said(text: Text, language: Language) -> str:
    """The text in a language; control characters and others that no document may hold are taken out."""
    words = text.get(language)
    return words if words.isprintable() else "".join(sign if sign.isprintable() else " " for sign in words)


def joined(parts: Iterable[str], language: Language) -> str:
    """Clauses as one sentence."""
    text = ("；" if language == "zh" else "; ").join(part for part in parts if part)
    return text[:1].upper() + text[1:] + ("。" if language == "zh" else ".")


def number(count: int, zh: str, one: str, many: str, language: Language) -> str:
    """So many of something: 共 3 项, 3 rows."""
    return f"{count:,} {zh}" if language == "zh" else f"{count:,} {one if count == 1 else many}"


def extremes(pairs: Sequence[tuple[Text, float]], unit: Unit, language: Language) -> str:
    """Which is highest and which is lowest."""
    zh = language == "zh"
    if not pairs:
        return ""
    top, least = max(pairs, key=itemgetter(1)), min(pairs, key=itemgetter(1))
    high, low = unit.short(top[1], language), unit.short(least[1], language)
    most, fewest = said(top[0], language), said(least[0], language)
    if len(pairs) == 1:
        return f"{most}为 {high}" if zh else f"{most} is {high}"
    if top[1] == least[1]:
        return f"各项均为 {high}" if zh else f"all are {high}"
    if zh:
        return f"{_spaced(most)}最高，为 {high}；{_spaced(fewest)}最低，为 {low}"
    return f"{most} is highest at {high}, {fewest} lowest at {low}"


def _spaced(name: str) -> str:
    """A name with a space after it, where its end is Latin and ideographs follow."""
    return f"{name} " if name[-1:].isascii() and name else name


def course(name: str, points: Sequence[tuple[str, float]], unit: Unit, language: Language) -> str:
    """How a series goes from its first point to its last."""
    zh = language == "zh"
    if not points:
        return f"{name}：无数据" if zh else f"{name}: no data"
    (start, first), (end, last) = points[0], points[-1]
    one, two = unit.short(first, language), unit.short(last, language)
    if len(points) == 1:
        return f"{name}在 {start} 为 {one}" if zh else f"{name} is {one} at {start}"
    if first == last:
        return f"{name}在 {start} 与 {end} 均为 {one}" if zh else f"{name} is {one} at {start} and at {end}"
    if zh:
        return f"{name}从 {start} 的 {one} {'升' if last > first else '降'}至 {end} 的 {two}"
    return f"{name} {'rises' if last > first else 'falls'} from {one} at {start} to {two} at {end}"


def unsaid(figures: Iterable[Figure], language: Language) -> str:
    """How many figures are hidden; nothing if none is."""
    count = sum([figure is HIDDEN for figure in figures])
    if not count:
        return ""
    if language == "zh":
        return f"{count:,} 项因计数过小不公布"
    return f"{count:,} {'is' if count == 1 else 'are'} not told, as the count is small"
