"""Rows of the base, whose table is in layers, and rows whose files are gone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from tests.unit.exchange.agreement.cremations import BASE, KEYS, number
from tests.unit.exchange.agreement.parties import PLATFORM, Parties

from quanmin.exchange.agreement import decide
from quanmin.lake import Lake

from .supplying import supplying

SCHEMA = pa.schema([("name", pa.string()), ("sex", pa.string()), ("person_key", pa.int64()), ("bucket", pa.int32())])


def _people(told: dict[int, str]) -> pa.Table:
    rows = [{"name": name, "sex": "1", "person_key": key, "bucket": 0} for key, name in told.items()]
    return pa.Table.from_pylist(rows, SCHEMA)


def _layer(lake: Lake, told: dict[int, str], gone: tuple[int, ...] = ()) -> None:
    """A layer in which some people have other rows, or none."""
    with lake.session("population") as session:
        writer = session.writer(BASE, SCHEMA, "bucket", layered=True)
        writer.above()
        writer.mark(pa.table({"bucket": pa.array([0] * len([*told, *gone]), pa.int32()), "person_key": [*told, *gone]}))
        writer.write(_people(told))
        session.commit()


def test_people_of_the_base_are_known_by_their_number(lake: Lake) -> None:
    parties = Parties(lake.settings, lake.ledger)
    told = {"dataset": BASE, "provider": PLATFORM, "elements": ["citizen_number", "name"], "mode": "push"}
    terms = parties.in_force(**told, operations=[])
    with lake.session("population") as session:
        session.writer(BASE, SCHEMA, "bucket", layered=True).write(_people(dict.fromkeys(KEYS[:4], "甲")))
        session.commit()
    since = lake.snapshot().id
    _layer(lake, {KEYS[0]: "乙", KEYS[1]: "甲", KEYS[5]: "丙"}, gone=(KEYS[2],))
    reading = lake.read(decide(lake, terms, delivery="D"))
    assert reading.key.columns == ("citizen_number",)
    changed = {row["citizen_number"]: row for batch in reading.changes(since) for row in batch.to_pylist()}
    assert {key: (row["_change"], row["name"]) for key, row in changed.items()} == {
        number(KEYS[0]): ("update", "乙"),
        number(KEYS[5]): ("insert", "丙"),
        number(KEYS[2]): ("delete", "甲"),
    }


def test_where_the_files_of_a_change_are_gone_full_rows_come_and_say_so(tmp_path: Path) -> None:
    with supplying(tmp_path) as made:
        made.deliver()
        made.add("F1", disposal="2")
        made.history.withdraw(1)
        made.history.add([("F8", 2, "1", None)])
        made.history.compact(None)
        made.pair.tick(86400)
        made.provider.lake.vacuum(1, timedelta(0))
        told: Any = made.deliver().data["manifest"]
        assert (told["content"], told["since"]) == ("full", None)
        assert made.theirs(tmp_path) == made.ours()
