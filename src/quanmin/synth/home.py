"""Where people live: the county and address of each household, who moved, and who lives away from where they are registered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.synth.day import NEVER, day_of
from quanmin.synth.family import YEAR, Families
from quanmin.synth.pool import Pools
from quanmin.synth.pyramid import AS_OF
from quanmin.synth.stream import Ints, Mask, chosen
from quanmin.synth.territory import FIRST_NUMBERS, Territory


@dataclass
class Homes:
    """By person: `county` (index) and `urban` of the registered home; `birth_code` and `number_code`, region codes.

    Addresses are places in the table `addresses`: `registered` now, `former` before the household moved (the same where it
    did not), `residence` where the person lives, `earlier` where an away person lived before. `moved_on` is the day of
    the move, `away_since` the day from which an away person lives at `residence` in county `away_county`.
    """

    county: Ints
    urban: Mask
    birth_code: Ints
    number_code: Ints
    addresses: pa.Array
    registered: Ints
    former: Ints
    residence: Ints
    earlier: Ints
    moved_on: Ints
    away_county: Ints
    away_since: Ints


def settle(
    rng: np.random.Generator, territory: Territory, pools: Pools, families: Families, born: Ints, died: Ints
) -> Homes:
    """The homes of a partition's people."""
    heads, home = np.unique(families.household, return_inverse=True)
    county_of_home = territory.county.draw(rng, len(heads))
    urban_home = rng.random(len(heads)) < territory.urban_share[county_of_home]
    county, urban = county_of_home[home], urban_home[home]
    birth_code, number_code = _origins(rng, territory, families, county, born)
    away = _away(rng, born, died, urban)
    away_county = np.where(chosen(rng, len(born), 0.6), territory.county.draw(rng, len(born)), county).astype(np.int32)
    tables = [
        _addresses(rng, territory, pools, county_of_home, urban_home),
        _addresses(rng, territory, pools, county_of_home, urban_home),
        _addresses(rng, territory, pools, away_county[away], np.ones(len(away), dtype=bool)),
        _addresses(rng, territory, pools, away_county[away], np.ones(len(away), dtype=bool)),
    ]
    registered = home.astype(np.int32)
    moved_on = _moves(rng, len(heads))[home]
    moved_on = np.where((died != NEVER) | (moved_on <= born), NEVER, moved_on).astype(np.int32)
    former = np.where(moved_on == NEVER, registered, registered + len(heads)).astype(np.int32)
    residence, earlier = registered.copy(), registered.copy()
    residence[away] = 2 * len(heads) + np.arange(len(away))
    earlier[away] = residence[away] + len(away)
    since = np.full(len(born), NEVER, dtype=np.int32)
    since[away] = day_of(2008) + rng.integers(0, day_of(2014) - day_of(2008), len(away))
    since[away] = np.maximum(since[away], born[away] + round(17 * YEAR))
    return Homes(
        county=county,
        urban=urban,
        birth_code=birth_code,
        number_code=number_code,
        addresses=pa.concat_arrays(tables),
        registered=registered,
        former=former,
        residence=residence,
        earlier=earlier,
        moved_on=moved_on,
        away_county=away_county,
        away_since=since,
    )


def _origins(
    rng: np.random.Generator, territory: Territory, families: Families, county: Ints, born: Ints
) -> tuple[Ints, Ints]:
    """The region codes of birth and of the first registration; one in five adults comes from another county."""
    count = len(born)
    child = (families.father >= 0) | (families.grandfather >= 0)
    stayed = chosen(rng, count, 0.8) | child
    other = territory.county.draw(rng, count)
    birth_county = np.where(stayed, county, other).astype(np.int32)
    abroad = ~stayed & chosen(rng, count, 0.35)
    far = territory.elsewhere[rng.integers(0, len(territory.elsewhere), count)]
    birth = np.where(abroad, far, territory.code_on(birth_county, born))
    first = np.where(abroad, far, territory.code_on(birth_county, np.maximum(born, FIRST_NUMBERS)))
    return birth.astype(np.int32), first.astype(np.int32)


def _away(rng: np.random.Generator, born: Ints, died: Ints, urban: Mask) -> NDArray[np.int64]:
    """Rows of people of working age who live elsewhere, nearly one in five."""
    age = (AS_OF - born) / YEAR
    likely = np.where((age > 19) & (age < 58), np.where(urban, 0.2, 0.33), 0.0)
    return np.flatnonzero((rng.random(len(born)) < likely) & (died == NEVER))


def _moves(rng: np.random.Generator, homes: int) -> Ints:
    days = day_of(2011) + rng.integers(0, AS_OF - 200 - day_of(2011), homes)
    return np.where(chosen(rng, homes, 0.08), days, NEVER).astype(np.int32)


def _addresses(rng: np.random.Generator, territory: Territory, pools: Pools, county: Ints, urban: Mask) -> pa.Array:
    """One address a row: county, street or village, door."""
    ways = pa.concat_arrays([pools.streets, pools.lanes])
    street = rng.integers(0, len(pools.streets), len(county))
    lane = len(pools.streets) + rng.integers(0, len(pools.lanes), len(county))
    door = pools.doors.take(pa.array(rng.integers(0, len(pools.doors), len(county))))
    way = ways.take(pa.array(np.where(urban, street, lane)))
    return pc.binary_join_element_wise(territory.names().take(pa.array(county)), way, door, "")
