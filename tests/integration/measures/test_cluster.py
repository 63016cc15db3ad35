"""Figures counted on a cluster are those counted here, row for row; and the expression itself runs on Spark."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanmin import measures, standards
from quanmin.lake import Lake
from quanmin.measures.cell import expression, passes
from quanmin.measures.cell import sql as sql_of
from quanmin.measures.figure import FIGURE
from quanmin.measures.roll import wishes
from quanmin.measures.source import rows_of
from quanmin.settings import Settings
from quanmin.standards.reading import ARROW_TYPES

LOANS = Path(__file__).parents[2] / "library_loans"
TOWNS = ("110105", "110221", "110114", "999999", None)


def loans(first: int, count: int, batch: int) -> list[dict[str, Any]]:
    """Loans that differ in all that is counted."""
    found = []
    for n in range(first, first + count):
        lent = date(1999, 10, 1) + timedelta(days=n * 7 % 400)
        back = datetime(lent.year, lent.month, lent.day, 9) + timedelta(days=n % 50) if n % 3 else None
        words = {"title": "EmaZ三"[n % 5] + "x", "shelf": ("A", "B", None)[n % 3], "town": TOWNS[n % 5]}
        numbers = {"copies": n % 9 + 1, "fee": n * 0.37 if n % 4 else None, "renewed": bool(n % 2)}
        reader = f"1101051980010100{n % 10}X"
        told = {
            "loan_no": str(1000 + n),
            "reader_number": reader,
            "lent_on": lent,
            "returned_at": back,
            "_batch": batch,
        }
        found.append(told | words | numbers | {"bucket": n % 4})
    return found


def readers(count: int) -> list[dict[str, Any]]:
    """Readers of all ages."""
    return [
        {"card_no": f"A{n:05}", "birth_date": date(1930 + n % 70, 1 + n % 12, 28), "town": TOWNS[n % 5], "_batch": 1}
        | {"joined_on": date(1999, 1 + n % 12, 5), "bucket": n % 4}
        for n in range(count)
    ]


def add(lake: Lake, catalogue: standards.Catalogue, dataset: str, rows: list[dict[str, Any]]) -> None:
    """One batch."""
    declared = catalogue.dataset(dataset)
    elements = [(one.name, ARROW_TYPES[one.type]) for one in declared.elements]
    schema = pa.schema([*elements, ("bucket", pa.int32()), ("_batch", pa.int64())])
    whole = [{name: row.get(name) for name in schema.names} for row in rows]
    with lake.session("collect", transaction=f"{dataset} {rows[0]['_batch']}") as session:
        session.writer(f"clean.{dataset}", schema, "bucket", key=declared).write(pa.Table.from_pylist(whole, schema))
        session.commit()


@pytest.fixture
def catalogue() -> standards.Catalogue:
    """The library's catalogue."""
    return standards.load(LOANS)


@pytest.fixture
def opened(tmp_path: Path, catalogue: standards.Catalogue, sail: str) -> Iterator[Lake]:
    """A lake with corrected loans, that knows the cluster."""
    with Lake.open(Settings(home=tmp_path / "home", spark=sail, buckets=4)) as lake:
        add(lake, catalogue, "library.loan", loans(0, 300, 1))
        add(lake, catalogue, "library.loan", loans(100, 20, 2))
        add(lake, catalogue, "library.reader", readers(60))
        yield lake


def digest(lake: Lake) -> str:
    """The stored figures in order, but for when and from which snapshot."""
    with lake.session("measures") as session:
        query = f"SELECT * EXCLUDE (computed_at, sources) FROM {session.relation(FIGURE)} ORDER BY ALL"
        rows = session.connection.sql(query).to_arrow_table()
    assert rows.num_rows > 1000
    return hashlib.sha256(str(rows.to_pylist()).encode()).hexdigest()


def test_figures_are_the_same_on_a_cluster(opened: Lake, catalogue: standards.Catalogue, cluster: str) -> None:
    lake = Lake(opened.settings.model_copy(update={"spark": cluster}), opened.ledger, opened.store)
    here = measures.compute(lake, catalogue=catalogue)
    expected = digest(lake)
    there = measures.compute(lake, full=True, engine="spark", catalogue=catalogue)
    assert there.figures == here.figures
    assert digest(lake) == expected
    add(lake, catalogue, "library.loan", loans(0, 5, 3))
    measures.compute(lake, engine="spark", catalogue=catalogue)
    changed = digest(lake)
    measures.compute(lake, full=True, catalogue=catalogue)
    assert digest(lake) == changed


def test_the_expression_itself_runs_on_spark(
    opened: Lake, catalogue: standards.Catalogue, cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same Ibis expression in the dialect of Spark gives the same cells."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
        pytest.importorskip("pyspark.sql.connect")
        from pyspark.sql import SparkSession

        spark = SparkSession.builder.remote(cluster).create()
    import ibis
    from ibis.config import Config

    # What the dialect asks for is registered by Ibis' backend, which would import pandas' side of PySpark.
    class Dialect(Config):
        treat_nan_as_null: bool = False

    monkeypatch.setattr(ibis.options, "pyspark", Dialect())
    known = catalogue.indicators
    with opened.session("measures") as session:
        try:
            for made in passes(known, wishes(known, known.indicators.values())):
                if made.stock:
                    continue
                rows = session.connection.sql(f"FROM {rows_of(session, catalogue, made.table)}").to_arrow_table()
                here = session.connection.sql(f"WITH rows AS (FROM rows) {sql_of(made)}").to_arrow_table()
                file = tmp_path / "rows.parquet"
                pq.write_table(rows, file)
                spark.read.parquet(str(file)).createOrReplaceTempView("rows")
                there = spark.sql(sql_of(made, "pyspark")).toArrow()
                assert sorted(map(str, here.to_pylist())) == sorted(map(str, there.to_pylist()))
                assert expression(made).columns == tuple(here.column_names)
        finally:
            spark.stop()
