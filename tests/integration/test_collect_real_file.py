"""The real files of the national notifiable disease reports: every row accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest

from quanmin import collect
from quanmin.lake import Lake
from quanmin.trust import local_administrator

DATA = Path(__file__).parents[3] / "shared" / "data"
FILES = {
    "china_nids_monthly_province_12_diseases.csv.gz": 65_650,
    "china_nids_monthly_national_2004_2020.csv": 12_640,
}


@pytest.mark.parametrize("name", FILES)
def test_every_row_of_the_real_file_is_accounted_for(lake: Lake, name: str) -> None:
    if not (DATA / name).exists():
        pytest.skip("the real data is not on this machine")
    receipt = collect.collect(lake, "cdc.notifiable_disease_monthly", DATA / name, "cdc", local_administrator())
    assert receipt.read == FILES[name] == receipt.accepted + receipt.quarantined
