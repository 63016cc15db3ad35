"""Proofs and the log, against whatever may be done to them: any byte of a proof, any sequence of entries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from quanmin.exchange.canonical import canonical, digest
from quanmin.exchange.log import batch, check, proof, verify
from quanmin.exchange.log.entry import Entry
from quanmin.exchange.log.errors import ProofUnreadable
from quanmin.exchange.log.journal import LedgerJournal
from quanmin.exchange.log.line import START
from quanmin.exchange.member import directory as directories
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Member
from quanmin.exchange.message import signature
from quanmin.exchange.message.envelope import Envelope, Http
from quanmin.ledger import Ledger
from quanmin.ledger.exchange import ExchangeLogRow
from quanmin.settings import Settings
from quanmin.trust import audit


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, verify.Trusted]:
    """A proof of a pair out of five, and whom its verifier trusts."""
    home = tmp_path_factory.mktemp("home")
    own = Settings(home=home / "own", member="health")
    asks = HomeIdentity.open(Settings(home=home / "other", member="civil_affairs"))
    answers = HomeIdentity.open(own)
    now = datetime.now(UTC)
    listed = {one.member: Member(one.member, "成员", "member", None, one.keys()) for one in (asks, answers)}
    directory = directories.signed(Directory("health", now, listed), answers)
    with Ledger.open(own) as ledger:
        journal = LedgerJournal(ledger)
        for number in range(5):
            journal.append(*_pair(asks, answers, f"m{number}", now))
        journal.close()
        content = proof.prove(ledger, own, directory, "m2")
    public = audit.Ed25519Public.read(own.home / "keys" / "audit.pub")
    return content, verify.Trusted(public, ("ed25519", bytes.fromhex(answers.keys()[-1].public)))


def _pair(asks: HomeIdentity, answers: HomeIdentity, name: str, now: datetime) -> list[Entry]:
    ask = Envelope(name, "civil_affairs", "health", "A-2026-0001;v=1")
    request = signature.sign(asks, Http("POST", "a:1", "/exchange/v1/requests", "", None, {}, b"{}"), ask, now)
    back = Envelope(f"{name}-answer", "health", "civil_affairs", "A-2026-0001;v=1")
    reply = Http("POST", "a:1", "/exchange/v1/requests", "", 200, {}, b"[]")
    response = signature.sign(answers, reply, back, now, request)
    told: list[tuple[Any, Any, signature.Signed]] = [("in", "request", request), ("out", "response", response)]
    return [
        Entry(
            direction,
            kind,
            one.envelope.id,
            one.envelope.sender,
            one.envelope.receiver,
            now,
            hashlib.sha256(one.http.body).hexdigest(),
            len(one.http.body),
            one.base,
            one.key,
            one.signature,
            one.envelope.agreement,
            request=one.envelope.request,
            status=one.http.status,
            body=one.http.body,
        )
        for direction, kind, one in told
    ]


def holds(content: bytes, trusted: verify.Trusted) -> bool:
    """Whether it is a proof of which nothing is broken."""
    try:
        return all(one.holds is not False for one in verify.verify(content, trusted))
    except ProofUnreadable:
        return False


def test_the_proof_itself_holds(made: tuple[bytes, verify.Trusted]) -> None:
    assert holds(*made)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_flipped_byte_is_refused(made: tuple[bytes, verify.Trusted], data: st.DataObject) -> None:
    content, trusted = made
    place = data.draw(st.integers(0, len(content) - 1))
    mask = data.draw(st.integers(1, 255))
    assert not holds(content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :], trusted)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_bytes_taken_out_or_put_in_are_refused(made: tuple[bytes, verify.Trusted], data: st.DataObject) -> None:
    content, trusted = made
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(start + 40, len(content))))
    other = content[:start] + data.draw(st.binary(max_size=40)) + content[end:]
    assert holds(other, trusted) == (other == content)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_crash_it(made: tuple[bytes, verify.Trusted], content: bytes) -> None:
    assert not holds(content, made[1])


Way = tuple[str | int, ...]


def leaves(value: Any, way: Way = ()) -> list[Way]:
    """The ways to everything in a document that holds nothing else."""
    if isinstance(value, dict) and value:
        return [found for name, one in value.items() for found in leaves(one, (*way, name))]
    if isinstance(value, list) and value:
        return [found for place, one in enumerate(value) for found in leaves(one, (*way, place))]
    return [way]


VALUES = st.none() | st.booleans() | st.integers(-5, 2**40) | st.text(max_size=8) | st.just([]) | st.just({})


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_changed_value_is_refused_though_the_digest_is_made_anew(
    made: tuple[bytes, verify.Trusted], data: st.DataObject
) -> None:
    """Whoever can compute a hash can change a value and the digest of the file: signatures and paths are what holds.

    A body may be left out: then it is told as unchecked.
    """
    content, trusted = made
    told = json.loads(content)
    way = data.draw(st.sampled_from([one for one in leaves(told) if one[0] != "digest"]))
    one: Any = told
    for step in way[:-1]:
        one = one[step]
    old = one[way[-1]]
    if isinstance(old, str) and old and data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(old) - 1))
        one[way[-1]] = old[:place] + data.draw(st.sampled_from("0a1bZ~ü")) + old[place + 1 :]
    else:
        one[way[-1]] = data.draw(VALUES)
    del told["digest"]
    other = canonical(told | {"digest": digest(told)})
    unchecked = way[0] == "messages" and way[-1] == "body" and one[way[-1]] is None
    assert holds(other, trusted) == (other == content or unchecked)


MESSAGES = st.lists(st.integers(1, 4), min_size=2, max_size=8)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_entry_goes_out_of_a_log_unseen(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Any run of entries, in any batches, that is taken out of a closed log, with or without new numbers."""
    sizes = data.draw(MESSAGES)
    with Ledger.open(Settings(home=tmp_path_factory.mktemp("home"))) as ledger:
        _fill(ledger, sizes)
        total = sum(sizes)
        assert check.verify(ledger) == check.Verdict(total, len(sizes), unsigned=total)
        first = data.draw(st.integers(1, total))
        last = data.draw(st.integers(first, total))
        own = ExchangeLogRow.sequence
        with ledger.writing() as connection:
            connection.execute(delete(ExchangeLogRow).where(own.between(first, last)))
            if data.draw(st.booleans()):
                for number in connection.execute(select(own).where(own > last).order_by(own)).scalars().all():
                    connection.execute(
                        update(ExchangeLogRow).where(own == number).values(sequence=number - last + first - 1)
                    )
        found = check.verify(ledger)
        assert found.damage == ("removed" if last < total else "cut") and found.sequence == first


def _fill(ledger: Ledger, sizes: Sequence[int]) -> None:
    journal, number = LedgerJournal(ledger), 0
    for size in sizes:
        for _ in range(size):
            at = datetime(2026, 11, 28, tzinfo=UTC)
            made = Entry("in", "request", f"{number}", "a", "b", at, "00" * 32, 0, b"x", "a/signature/1", b"")
            journal.append(made)
            number += 1
        batch.close(ledger)
    journal.close()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_paths_lead_to_the_root_by_the_definition_of_rfc_6962(links: list[bytes], data: st.DataObject) -> None:
    root, place = _root(links), data.draw(st.integers(0, len(links) - 1))
    assert batch.root(links) == root
    path = batch.path(links, place)
    leaf = audit.tree.leaf(hashlib.sha256, links[place])
    assert audit.tree.includes(hashlib.sha256, leaf, place, len(links), path, root)
    other = audit.tree.leaf(hashlib.sha256, START[:-1] + b"\1" + links[place])
    assert not audit.tree.includes(hashlib.sha256, other, place, len(links), path, root)


def _root(leaves: list[bytes]) -> bytes:
    """As RFC 6962, section 2.1, says it."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + _root(leaves[:half]) + _root(leaves[half:])).digest()
