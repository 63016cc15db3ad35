"""The records that one agency holds about a partition's people, before and after errors are put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from quanmin.standards import Catalogue
from quanmin.synth.column import Column, Days, Lookup, Numbers, codes
from quanmin.synth.person import ETHNICITIES, Membership, People
from quanmin.synth.pool import Pools
from quanmin.synth.stream import Ints, Mask
from quanmin.synth.territory import Territory


@dataclass(frozen=True)
class Province:
    """What all partitions share."""

    catalogue: Catalogue
    territory: Territory
    pools: Pools


@dataclass
class Records:
    """Rows of one dataset: whom each speaks of (`person`, a row of the people) and its columns by element.

    `stale` marks, for an element, the rows whose value was true once and is no more.
    """

    dataset: str
    person: NDArray[np.int64]
    columns: dict[str, Column]
    stale: Mapping[str, Mask] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True)
class Scene:
    """A partition as the agencies' recipes see it."""

    province: Province
    people: People
    household: Membership

    def identity(self, rows: NDArray[np.int64]) -> dict[str, Column]:
        """Number, name, sex and birth date of some people."""
        people = self.people
        return {
            "citizen_number": Numbers(people.key[rows]),
            "name": Lookup(people.names.full, rows.astype(np.int32)),
            "sex": codes(["1", "2"], people.sex[rows] - 1),
            "birth_date": Days(people.born[rows]),
        }

    def ethnicity(self, rows: NDArray[np.int64]) -> Lookup:
        """The people's ethnic groups."""
        return codes(ETHNICITIES, self.people.ethnicity[rows])

    def region(self, region_codes: Ints) -> Lookup:
        """Region codes as a column."""
        territory = self.province.territory
        return Lookup(territory.known_texts, territory.place(region_codes), coded=True)

    def county_on(self, county: Ints, days: Ints) -> Lookup:
        """The codes that counties bore on days."""
        return self.region(self.province.territory.code_on(county, days))

    def of_county(self, table: object, county: Ints) -> Lookup:
        """A text for each county."""
        return Lookup(table, county.astype(np.int32))

    def address(self, places: Ints) -> Lookup:
        """Addresses by their places."""
        return Lookup(self.people.homes.addresses, places)


def some(rng: np.random.Generator, mask: Mask, share: float) -> NDArray[np.int64]:
    """The rows of the mask, each kept with probability `share`."""
    rows = np.flatnonzero(mask)
    return rows[rng.random(len(rows)) < share]


def between(rng: np.random.Generator, first: Ints | int, last: Ints) -> Ints:
    """A day from `first` to `last` for each row; `last` where that is earlier."""
    width = np.maximum(last - first, 0)
    return np.asarray((last - (rng.random(len(last)) * (width + 1)).astype(np.int32)).astype(np.int32))
