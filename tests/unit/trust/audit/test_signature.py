"""The signing key and its heads."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import text

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.audit import heads
from quanmin.trust.audit.errors import AuditKeyUnusable, HeadUnreadable, RolledBack
from quanmin.trust.errors import KeyUnreadable
from quanmin.trust.keys import open_store
from quanmin.trust.keys.errors import KeyFixed


def test_the_key_is_made_once_in_the_ring_and_its_public_half_is_exported(settings: Settings) -> None:
    first, second = audit.StoreSigner.open(settings), audit.StoreSigner.open(settings)
    keys = settings.home / "keys"
    public = audit.Ed25519Public.read(keys / "audit.pub")
    assert first.public.key == second.public.key == public.key
    assert public.holds(b"text", first.sign(b"text")) and not public.holds(b"other", first.sign(b"text"))
    assert not (keys / "audit.key").exists()
    assert ("audit/heads", "signature") in {(one.name, one.kind) for one in open_store(settings).names()}
    with pytest.raises(KeyFixed):
        open_store(settings).rotate("audit/heads")  # others verify with its public half


def test_a_home_with_a_key_file_keeps_its_key(settings: Settings) -> None:
    key, path = Ed25519PrivateKey.generate(), settings.home / "keys" / "audit.key"
    path.parent.mkdir(parents=True)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem)
    signer = audit.StoreSigner.open(settings)
    assert signer.public.key == audit.Ed25519Signer(key).public.key and not path.exists()
    path.write_bytes(pem)  # killed before the file was given up
    assert audit.StoreSigner.open(settings).public.key == signer.public.key and not path.exists()
    path.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(KeyUnreadable):  # another key than the ring's is never passed over
        audit.StoreSigner.open(settings)
    assert path.exists()


def test_a_key_file_that_is_none_is_refused(settings: Settings) -> None:
    path = settings.home / "keys" / "audit.key"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"nonsense")
    with pytest.raises(AuditKeyUnusable) as caught:
        audit.StoreSigner.open(settings)
    assert "nonsense" not in str(caught.value) and path.exists()


def test_a_head_survives_its_file_and_every_member_is_signed(ledger: Ledger, either_settings: Settings) -> None:
    audit.append(ledger, "read", "desk", {})
    signed = audit.sign(ledger, either_settings)
    public = audit.StoreSigner.open(either_settings).public
    assert audit.noted(either_settings) == signed and signed.holds(public)
    with ledger.reading() as connection:
        assert heads.heads(connection) == [signed]
    for change in ({"size": 2}, {"root": b"\0" * 32}, {"at": signed.at + timedelta(1)}, {"hash": "sm3"}, {"key": "x"}):
        assert not signed._replace(**change).holds(public)


def test_a_head_that_is_none_is_refused(settings: Settings) -> None:
    path = heads.note_path(settings)
    path.parent.mkdir(parents=True)
    for content in ("", "[]", "{}", json.dumps({"at": "2026-01-01", "root": "00", "signature": ""})):
        path.write_text(content)
        with pytest.raises(HeadUnreadable):
            audit.noted(settings)


def test_a_head_is_signed_at_intervals_when_there_is_something_new(ledger: Ledger, settings: Settings) -> None:
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    ledger.now = lambda: clock[0]
    every = timedelta(minutes=10)
    assert audit.due(ledger, settings, every) is not None
    audit.append(ledger, "read", "desk", {})
    assert audit.due(ledger, settings, every) is None
    clock[0] += every
    later = audit.due(ledger, settings, every)
    assert later is not None and later.size == 1
    clock[0] += every
    assert audit.due(ledger, settings, every) is None


@pytest.mark.parametrize(
    "statements",
    [
        ["DELETE FROM audit", "DELETE FROM audit_tree", "DELETE FROM audit_link"],
        ["UPDATE audit SET leaf = (SELECT leaf FROM audit WHERE sequence = 2) WHERE sequence = 1"],
        ["DELETE FROM audit WHERE sequence = 1"],
    ],
)
def test_nothing_is_signed_that_does_not_go_on_from_the_noted_head(
    ledger: Ledger, either_settings: Settings, statements: list[str]
) -> None:
    for _ in range(3):
        audit.append(ledger, "read", "desk", {})
    audit.sign(ledger, either_settings)
    audit.append(ledger, "read", "desk", {})
    with ledger.writing() as connection:
        for statement in statements:
            connection.execute(text(statement))
    with pytest.raises(RolledBack):
        audit.sign(ledger, either_settings)


def test_a_time_stamp_is_kept_with_its_head(ledger: Ledger, either_settings: Settings) -> None:
    signed = audit.sign(ledger, either_settings)
    audit.keep_token(ledger, signed, b"token")
    with ledger.reading() as connection:
        assert connection.execute(text("SELECT token FROM audit_head")).scalar_one() == b"token"
