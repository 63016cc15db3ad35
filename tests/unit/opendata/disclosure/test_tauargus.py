"""Against tau-Argus (optimal suppression), where it is installed."""

from dataclasses import replace
from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from quanmin.opendata.disclosure import audit, evaluate, profile, prove

peer = pytest.importorskip("pytauargus")
EXACT = replace(profile("health"), id="exact", rounding="none", base=1)


@pytest.mark.parametrize("seed", range(4))
def test_its_stars_are_no_points_to_our_audit_and_ours_are_not_many_more(tmp_path, monkeypatch, seed):
    monkeypatch.chdir(tmp_path)  # its solver writes where it stands
    draw = np.random.default_rng(seed)
    counts = dict(zip(product("uvwxyz", "klmno"), draw.choice([3, 5, *range(12, 90, 7)], 30).tolist(), strict=True))
    labels = [label for label, count in counts.items() for _ in range(count)]
    columns = {"county": [c for c, _ in labels], "age": [a for _, a in labels]}
    (theirs,) = peer.protect(
        {**columns, "one": [1.0] * len(labels)}, ["county", "age"], "one", "FREQ(8,20)", workdir=str(tmp_path)
    ).tables
    shown = ["*" if value == "x" else f"{value:.0f}" for value in theirs.safe()]
    places = {name: [str(row[name]).strip('" ').replace("Total", "total") for row in theirs.rows] for name in columns}
    found = audit(pa.table({**places, "persons": shown}), [("county",), ("age",)], EXACT)
    assert len(found) == shown.count("*") and all(one.width > 0 for one in found)
    ours = prove(evaluate(pa.table({"person": range(len(labels)), **columns}), ["county", "age"]), EXACT)
    assert not ours.derivable and not ours.protected.stuck
    assert ours.protected.suppressed.sum() <= 1.5 * shown.count("*") + 2
