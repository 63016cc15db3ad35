"""A dataset: what one kind of file from one kind of agency must be."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from quanmin.standards.element import Element
from quanmin.text import Text

if TYPE_CHECKING:
    from quanmin.standards.rules import Rule

Frequency = Literal["realtime", "daily", "weekly", "monthly", "quarterly", "yearly"]
Share = Literal["unconditional", "conditional", "closed"]
Open = Literal["open", "registered", "aggregated", "closed"]
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
SHARES: tuple[Share, ...] = get_args(Share)
OPENS: tuple[Open, ...] = get_args(Open)
_PLACES = ("registered_region", "residence_region", "region")


class Telling(NamedTuple):
    """How a row tells the division that it is of: the first `digits` of `element`, behind a letter if there is one.

    Six digits are a whole code; two are those of the province.
    """

    element: str
    digits: int


@dataclass(frozen=True)
class Dataset:
    """One dataset of the catalogue.

    `key` names the elements that tell one row from another: a later row with the same key supersedes the earlier.
    `person` names the element with the citizen number of the one person a row speaks of (None: not about a person).
    `event_date` names the element that dates the event or the sign of life. `benchmark` marks the source that decides
    who exists. `legal_basis` is the law by which it is collected and may be shared. `division` says how a row tells whose
    it is, where that is not where a person is registered or lives. `rules` holds the declared rules and those that the
    elements imply, implied ones first.
    """

    id: str
    version: str
    title: Text
    area: str
    steward: str
    key: tuple[str, ...]
    elements: tuple[Element, ...]
    subsystem: str | None = None
    senders: tuple[str, ...] = ()
    person: str | None = None
    event_date: str | None = None
    benchmark: bool = False
    frequency: Frequency = "monthly"
    share: Share = "conditional"
    open: Open = "closed"
    legal_basis: Text | None = None
    division: Telling | None = None
    rules: tuple[Rule, ...] = ()
    mappings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def place(self) -> str | None:
        """The column that says in which division a row belongs: where a person is registered, lives, or the event was.

        `person_key` where there is none but a person: the number says where it was given. None: rows belong nowhere.
        """
        regions = [one.name for one in self.elements if one.type == "region"]
        best = [name for name in _PLACES if name in regions] + ([] if self.person else regions)
        return best[0] if best else "person_key" if self.person else None

    @property
    def telling(self) -> Telling | None:
        """How a row tells whose division it is of: as the standard says, else by its `place`; None where nothing does."""
        name = self.person if self.place == "person_key" else self.place
        return self.division or (Telling(name, 6) if name is not None else None)

    @property
    def optional_key(self) -> tuple[str, ...]:
        """The elements of the key in which absent is a value like others (no region: the whole country)."""
        rules = [rule for rule in self.rules if rule.elements == self.key]
        return tuple(dict.fromkeys(name for rule in rules for name in getattr(rule, "optional", ())))

    def element(self, name: str) -> Element:
        """The element called `name`; KeyError if there is none."""
        return self._by_name[name]

    def rule(self, rule_id: str) -> Rule:
        """The rule called `rule_id`; KeyError if there is none."""
        return self._by_rule[rule_id]

    def resolve(self, title: str) -> str | None:
        """The element a column title means: its name, a title, the standard id or an alias, in any case or width."""
        return self._by_title.get(fold_title(title))

    @cached_property
    def _by_name(self) -> dict[str, Element]:
        return {element.name: element for element in self.elements}

    @cached_property
    def _by_rule(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def _by_title(self) -> dict[str, str]:
        return dict(titles_of(self.elements))


def titles_of(elements: tuple[Element, ...]) -> list[tuple[str, str]]:
    """Folded column title and element name, the strongest last: alias, standard id, title, name."""
    ranks: list[list[tuple[str, str]]] = [[], [], [], []]
    for element in elements:
        ranks[3].append((fold_title(element.name), element.name))
        ranks[2].extend((fold_title(title), element.name) for title in element.title)
        if element.standard:
            ranks[1].append((fold_title(element.standard), element.name))
        ranks[0].extend((fold_title(alias), element.name) for alias in element.aliases)
    return [pair for rank in ranks for pair in rank]


def fold_title(title: str) -> str:
    """A column title without case, width, spaces and joining signs, so that spellings of one title meet."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in "_-\ufeff")
