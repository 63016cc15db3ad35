"""The signing key and its heads."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.audit import heads
from quanmin.trust.audit.errors import AuditKeyUnusable, HeadUnreadable, RolledBack


def test_the_key_is_made_once_for_its_owner_only_and_its_public_half_is_exported(settings: Settings) -> None:
    first, second = audit.Ed25519Signer.open(settings), audit.Ed25519Signer.open(settings)
    keys = settings.home / "keys"
    assert (keys / "audit.key").stat().st_mode & 0o777 == 0o600
    public = audit.Ed25519Public.read(keys / "audit.pub")
    assert first.public.key == second.public.key == public.key
    assert public.holds(b"text", first.sign(b"text")) and not public.holds(b"other", first.sign(b"text"))


def test_a_key_that_others_may_read_or_that_is_none_is_refused(settings: Settings) -> None:
    audit.Ed25519Signer.open(settings)
    path = settings.home / "keys" / "audit.key"
    path.chmod(0o644)
    with pytest.raises(AuditKeyUnusable, match="mode"):
        audit.Ed25519Signer.open(settings)
    path.chmod(0o600)
    path.write_bytes(b"nonsense")
    with pytest.raises(AuditKeyUnusable) as caught:
        audit.Ed25519Signer.open(settings)
    assert "nonsense" not in str(caught.value)


def test_a_head_survives_its_file_and_every_member_is_signed(ledger: Ledger, either_settings: Settings) -> None:
    audit.append(ledger, "read", "desk", {})
    signed = audit.sign(ledger, either_settings)
    public = audit.Ed25519Signer.open(either_settings).public
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
