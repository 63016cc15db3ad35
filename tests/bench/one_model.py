"""Splink doing everything in one model: all records of all sources against the register, numbers as one more comparison.

python one_model.py HOME    prints seconds, pairs, F1 of (record, person), memory
"""

import json
import logging
import resource
import sys
import time
from pathlib import Path

import splink.comparison_level_library as levels
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from quanmin import standards
from quanmin.lake import Lake
from quanmin.population.plan import plan_of
from quanmin.settings import Settings

logging.getLogger("splink").setLevel(logging.ERROR)
home, plan = Path(sys.argv[1]), plan_of(standards.catalogue())


def stated(session, source, number):
    """SQL of what a source states, in one shape."""
    values = {"name": source.name, "birth": source.values.get("birth_date"), "sex": source.values.get("sex")}
    columns = ", ".join(
        f'"{element}"::VARCHAR AS {name}' if element else f"NULL::VARCHAR AS {name}" for name, element in values.items()
    )
    return (
        f"SELECT {number} * 1000000000000 + _row AS id, '{source.dataset}' AS dataset, _row, "
        f'"{source.number}"::VARCHAR AS number, {columns} FROM {session.live(source.dataset)}'
    )


with Lake.open(Settings(home=home)) as lake, lake.session("population") as session:
    connection = session.connection
    began = time.perf_counter()
    connection.execute(f"CREATE TABLE register AS {stated(session, plan.benchmark, 0)}")
    others = " UNION ALL ".join(stated(session, source, place) for place, source in enumerate(plan.others, 1))
    connection.execute(f"CREATE TABLE statements AS {others}")
    database = DuckDBAPI(connection=connection)
    sides = [database.register(table, dataset_display_name=table) for table in ("register", "statements")]
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="id",
        comparisons=[
            cl.DamerauLevenshteinAtThresholds("number", [1, 2]),
            cl.CustomComparison(
                [
                    levels.NullLevel("name"),
                    levels.ExactMatchLevel("name", term_frequency_adjustments=True),
                    levels.LevenshteinLevel("name", 3),
                    levels.ElseLevel(),
                ],
                output_column_name="name",
            ),
            cl.DamerauLevenshteinAtThresholds("birth", [1, 2]),
            cl.ExactMatch("sex"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("number"),
            block_on("name", "birth"),
            block_on("birth", "sex", "substr(number, 1, 6)"),
        ],
        probability_two_random_records_match=1 / max(connection.table("register").shape[0], 1),
    )
    linker = Linker(sides, settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("name", "birth"), max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("number"), max_pairs=1e6)
    made = linker.inference.predict(warning_mode="never").physical_name
    connection.execute(
        f"CREATE TABLE best AS SELECT id_r, id_l FROM {made} WHERE match_probability >= 0.9 "
        f"QUALIFY row_number() OVER (PARTITION BY id_r ORDER BY match_weight DESC, id_l) = 1"
    )
    seconds = time.perf_counter() - began
    pairs = connection.sql(f"SELECT count(*) FROM {made}").fetchall()[0][0]
    truth = home / "files" / "truth" / "records.parquet"
    found, right, true = connection.sql(f"""
        WITH spoken AS (
            SELECT s.id, r.person_id FROM statements AS s JOIN '{truth}' AS r ON r.dataset = s.dataset AND r.row = s._row
        ),
        held AS (SELECT s.id, r.person_id FROM register AS s JOIN '{truth}' AS r ON r.dataset = s.dataset AND r.row = s._row)
        SELECT (SELECT count(*) FROM best),
               (SELECT count(*) FROM best AS b JOIN spoken AS s ON s.id = b.id_r
                JOIN held AS h ON h.id = b.id_l AND h.person_id = s.person_id),
               (SELECT count(*) FROM spoken SEMI JOIN held USING (person_id))
    """).fetchall()[0]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({"seconds": seconds, "pairs": pairs, "f1": 2 * right / (found + true), "memory": memory}))
