"""基准叠加: every record meets the benchmark by number and name.

The benchmark's rows are settled first (`Holders`: one row per number). Then each record of another source finds the holder
of its number; raw texts of the names decide nearly all rows at once, and only the few that differ are normalised and
compared. The outcome is `match`: how a record is attached, or the code why it is set aside.

These are kernels over the rows of a bucket, so that every engine that brings a bucket together gets the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.population import name as names
from quanmin.population.frame import MATCHES
from quanmin.population.twin import Claimant, Rivals, outcome, settle
from quanmin.standards import kernels

Int64s = NDArray[np.int64]
Places = NDArray[np.int32]
Matches = NDArray[np.int8]
Mask = NDArray[np.bool_]
CODE = {match: place for place, match in enumerate(MATCHES)}


@dataclass(frozen=True)
class Met:
    """The rows of one source with their outcome, as arrays over the rows.

    `match` is a place in `MATCHES`; `since` the latest batch that it rests on; `place` the holder's row in
    `Holders.rows`, -1 where nobody holds the number; `contested` whether others claim it (benchmark only, else False);
    `barred` which rows a review found to be another person's than the holder's (None: none of them).
    """

    rows: pa.Table
    match: Matches
    since: Int64s
    place: Places
    contested: Mask
    barred: Mask | None = None

    @property
    def attached(self) -> Mask:
        """Which rows speak of a person of the base."""
        return self.match > CODE["unsure"]


@dataclass(frozen=True)
class Holders:
    """The people of the benchmark: `rows` has one row each; `rivals` is about the numbers that others claim too."""

    rows: pa.Table
    since: Int64s
    contested: Mask
    rivals: dict[int, Rivals]

    def places(self, keys: pa.ChunkedArray) -> Places:
        """The row of each key's holder, -1 where there is none."""
        found = pc.index_in(one(keys), value_set=one(self.rows.column("person_key")), skip_nulls=True)
        return numbers(found.fill_null(-1))


def settle_benchmark(rows: pa.Table) -> tuple[Met, Holders]:
    """The benchmark's rows with their outcome, and the holders of the numbers."""
    match = unnumbered(rows, "same")
    since, contested = numbers(rows.column("_batch")).copy(), np.zeros(len(match), bool)
    rivals = settle_shared(rows, match, since, contested)
    held = np.flatnonzero(match == CODE["same"])
    holders = Holders(rows.take(pa.array(held)), since[held], contested[held], rivals)
    place = np.full(len(match), -1, np.int32)
    place[held] = np.arange(len(held), dtype=np.int32)
    return Met(rows, match, since, place, contested), holders


def settle_shared(rows: pa.Table, match: Matches, since: Int64s, contested: Mask) -> dict[int, Rivals]:
    """Write the outcome of rows whose number several rows claim into the arrays; the rivals of each contested number."""
    keys = kernels.filled(one(rows.column("person_key")), 0)
    ordered = np.sort(keys[keys != 0])
    shared = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    places = np.flatnonzero(np.isin(keys, shared)) if len(shared) else np.zeros(0, np.int64)
    few = rows.select(["name", "former", "event", "_batch", "_row"]).take(pa.array(places)).to_pydict()
    groups: dict[int, list[int]] = {}
    for index, key in enumerate(keys[places].tolist()):
        groups.setdefault(key, []).append(index)
    rivals: dict[int, Rivals] = {}
    for key, group in groups.items():
        settled = settle([Claimant(*(column[index] for column in few.values())) for index in group])
        at = places[group]
        match[at] = [CODE["same" if result == "attached" else result] for result in settled.outcomes]
        since[at] = max(few["_batch"][index] for index in group)
        if settled.rivals is not None:
            rivals[key] = settled.rivals
            contested[at] = True
    return rivals


def meet(rows: pa.Table, holders: Holders) -> Met:
    """The rows of another source with their outcome."""
    place = holders.places(rows.column("person_key"))
    found = place >= 0
    match = unnumbered(rows, "E02")
    stated = one(rows.column("name"))
    holder = one(holders.rows.column("name")).take(at(place))
    match[found] = CODE["unsure"]
    match[found & truth(stated.is_null())] = CODE["number"]
    match[found & truth(pc.fill_null(pc.equal(stated, holder), False))] = CODE["same"]
    unsure = np.flatnonzero(match == CODE["unsure"])
    if len(unsure):
        match[unsure] = settle_names(stated.take(pa.array(unsure)), place[unsure], holders)
    batch = numbers(rows.column("_batch"))
    since = np.where(found, np.maximum(batch, holders.since[place]), batch) if len(holders.since) else batch
    return Met(rows, match, since, place, np.zeros(len(match), bool))


def settle_names(stated: pa.Array, place: Places, holders: Holders) -> Matches:
    """The outcome of names that differ from the holders' as texts."""
    holder, former = (one(holders.rows.column(name)).take(pa.array(place)) for name in ("name", "former"))
    found = names.matches(stated, holder, former).to_pylist()
    match = np.array([CODE.get(how, CODE["E03"]) for how in found], np.int8)
    shared = np.flatnonzero(holders.contested[place])
    keys = numbers(holders.rows.column("person_key"))
    for index in shared.tolist():
        rivals = holders.rivals[int(keys[place[index]])]
        match[index] = CODE[outcome(found[index], stated[index].as_py(), rivals)]
    return match


def latest(met: Met, people: int) -> Int64s:
    """For each of the people the row of their latest event (then batch, then row), -1 where there is none.

    A row that tells of something over stands behind every row that does not.
    """
    rows = np.flatnonzero(met.attached)
    place = met.place[rows]
    if (np.bincount(place, minlength=people) > 1).any():
        event = kernels.filled(one(met.rows.column("event")).cast(pa.int32()).cast(pa.int64()), np.iinfo(np.int64).min)
        batch, row = (numbers(met.rows.column(name)) for name in ("_batch", "_row"))
        rows = rows[np.lexsort((row[rows], batch[rows], event[rows], ~over(met.rows)[rows]))]
        place = met.place[rows]
    last = np.full(people, -1, np.int64)
    last[place] = rows  # of several values for one place the last one stays
    return last


def over(rows: pa.Table) -> Mask:
    """Which rows tell of something that had ended when they were written."""
    result = np.zeros(rows.num_rows, bool)
    for name in rows.column_names:
        if name.startswith("o_"):
            result |= truth(one(rows.column(name)).is_valid())
    return result


def unnumbered(rows: pa.Table, otherwise: str) -> Matches:
    """Rows without a usable number: the number is there but wrong (E01), or missing (E12)."""
    key, numbered = one(rows.column("person_key")), truth(one(rows.column("numbered")))
    match = np.full(len(key), CODE[otherwise], np.int8)
    if key.null_count:
        null = truth(key.is_null())
        match[null] = np.where(numbered[null], CODE["E01"], CODE["E12"])
    return match


def one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column as one array."""
    if isinstance(column, pa.Array):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    merged = column.combine_chunks()
    return merged if isinstance(merged, pa.Array) else pa.concat_arrays(merged.chunks)


def at(places: NDArray[Any]) -> pa.Array:
    """Places to take from, null where they are negative."""
    return pa.array(places, mask=places < 0)


def numbers(column: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    """A column of numbers without nulls."""
    return kernels.to_numpy(one(column))


def truth(column: pa.Array) -> Mask:
    """A column of booleans without nulls."""
    return kernels.to_numpy(column)
