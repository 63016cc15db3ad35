"""F1 of (record, person) in a base that was built, linked and built again, against the truth.

python assigned.py HOME
"""

import json
import sys
from pathlib import Path

from quanmin import standards
from quanmin.lake import Lake
from quanmin.population.plan import plan_of
from quanmin.settings import Settings

home, bench = Path(sys.argv[1]), plan_of(standards.catalogue()).benchmark.dataset
truth = home / "files" / "truth" / "records.parquet"
with Lake.open(Settings(home=home)) as lake, lake.session("population") as session:
    statement = session.relation("linked.statement")
    found, right, true = session.connection.sql(f"""
        WITH told AS (
            SELECT s.*, r.person_id FROM {statement} AS s JOIN '{truth}' AS r ON r.dataset = s.dataset AND r.row = s._row
        ),
        held AS (SELECT person_key, person_id FROM told WHERE dataset = '{bench}' AND outcome = 'attached'),
        given AS (SELECT * FROM told WHERE dataset <> '{bench}' AND outcome IN ('attached', 'linked')),
        registered AS (SELECT person_id FROM told WHERE dataset = '{bench}')
        SELECT (SELECT count(*) FROM given),
               (SELECT count(*) FROM given AS g JOIN held AS h ON h.person_key = g.person_key AND h.person_id = g.person_id),
               (SELECT count(*) FROM (SELECT * FROM told WHERE dataset <> '{bench}') SEMI JOIN registered USING (person_id))
    """).fetchall()[0]
print(json.dumps({"f1": 2 * right / (found + true)}))
