"""Attacks on the releases of the demonstration, with everything that was published and all that the simulation knows.

Linkage (an outsider who knows everybody's quasi-identifiers), differencing (any two tables subtracted), and complementary
reconstruction (linear programmes over the published numbers of all tables): none may find a group below its threshold.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv
from scipy.optimize import linprog

from quanmin import collect, demo_releases, population, standards, synth
from quanmin.lake import Lake
from quanmin.opendata.disclosure import PROFILES, Population, kept
from quanmin.opendata.release import Release, Releases, parse, replay, running
from quanmin.opendata.release.judging import filtered
from quanmin.settings import Settings
from quanmin.trust import local_administrator

PERSONS, LEAST = 5_000, 10
PEERS = os.environ.get("QUANMIN_TEST_PEERS")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releases]:
    home = tmp_path_factory.mktemp("attack")
    synth.write(home / "files", PERSONS, 2015)
    with Lake.open(Settings(home=home / "home")) as lake:
        for file in sorted(path for path in (home / "files").iterdir() if path.is_file()):
            dataset = next(one for one in standards.catalogue().datasets.values() if file.name.startswith(one.id + "."))
            collect.collect(lake, dataset.id, file, dataset.steward, local_administrator())
        population.build(lake)
        made = demo_releases.open_data(lake)
        assert made.published >= LEAST, made.refused
        yield Releases.open(lake)


def out(releases: Releases, kind: str) -> list[Release]:
    return [one for one in releases.listing(("published",)) if one.kind == kind]


def table_of(releases: Releases, release: Release) -> pa.Table:
    parquet = next(one for one in release.files if one.format == "parquet")
    return pq.read_table(releases.portal.storage.path(parquet.sha256))


def cells_of(releases: Releases, release: Release) -> Population:
    return kept.read(releases.folder / "register", release.label)[0]


def test_every_file_and_record_is_there(opened: Releases) -> None:
    formats = Counter(one.format for release in opened.listing(("published",)) for one in release.files)
    assert len(opened.listing(("published",))) >= LEAST and set(formats) == {"parquet", "csv", "xlsx", "json"}
    areas = {area for one in opened.listing(("published",)) for area in (one.record or {})["quanmin:area"]}
    assert len(areas) == 6


def test_linkage_finds_no_class_below_k(opened: Releases) -> None:
    """The outsider holds the very rows that were released from, with every quasi-identifier, and the published classes."""
    released = out(opened, "microdata")
    assert released
    for release in released:
        recipe, table = parse(release.recipe), table_of(opened, release)
        names = [one.name for one in recipe.dimensions]
        assert table.column_names == names  # nothing but quasi-identifiers, and nobody's number
        people = cells_of(opened, release)
        addresses = [tuple(one for one in name if not one.startswith("of=")) for name in people.names]
        within = {name: len(inside) for name, (inside, _) in zip(addresses, _sets(people), strict=True)}
        sizes = Counter(_class(names, row) for row in table.to_pylist())
        held = {name for name, persons in within.items() if persons and len(name) == len(names)}
        assert set(sizes) == held  # shorter ones are margins
        for one, rows in sizes.items():  # somebody who is registered twice has two rows, in one class or in two
            assert recipe.privacy.k <= within[one] <= rows, one


def _class(names: list[str], row: dict[str, str]) -> tuple[str, ...]:
    """A row's class as the register names it."""
    return tuple(f"{name}={'all' if row[name] == '*' else row[name]}" for name in names)


def test_every_subtraction_of_two_tables_leaves_nobody_or_enough(opened: Releases) -> None:
    """By counting people one by one, apart from the auditor: a cell within another of any other table."""
    tables = opened.listing(("published",))
    held = {one.label: _sets(cells_of(opened, one)) for one in tables}
    met = 0
    for one, other in combinations(tables, 2):
        least = min(_threshold(one), _threshold(other))
        for people, shown in held[one.label]:
            for others, told in held[other.label]:
                if not (people <= others or others <= people) or shown == told:
                    continue
                met += 1
                left = len(people ^ others)
                assert left == 0 or left >= least, (one.name, other.name, left)
    assert met > 10  # the attack had something to subtract


def _threshold(release: Release) -> int:
    recipe = parse(release.recipe)
    return recipe.privacy.k if recipe.kind == "microdata" else PROFILES[recipe.rules].smallest


def _sets(people: Population) -> list[tuple[frozenset[int], int]]:
    """The people of each published cell, by place, and the number that was told."""
    by_class = [frozenset(np.flatnonzero(people.codes == one).tolist()) for one in range(people.classes)]
    cells = []
    for members, shown in zip(people.members, people.shown, strict=True):
        inside = frozenset().union(*(by_class[one] for one in np.flatnonzero(members)))
        cells.append((inside, int(shown)))
    return cells


def test_no_star_is_reconstructed_from_all_tables_together(opened: Releases) -> None:
    """Unknown: how many people each star holds. Known: every published number, and what another table says of the same cell."""
    tables = [_Told(opened, one) for one in out(opened, "table")]
    starred = 0
    for one in tables:
        rows, unknown = one.puzzle()
        bounds = [_elsewhere(name, one, tables) for name in unknown]
        for name, place in unknown.items():
            low, high = (_bound(rows, bounds, place, sign) for sign in (1, -1))
            starred += 1
            assert high - low >= one.profile.least_width, (one.release.name, name, low, high)
    assert starred > 5


class _Told:
    """A published table as an outsider reads it: numbers and stars by labels, `total` for a margin."""

    def __init__(self, releases: Releases, release: Release) -> None:
        self.release, recipe = release, parse(release.recipe)
        self.profile, self.scope = PROFILES[recipe.rules], recipe.scope
        self.names = [name for one in recipe.dimensions for name in one.columns]
        rows = table_of(releases, release).to_pylist()
        self.cells = {tuple(row[name] for name in self.names): row["persons"] for row in rows}

    def label(self, cell: tuple[str, ...]) -> frozenset[tuple[str, str]]:
        """What a cell speaks of, margins left out."""
        return frozenset(each for each in zip(self.names, cell, strict=True) if each[1] != "total")

    def leaves(self, label: frozenset[tuple[str, str]]) -> int:
        """Of how many rounded numbers a cell is the sum."""
        return sum("total" not in cell and label <= self.label(cell) for cell in self.cells)

    def parts(self, cell: tuple[str, ...], place: int) -> list[tuple[str, ...]]:
        """The cells that a margin is the sum of, along one dimension."""
        front, back = cell[:place], cell[place + 1 :]
        return [one for one in self.cells if one[place] != "total" and (one[:place], one[place + 1 :]) == (front, back)]

    def puzzle(self) -> tuple[list[tuple[dict[int, int], int]], dict[tuple[str, ...], int]]:
        """Equations (star: weight, what they add up to) in rounded numbers, of which margins are exact sums."""
        unknown = {name: place for place, name in enumerate(one for one, said in self.cells.items() if said == "*")}
        rows = []
        for cell, said in self.cells.items():
            for place in (place for place, word in enumerate(cell) if word == "total"):
                parts = self.parts(cell, place)
                stars = {unknown[each]: 1 for each in parts if each in unknown}
                rest = -sum(int(self.cells[each]) for each in parts if each not in unknown)
                if cell in unknown:
                    stars[unknown[cell]] = -1
                else:
                    rest += int(said)
                if stars:
                    rows.append((stars, rest))
        return rows, unknown


def _elsewhere(cell: tuple[str, ...], one: _Told, tables: list[_Told]) -> tuple[float, float | None]:
    """What other tables of the same people say of a starred cell, as far as rounding lets them."""
    low, high, label = 0.0, float("inf"), one.label(cell)
    for other in tables:
        for each, said in other.cells.items():
            if other is one or other.scope != one.scope or said == "*" or other.label(each) != label:
                continue
            loose = max(one.profile.slack) * one.leaves(label) + max(other.profile.slack) * other.leaves(label)
            low, high = max(low, int(said) - loose), min(high, int(said) + loose)
    return low, None if high == float("inf") else high


def _bound(rows: list[tuple[dict[int, int], int]], bounds: Any, place: int, sign: int) -> float:
    """The least (1) or the greatest (-1) that a star can be."""
    known, right = np.zeros((len(rows), len(bounds))), np.zeros(len(rows))
    for number, (stars, rest) in enumerate(rows):
        right[number] = rest
        for one, weight in stars.items():
            known[number, one] = weight
    aim = np.zeros(len(bounds))
    aim[place] = sign
    found = linprog(aim, A_eq=known, b_eq=right, bounds=bounds, method="highs")
    assert found.status in (0, 3), found.message
    return float("inf") * -sign if found.status == 3 else float(found.x[place])


def test_microdata_and_tables_do_not_single_out_together(opened: Releases) -> None:
    """Everything published at once as sums of groups that nobody can tell apart: no small group is a combination of numbers."""
    releases = opened.listing(("published",))
    held = [cells_of(opened, one) for one in releases]
    size = max(len(one.codes) for one in held)
    codes = np.stack([np.pad(one.codes.astype(np.int64), (0, size - len(one.codes))) for one in held])
    atoms, inverse = np.unique(codes, axis=1, return_inverse=True)
    people = np.bincount(inverse.ravel(), minlength=atoms.shape[1])
    lines = np.vstack([one.members[:, atoms[number]] for number, one in enumerate(held)]).astype(np.float64)
    values, vectors = np.linalg.eigh(lines @ lines.T)
    kept_ = values > 1e-9 * values[-1]
    basis = (lines.T @ vectors[:, kept_]) / np.sqrt(values[kept_])
    inside = (basis**2).sum(axis=1)  # 1 where the unit vector of an atom lies in the space of all published numbers
    small = (people < 7) & (atoms.sum(axis=0) > 0)
    assert small.sum() > 100 and float(inside[small].max()) < 1 - 1e-6


def test_the_evidence_of_every_release_replays(opened: Releases) -> None:
    for release in opened.listing(("published",))[:4]:
        found = replay.verify(opened, local_administrator(), replay.content_of(opened, release.number))
        assert [one for one in found if not one.sound] == []


def test_rows_that_were_left_out_are_few(opened: Releases) -> None:
    """A sample of a share is drawn as the recipe says: by the key of the pseudonyms, and the same each time."""
    [release] = out(opened, "microdata")
    recipe = parse(release.recipe)
    decision = running.decided(opened.lake, local_administrator(), recipe)
    everybody = opened.lake.confide(decision, lambda reading: filtered(recipe, reading.fetch()).num_rows)
    assert 0.2 < table_of(opened, release).num_rows / everybody < recipe.privacy.sample + 0.03


@pytest.mark.skipif(PEERS is None, reason="QUANMIN_TEST_PEERS names no environment with pycanon")
def test_pycanon_confirms_every_microdata_release(opened: Releases, tmp_path: Path) -> None:
    for release in out(opened, "microdata"):
        file = tmp_path / "rows.csv"
        csv.write_csv(table_of(opened, release), file)
        code = (
            "import sys, pandas; from pycanon import anonymity; frame = pandas.read_csv(sys.argv[1], dtype=str); "
            "print(anonymity.k_anonymity(frame, list(frame.columns)))"
        )
        told = subprocess.run(
            [str(Path(str(PEERS)) / "bin" / "python"), "-c", code, str(file)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert int(told.stdout.split()[-1]) >= parse(release.recipe).privacy.k
