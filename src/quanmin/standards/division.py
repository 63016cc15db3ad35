"""What is asked of rows that an agency of a division sends (`health_420000`): they are of its own division, and they take no
other's place.

A dataset says how a row tells its division (`Dataset.telling`). The rules below come beside those of the dataset where such an
agency sends it, and nowhere else; whoever explains a refused row asks for their words here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.dataset import Dataset, Telling
from quanmin.standards.frame import Agency
from quanmin.standards.region import NATION, stem
from quanmin.standards.rules import Pattern, Range, Required, Rule, Scope, SetRule
from quanmin.standards.rules.rule import Row
from quanmin.text import Text

if TYPE_CHECKING:
    from quanmin.standards.contents import Catalogue

OWN, TOLD, HELD = "row.division", "row.division_told", "row.held"
TYPES = ("text", "integer", "region", "citizen_number")
"""Types of elements that can tell a division."""


@dataclass(frozen=True, kw_only=True)
class Held(SetRule):
    """No row stands yet with this key that an agency of another division sent: `elements` are the key of the dataset.

    Which agencies those are is known where the rows that stand are.
    """

    kind: ClassVar[str] = "held"
    scope: ClassVar[Scope] = "dataset"
    arity: ClassVar[tuple[int, int]] = (1, 64)

    optional: tuple[str, ...] = ()

    def statement(self) -> Text:
        """The rule in words."""
        return Text(
            "该主键的数据由其他行政区划的单位报送，不得替换",
            "the row with this key is of an agency of another division",
        )

    def mask(self, columns: Columns) -> Mask:
        """None: rows of one file are of one agency."""
        return columns.none()

    def fails_among(self, rows: list[Row]) -> list[bool]:
        """The reference over the rows of one file."""
        return [False] * len(rows)


def sent_by(dataset: Dataset, agency: Agency) -> Dataset:
    """The dataset as it is asked for of an agency: with the rules on divisions where it is of one."""
    if agency.division is None:
        return dataset
    return replace(dataset, rules=(*dataset.rules, *rules_of(dataset, agency.division)))


def rules_of(dataset: Dataset, division: str = NATION) -> tuple[Rule, ...]:
    """The rules for agencies of a division; their ids, elements and words are the same for every one."""
    held = Held(id=HELD, elements=dataset.key, labels=_labels(dataset, dataset.key), optional=dataset.optional_key)
    telling = dataset.telling
    if telling is None:
        return (held,)
    element = dataset.element(telling.element)
    found: list[Rule] = [_own(dataset, telling, division), held]
    if not element.required and element.type != "citizen_number":  # of a person without a number nobody can tell
        labels = _labels(dataset, (element.name,))
        words = Text(
            f"{labels[0].zh}必填：由此判定数据是否属于报送单位的行政区划",
            f"{labels[0].en} is required: it tells whose division the row is of",
        )
        found.append(Required(id=TOLD, elements=(element.name,), labels=labels, title=words))
    return tuple(found)


def _own(dataset: Dataset, telling: Telling, division: str) -> Rule:
    first = begins(telling, division)
    element = dataset.element(telling.element)
    labels = _labels(dataset, (element.name,))
    words = Text(f"{labels[0].zh}不属于报送单位的行政区划", f"{labels[0].en} is of another division than its sender's")
    names = (element.name,)
    if element.type == "integer":
        width = len(str(element.minimum))
        low, high = (int(first.ljust(width, digit)) for digit in "09")
        return Range(id=OWN, elements=names, labels=labels, title=words, minimum=low, maximum=high)
    letter = "[A-Z]?" if element.type == "text" else ""
    pattern = f"{letter}{first}[0-9A-Za-z]*"
    return Pattern(id=OWN, elements=names, labels=labels, title=words, pattern=pattern)


def begins(telling: Telling, division: str) -> str:
    """The digits with which rows of a division begin: no more of them than the element tells."""
    return stem(division)[: telling.digits]


def strangers(catalogue: Catalogue, source: str, others: Iterable[str]) -> list[str]:
    """Which of `others` are agencies of divisions whose rows an agency of a division does not replace.

    It replaces its own, those of a division within its own or around it, and those of a division that ended in its favour.
    """
    own = catalogue.body(source)
    if own is None or own.division is None:
        return []
    return [one for one in others if _strange(catalogue, own.division, one)]


def _strange(catalogue: Catalogue, division: str, other: str) -> bool:
    theirs = catalogue.body(other)
    if theirs is None or theirs.division is None:
        return False
    one, two = stem(division), stem(theirs.division)
    related = one.startswith(two) or two.startswith(one) or division in catalogue.regions.successors(theirs.division)
    return not related


def _labels(dataset: Dataset, names: tuple[str, ...]) -> tuple[Text, ...]:
    return tuple(dataset.element(name).title for name in names)
