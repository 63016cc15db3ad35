"""The recipe of a microdata release: what each column is, and which rule must hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from quanmin.opendata.microdata.errors import IdentifierInRecipe, MissingColumn, RecipeInvalid, UndeclaredColumn
from quanmin.opendata.microdata.hierarchy import Hierarchy
from quanmin.standards.dataset import Dataset
from quanmin.text import Text

K, L, T = 10, 3, 0.3
"""The path of row-level data: k >= 10, l >= 3, t <= 0.3; what is below needs an exception."""


@dataclass(frozen=True)
class Plan:
    """What each column of a table is, and the rule.

    `quasi`: quasi-identifiers with their hierarchies. `sensitive`: columns that are released as they are and must not be
    learnt about anybody. `harmless`: other columns that are released as they are. `person`: the column that says whose a row
    is; it is counted by and never released; without it each row is a person. `identifiers`: columns that refuse the table.

    `k`: persons of each class; with `population`, a table of the quasi-identifiers with a row a person, people of the
    population in each class (k-map). `diversity` (l): values of each sensitive column in each class, counted, or with `entropy`
    as exp(entropy). `closeness` (t): distance of each sensitive column's distribution in a class from that of the release, for
    columns in `ordered` along their order. `suppress`: the share of rows that may be left out, 0 to 1. `sampled`: the share of
    the population that the table holds, for the estimate of the journalist's risk. Raises RecipeInvalid.
    """

    quasi: Mapping[str, Hierarchy]
    k: int = K
    sensitive: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    person: str | None = None
    identifiers: frozenset[str] = frozenset()
    diversity: int = 1
    entropy: bool = False
    closeness: float | None = None
    ordered: frozenset[str] = frozenset()
    suppress: float = 0.0
    population: pa.Table | None = field(default=None, repr=False)
    sampled: float | None = None

    def __post_init__(self) -> None:
        for fault, reason in self._faults():
            if fault:
                raise RecipeInvalid(reason=reason)

    def _faults(self) -> list[tuple[bool, Text]]:
        named = [*self.quasi, *self.sensitive, *self.harmless, *([self.person] if self.person else [])]
        distance = self.closeness is not None and not 0 <= self.closeness <= 1
        share = self.sampled is not None and not 0 < self.sampled <= 1
        return [
            (not self.quasi, Text("没有准标识符", "there is no quasi-identifier")),
            (len(set(named)) < len(named), Text("一列声明了两次", "a column is declared twice")),
            (self.k < 2, Text("k 至少为 2", "k is at least 2")),
            (self.diversity < 1, Text("l 至少为 1", "l is at least 1")),
            (distance, Text("t 在 0 与 1 之间", "t is between 0 and 1")),
            (
                not 0 <= self.suppress < 1,
                Text("隐去上限在 0 与 1 之间，不含 1", "the limit of suppression is from 0 to below 1"),
            ),
            (share, Text("抽样比在 0 与 1 之间", "the sampled share is between 0 and 1")),
            (
                (self.diversity > 1 or self.closeness is not None) and not self.sensitive,
                Text("没有敏感列", "there is no sensitive column"),
            ),
            (
                bool(self.ordered - set(self.sensitive)),
                Text("有序列须为敏感列", "ordered columns are sensitive columns"),
            ),
        ]

    def check(self, table: pa.Table) -> None:
        """Refuse a table with a direct identifier, with an undeclared column, or without a declared one."""
        declared = {*self.quasi, *self.sensitive, *self.harmless, self.person}
        for name in table.column_names:
            if name in self.identifiers:
                raise IdentifierInRecipe(element=name)
        for name in sorted(self.identifiers & {*self.quasi, *self.sensitive, *self.harmless}):
            raise IdentifierInRecipe(element=name)
        strange = [name for name in table.column_names if name not in declared]
        if strange:
            raise UndeclaredColumn(count=len(strange), element=strange[0])
        for name in [*self.quasi, *self.sensitive, *self.harmless, *([self.person] if self.person else [])]:
            if table.column_names.count(name) != 1:
                raise MissingColumn(element=name)

    @property
    def below_policy(self) -> bool:
        """Whether the rule is weaker than the path of row-level data asks for."""
        weak = bool(self.sensitive) and (self.diversity < L or self.closeness is None or self.closeness > T)
        return self.k < K or weak


def identifiers(dataset: Dataset) -> frozenset[str]:
    """The elements of a dataset that identify a person by themselves, by the standards."""
    return frozenset(element.name for element in dataset.elements if element.role == "direct")
