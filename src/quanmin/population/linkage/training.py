"""Learning the shares of the levels from the data: from pairs that are known by their numbers, from strangers, and by EM.

- Records attached by number and name say how often a person's own birth date, sex, region and household differ: m, by label.
- Records and people of different halves of the keys are strangers: u, where levels are equalities over all pairs, else by
  sampling.
- How numbers go wrong only the residual shows: m of the number, by expectation and maximisation among people of one birth date.

What was counted is mixed with the expected share as if `setting.PRIOR_PAIRS` pairs had shown that.
"""

from __future__ import annotations

import copy
import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from quanmin.population.linkage import model, setting
from quanmin.population.linkage.scoring import linker

Settings = dict[str, Any]
Shares = dict[str, list[float]]

BY_EM = "number"
SAME_DAY = "l.birth = r.birth AND l.sex = r.sex"


def train(connection: duckdb.DuckDBPyConnection, people: int) -> tuple[Settings, dict[str, int]]:
    """The settings with counted shares, and how many pairs each was counted on.

    Needs the tables `examples` and `candidates` (to be linked), and `lessons` and `pupils`: records attached by number and their
    people, both with `label`, the person's key.
    """
    settings = model.settings(people)
    blank = _blank(settings)
    for table, half in (("pupils", 0), ("lessons", 1)):
        connection.execute(
            f"CREATE OR REPLACE TABLE other_{table} AS SELECT * FROM {table} WHERE hash(label) % 2 = {half}"
        )
    labelled = _pairs(connection, "pupils AS l JOIN lessons AS r USING (label)")
    strangers = {
        each.name: min(math.prod(_sides(connection, each.column)), setting.TRAINING_PAIRS)
        for each in model.comparisons()
    }
    residual = _pairs(connection, f"candidates AS l JOIN examples AS r ON {SAME_DAY}")
    with _quiet():
        known = _by_label(connection, blank) if any(labelled.values()) else {}
        unknown = _of_strangers(connection, blank) if any(strangers.values()) else {}
        slips = _by_em(connection, settings) if residual[BY_EM] else {}
    for each in settings["comparisons"]:
        name = each["output_column_name"]
        if name == BY_EM:
            _mix(each, "m_probability", slips, residual[name])
        else:
            _mix(each, "m_probability", known, labelled[name])
        if name not in model.FIXED_U:
            _mix(each, "u_probability", unknown, strangers[name], floor=True)
        last = _levels(each)[-1]  # that all differs never speaks for one person, however rare it is
        last["u_probability"] = max(last["u_probability"], last["m_probability"])
    return settings, {"labelled": labelled["birth"], "strangers": strangers["birth"], "residual": residual[BY_EM]}


def _pairs(connection: duckdb.DuckDBPyConnection, pairs: str) -> dict[str, int]:
    """Per comparison how many of some pairs state it on both sides, as far as a training looks at them."""
    columns = {each.name: each.column for each in model.comparisons()}
    both = ", ".join(f"count(*) FILTER (l.{c} IS NOT NULL AND r.{c} IS NOT NULL)" for c in columns.values())
    counts = connection.sql(f"SELECT {both} FROM {pairs}").fetchall()[0]
    return {name: min(count, setting.TRAINING_PAIRS) for name, count in zip(columns, counts, strict=True)}


def _blank(settings: Settings) -> Settings:
    """The settings without shares, so that a level which was not seen is told from one that was."""
    blank = copy.deepcopy(settings)
    for each in blank["comparisons"]:
        for level in _levels(each):
            del level["m_probability"], level["u_probability"]
    return blank


def _by_label(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Shares:
    """m of every comparison among pairs of one label."""
    made = linker(connection, settings, "pupils", "lessons")
    made.training.estimate_m_from_label_column("label")
    return _shares(made, "m_probability")


def _of_strangers(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Shares:
    """u of the comparisons among strangers: levels that are equalities counted among all pairs, the others in a sample."""
    found = _by_sampling(connection, settings)
    sides = {each.name: _sides(connection, each.column) for each in model.comparisons()}
    for name, levels in model.EQUALITIES.items():
        pairs = sides[name][0] * sides[name][1]
        if name in found and pairs:
            shares = [
                max(_equal(connection, level.either) - _equal(connection, level.beyond), 0) / pairs for level in levels
            ]
            sampled = found[name][len(levels) : -1]
            found[name] = [*shares, *sampled, max(1 - sum(shares) - sum(sampled), 0.0)]
    return found


def _equal(connection: duckdb.DuckDBPyConnection, columns: Sequence[tuple[str, str]]) -> int:
    """How many pairs of strangers have the same value in these columns; counted by value, never pair by pair."""
    total = 0
    for left, right in columns:
        sides = [
            f"(SELECT {column} AS value, count(*) AS n FROM {table} WHERE {column} IS NOT NULL GROUP BY ALL)"
            for column, table in ((left, "other_pupils"), (right, "other_lessons"))
        ]
        query = f"SELECT coalesce(sum(l.n * r.n), 0) FROM {sides[0]} AS l JOIN {sides[1]} AS r USING (value)"
        total += int(connection.sql(query).fetchall()[0][0])
    return total


def _sides(connection: duckdb.DuckDBPyConnection, column: str) -> tuple[int, int]:
    """How many strangers state something, on either side."""
    people, records = (
        int(connection.sql(f"SELECT count({column}) FROM {table}").fetchall()[0][0])
        for table in ("other_pupils", "other_lessons")
    )
    return people, records


def _by_sampling(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Shares:
    """u of the comparisons among strangers: records and people of different halves of the keys."""
    counted = [each for each in settings["comparisons"] if each["output_column_name"] not in model.FIXED_U]
    settings = {**settings, "comparisons": counted}
    made = linker(connection, settings, "other_pupils", "other_lessons")
    made.training.estimate_u_using_random_sampling(
        max_pairs=setting.STRANGERS, seed=setting.SEED, min_count_per_level=None, num_chunks=1
    )
    return _shares(made, "u_probability")


def _by_em(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Shares:
    """m of the number among the residual's pairs of one birth date and sex."""
    made = linker(connection, settings, "candidates", "examples")
    made.training.estimate_parameters_using_expectation_maximisation(
        SAME_DAY, estimate_without_term_frequencies=True, max_pairs=setting.TRAINING_PAIRS
    )
    return _shares(made, "m_probability")


def _shares(made: Any, kind: str) -> Shares:
    """What a linker has learnt: per comparison the share of each level, 0 where it was not seen."""
    learnt = made.misc.save_model_to_json(None)["comparisons"]
    found = {each["output_column_name"]: [float(level.get(kind, 0)) for level in _levels(each)] for each in learnt}
    return {name: shares for name, shares in found.items() if any(shares)}


def _levels(each: dict[str, Any]) -> list[dict[str, Any]]:
    return [level for level in each["comparison_levels"] if not level.get("is_null_level")]


def _mix(each: dict[str, Any], kind: str, counted: Shares, pairs: int, floor: bool = False) -> None:
    """Put counted shares, mixed with the expected ones, into a comparison of the settings.

    With `floor`, what was not seen is held to be as frequent as once in all pairs: never seen is no proof of never.
    """
    if each["output_column_name"] not in counted:
        return
    weight = pairs / (pairs + setting.PRIOR_PAIRS)
    for level, found in zip(_levels(each), counted[each["output_column_name"]], strict=True):
        least = 1 / (pairs + setting.PRIOR_PAIRS) if floor else 0.0
        level[kind] = max(weight * found + (1 - weight) * level[kind], least)


@contextmanager
def _quiet() -> Iterator[None]:
    """Splink tells of levels that it has not seen; the expected shares stand for them here."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
