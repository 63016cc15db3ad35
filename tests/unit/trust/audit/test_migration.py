"""The chain of earlier versions becomes a log: its entries are leaves, and how the chain stood is the last one."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from quanmin.ledger import Ledger, database
from quanmin.settings import Settings
from quanmin.trust import audit


def _chain(settings: Settings, count: int, spoil: int | None = None) -> str:
    """A ledger as it was, with a chain of entries; the last digest."""
    engine, previous = database.connect(settings.ledger_url), "0" * 64
    with database.writing(engine) as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for number in range(1, count + 1):
            at = datetime(2026, 1, 1, 8, 0, number % 60, number, tzinfo=UTC)
            content = {
                "event": "read",
                "actor": "desk",
                "purpose": "treatment",
                "persons": [f"p{number % 3}"],
                "名": number,
            }
            entry = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            digest = hashlib.sha256(f"{previous}\n{number}\n{at.isoformat()}\n{entry}".encode()).hexdigest()
            row = {"n": number, "at": at.replace(tzinfo=None), "e": entry, "p": previous, "d": digest}
            row["d"] = "f" * 64 if number == spoil else digest
            row["at"] = str(row["at"])
            connection.execute(text("INSERT INTO audit VALUES (:n, :at, :e, :p, :d)"), row)
            previous = str(row["d"])
    engine.dispose()
    return previous


@pytest.mark.parametrize("count", [1, 300])
def test_entries_of_the_chain_are_leaves_of_the_log(either_settings: Settings, count: int) -> None:
    last = _chain(either_settings, count)
    with Ledger.open(either_settings) as ledger:
        assert audit.verify(ledger) == audit.Verdict(count + 1, backwards=audit.verify(ledger).backwards)
        *carried, note = audit.entries(ledger)
        assert [entry.fields["名"] for entry in carried] == list(range(1, count + 1))
        assert carried[0].at == datetime(2026, 1, 1, 8, 0, 1, 1, tzinfo=UTC)
        assert carried[0].fields == {
            "event": "read",
            "actor": "desk",
            "purpose": "treatment",
            "persons": ["p1"],
            "名": 1,
        }
        assert note.fields == {"event": "migrate", "actor": "system", "chain": last, "entries": count, "broken": None}
        audit.append(ledger, "read", "desk", {})
        assert audit.verify(ledger).entries == count + 2
        root = bytes.fromhex(audit.head(ledger).digest)
        assert audit.prove(ledger, 1).holds(root)


def test_a_chain_that_did_not_hold_is_said_not_to(either_settings: Settings) -> None:
    _chain(either_settings, 5, spoil=3)
    with Ledger.open(either_settings) as ledger:
        *_, note = audit.entries(ledger)
        assert note.fields["broken"] == 3 and audit.verify(ledger).sound


def test_an_empty_chain_becomes_an_empty_log(either_settings: Settings) -> None:
    _chain(either_settings, 0)
    with Ledger.open(either_settings) as ledger:
        assert audit.head(ledger) == audit.Head(0, audit.START) and list(audit.entries(ledger)) == []
