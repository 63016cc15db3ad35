"""Numbers that were given up, in a bucket: their records speak of the person who survives.

Each record first meets the holder of its own number, for its name may be the one that stands there, and is told so to its
sender as before. Then holder and records join the survivor. The register's row of the old number is a second row of the same
person: a duplicate (E07), which is told and states nothing. A number that nobody holds any more is the survivor's from the start.

A number found to be two people's keeps its holder; a record under it that states no name could be either's and is set aside.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.population.overlay import CODE, Holders, Int64s, Mask, Met, Places, numbers, one, truth
from quanmin.standards import kernels


class Ruling(NamedTuple):
    """What a build follows: each number given up (ascending) with the person who survives, whether the register still holds
    it and the document that says so; and the numbers found to be two people's (ascending)."""

    old: Int64s
    surviving: Int64s
    held: Mask
    document: Int64s
    parted: Int64s


class United(NamedTuple):
    """The records as they are told to their senders, as they speak of people, and the people."""

    told: list[Met]
    spoken: list[Met]
    holders: Holders


def ruling(
    leads: Mapping[int, int] | None = None,
    held: Container[int] = (),
    documents: Mapping[int, int] | None = None,
    parted: Sequence[int] = (),
) -> Ruling:
    """A ruling of the numbers that lead to others, of which some are held, and of those found to be two people's."""
    leads = dict(sorted((leads or {}).items()))
    known = documents or {}
    return Ruling(
        np.array(list(leads), np.int64),
        np.array(list(leads.values()), np.int64),
        np.array([old in held for old in leads], bool),
        np.array([known.get(old, 0) for old in leads], np.int64),
        np.array(sorted(parted), np.int64),
    )


NOTHING = ruling()


def effective(roots: Mapping[int, int], held: Container[int]) -> dict[int, int]:
    """Which number leads to which person of the register, given what the reviews say and which numbers are held.

    Where the register has dropped the surviving number, the lowest of the person's numbers that it still has stands for the
    person; where it has none of them, there is nobody to join.
    """
    groups: dict[int, list[int]] = {}
    for old, root in sorted(roots.items()):
        groups.setdefault(root, [root]).append(old)
    found: dict[int, int] = {}
    for root, members in groups.items():
        standing = [root] if root in held else [key for key in sorted(members) if key in held][:1]
        found |= {key: person for person in standing for key in members if key != person}
    return found


def renumbered(rows: pa.Table, ruled: Ruling, held: bool) -> pa.Table:
    """Rows under the survivor's number in place of those given up, of those that are held or of those that are not."""
    chosen = ruled.held == held
    if not chosen.any():
        return rows
    keys = one(rows.column("person_key"))
    places = pc.index_in(keys, value_set=pa.array(ruled.old[chosen]), skip_nulls=True)
    led = pc.coalesce(pa.array(ruled.surviving[chosen]).take(places), keys)
    return rows.set_column(rows.schema.get_field_index("person_key"), "person_key", led)


def unite(met: Sequence[Met], holders: Holders, ruled: Ruling) -> United:
    """The records, which have met the holders of their own numbers, at the people who survive."""
    keys = numbers(holders.rows.column("person_key"))
    gone = np.isin(keys, ruled.old)
    if not gone.any():
        return United(list(met), list(met), holders)
    stay = pa.array(~gone)
    people = Holders(holders.rows.filter(stay), holders.since[~gone], holders.contested[~gone], holders.rivals)
    lead = ruled.surviving[np.searchsorted(ruled.old, keys[gone])]
    place = np.full(len(keys), -1, np.int32)
    place[~gone] = np.arange(people.rows.num_rows, dtype=np.int32)
    place[gone] = people.places(pa.chunked_array([pa.array(lead)]))
    moved = [_moved(each, gone, place, ruled) for each in met]
    spoken = [_spoken(each, one_of.place, gone, people) for each, one_of in zip(moved, met, strict=True)]
    twice = np.flatnonzero(met[0].attached & gone[met[0].place])
    match = moved[0].match.copy()
    match[twice] = CODE["E07"]
    spoken[0] = replace(moved[0], match=match)
    return United([_doubly_told(moved[0], twice, met[0].rows, ruled), *moved[1:]], spoken, people)


def _moved(met: Met, gone: Mask, place: Places, ruled: Ruling) -> Met:
    """A source's rows under the numbers that survive."""
    where = np.where(met.place >= 0, place[met.place], np.int32(-1)).astype(np.int32)
    return replace(met, rows=renumbered(met.rows, ruled, held=True), place=where)


def _spoken(met: Met, before: Places, gone: Mask, people: Holders) -> Met:
    """The rows of those who had another number: a name counts as the same where it is the survivor's very name."""
    rows = np.flatnonzero(met.attached & (before >= 0) & gone[before] & truth(one(met.rows.column("name")).is_valid()))
    if not len(rows):
        return met
    stated = one(met.rows.column("name")).take(pa.array(rows))
    holder = one(people.rows.column("name")).take(pa.array(met.place[rows]))
    alike = pc.equal(kernels.normalise_names(stated), kernels.normalise_names(holder))
    match = met.match.copy()
    match[rows] = np.where(truth(pc.fill_null(alike, False)), np.int8(CODE["same"]), np.int8(CODE["former"]))
    return replace(met, match=match)


def _doubly_told(bench: Met, twice: Int64s, before: pa.Table, ruled: Ruling) -> Met:
    """The register's rows as they are told, with those of old numbers once more, as duplicates found by a review."""
    own = numbers(one(before.column("person_key")).take(pa.array(twice)))
    since = ruled.document[np.searchsorted(ruled.old, own)]
    return Met(
        pa.concat_tables([bench.rows, bench.rows.take(pa.array(twice))]),
        np.concatenate([bench.match, np.full(len(twice), CODE["E07"], np.int8)]),
        np.concatenate([bench.since, since]),
        np.concatenate([bench.place, bench.place[twice]]),
        np.concatenate([bench.contested, np.zeros(len(twice), bool)]),
    )


def part(met: Met, ruled: Ruling, holders: Holders) -> Met:
    """Rows under numbers found to be two people's: what states no name is nobody's, what speaks for the other is barred."""
    if not len(ruled.parted) or not holders.contested.any():
        return met
    keys = kernels.filled(one(met.rows.column("person_key")), 0)
    shared = (met.place >= 0) & holders.contested[met.place] & np.isin(keys, ruled.parted)
    match = np.where(shared & (met.match == CODE["number"]), np.int8(CODE["E06"]), met.match)
    return replace(met, match=match, barred=shared & (match == CODE["E06"]))


__all__ = ["NOTHING", "Ruling", "United", "effective", "part", "renumbered", "ruling", "unite"]
