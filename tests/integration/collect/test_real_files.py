"""The real files of the national notifiable disease reports are accepted whole, and no row of them twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from quanmin import collect
from quanmin.lake import Lake
from quanmin.trust import local_administrator

DATA = Path(__file__).parents[4] / "shared" / "data"
NATIONAL = "china_nids_monthly_national_2004_2020.csv"
FILES = {"china_nids_monthly_province_12_diseases.csv.gz": 65_650, NATIONAL: 12_640}
DATASET = "cdc.notifiable_disease_monthly"


def send(lake: Lake, path: Path) -> collect.Receipt:
    if not path.exists():
        pytest.skip("the real data is not on this machine")
    return collect.collect(lake, DATASET, path, "cdc", local_administrator())


@pytest.mark.parametrize("name", FILES)
def test_the_real_file_is_accepted_whole(lake: Lake, name: str) -> None:
    receipt = send(lake, DATA / name)
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (FILES[name], FILES[name], 0)
    tested = {rule["id"]: rule["tested"] for rule in receipt.rules}
    assert tested["key.unique_in_batch"] == FILES[name]


def test_a_national_row_that_is_there_twice_is_refused(lake: Lake, tmp_path: Path) -> None:
    if not (DATA / NATIONAL).exists():
        pytest.skip("the real data is not on this machine")
    text = (DATA / NATIONAL).read_text("utf-8")
    path = tmp_path / "again.csv"
    path.write_text(text.rstrip("\n") + "\n" + text.splitlines()[1] + "\n", "utf-8")
    receipt = send(lake, path)
    assert (receipt.accepted, receipt.quarantined) == (FILES[NATIONAL], 1)
    assert [rule["rows"] for rule in receipt.rules if rule["id"] == "key.unique_in_batch"] == [[FILES[NATIONAL] + 1]]
