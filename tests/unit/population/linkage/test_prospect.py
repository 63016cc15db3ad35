"""How many records of a kind have a person here: learnt from their odds, bounded, and added to their weights."""

from __future__ import annotations

import math
from collections.abc import Iterator

import duckdb
import pytest

from quanmin.population.linkage import prospect, setting


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A thousand records without a number (900 with a sure candidate), ten under somebody's number, ten under nobody's."""
    with duckdb.connect() as made:
        made.execute(
            "CREATE TABLE stated AS SELECT i AS id, CASE WHEN i < 1000 THEN NULL WHEN i < 1010 THEN 7 ELSE 8 END AS person_key "
            "FROM range(1020) AS t(i); CREATE TABLE examples AS SELECT id FROM stated;"
            "CREATE TABLE people AS SELECT 7 AS id; CREATE TABLE judged (id BIGINT, answer VARCHAR);"
            "CREATE TABLE scored AS SELECT id AS id_r, 7 AS id_l, 20.0 AS match_weight FROM stated WHERE id < 900 OR id >= 1010"
        )
        yield made


def test_the_share_is_that_of_the_records_with_a_sure_candidate_mixed_with_the_expected_one(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = prospect.learn(connection, "scored")
    assert found["none"] == pytest.approx((900 + 25) / 1050, abs=1e-4)
    assert found["borne"] == pytest.approx((0 + 25) / 60, abs=1e-4)
    assert set(found) == set(prospect.KINDS)


def test_a_doubtful_candidate_counts_for_little_and_no_kind_is_taken_to_be_complete(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("UPDATE scored SET match_weight = -10")
    assert prospect.learn(connection, "scored")["none"] < 0.05
    connection.execute("DELETE FROM scored; INSERT INTO scored SELECT id, 7, 30 FROM stated")
    connection.execute("INSERT INTO stated SELECT i, NULL FROM range(2000, 12000) AS t(i); DELETE FROM examples")
    connection.execute("INSERT INTO examples SELECT id FROM stated; INSERT INTO scored SELECT id, 7, 30 FROM stated")
    assert prospect.learn(connection, "scored")["none"] == setting.MOST_WITH_A_PERSON


def test_what_a_reviewer_decided_is_not_counted(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("INSERT INTO judged SELECT id, 'same' FROM stated WHERE id >= 900")
    assert prospect.learn(connection, "scored")["none"] == pytest.approx((900 + 25) / 950, abs=1e-4)


def test_the_columns_add_what_the_reference_adds() -> None:
    shares = {"none": 0.96, "borne": 0.2}
    with duckdb.connect() as made:
        query = f"SELECT kind, {prospect.weights(shares)} FROM (VALUES ('none'), ('borne'), (NULL)) AS t(kind)"
        for kind, weight in made.execute(query).fetchall():
            assert float(weight) == pytest.approx(prospect.weight(shares, kind))
    assert prospect.weight(shares, "none") == pytest.approx(math.log2(24))
    assert prospect.weight({}, "none") == 0.0 == prospect.weight(shares, None)
