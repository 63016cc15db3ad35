"""derived: an element agrees with what the citizen number says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from quanmin.standards.columns import Columns, Mask, spread
from quanmin.standards.identity import Parsed, parse
from quanmin.standards.rules.rule import Row, Rule
from quanmin.standards.value import day_of
from quanmin.text import Text

SEXES = ("1", "2")
WHAT = ("sex", "birth_date")


@dataclass(frozen=True, kw_only=True)
class Derived(Rule):
    """`elements` are the element and the citizen number; `what` the number says: "sex" or "birth_date".

    A number that is not sound says nothing, and so does a sex that is not "1" or "2" (unknown, not stated): both pass.
    """

    kind: ClassVar[str] = "derived"
    arity: ClassVar[tuple[int, int]] = (2, 2)

    what: str

    def __post_init__(self) -> None:
        if self.what not in WHAT:
            raise ValueError(f"rule {self.id}: what is sex or birth_date, not {self.what}")
        if self.code is None:
            object.__setattr__(self, "code", "E04" if self.what == "sex" else "E05")
        super().__post_init__()

    def statement(self) -> Text:
        """The rule in words."""
        element, number = self.labels[:2]
        return Text(f"{element.zh}与{number.zh}相符", f"{element.en} agrees with {number.en}")

    def mask(self, columns: Columns) -> Mask:
        """Rows whose value and sound number disagree."""
        element, number = self.elements
        numbers = columns.numbers(number)
        if self.what == "sex":
            return numbers.ok & _other_sex(columns.distinct(element), numbers.key)
        failing: Mask = columns.numeric(element) != numbers.days
        return failing & numbers.ok & columns.present(element)

    def fails(self, row: Row) -> bool:
        """Whether the row's value and its sound number disagree."""
        element, number = self.elements
        value = row[element]
        parsed = parse(row[number]) if row[number] is not None else None
        if value is None or not isinstance(parsed, Parsed):
            return False
        if self.what == "sex":
            return value in SEXES and value != parsed.sex
        return day_of(value) != parsed.birth_date


def _other_sex(stated: pa.DictionaryArray, key: np.typing.NDArray[np.int64]) -> Mask:
    """Rows whose stated sex is one of the two, and not the one of the key's last digit (odd: a man)."""
    texts = stated.dictionary.to_pylist()
    man = (key & 1).astype(bool)
    men, women = (spread(stated, np.array([text == sex for text in texts], dtype=bool)) for sex in SEXES)
    failing: Mask = (men & ~man) | (women & man)
    return failing
