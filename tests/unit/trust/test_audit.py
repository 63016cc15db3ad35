"""The audit chain: what is changed, removed or moved shows, and where."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from quanmin.ledger import Ledger
from quanmin.trust import audit
from quanmin.trust.errors import AuditBroken


def _fill(ledger: Ledger, count: int = 6) -> None:
    for number in range(count):
        audit.append(ledger, "read", "desk", {"rows": number})


def _tamper(ledger: Ledger, *statements: str) -> audit.Verdict:
    with ledger.writing() as connection:
        for statement in statements:
            connection.execute(text(statement))
    return audit.verify(ledger)


def test_an_untouched_chain_holds(ledger: Ledger) -> None:
    assert audit.verify(ledger) == audit.Verdict(0) and audit.head(ledger) == audit.Head(0, audit.START)
    _fill(ledger)
    assert audit.verify(ledger) == audit.Verdict(6) and audit.require(ledger).sound
    assert [entry.fields["rows"] for entry in audit.entries(ledger)] == list(range(6))
    assert audit.head(ledger).sequence == 6


def test_a_changed_entry_is_found(ledger: Ledger) -> None:
    _fill(ledger)
    found = _tamper(ledger, "UPDATE audit SET entry = replace(entry, '2', '9') WHERE sequence = 3")
    assert found == audit.Verdict(2, 3, "changed")
    with pytest.raises(AuditBroken):
        audit.require(ledger)


def test_an_entry_that_was_changed_and_sealed_again_is_found_at_the_next(ledger: Ledger) -> None:
    _fill(ledger)
    with ledger.reading() as connection:
        row = connection.execute(text("SELECT previous, at FROM audit WHERE sequence = 3")).one()
    [entry] = [one for one in audit.entries(ledger) if one.sequence == 3]
    forged = audit.seal(row.previous, 3, entry.at, "{}")
    found = _tamper(ledger, f"UPDATE audit SET entry = '{{}}', digest = '{forged}' WHERE sequence = 3")
    assert found == audit.Verdict(3, 4, "changed")


def test_a_changed_time_is_found(ledger: Ledger) -> None:
    _fill(ledger)
    assert _tamper(ledger, "UPDATE audit SET at = '2020-01-01 00:00:00' WHERE sequence = 2").sequence == 2


def test_a_removed_entry_is_found(ledger: Ledger) -> None:
    _fill(ledger)
    assert _tamper(ledger, "DELETE FROM audit WHERE sequence = 4") == audit.Verdict(3, 4, "removed")


def test_a_removed_entry_is_found_when_the_rest_is_numbered_again(ledger: Ledger) -> None:
    _fill(ledger)
    found = _tamper(
        ledger,
        "DELETE FROM audit WHERE sequence = 4",
        "UPDATE audit SET sequence = 4 WHERE sequence = 5",
        "UPDATE audit SET sequence = 5 WHERE sequence = 6",
    )
    assert found.sequence == 4 and not found.sound


def test_swapped_entries_are_found(ledger: Ledger) -> None:
    _fill(ledger)
    found = _tamper(
        ledger,
        "UPDATE audit SET sequence = 99 WHERE sequence = 2",
        "UPDATE audit SET sequence = 2 WHERE sequence = 5",
        "UPDATE audit SET sequence = 5 WHERE sequence = 99",
    )
    assert found == audit.Verdict(1, 2, "reordered")


def test_a_cut_tail_is_found_by_a_head_that_was_noted(ledger: Ledger) -> None:
    _fill(ledger)
    noted = audit.head(ledger)
    assert audit.verify(ledger, noted).sound
    with ledger.writing() as connection:
        connection.execute(text("DELETE FROM audit WHERE sequence > 4"))
    assert audit.verify(ledger).sound  # the chain alone cannot know
    assert audit.verify(ledger, noted) == audit.Verdict(4, 5, "removed")
    audit.append(ledger, "read", "desk", {})
    audit.append(ledger, "read", "desk", {})
    assert audit.verify(ledger, noted) == audit.Verdict(6, 6, "changed")


def test_writers_queue(ledger: Ledger) -> None:
    threads = [threading.Thread(target=_fill, args=(ledger, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify(ledger) == audit.Verdict(20)
