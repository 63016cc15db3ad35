"""FEBRL 3 and 4 linked by the method of the base: wide keys, levels learnt from the data, and one record to one person.

The sets know no register that decides who exists, no Chinese names and no check digit, so what is measured is the method, not the
settings of the base: candidates by many rare keys instead of a few broad ones, and a decision by the best candidate and its
margin instead of a bound on the weight alone. `plain` is Splink as its own guides use it, on the same comparisons.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

FIELDS = ("given_name", "surname", "date_of_birth", "postcode", "address_1", "suburb")
PLAIN = (
    ("given_name", "surname"),
    ("date_of_birth",),
    ("postcode", "surname"),
    ("address_1",),
    ("suburb", "given_name"),
)
PLAIN_WITH_NUMBER = (*PLAIN, ("soc_sec_id",))
CHANCE = 0.5


class Score(NamedTuple):
    """Pairs: true ones, found ones, and both; and how long it took."""

    true: int
    found: int
    right: int
    seconds: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / (self.true + self.found)


def keys(number: bool) -> list[tuple[str, ...]]:
    """Every pair of fields, and the fields that are rare by themselves."""
    fields = (*FIELDS, "street_number", "address_2", *(("soc_sec_id",) if number else ()))
    alone = [("date_of_birth",), ("address_1",), *([("soc_sec_id",)] if number else [])]
    prefixed = [
        ("substr(surname, 1, 3)", "postcode"),
        ("substr(given_name, 1, 3)", "postcode"),
        ("surname", "substr(date_of_birth, 1, 4)"),
    ]
    prefixed += [("given_name", "substr(date_of_birth, 1, 4)"), ("given_name", "substr(date_of_birth, 5, 4)")]
    prefixed += [("surname", "substr(date_of_birth, 5, 4)"), ("postcode", "substr(date_of_birth, 1, 4)")]
    return [*alone, *itertools.combinations(fields, 2), *prefixed]


def comparisons(number: bool) -> list[Any]:
    """What a pair is compared by."""
    return [
        cl.ForenameSurnameComparison("given_name", "surname", jaro_winkler_thresholds=[0.92, 0.8]),
        cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
        cl.JaroWinklerAtThresholds("address_1", [0.9, 0.75]),
        cl.JaroWinklerAtThresholds("suburb", [0.9, 0.75]),
        cl.JaroWinklerAtThresholds("address_2", [0.9, 0.75]),
        cl.DamerauLevenshteinAtThresholds("street_number", [1]),
        cl.ExactMatch("state"),
        *([cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2])] if number else []),
    ]


def load(folder: Path, *names: str) -> duckdb.DuckDBPyConnection:
    """The sets as tables `one` (and `other`), every field as text."""
    connection = duckdb.connect()
    for table, name in zip(("one", "other"), names, strict=False):
        connection.execute(
            f"CREATE TABLE {table} AS SELECT rec_id AS unique_id, regexp_extract(rec_id, 'rec-(\\d+)', 1) AS person, "
            f"given_name || ' ' || surname AS given_name_surname_concat, * EXCLUDE rec_id "
            f"FROM read_csv('{folder / name}.csv', all_varchar = true, header = true)"
        )
    return connection


def scored(
    connection: duckdb.DuckDBPyConnection, number: bool, blocking: Sequence[tuple[str, ...]], tables: Sequence[str]
) -> str:
    """Train and score; the table of results. No label is used."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    database = DuckDBAPI(connection=connection)
    sides = [database.register(table, dataset_display_name=table) for table in tables]
    settings = SettingsCreator(
        link_type="link_only" if len(tables) == 2 else "dedupe_only",
        comparisons=comparisons(number),
        blocking_rules_to_generate_predictions=[block_on(*key) for key in blocking],
        probability_two_random_records_match=1 / 5000,
        retain_intermediate_calculation_columns=False,
    )
    linker = Linker(sides if len(sides) > 1 else sides[0], settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for key in (("given_name", "surname"), ("date_of_birth",), ("postcode", "suburb")):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*key))
    return str(linker.inference.predict(warning_mode="never").physical_name)


def plain(folder: Path, name: str, number: bool) -> Score:
    """Splink by itself: five or six keys, every pair likelier than not."""
    began = time.perf_counter()
    connection, tables = _opened(folder, name)
    made = scored(connection, number, PLAIN_WITH_NUMBER if number else PLAIN, tables)
    connection.execute(
        f"CREATE TABLE links AS SELECT unique_id_l AS a, unique_id_r AS b FROM {made} WHERE match_probability >= {CHANCE}"
    )
    return _score(connection, tables, began)


def ours(folder: Path, name: str, number: bool) -> Score:
    """The method of the base."""
    began = time.perf_counter()
    connection, tables = _opened(folder, name)
    made = scored(connection, number, keys(number), tables)
    if len(tables) == 2:
        best(connection, made)
    else:
        clusters(connection, made)
    return _score(connection, tables, began)


LEAST = -6.0
"""One record to one person, and the other way round: what is the best candidate of both may be this unlikely by itself."""


def best(connection: duckdb.DuckDBPyConnection, made: str) -> None:
    """Each record to the best candidate that nobody else has a better claim to."""
    rows = connection.execute(
        f"SELECT unique_id_l, unique_id_r FROM {made} WHERE match_weight >= {LEAST} ORDER BY match_weight DESC, 1, 2"
    ).fetchall()
    taken: set[str] = set()
    links = []
    for one, other in rows:
        if one not in taken and other not in taken:
            taken |= {one, other}
            links.append((one, other))
    connection.execute("CREATE TABLE links (a VARCHAR, b VARCHAR)")
    connection.executemany("INSERT INTO links VALUES (?, ?)", links)


JOIN = 3.0
"""Two groups of records become one if, over all pairs between them, the mean weight is at least this."""


def clusters(connection: duckdb.DuckDBPyConnection, made: str) -> None:
    """Records grouped by mean weight, the heaviest pair first: one wrong pair joins nobody whom all others keep apart."""
    rows = connection.execute(
        f"SELECT unique_id_l, unique_id_r, match_weight FROM {made} ORDER BY 3 DESC, 1, 2"
    ).fetchall()
    weight = {frozenset(row[:2]): float(row[2]) for row in rows}
    group: dict[str, list[str]] = {}
    for one, other, pair in rows:
        if pair < -JOIN:
            break
        left, right = group.setdefault(one, [one]), group.setdefault(other, [other])
        if left is right:
            continue
        across = [weight.get(frozenset((a, b)), -10.0) for a in left for b in right]
        if sum(across) / len(across) >= JOIN:
            left.extend(right)
            for record in right:
                group[record] = left
    pairs = {frozenset(pair) for members in group.values() for pair in itertools.combinations(sorted(members), 2)}
    connection.execute("CREATE TABLE links (a VARCHAR, b VARCHAR)")
    if pairs:
        connection.executemany("INSERT INTO links VALUES (?, ?)", [sorted(pair) for pair in pairs])


def _opened(folder: Path, name: str) -> tuple[duckdb.DuckDBPyConnection, list[str]]:
    if name == "febrl4":
        return load(folder, "febrl4a", "febrl4b"), ["one", "other"]
    return load(folder, name), ["one"]


def _score(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], began: float) -> Score:
    """Links against the truth, which the names of the records tell."""
    seconds = time.perf_counter() - began
    both = " UNION ALL ".join(f"SELECT unique_id, person, '{table}' AS side FROM {table}" for table in tables)
    across = "a.side < b.side" if len(tables) == 2 else "a.unique_id < b.unique_id"
    true = connection.sql(
        f"SELECT count(*) FROM ({both}) AS a JOIN ({both}) AS b ON a.person = b.person AND {across}"
    ).fetchall()
    found = connection.sql(
        f"SELECT count(*), count(*) FILTER (l.person = r.person) FROM links JOIN ({both}) AS l ON l.unique_id = a "
        f"JOIN ({both}) AS r ON r.unique_id = b"
    ).fetchall()
    connection.close()
    return Score(true[0][0], *found[0], seconds)
