"""The bounded check: what it finds among the newest entries and in the tree, and what only the whole verification finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.audit.recent import recent


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """Some entries, in several stored subtrees."""
    audit.append_all(ledger, [("read", "desk", {"rows": number}) for number in range(700)])
    return ledger


def _tampered(ledger: Ledger, statement: str, newest: int = 100) -> audit.Verdict:
    with ledger.writing() as connection:
        connection.execute(text(statement))
    return recent(ledger, newest=newest)


def test_an_untouched_log_holds(ledger: Ledger, filled: Ledger, settings: Settings) -> None:
    assert recent(filled) == audit.Verdict(700)
    assert recent(filled, newest=100) == audit.Verdict(100)
    head = audit.sign(filled, settings)
    audit.append(filled, "read", "desk", {"rows": 1})
    public = audit.Ed25519Public.read(Path(settings.home / "keys" / "audit.pub"))
    assert recent(filled, head, public, 10) == audit.Verdict(10)


def test_an_empty_log_holds(ledger: Ledger) -> None:
    assert recent(ledger) == audit.Verdict(0)


def test_a_changed_and_a_missing_entry_are_found(filled: Ledger) -> None:
    assert _tampered(filled, "UPDATE audit SET actor = 'other' WHERE sequence = 650") == audit.Verdict(
        49, 650, "changed"
    )


def test_a_missing_entry_is_found(filled: Ledger) -> None:
    assert _tampered(filled, "DELETE FROM audit WHERE sequence = 690") == audit.Verdict(89, 690, "removed")


def test_a_tail_cut_off_is_found(filled: Ledger) -> None:
    assert _tampered(filled, "DELETE FROM audit WHERE sequence > 690").damage == "removed"


def test_a_log_replaced_since_a_head_was_noted_is_found(filled: Ledger, settings: Settings) -> None:
    head = audit.sign(filled, settings)
    other = head._replace(root=bytes(32))
    assert recent(filled, other).damage == "changed"
    assert recent(filled, head._replace(size=900)).damage == "removed"
    public = audit.Ed25519Public.read(settings.home / "keys" / "audit.pub")
    assert recent(filled, head._replace(signature=bytes(64)), public).damage == "forged"


def test_what_is_older_than_the_newest_is_the_work_of_the_whole_verification(filled: Ledger) -> None:
    found = _tampered(filled, "UPDATE audit SET actor = 'other' WHERE sequence = 5")
    assert found.sound and not audit.verify(filled).sound
