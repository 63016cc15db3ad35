"""The golden record: per person and item one value, where it comes from, and how many sources agree.

Each source has been reduced to one row per person (its latest event) and set beside the benchmark (`wide`). An item is the
number's own word where it has one, else the most probable of the values stated, given how far each source is to be believed
(`reliability`), or of those of the highest level where an item can only rise. A value that its own row's flags speak
against, that a more trusted source says is over, or that the benchmark had to confirm and does not, decides nothing.

Which claimants agree makes a pattern (one number a person); what a pattern decides is worked out once for each pattern.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.population import word
from quanmin.population.overlay import Mask, one, truth
from quanmin.population.plan import BY_NUMBER, Fact, Plan
from quanmin.population.reliability import NOBODY, Judges, Pattern, Reliability
from quanmin.population.tables import arrow_type
from quanmin.population.wide import judged
from quanmin.standards import kernels

Heads = NDArray[np.int8]
Int16s = NDArray[np.int16]
CERTAIN = 1.0
"""What the citizen number says of its bearer is not doubted: a wrong number is another person's or nobody's."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source states about an item: its place in the plan, the value of each person, and which may decide."""

    index: int
    value: pa.Array
    usable: Mask


class Decided(NamedTuple):
    """An item of all people: the value, the source's place in the plan, how many sources agree, how probable it is."""

    value: pa.Array
    source: Int16s
    agreement: NDArray[np.int32]
    probability: NDArray[np.float64]


def people(plan: Plan, wide: pa.Table, reliability: Reliability) -> pa.Table:
    """The golden records, in the order of `wide`; sources as the numbers of their words."""
    columns = {"person_key": wide.column("person_key"), "contested": wide.column("contested")}
    for fact in plan.facts:
        decided = identity(plan, fact, wide, reliability) or decide(plan, fact, wide, reliability)
        columns |= {fact.item + ending: part for ending, part in _parts(plan, wide, decided).items()}
    return pa.table(columns)


def identity(plan: Plan, fact: Fact, wide: pa.Table, reliability: Reliability) -> Decided | None:
    """Number and name are the benchmark's; None for other items. Whoever is attached by them bears witness to them."""
    if fact.item == "citizen_number":
        agreeing = [truth(one(wide.column(f"s{i}_batch")).is_valid()) for i in range(len(plan.sources))]
    elif fact.item == "name":
        agreeing = [_true(one(wide.column(f"s{i}_same"))) for i in range(len(plan.sources))]
    else:
        return None
    names = next((known for known in plan.facts if known.item == "name"), fact)
    datasets = [source.dataset for source in plan.sources]
    judges = reliability.of(plan, names)
    places = [datasets.index(dataset) for dataset in judges.datasets]
    heads = [np.where(agreeing[place], 0, NOBODY).astype(np.int8) for place in places]
    _, chances = verdicts(judges, pattern_of(heads))
    benchmark = np.zeros(len(wide), np.int16)
    return Decided(one(wide.column(fact.item)), benchmark, _count(agreeing, len(wide)), chances)


def decide(plan: Plan, fact: Fact, wide: pa.Table, reliability: Reliability) -> Decided:
    """What the number says; else the most probable value of what the sources state."""
    claims, people = stated(plan, fact, wide), len(wide)
    number = one(wide.column(f"n_{fact.item}")) if fact.item in BY_NUMBER else pa.nulls(people)
    value, source, chances = (
        pa.nulls(people, arrow_type(fact.type)),
        np.full(people, NOBODY, np.int16),
        np.zeros(people),
    )
    if claims and number.null_count:
        heads = by_value(claims, highest(fact, claims))
        winner, chances = verdicts(reliability.of(plan, fact), pattern_of(heads))
        value = _chosen([claim.value for claim in claims], winner)
        source = _places([claim.index for claim in claims], winner)
    if number.null_count < people:
        told = truth(number.is_valid())
        value, source, chances = pc.coalesce(number, value), np.where(told, 0, source), np.where(told, CERTAIN, chances)
    agreement = _count([_true(pc.equal(claim.value, value)) for claim in claims], people)
    return Decided(value, source.astype(np.int16), agreement, chances)


def patterns(plan: Plan, wide: pa.Table) -> dict[str, dict[Pattern, int]]:
    """How many people have each agreement pattern, by item: what the reliability is estimated from."""
    found: dict[str, dict[Pattern, int]] = {}
    for fact in plan.stated:
        if fact.item == "name" or fact.item in BY_NUMBER:
            continue
        claims = stated(plan, fact, wide)
        if not claims:
            continue
        coded = pa.array(pattern_of(by_value(claims, highest(fact, claims)))).value_counts()
        numbers, people = coded.field("values").to_pylist(), coded.field("counts").to_pylist()
        spread = (spelled(number, len(claims)) for number in numbers)
        found[fact.item] = dict(zip(spread, people, strict=True))
    return found


def by_value(claims: list[Claim], deciding: list[Mask]) -> list[Heads]:
    """For each claim the first one that states the same value, NOBODY where it decides nothing.

    Most people's claims all agree; only where they do not are they compared with each other.
    """
    first = _first(deciding)
    value = _chosen([claim.value for claim in claims], first)
    same = [_true(pc.equal(claim.value, value)) for claim in claims]
    heads = [np.where(mask, first, NOBODY).astype(np.int8) for mask in deciding]
    places = np.flatnonzero(np.logical_or.reduce([m & ~agrees for m, agrees in zip(deciding, same, strict=True)]))
    if len(places):
        few = [claim.value.take(pa.array(places)) for claim in claims]
        for at, mask in enumerate(deciding):
            head = np.where(mask[places], at, NOBODY).astype(np.int8)
            for earlier in reversed(range(at)):
                equal = mask[places] & deciding[earlier][places] & _true(pc.equal(few[at], few[earlier]))
                np.copyto(head, heads[earlier][places], where=equal)
            heads[at][places] = head
    return heads


def pattern_of(heads: list[Heads]) -> NDArray[np.int64]:
    """The pattern of each person as one number: a digit for each claim."""
    base, number = len(heads) + 1, np.zeros(len(heads[0]), np.int64)
    for place, head in enumerate(heads):
        number += (head.astype(np.int64) + 1) * base**place
    return number


def spelled(number: int, claims: int) -> Pattern:
    """The pattern that `pattern_of` made a number of."""
    return tuple(number // (claims + 1) ** place % (claims + 1) - 1 for place in range(claims))


def verdicts(judges: Judges, pattern: NDArray[np.int64]) -> tuple[Heads, NDArray[np.float64]]:
    """The winning claim (NOBODY: none) and its probability, for each person."""
    coded = pa.array(pattern).dictionary_encode()
    found = [judges.decide(spelled(number, len(judges.datasets))) for number in coded.dictionary.to_pylist()]
    places = kernels.to_numpy(coded.indices)
    winner = np.array([verdict.winner for verdict in found], np.int8)
    probability = np.array([verdict.probability for verdict in found], np.float64)
    return winner[places], probability[places]


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


def _first(deciding: list[Mask]) -> Heads:
    """The first claim that may decide, for each person; NOBODY where none may."""
    winner = np.full(len(deciding[0]), NOBODY, np.int8)
    for place in reversed(range(len(deciding))):
        np.copyto(winner, np.int8(place), where=deciding[place])
    return winner


def _chosen(values: list[pa.Array], winner: Heads) -> pa.Array:
    """The winner's value."""
    if len(values) == 1:
        return pc.if_else(pa.array(winner == 0), values[0], pa.scalar(None, values[0].type))
    return pc.choose(pa.array(winner.astype(np.int64), mask=winner == NOBODY), *values)


def _places(indices: list[int], winner: Heads) -> Int16s:
    """The winner's place in the plan; of several values for NOBODY it is the last one, which stands for -1."""
    return np.array([*indices, NOBODY], np.int16)[winner]


def _parts(plan: Plan, wide: pa.Table, decided: Decided) -> dict[str, pa.Array]:
    """The columns of an item."""
    source = decided.source
    words = word.words_of(plan, "dataset")
    numbers = np.array([*(words.index(each.dataset) for each in plan.sources), 0], np.int16)
    batch = np.zeros(len(wide), np.int64)
    for index in np.unique(source[source != NOBODY]).tolist():
        mine = source == index
        batch[mine] = kernels.filled(one(wide.column(f"s{index}_batch")), 0)[mine]
    nobody = source == NOBODY
    return {
        "": decided.value,
        "_source": pa.array(numbers[source], mask=nobody),
        "_batch": pa.array(batch, mask=nobody),
        "_agreement": pa.array(decided.agreement),
        "_probability": pa.array(decided.probability, mask=nobody),
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
