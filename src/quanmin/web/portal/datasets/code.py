"""How to read a dataset from a program: the same table with four tools."""

from __future__ import annotations

from typing import NamedTuple

from quanmin.opendata.catalogue.record import Distribution
from quanmin.web.portal.datasets.told import Told, is_evidence

_READ = {"csv": "read_csv", "parquet": "read_parquet"}
_DUCK = {"csv": "read_csv('{url}', all_varchar = true)", "parquet": "'{url}'"}
_KEY = "KEY"


class Example(NamedTuple):
    """A piece of code: the tool, and the words of it."""

    tool: str
    text: str


def examples(told: Told) -> list[Example]:
    """The examples of the table of a record, as text wherever codes could be mistaken for numbers; none without a table."""
    table = _table(told.record.distributions)
    if table is None or table.format is None or told.record.access.code == "closed":
        return []
    kind, origin = table.format.code, told.ask.settings.origin
    address = table.download_url or table.access_url
    url = address if address.startswith("http") else origin + address
    made = [_curl(url, told), _pandas(url, kind, told), _duckdb(url, kind, told)]
    return made if _locked(told) else [*made, _r(url, kind)]  # R reads no address with a key


def _table(files: tuple[Distribution, ...]) -> Distribution | None:
    """The file that programs read best: columns with their types before text."""
    known = [one for one in files if one.format and one.format.code in _READ and not is_evidence(one)]
    return max(known, key=lambda one: one.format.code if one.format else "", default=None)


def _locked(told: Told) -> bool:
    return told.record.access.code != "public"


def _curl(url: str, told: Told) -> Example:
    key = f' -H "X-API-Key: {_KEY}"' if _locked(told) else ""
    return Example("curl", f"curl{key} -O {url}")


def _pandas(url: str, kind: str, told: Told) -> Example:
    how = ", dtype=str" if kind == "csv" else ""
    key = f', storage_options={{"X-API-Key": "{_KEY}"}}' if _locked(told) else ""
    return Example("pandas", f'import pandas as pd\n\ntable = pd.{_READ[kind]}("{url}"{how}{key})')


def _duckdb(url: str, kind: str, told: Told) -> Example:
    secret = f"CREATE SECRET (TYPE http, EXTRA_HTTP_HEADERS MAP {{'X-API-Key': '{_KEY}'}});\n" if _locked(told) else ""
    return Example("DuckDB", f"{secret}SELECT * FROM {_DUCK[kind].format(url=url)} LIMIT 10;")


def _r(url: str, kind: str) -> Example:
    if kind == "parquet":
        return Example("R", f'library(arrow)\n\ntable <- read_parquet("{url}")')
    return Example("R", f'library(readr)\n\ntable <- read_csv("{url}", col_types = cols(.default = "c"))')
