"""The key of identity stands in the ring; a home from before keeps the key of its file."""

from __future__ import annotations

import pytest

from quanmin.settings import Settings
from quanmin.trust.identity import Vault
from quanmin.trust.identity.errors import VaultUnreadable
from quanmin.trust.keys import open_store
from quanmin.trust.keys.errors import KeyFixed


def test_the_key_is_made_once_and_lies_nowhere_in_clear(settings: Settings) -> None:
    sealed = Vault.open(settings).seal("seed", "totp one")
    assert Vault.open(settings).unseal(sealed, "totp one") == "seed"
    assert "identity" in {one.name for one in open_store(settings).names()}
    assert not (settings.home / "keys" / "identity.key").exists()
    with pytest.raises(KeyFixed):
        open_store(settings).rotate("identity")
    with pytest.raises(VaultUnreadable):
        Vault.open(settings).unseal(sealed, "totp two")


def test_a_home_with_a_key_file_keeps_its_key(settings: Settings) -> None:
    path = settings.home / "keys" / "identity.key"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"k" * 32)
    digest = Vault.open(settings).digest("person", "number")
    assert digest == Vault(b"k" * 32).digest("person", "number") and not path.exists()
    assert Vault.open(settings).digest("person", "number") == digest


def test_a_key_file_of_another_size_is_refused(settings: Settings) -> None:
    path = settings.home / "keys" / "identity.key"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"short")
    with pytest.raises(VaultUnreadable):
        Vault.open(settings)
    assert path.exists()
