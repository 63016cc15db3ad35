"""Proofs from what is stored, against the plain tree over the same lines."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from quanmin.ledger import Ledger
from quanmin.trust import audit
from quanmin.trust.audit import tree
from quanmin.trust.audit.errors import UnknownEntry
from quanmin.trust.errors import AuditBroken

SIZE = 700


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    """A log with two stored subtrees and a rest."""
    audit.append_all(ledger, [("read", "desk", {"rows": number}) for number in range(SIZE)])
    return ledger


def _root(ledger: Ledger, size: int) -> bytes:
    frontier = tree.Frontier(tree.HASHES["sha256"])
    for entry in list(audit.entries(ledger))[:size]:
        frontier.push(bytes.fromhex(entry.digest))
    return frontier.root()


@pytest.mark.parametrize("sequence", [1, 2, 255, 256, 257, 512, 513, 699, 700])
def test_every_entry_can_be_proven_against_the_head(filled: Ledger, sequence: int) -> None:
    root = bytes.fromhex(audit.head(filled).digest)
    proof = audit.prove(filled, sequence)
    assert proof.holds(root) and f'"rows":{sequence - 1}' in proof.line
    assert not proof._replace(line=proof.line.replace("desk", "dusk")).holds(root)
    assert not proof._replace(sequence=sequence % SIZE + 1).holds(root)
    assert not proof.holds(b"\0" * 32)


@pytest.mark.parametrize(
    ("old", "size"), [(1, 700), (255, 256), (256, 700), (300, 513), (512, 512), (699, 700), (0, 9)]
)
def test_every_earlier_head_can_be_proven_to_be_the_beginning(filled: Ledger, old: int, size: int) -> None:
    proof = audit.consistent(filled, old, size)
    assert proof.holds(_root(filled, old), _root(filled, size))
    assert old in (0, size) or not proof.holds(_root(filled, old - 1), _root(filled, size))


def test_proofs_reach_an_older_size(filled: Ledger) -> None:
    assert audit.prove(filled, 7, 300).holds(_root(filled, 300))


@pytest.mark.parametrize("sequence", [0, -1, SIZE + 1])
def test_what_is_not_there_cannot_be_proven(filled: Ledger, sequence: int) -> None:
    with pytest.raises(UnknownEntry):
        audit.prove(filled, sequence)
    with pytest.raises(UnknownEntry):
        audit.prove(filled, 5, 4)
    with pytest.raises(UnknownEntry):
        audit.consistent(filled, SIZE + 1)


def test_a_proof_over_missing_entries_is_refused(filled: Ledger) -> None:
    with filled.writing() as connection:
        connection.execute(text("DELETE FROM audit WHERE sequence = 600"))
    with pytest.raises(AuditBroken):
        audit.prove(filled, 650)
