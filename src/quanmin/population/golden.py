"""The golden record: per person and item one value, where it comes from, and how many sources agree.

Each source has been reduced to one row per person (its latest event) and set beside the benchmark (`wide`). An item is the
number's own word where it has one, else the first usable value in order of trust, or of the highest level where an item can
only rise. A value that its own row's flags speak against, that a more trusted source says is over, or that the benchmark
had to confirm and does not, decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.population import word
from quanmin.population.overlay import Mask, one, truth
from quanmin.population.plan import BY_NUMBER, Fact, Plan
from quanmin.population.tables import arrow_type
from quanmin.population.wide import judged
from quanmin.standards import kernels

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source states about an item: its place in the plan, the value of each person, and which may decide."""

    index: int
    value: pa.Array
    usable: Mask


def people(plan: Plan, wide: pa.Table) -> pa.Table:
    """The golden records, in the order of `wide`; sources as the numbers of their words."""
    columns = {"person_key": wide.column("person_key"), "contested": wide.column("contested")}
    for fact in plan.facts:
        parts = decided(plan, fact, wide)
        columns |= {fact.item + ending: part for ending, part in parts.items()}
    return pa.table(columns)


def decided(plan: Plan, fact: Fact, wide: pa.Table) -> dict[str, pa.Array]:
    """The four columns of one item."""
    others = range(1, len(plan.sources))
    if fact.item == "citizen_number":
        agreeing = [truth(one(wide.column(f"s{i}_batch")).is_valid()) for i in others]
        return _parts(plan, wide, wide.column("citizen_number"), _benchmark(wide), 1 + _count(agreeing, len(wide)))
    if fact.item == "name":
        agreeing = [_true(one(wide.column(f"s{i}_same"))) for i in others]
        return _parts(plan, wide, wide.column("name"), _benchmark(wide), 1 + _count(agreeing, len(wide)))
    claims = stated(plan, fact, wide)
    winner = _first(highest(fact, claims), len(wide))
    value = _chosen([claim.value for claim in claims], winner, fact)
    source = _places([claim.index for claim in claims], winner)
    if fact.item in BY_NUMBER:
        number = one(wide.column(f"n_{fact.item}"))
        source[truth(number.is_valid())] = 0
        value = pc.coalesce(number, value)
    agreement = _count([_true(pc.equal(claim.value, value)) for claim in claims], len(wide))
    return _parts(plan, wide, value, source, agreement)


def claimants(plan: Plan, fact: Fact) -> list[int]:
    """The sources that state an item, the most trusted first."""
    index = {source.dataset: i for i, source in enumerate(plan.sources) if fact.item in source.values}
    return [index[dataset] for dataset in fact.claims if dataset in index]


def stated(plan: Plan, fact: Fact, wide: pa.Table) -> list[Claim]:
    """The claims that are believed: not what is known to be over, nor what had to be confirmed and is not."""
    claims: list[Claim] = []
    gone: list[pa.Array] = []
    for index in claimants(plan, fact):
        source, value = plan.sources[index], one(wide.column(f"s{index}_v_{fact.item}"))
        wrong = np.zeros(len(wide), bool)
        for old in gone:
            wrong |= _true(pc.equal(value, old))
        if source.dataset in fact.confirmed:
            witness = f"s0_v_{fact.confirmed[source.dataset]}"
            wrong |= ~_true(pc.equal(value, one(wide.column(witness)))) if witness in wide.column_names else True
        if wrong.any():
            value = pc.if_else(pa.array(~wrong), value, pa.scalar(None, value.type))
        claims.append(Claim(index, value, _usable(plan, fact, index, value, wide)))
        if fact.item in source.ended:
            gone.append(one(wide.column(f"s{index}_o_{fact.item}")))
    return claims


def _usable(plan: Plan, fact: Fact, index: int, value: pa.Array, wide: pa.Table) -> Mask:
    """Where a value is there and no flag of its row speaks against it."""
    usable = truth(value.is_valid())
    if not judged(plan, index, fact.item):
        return usable
    flags = one(wide.column(f"s{index}_flags"))
    places = np.flatnonzero(truth(flags.is_valid()))
    padded = pc.binary_join_element_wise("", flags.take(pa.array(places)), "", " ")
    usable = usable.copy()
    for rule in plan.sources[index].invalid[fact.item]:
        usable[places[truth(pc.match_substring(padded, f" {rule} "))]] = False
    return usable


def highest(fact: Fact, claims: list[Claim]) -> list[Mask]:
    """Which values of each claim may decide: those of the highest usable level, if the item has levels."""
    if not fact.levels:
        return [claim.usable for claim in claims]
    levels = [np.where(claim.usable, level(fact, claim.value), len(fact.levels) + 1) for claim in claims]
    best = np.minimum.reduce(levels)
    return [claim.usable & (place == best) for claim, place in zip(claims, levels, strict=True)]


def level(fact: Fact, value: pa.Array) -> NDArray[np.int8]:
    """The place of each value's level, the highest first; each distinct value is looked at once."""
    coded = value.dictionary_encode()
    known = [
        next((place for place, start in enumerate(fact.levels) if text.startswith(start)), len(fact.levels))
        for text in coded.dictionary.to_pylist()
    ]
    places = np.array([*known, len(fact.levels)], np.int8)
    found: NDArray[np.int8] = places[kernels.to_numpy(coded.indices.fill_null(len(known)))]
    return found


def _first(deciding: list[Mask], people: int) -> NDArray[np.int8]:
    """The first claim that may decide, for each person; NOBODY where none may."""
    winner = np.full(people, NOBODY, np.int8)
    for place in reversed(range(len(deciding))):
        np.copyto(winner, np.int8(place), where=deciding[place])
    return winner


def _chosen(values: list[pa.Array], winner: NDArray[np.int8], fact: Fact) -> pa.Array:
    """The winner's value."""
    if not values:
        return pa.nulls(len(winner), arrow_type(fact.type))
    if len(values) == 1:
        return pc.if_else(pa.array(winner == 0), values[0], pa.scalar(None, values[0].type))
    return pc.choose(pa.array(winner.astype(np.int64), mask=winner == NOBODY), *values)


def _places(indices: list[int], winner: NDArray[np.int8]) -> NDArray[np.int16]:
    """The winner's place in the plan; of several values for NOBODY it is the last one, which stands for -1."""
    return np.array([*indices, NOBODY], np.int16)[winner]


def _benchmark(wide: pa.Table) -> NDArray[np.int16]:
    return np.zeros(len(wide), np.int16)


def _parts(
    plan: Plan, wide: pa.Table, value: pa.Array, source: NDArray[np.int16], agreement: NDArray[np.int32]
) -> dict[str, pa.Array]:
    """The four columns, from the value, the source's place in the plan and the number of sources that agree."""
    words = word.words_of(plan, "dataset")
    numbers = np.array([*(words.index(each.dataset) for each in plan.sources), 0], np.int16)
    batch = np.zeros(len(wide), np.int64)
    for index in np.unique(source[source != NOBODY]).tolist():
        mine = source == index
        batch[mine] = kernels.filled(one(wide.column(f"s{index}_batch")), 0)[mine]
    nobody = source == NOBODY
    return {
        "": value,
        "_source": pa.array(numbers[source], mask=nobody),
        "_batch": pa.array(batch, mask=nobody),
        "_agreement": pa.array(agreement),
    }


def _count(tests: list[Mask], people: int) -> NDArray[np.int32]:
    """How many tests hold for each person."""
    total = np.zeros(people, np.int32)
    for test in tests:
        total += test
    return total


def _true(answers: pa.Array) -> Mask:
    """Which answers are yes; an unknown one is not."""
    return truth(answers.fill_null(False))
