"""The page on the data API: its filters are of the grammar, its parameters and codes exist, its example runs."""

from __future__ import annotations

import io
import json
import re
import urllib.request
from pathlib import Path

import pandas
import pytest

from quanmin.errors import KINDS
from quanmin.opendata.rows import Query, Table, Tables, order, read
from quanmin.opendata.rows.writing import WRITERS
from quanmin.opendata.storage import Storage
from quanmin.settings import Settings
from quanmin.web.data.asked import ROWS
from quanmin.web.data.description import document

from ..unit.opendata.publishing import TABLE, parquet

PAGE = (Path(__file__).parents[2] / "docs" / "data_api.md").read_text("utf-8")


@pytest.fixture
def table(tmp_path: Path) -> Table:
    storage = Storage(tmp_path / "files")
    return Tables(storage, tmp_path / "rows").open(storage.keep(parquet(TABLE)).sha256)


def test_every_filter_of_the_page_finds_something(table: Table) -> None:
    [block] = re.findall(r"^```json\n(.*?)^```", PAGE, re.M | re.S)
    assert len(block.splitlines()) > 8
    for line in block.splitlines():
        json.loads(line)
        assert table.page(Query(filter=read(line))).records() or 'gte": 80' in line, line


def test_every_parameter_and_address_is_told() -> None:
    told = set(re.findall(r"^\| `([a-z]+)` \|", PAGE, re.M))
    assert told == {*ROWS, "bom"}
    plain = PAGE.replace(
        "`/data/v1/exports/{number}` and `/file`", "/data/v1/exports/{number} /data/v1/exports/{number}/file"
    )
    for path in document()["paths"]:
        known = re.sub(r"rows\.\w+$", "rows", path).replace("{file}", "{sha256}.{ending}")
        assert known in plain, path


def test_every_code_and_setting_exists() -> None:
    codes = set(re.findall(r"QM-[A-Z]+-\d{3}", PAGE))
    assert codes and codes <= set(KINDS)
    settings = set(re.findall(r"QUANMIN_([A-Z_]+)", PAGE))
    assert settings and {one.lower() for one in settings} <= set(Settings.model_fields)


def test_the_example_runs(table: Table, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Over the answers that the addresses give; a test with a server reads them over HTTP."""

    def answer(address: str) -> io.BytesIO:
        ending = address.partition("?")[0].rpartition(".")[2]
        out = io.BytesIO()
        if ending in WRITERS:
            WRITERS[ending]([table.page(Query(order=order("age"))).rows], table.arrow(), out)
        return io.BytesIO(out.getvalue())

    read_csv, read_parquet = pandas.read_csv, pandas.read_parquet
    monkeypatch.setattr(pandas, "read_csv", lambda address, **more: read_csv(answer(address), **more))
    monkeypatch.setattr(pandas, "read_parquet", lambda address: read_parquet(answer(address)))
    monkeypatch.setattr(urllib.request, "urlopen", answer)
    [block] = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    exec(compile(block, "data_api.md", "exec"), {"origin": "http://localhost:8000"})
    said = capsys.readouterr().out
    assert "010" in said and "196" in said
