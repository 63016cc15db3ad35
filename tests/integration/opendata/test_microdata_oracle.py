"""pycanon, an independent checker, confirms k, l, entropy and t of releases made by either method.

It wants an older pandas than ours and has its place in the environment of `QUANMIN_TEST_PEERS` (see `.ci/run`). It counts rows:
each row is a person here.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pytest

from quanmin.opendata.microdata import Plan, anonymise, dates, numbers, prefixes

PEERS = os.environ.get("QUANMIN_TEST_PEERS")
COUNTIES = [f"37{city:02}{county:02}" for city in (1, 2, 3) for county in (1, 2, 3, 4)]
QUASI = {
    "county": prefixes("counties", COUNTIES, (4, 2)),
    "born": dates(date(1950, 1, 1), date(1989, 12, 31)),
    "visits": numbers(0, 19, (5, 10)),
}

CHECK = """
import json, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import pandas as pd
from pycanon import anonymity
found = {}
for file in sorted(Path(sys.argv[1]).glob("*.csv")):
    frame = pd.read_csv(file, dtype={"county": str, "born": str, "visits": str, "illness": str}, keep_default_na=False)
    quasi = ["county", "born", "visits"]
    found[file.stem] = {
        "k": int(anonymity.k_anonymity(frame, quasi)),
        "l": int(anonymity.l_diversity(frame, quasi, ["illness"])),
        "entropy": int(anonymity.entropy_l_diversity(frame, quasi, ["illness"])),
        "t": float(anonymity.t_closeness(frame, quasi, ["illness"])),
        "t_cost": float(anonymity.t_closeness(frame, quasi, ["cost"])),
    }
print(json.dumps(found))
"""


def people(count: int, seed: int) -> pa.Table:
    """People with missing counties, skewed illnesses and costs."""
    random = np.random.default_rng(seed)
    places = random.integers(0, len(COUNTIES), count).tolist()
    return pa.table(
        {
            "county": [None if random.random() < 0.02 else COUNTIES[n] for n in places],
            "born": pa.array(
                [date(1950, 1, 1) + timedelta(days=n) for n in random.integers(0, 14_609, count).tolist()]
            ),
            "visits": pa.array(np.minimum(random.geometric(0.2, count) - 1, 19)),
            "illness": ["ABCDEF"[n] for n in np.minimum(random.geometric(0.35, count) - 1, 5)],
            "cost": pa.array(np.minimum(random.geometric(0.3, count), 9) * 100),
        }
    )


def plan(**rule: Any) -> Plan:
    return Plan(quasi=QUASI, sensitive=("illness", "cost"), ordered=frozenset({"cost"}), **rule)


PLANS = {
    "k": plan(k=10, suppress=0.05),
    "strict": plan(k=25, suppress=0.0),
    "distinct": plan(k=5, diversity=3, suppress=0.1),
    "entropy": plan(k=10, diversity=2, entropy=True, suppress=0.1),
    "close": plan(k=10, diversity=3, closeness=0.2, suppress=0.1),
    "local": plan(k=10, diversity=2),
}


@pytest.mark.skipif(PEERS is None, reason="needs QUANMIN_TEST_PEERS, an environment with pycanon")
def test_pycanon_confirms_every_release(tmp_path: Path) -> None:
    reports = {}
    for seed, (name, recipe) in enumerate(PLANS.items()):
        found = anonymise(people(1500, seed), recipe, "mondrian" if name == "local" else "lattice")
        reports[name] = found.report
        text = pa.table({column: own.cast(pa.string()).fill_null("NULL") for column, own in _columns(found.table)})
        csv.write_csv(text, tmp_path / f"{name}.csv")
    python = Path(PEERS or "") / "bin" / "python"
    out = subprocess.run([python, "-c", CHECK, str(tmp_path)], check=True, capture_output=True, text=True).stdout
    confirmed = json.loads(out)
    assert set(confirmed) == set(PLANS)
    for name, report in reports.items():
        by, recipe, ill = confirmed[name], PLANS[name], report.sensitive["illness"]
        assert by["k"] == report.k >= recipe.k
        assert by["l"] == ill.distinct >= recipe.diversity
        assert by["entropy"] == int(ill.entropy + 1e-9)
        assert not recipe.entropy or by["entropy"] >= recipe.diversity
        assert by["t"] == pytest.approx(ill.distance, abs=1e-9)
        assert by["t_cost"] == pytest.approx(report.sensitive["cost"].distance, abs=1e-9)
        assert recipe.closeness is None or max(by["t"], by["t_cost"]) <= recipe.closeness + 1e-9


def _columns(table: pa.Table) -> list[tuple[str, pa.ChunkedArray]]:
    return [(name, table[name]) for name in table.column_names]
