"""How likely it is that a record's person is in the base at all, by what its number is: learnt, and added to its weights.

A pair is weighed as if half of the residual had a person here. But of those without a usable number nearly all do, and of those
under a number of the register under another name most, while who bears a sound number that the register does not have is hardly
ever in it. So each record's candidates begin at the odds of its kind. Of the last kind nothing is learnt: whether one person has
two numbers is asked pair by pair, and decided by a clerk.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import duckdb
import numpy as np

from quanmin.population.linkage import setting
from quanmin.text import Text

KINDS = ("none", "borne")
"""No usable number; a number that somebody of the base bears."""

TITLE = Text("此类记录在库中有无其人", "whether such records have a person here")
KIND = "CASE WHEN person_key IS NULL THEN 'none' WHEN person_key IN (SELECT id FROM people) THEN 'borne' END"
"""SQL of the kind of a row of `stated`; null for a number that nobody bears."""

ROUNDS = 20
"""Of expectation and maximisation over one share; it stands still after a few."""


def learn(connection: duckdb.DuckDBPyConnection, scored: str) -> dict[str, float]:
    """The share of each kind that has a person, from Splink's results on `examples`."""
    rows = connection.sql(
        f"SELECT kind, odds FROM (SELECT id, {KIND} AS kind FROM stated SEMI JOIN examples USING (id) "
        "WHERE id NOT IN (SELECT id FROM judged WHERE answer = 'same')) AS s "
        f"LEFT JOIN (SELECT id_r AS id, sum(pow(2.0, match_weight)) AS odds FROM {scored} GROUP BY id_r) AS b USING (id) "
        "WHERE kind IS NOT NULL ORDER BY id"
    ).to_arrow_table()
    kinds = np.asarray(rows.column("kind").to_pylist(), dtype=object)
    odds = np.asarray(rows.column("odds").fill_null(0.0))
    return {kind: _share(odds[kinds == kind]) for kind in KINDS}


def _share(odds: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """The share that best fits the odds of some records, mixed with the expected one."""
    share, prior = setting.HAVE_A_PERSON, setting.PRIOR_PAIRS
    for _ in range(ROUNDS):
        better = odds * share / (1 - share)
        share = float((np.sum(better / (1 + better)) + prior * setting.HAVE_A_PERSON) / (len(odds) + prior))
    return min(max(share, 1 - setting.MOST_WITH_A_PERSON), setting.MOST_WITH_A_PERSON)


def weight(shares: Mapping[str, float], kind: str | None) -> float:
    """What a kind adds to the weights of its records."""
    share = shares.get(kind, setting.HAVE_A_PERSON) if kind else setting.HAVE_A_PERSON
    return math.log2(share / (1 - share))


def weights(shares: Mapping[str, float]) -> str:
    """SQL of the same for a column `kind`."""
    cases = " ".join(f"WHEN '{kind}' THEN {weight(shares, kind)!r}" for kind in KINDS)
    return f"CASE kind {cases} ELSE 0.0 END"
