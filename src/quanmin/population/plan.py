"""The plan of a build: which datasets take part, what each of them states, and who decides.

It is read once from the catalogue, so that nothing behind it knows a dataset or an element by name. Two plans with the
same `digest` make the same base from the same rows; another digest means that an incremental build would mix two rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from quanmin.population.errors import NoBenchmarkDeclared

if TYPE_CHECKING:
    from quanmin.standards import Catalogue, Dataset, Item, Rule

FORMER_NAME = "former_name"
BY_NUMBER = ("sex", "birth_date")
"""The items that the citizen number itself carries (GB 11643-1999): no source can overrule it."""

OPEN_VALUES = 1000
"""How many values an item without a value set is taken to have: two wrong addresses or dates are seldom the same."""

_TYPES = {"date": "date", "datetime": "timestamp(6)", "integer": "int64", "decimal": "float64", "boolean": "boolean"}


@dataclass(frozen=True)
class Source:
    """What one dataset brings.

    `number`, `name`, `former` and `event` are elements (None: the dataset has none). `living` says that a row shows the
    person alive on the event's date. `values` maps an item to the element that states it, `invalid` an item to the rules
    whose failure makes that value unusable, `ended` an item to the element that dates the end of what a row says of it,
    `told` a rule to its feedback code and the element at fault, `types` an element to its Ibis type.
    """

    dataset: str
    number: str
    name: str | None = None
    former: str | None = None
    event: str | None = None
    living: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    invalid: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ended: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def elements(self) -> tuple[str, ...]:
        """Every element that a build reads of this dataset, once each."""
        named = (self.number, self.name, self.former, self.event, *self.values.values(), *self.ended.values())
        return tuple(dict.fromkeys(element for element in named if element is not None))


@dataclass(frozen=True)
class Fact:
    """One item of the base: `type` is an Ibis type, `claims` the datasets that state it, the most trusted first.

    With `levels` (each is what its codes begin with, the highest first) the highest level stated counts, not the first
    value. `confirmed` maps a dataset to the item that the benchmark must state with the same value. `values` is how many
    values the item may have, which says how likely two sources err alike.
    """

    item: str
    type: str
    claims: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...] = ()
    confirmed: Mapping[str, str] = field(default_factory=dict)
    values: int = OPEN_VALUES


@dataclass(frozen=True)
class Plan:
    """The benchmark, the other sources in the catalogue's order, and the items in the catalogue's order."""

    benchmark: Source
    others: tuple[Source, ...]
    facts: tuple[Fact, ...]

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The benchmark, then the others."""
        return (self.benchmark, *self.others)

    @cached_property
    def by_dataset(self) -> dict[str, Source]:
        """Sources by dataset id."""
        return {source.dataset: source for source in self.sources}

    @cached_property
    def stated(self) -> tuple[Fact, ...]:
        """The items that sources state; the citizen number is what joins them."""
        return tuple(fact for fact in self.facts if fact.item != "citizen_number")

    @cached_property
    def death(self) -> Fact | None:
        """The item that says when a person died, if the base has one."""
        return next((fact for fact in self.facts if fact.item == "death_date"), None)

    def limited(self, datasets: Container[str]) -> Plan:
        """The same plan with the sources that are there; the benchmark always is."""
        others = tuple(source for source in self.others if source.dataset in datasets)
        return Plan(self.benchmark, others, self.facts)

    @cached_property
    def digest(self) -> str:
        """A short name of everything that decides the outcome of a build."""
        return hashlib.sha256(repr((self.benchmark, self.others, self.facts)).encode()).hexdigest()[:16]


def plan_of(catalogue: Catalogue) -> Plan:
    """The plan that a catalogue states; it needs exactly one dataset marked as benchmark."""
    datasets = catalogue.sources
    benchmarks = [dataset for dataset in datasets if dataset.benchmark]
    if len(benchmarks) != 1:
        raise NoBenchmarkDeclared(count=len(benchmarks))
    sources = {dataset.id: source_of(dataset, catalogue.items) for dataset in datasets}
    return Plan(
        benchmark=sources.pop(benchmarks[0].id),
        others=tuple(sources.values()),
        facts=tuple(fact_of(item, {dataset.id for dataset in datasets}, catalogue) for item in catalogue.items),
    )


def fact_of(item: Item, known: set[str], catalogue: Catalogue) -> Fact:
    """An item with its claims in order of priority, the first claim of each dataset only."""
    listed = catalogue.value_sets.get(item.values) if item.values else None
    values = max(len(listed.codes), 2) if listed is not None else OPEN_VALUES
    claims = dict.fromkeys(claim.dataset for claim in item.sources if claim.dataset in known)
    confirmed = {needing.dataset: needing.item for needing in item.confirmed if needing.dataset in known}
    return Fact(item.id, _TYPES.get(item.type, "string"), tuple(claims), item.levels, confirmed, values)


def source_of(dataset: Dataset, items: tuple[Item, ...]) -> Source:
    """What the catalogue says that a dataset brings to the base."""
    values: dict[str, str] = {}
    for item in items:
        for claim in item.sources:
            if claim.dataset == dataset.id and item.id != "citizen_number":
                values.setdefault(item.id, claim.element)
    names = {element.name for element in dataset.elements}
    warnings = [rule for rule in dataset.rules if rule.severity == "warn"]
    told = {rule.id: (rule.code, element_at_fault(rule)) for rule in warnings if rule.code}
    return Source(
        dataset=dataset.id,
        number=str(dataset.person),
        name=values.get("name"),
        former=FORMER_NAME if dataset.benchmark and FORMER_NAME in names else None,
        event=dataset.event_date,
        living=not dataset.benchmark and dataset.event_date is not None and "death_date" not in values,
        values=values,
        invalid={
            item: tuple(rule.id for rule in warnings if element_at_fault(rule) == element)
            for item, element in values.items()
        },
        ended={item.id: end.element for item in items for end in item.ended if end.dataset == dataset.id},
        told=told,
        types={element.name: _TYPES.get(element.type, "string") for element in dataset.elements},
    )


def element_at_fault(rule: Rule) -> str:
    """The element a sender should look at when a rule fails: the later of two dates, else the first one named."""
    return str(rule.elements[-1]) if rule.kind == "date_order" else str(rule.elements[0])
