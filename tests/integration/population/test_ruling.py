"""Merges and splits reach the base: incremental equals full, row for row, and what is undone leaves the base as it was."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from quanmin import population
from quanmin.lake import Lake
from quanmin.ledger import database
from quanmin.population.review import merge, split
from quanmin.settings import Settings

from .test_incremental import BENCH, BUCKETS, DEATH, KEYS, WORK, add, contents, link, withdraw

ACTOR = "reviewer"


class Register:
    """Merges and splits as reviews would make them; `review` numbers are made up."""

    def __init__(self, lake: Lake) -> None:
        self.lake, self.last = lake, 10_000
        self.merged: dict[int, int] = {}
        self.parted: dict[int, int] = {}

    def merge(self, old: int, surviving: int) -> None:
        """`old` leads to `surviving` from now on."""
        self.last += 1
        with self.lake.ledger.writing() as connection:
            database.lock(connection, merge.LOCK)
            merge.make(self.lake, connection, old, surviving, self.last, ACTOR)
        self.merged[old] = self.last

    def part(self, key: int) -> None:
        """The number `key` is two people's."""
        self.last += 1
        with self.lake.ledger.writing() as connection:
            split.make(self.lake, connection, key, [], self.last, ACTOR)
        self.parted[key] = self.last

    def undo(self, key: int) -> None:
        """What was decided about a number is taken back."""
        with self.lake.ledger.writing() as connection:
            if key in self.merged:
                merge.undo(self.lake, connection, self.merged.pop(key), [key], "mistaken", ACTOR)
            else:
                split.undo(self.lake, connection, self.parted.pop(key), [key], "mistaken", ACTOR)

    def anything(self, chance: random.Random) -> None:
        """One more decision, or one less."""
        decided = [*self.merged, *self.parted]
        if decided and chance.random() < 0.4:
            self.undo(chance.choice(decided))
            return
        roots = [key for key in KEYS if key not in self.merged]
        if len(roots) > 1 and chance.random() < 0.75:
            self.merge(*chance.sample(roots, 2))
        else:
            self.part(chance.choice(KEYS))


@pytest.mark.parametrize("seed", range(8))
def test_an_incremental_build_equals_a_full_one_with_merges_and_splits(tmp_path: Path, seed: int) -> None:
    """With batches, corrections that move a number, withdrawals (of the register too) and records that linkage gave."""
    chance = random.Random(200 + seed)
    with Lake.open(Settings(home=tmp_path, buckets=BUCKETS)) as lake:
        register = Register(lake)
        first = add(lake, chance, BENCH)
        sent = {first: BENCH} | {add(lake, chance, dataset): dataset for dataset in (BENCH, DEATH, WORK)}
        population.build(lake)
        for _ in range(8):
            drawn, past = chance.random(), [number for number in sent if number > first]
            if drawn < 0.5:
                register.anything(chance)
            elif drawn < 0.65:
                link(lake, chance, guests=0.4)
            elif drawn < 0.8 and past:
                withdraw(lake, sent[gone := chance.choice(past)], gone)
                del sent[gone]
            else:
                dataset = chance.choice([BENCH, DEATH, WORK])
                sent[add(lake, chance, dataset)] = dataset
            assert not population.build(lake).full
            incremental = contents(lake)
            assert population.build(lake, full=True).full
            assert contents(lake) == incremental


@pytest.mark.parametrize("seed", range(4))
def test_what_is_undone_leaves_the_base_as_it_was(tmp_path: Path, seed: int) -> None:
    chance = random.Random(300 + seed)
    with Lake.open(Settings(home=tmp_path, buckets=BUCKETS)) as lake:
        register = Register(lake)
        for dataset in (BENCH, BENCH, DEATH, WORK):
            add(lake, chance, dataset)
        population.build(lake)
        link(lake, chance, guests=0.4)
        population.build(lake)
        before, seen = contents(lake), []
        for _ in range(4):
            register.anything(chance)
            population.build(lake)
            seen.append(contents(lake))
        for key in [*register.merged, *register.parted]:
            register.undo(key)
        population.build(lake)
        assert contents(lake) == before
    assert any(one != before for one in seen)
