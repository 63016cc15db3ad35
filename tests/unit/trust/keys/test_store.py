"""The key store: envelope, versions, states, rotation and a master that changes under kill -9."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from quanmin.settings import Settings
from quanmin.trust.errors import KeyUnreadable
from quanmin.trust.keys import FileStore, file, open_store, store
from quanmin.trust.keys.errors import (
    Altered,
    KeyFixed,
    KeyGone,
    KeyUnknown,
    MasterMissing,
    MasterWrong,
    TooOpen,
    WrongUse,
)


def fresh(settings: Settings) -> FileStore:
    """The store as a process that starts now sees it."""
    store._store.cache_clear()
    return open_store(settings)


@pytest.mark.parametrize("suite", ["international", "national"])
def test_what_is_encrypted_opens_at_its_place_only(settings: Settings, suite: str) -> None:
    settings = settings.model_copy(update={"crypto_suite": suite})
    keys = open_store(settings)
    token = keys.encrypt("field/a", b"secret", b"here")
    assert b"secret" not in token and keys.encrypt("field/a", b"secret", b"here") != token
    assert fresh(settings).decrypt("field/a", token, b"here") == b"secret"
    keys.ensure("field/b")
    for name, place in (("field/a", b"there"), ("field/b", b"here")):
        with pytest.raises(Altered):
            keys.decrypt(name, token, place)
    for length in range(len(token)):
        with pytest.raises(Altered):
            keys.decrypt("field/a", token[:length], b"here")
    for place in range(len(token)):
        changed = bytearray(token)
        changed[place] ^= 1
        with pytest.raises(Altered):
            keys.decrypt("field/a", bytes(changed), b"here")


def test_no_key_stands_in_the_ring_in_the_clear(settings: Settings) -> None:
    keys = open_store(settings)
    keys.encrypt("field/a", b"x", b"")
    text = (settings.home / "keys" / "keyring.json").read_bytes()
    assert keys._plain and all(key not in text and key.hex().encode() not in text for key in keys._plain.values())


def test_rotation_leaves_what_was_written_readable(settings: Settings) -> None:
    keys = open_store(settings)
    tokens = []
    for version in (1, 2, 3):
        tokens.append(keys.encrypt("field/a", b"v%d" % version, b""))
        assert keys.rotate("field/a").version == version + 1
    assert [fresh(settings).decrypt("field/a", token, b"") for token in tokens] == [b"v1", b"v2", b"v3"]
    assert [one.state for one in keys.names() if one.name == "field/a"] == ["retired", "retired", "retired", "active"]
    for name in ("pseudonym/audit", "pseudonym/review"):
        with pytest.raises(KeyFixed):
            keys.rotate(name)
    with pytest.raises(KeyUnknown):
        keys.rotate("field/none")


def test_switching_the_suite_concerns_new_versions_only(settings: Settings) -> None:
    old = open_store(settings).encrypt("field/a", b"old", b"")
    national = open_store(settings.model_copy(update={"crypto_suite": "national"}))
    assert national.decrypt("field/a", old, b"") == b"old"
    assert national.rotate("field/a").suite == "national"
    new = national.encrypt("field/a", b"new", b"")
    assert fresh(settings).decrypt("field/a", new, b"") == b"new"


def test_a_revoked_version_comes_back_and_a_destroyed_one_does_not(settings: Settings) -> None:
    keys = open_store(settings)
    token = keys.encrypt("field/a", b"x", b"")
    keys.rotate("field/a")
    keys.revoke("field/a", 1)
    with pytest.raises(KeyGone):
        fresh(settings).decrypt("field/a", token, b"")
    assert keys.reinstate("field/a", 1).state == "retired" and keys.decrypt("field/a", token, b"") == b"x"
    wrapped = keys.ring().version("field/a", 1).wrapped
    keys.destroy("field/a", 1)
    assert wrapped not in (settings.home / "keys" / "keyring.json").read_text() and wrapped not in keys._plain
    for action in (keys.reinstate, keys.revoke, keys.destroy):
        with pytest.raises(KeyGone):
            action("field/a", 1)
    with pytest.raises(KeyGone):
        keys.decrypt("field/a", token, b"")
    keys.revoke("field/a", 2)
    with pytest.raises(KeyGone):
        keys.encrypt("field/a", b"x", b"")


def test_a_state_edited_in_the_ring_is_refused(settings: Settings) -> None:
    keys = open_store(settings)
    keys.encrypt("field/a", b"x", b"")
    keys.revoke("field/a", 1)
    path = settings.home / "keys" / "keyring.json"
    path.write_text(path.read_text().replace('"revoked"', '"active"'))
    with pytest.raises(MasterWrong):
        keys.names()
    with pytest.raises(MasterWrong):
        fresh(settings).names()


def test_wrapped_keys_changed_about_in_the_ring_are_refused(settings: Settings) -> None:
    keys = open_store(settings)
    keys.ensure("field/a"), keys.ensure("field/b")
    held = keys.ring()
    a, b = held.newest("field/a"), held.newest("field/b")
    with pytest.raises(MasterWrong):
        keys._opened(held).unwrap(store.decoded(b.wrapped), a.place(held.id, "field/a"))


def test_signatures_name_their_version(settings: Settings) -> None:
    keys = open_store(settings)
    first = keys.sign("sign/audit", b"head")
    keys.rotate("sign/audit")
    second = keys.sign("sign/audit", b"head")
    assert keys.verify("sign/audit", b"head", first) and keys.verify("sign/audit", b"head", second)
    assert not keys.verify("sign/audit", b"other", first)
    assert not keys.verify("sign/audit", b"head", second[:4] + first[4:])
    assert not keys.verify("sign/audit", b"head", b"") and len(keys.public("sign/audit", 1)) == 32
    keys.revoke("sign/audit", 1)
    assert not keys.verify("sign/audit", b"head", first)
    with pytest.raises(WrongUse):
        keys.encrypt("sign/audit", b"x", b"")
    with pytest.raises(WrongUse):
        keys.material("sign/audit", "pseudonym")
    for name in ("", "A", "../x", "a//b", "a/", "钥"):
        with pytest.raises(WrongUse):
            keys.ensure(name)


def test_a_passphrase_opens_the_ring_and_another_does_not(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    first = settings.model_copy(update={"passphrase": SecretStr("correct horse")})
    token = open_store(first).encrypt("field/a", b"x", b"")
    assert [path.name for path in (settings.home / "keys").glob("master*")] == []
    assert fresh(first).decrypt("field/a", token, b"") == b"x"
    with pytest.raises(MasterWrong):
        fresh(settings.model_copy(update={"passphrase": SecretStr("battery staple")})).names()
    with pytest.raises(MasterMissing):
        fresh(settings).names()
    assert "horse" not in repr(first)
    path = settings.home / "keys" / "keyring.json"
    path.write_text(path.read_text().replace('"n": 32768', '"n": 1073741824'))
    with pytest.raises(MasterWrong):
        fresh(first).names()


def test_the_master_lies_elsewhere_and_must_be_closed_to_others(settings: Settings, tmp_path: Path) -> None:
    apart = settings.model_copy(update={"master": tmp_path / "stick"})
    token = open_store(apart).encrypt("field/a", b"x", b"")
    [master] = (tmp_path / "stick").iterdir()
    with pytest.raises(MasterMissing):
        fresh(settings).names()
    master.chmod(0o640)
    with pytest.raises(TooOpen):
        fresh(apart).decrypt("field/a", token, b"")
    master.chmod(0o600)
    master.write_bytes(b"short")
    with pytest.raises(KeyUnreadable):
        fresh(apart).names()
    master.write_bytes(b"o" * 32)
    with pytest.raises(MasterWrong):
        fresh(apart).names()


def test_a_new_master_changes_no_ciphertext(settings: Settings) -> None:
    keys = open_store(settings)
    token = keys.encrypt("field/a", b"x", b"")
    before = json.loads((settings.home / "keys" / "keyring.json").read_text())
    assert keys.rewrap()["kind"] == "file"
    after = json.loads((settings.home / "keys" / "keyring.json").read_text())
    assert after["master"]["id"] != before["master"]["id"] and after["keys"] != before["keys"]
    assert len(list((settings.home / "keys").glob("master-*"))) == 1
    assert keys.decrypt("field/a", token, b"") == fresh(settings).decrypt("field/a", token, b"") == b"x"
    assert fresh(settings).rewrap("correct horse")["kind"] == "passphrase"
    assert list((settings.home / "keys").glob("master-*")) == []
    with pytest.raises(MasterMissing):
        fresh(settings).names()
    known = settings.model_copy(update={"passphrase": SecretStr("correct horse")})
    assert fresh(known).decrypt("field/a", token, b"") == b"x"


def test_a_rewrap_that_stops_at_any_step_leaves_a_ring_that_opens(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = open_store(settings).encrypt("field/a", b"x", b"")
    stopped = 0
    for step in range(20):
        calls = 0

        def stop(real, step=step):
            def call(*args, **options):
                nonlocal calls
                calls += 1
                if calls == step + 1:
                    raise KeyboardInterrupt
                return real(*args, **options)

            return call

        with monkeypatch.context() as patch:
            for name in ("open", "replace", "fsync"):
                patch.setattr(file.os, name, stop(getattr(os, name)))
            patch.setattr(Path, "unlink", stop(Path.unlink))
            try:
                fresh(settings).rewrap()
            except KeyboardInterrupt:
                stopped += 1
        assert fresh(settings).decrypt("field/a", token, b"") == b"x"
    assert 8 <= stopped < 20


KILLED = """
import sys
from pathlib import Path
from quanmin.settings import Settings
from quanmin.trust.keys import open_store
keys = open_store(Settings(home=Path(sys.argv[1])))
print("ready", flush=True)
while True:
    keys.rewrap()
    keys.rotate("field/a")
"""


def test_kill_9_while_master_and_keys_change(settings: Settings) -> None:
    token = open_store(settings).encrypt("field/a", b"x", b"")
    revision = open_store(settings).ring().revision
    for pause in (0.03, 0.11):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(settings.home)], stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert fresh(settings).decrypt("field/a", token, b"") == b"x"
    assert fresh(settings).ring().revision > revision


def test_a_copied_home_of_another_installation_does_not_open_with_our_master(
    settings: Settings, tmp_path: Path
) -> None:
    other = Settings(home=tmp_path / "other")
    open_store(settings).ensure("field/a"), open_store(other).ensure("field/a")
    shutil.copy(other.home / "keys" / "keyring.json", settings.home / "keys" / "keyring.json")
    with pytest.raises(MasterMissing):
        fresh(settings).names()


def test_what_one_process_rotates_another_uses_at_once(settings: Settings) -> None:
    first = open_store(settings)
    first.ensure("field/a")
    second = fresh(settings)
    assert second is not first
    second.rotate("field/a")
    assert first.encrypt("field/a", b"x", b"")[4] == 2
