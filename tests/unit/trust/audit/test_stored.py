"""The audit log where it is stored: what is changed, removed or moved shows, and where."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from quanmin.ledger import Ledger
from quanmin.ledger.table import AuditHeadRow, AuditNodeRow, AuditRow, AuditTreeRow
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.audit import record
from quanmin.trust.audit.errors import RolledBack
from quanmin.trust.audit.log import whole
from quanmin.trust.errors import AuditBroken


def _fill(ledger: Ledger, count: int = 6) -> None:
    for number in range(count):
        audit.append(ledger, "read", "desk", {"rows": number})


def _tamper(ledger: Ledger, *statements: str) -> audit.Verdict:
    with ledger.writing() as connection:
        for statement in statements:
            connection.execute(text(statement))
    return audit.verify(ledger)


def test_an_untouched_log_holds(ledger: Ledger) -> None:
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


def _forge(ledger: Ledger, sequence: int, entry: str, *more: str) -> audit.Verdict:
    """Change an entry and give it the leaf hash that fits."""
    with ledger.reading() as connection:
        query = select(AuditRow.sequence, AuditRow.at, AuditRow.event, AuditRow.actor, AuditRow.purpose)
        row = connection.execute(query.where(AuditRow.sequence == sequence)).one()
    leaf = audit.tree.leaf(audit.tree.HASHES["sha256"], record.Event(*row, entry).line())
    with ledger.writing() as connection:
        change = update(AuditRow).where(AuditRow.sequence == sequence)
        connection.execute(change.values(entry=entry, leaf=leaf))
    return _tamper(ledger, *more)


def _reseal(ledger: Ledger) -> None:
    """Make the stored tree fit whatever is in the table, as somebody with the whole database would."""
    with ledger.writing() as connection:
        frontier = audit.tree.Frontier(audit.tree.HASHES["sha256"])
        nodes = []
        for leaf in connection.execute(select(AuditRow.leaf).order_by(AuditRow.sequence)).scalars():
            nodes += whole(frontier.push(leaf), frontier.size)
        connection.execute(update(AuditTreeRow).values(size=frontier.size, peaks=frontier.pack()))
        connection.execute(delete(AuditNodeRow))
        for level, place, hash_ in nodes:
            connection.execute(insert(AuditNodeRow).values(level=level, place=place, hash=hash_))


def test_an_entry_that_was_changed_and_sealed_again_does_not_fit_the_tree(ledger: Ledger) -> None:
    _fill(ledger)
    assert _forge(ledger, 3, "{}") == audit.Verdict(6, 1, "changed", 6)


def test_a_sealed_change_is_found_within_its_stored_subtree(ledger: Ledger) -> None:
    audit.append_all(ledger, [("read", "desk", {"rows": number}) for number in range(600)])
    assert audit.verify(ledger) == audit.Verdict(600)
    assert _forge(ledger, 300, "{}") == audit.Verdict(512, 257, "changed", 512)


def test_a_sealed_change_after_the_last_whole_subtree_is_found_there(ledger: Ledger) -> None:
    audit.append_all(ledger, [("read", "desk", {"rows": number}) for number in range(600)])
    assert _forge(ledger, 590, "{}") == audit.Verdict(600, 513, "changed", 600)


def test_with_the_whole_tree_made_anew_a_kept_head_finds_it_between_two_heads(
    ledger: Ledger, either_settings: Settings
) -> None:
    for _ in range(3):
        audit.append_all(ledger, [("read", "desk", {"rows": number}) for number in range(10)])
        audit.sign(ledger, either_settings)
    public = audit.StoreSigner.open(either_settings).public
    assert audit.verify(ledger, audit.noted(either_settings), public).sound
    _forge(ledger, 15, "{}")
    _reseal(ledger)
    assert audit.verify(ledger) == audit.Verdict(30, 11, "changed", 20)
    with pytest.raises(RolledBack):
        audit.sign(ledger, either_settings)


def test_a_head_that_nobody_signed_is_found(ledger: Ledger, either_settings: Settings) -> None:
    _fill(ledger)
    audit.sign(ledger, either_settings)
    _forge(ledger, 2, "{}")
    _reseal(ledger)
    root = bytes.fromhex(audit.head(ledger).digest)
    with ledger.writing() as connection:
        connection.execute(update(AuditHeadRow).values(root=root))
    public = audit.StoreSigner.open(either_settings).public
    assert audit.verify(ledger).sound  # without the key a head is only a number
    assert audit.verify(ledger, public=public) == audit.Verdict(0, 6, "forged")


def test_an_added_entry_is_found(ledger: Ledger) -> None:
    _fill(ledger)
    again = "INSERT INTO audit SELECT {0}, at, event, actor, purpose, entry, leaf FROM audit WHERE sequence = 6"
    assert _tamper(ledger, again.format(0)) == audit.Verdict(0, 1, "added")
    assert _tamper(ledger, "DELETE FROM audit WHERE sequence = 0").sound
    found = _tamper(ledger, again.format(7))
    assert found.sequence == 7 and not found.sound
    with pytest.raises(IntegrityError):  # and nothing is written over it
        audit.append(ledger, "read", "desk", {})


def test_a_sealed_entry_that_the_tree_does_not_know_is_found(ledger: Ledger) -> None:
    _fill(ledger)
    _tamper(ledger, "INSERT INTO audit SELECT 7, at, event, actor, purpose, entry, leaf FROM audit WHERE sequence = 6")
    assert _forge(ledger, 7, "{}") == audit.Verdict(7, 7, "added", 7)


@pytest.mark.parametrize("column", ["event", "actor", "purpose"])
def test_what_an_entry_is_searched_by_is_part_of_what_is_hashed(ledger: Ledger, column: str) -> None:
    audit.append(ledger, "read", "desk", {"purpose": "treatment", "rows": 1})
    assert audit.verify(ledger).sound
    assert _tamper(ledger, f"UPDATE audit SET {column} = 'other'") == audit.Verdict(0, 1, "changed")


def test_an_entry_that_can_no_longer_be_found_by_its_person_is_named(ledger: Ledger) -> None:
    for person in ("aa", "bb", "cc"):
        audit.append(ledger, "read", "desk", {"persons": [person]})
    assert audit.verify(ledger).sound
    found = _tamper(ledger, "DELETE FROM audit_link WHERE key = 'p:bb'")
    assert found == audit.Verdict(3, 2, "unfindable")
    found = _tamper(ledger, "INSERT INTO audit_link VALUES ('p:bb', 2)", "INSERT INTO audit_link VALUES ('p:zz', 3)")
    assert found == audit.Verdict(3, 3, "unfindable")


def test_a_clock_that_was_set_back_is_told(ledger: Ledger) -> None:
    times = iter([5, 6, 2, 3, 7, 4])
    ledger.now = lambda: datetime(2026, 1, 1, next(times), tzinfo=UTC)
    _fill(ledger)
    assert audit.verify(ledger) == audit.Verdict(6, backwards=(3, 6))


def test_all_that_json_holds_is_kept_as_it_was(ledger: Ledger) -> None:
    odd = {
        "purpose": "治疗",
        "text": "一\n\u2028\0\ud800",
        "none": None,
        "event": "other",
        "deep": {"b": [1], "a": 1.5},
    }
    audit.append(ledger, "read", "desk\0\ud800", odd)
    audit.append(ledger, "read", "desk", {"purpose": None})
    one, two = (entry.fields for entry in audit.entries(ledger))
    assert one == {**odd, "actor": "desk\\x00\\ud800"} and two["purpose"] is None
    assert audit.verify(ledger).sound
    with pytest.raises(ValueError, match="JSON"):
        audit.append(ledger, "read", "desk", {"rows": float("nan")})


def test_the_other_hash_is_used_all_through(ledger: Ledger) -> None:
    ledger.audit_hash = "sm3"
    assert audit.head(ledger).digest == audit.tree.empty(audit.tree.HASHES["sm3"]).hex()
    _fill(ledger)
    ledger.audit_hash = "sha256"  # the log keeps what it began with
    _fill(ledger)
    assert audit.verify(ledger) == audit.Verdict(12)
    assert audit.prove(ledger, 3).hash == "sm3"
    assert audit.prove(ledger, 3).holds(bytes.fromhex(audit.head(ledger).digest))


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


def test_a_cut_tail_is_found(ledger: Ledger) -> None:
    _fill(ledger)
    noted = audit.head(ledger)
    assert audit.verify(ledger, noted).sound
    assert _tamper(ledger, "DELETE FROM audit WHERE sequence > 4") == audit.Verdict(4, 5, "removed", 6)
    _reseal(ledger)
    assert audit.verify(ledger).sound  # the log alone cannot know
    assert audit.verify(ledger, noted) == audit.Verdict(4, 5, "removed", 6)
    audit.append(ledger, "read", "desk", {})
    audit.append(ledger, "read", "desk", {})
    assert audit.verify(ledger, noted) == audit.Verdict(6, 1, "changed", 6)


def test_writers_queue(ledger: Ledger) -> None:
    threads = [threading.Thread(target=_fill, args=(ledger, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify(ledger) == audit.Verdict(20)
