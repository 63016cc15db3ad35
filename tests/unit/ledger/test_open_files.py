"""The step of the ledger's schema that enters the files of what was published before."""

from __future__ import annotations

import importlib
import json

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations


def test_files_that_were_published_before_are_entered() -> None:
    step = importlib.import_module("quanmin.ledger.migrations.versions.0007_open_files")
    one, two = "a" * 64, "b" * 64
    published = {
        "dcat:distribution": [{"dcat:downloadURL": f"/files/{one}.csv"}, {"dcat:downloadURL": "https://x.example/y"}]
    }
    single = {"dcat:distribution": {"dcat:downloadURL": [f"/files/{one}.parquet", f"/files/{two}.csv"]}}
    rows = [
        ("r1", "publish", published),
        ("r1", "publish", published),
        ("r2", "publish", single),
        ("r3", "draft", published),
    ]
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE catalogue (record TEXT, action TEXT, document TEXT)"))
        for record, action, document in [*rows, ("r4", "publish", {})]:
            values = {"r": record, "a": action, "d": json.dumps(document)}
            connection.execute(sa.text("INSERT INTO catalogue VALUES (:r, :a, :d)"), values)
        with Operations.context(MigrationContext.configure(connection)):
            step.upgrade()
        found = connection.execute(sa.text("SELECT sha256, record FROM catalogue_file ORDER BY 1, 2")).all()
    engine.dispose()
    assert found == [(one, "r1"), (one, "r2"), (two, "r2")]
