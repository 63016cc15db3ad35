"""The key store: what the platform asks of keys, and the file that answers it by default.

Names are paths of small letters: `pseudonym/research`, `field/identity`, `backup`, `sign/audit`. Each has versions of its own:
rotating makes the next one, and older ones still open what they closed.
"""

from __future__ import annotations

import hmac
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol, get_args

from cryptography.exceptions import InvalidTag

from quanmin.settings import Settings
from quanmin.trust.errors import KeyUnreadable
from quanmin.trust.keys import file, master, ring, signature
from quanmin.trust.keys.errors import Altered, KeyFixed, KeyGone, KeyUnknown, MasterMissing, MasterWrong, WrongUse
from quanmin.trust.keys.ring import Kind, Ring, State, Version, decoded, encoded
from quanmin.trust.keys.suite import NONCE, Aead, context, suite

AUDIT, IDENTITY = "audit/heads", "identity"
"""The key that signs the audit's heads, and the one that seals and digests for identity."""
FIXED = ("pseudonym/audit", "pseudonym/review", "pseudonym/open_data", AUDIT, IDENTITY)
"""Keys by which the ledger or the register of releases finds things again, or others verify: a new version would lose them."""
LEGACY = "pseudonym.legacy"
"""The key of homes made before there was a ring."""
_LEGACY_FILE = "pseudonym.key"
_NAME = re.compile(r"[a-z][a-z0-9_.-]*(/[a-z0-9][a-z0-9_.-]*)*")
_TOKEN, _HEAD = 1, 5


class KeyInfo(NamedTuple):
    """One version of a key, without the key."""

    name: str
    version: int
    kind: Kind
    suite: str
    state: State
    made: str


class Material(NamedTuple):
    """A key derived for one use, for work that a store cannot do value by value."""

    version: int
    kind: Kind
    suite: str
    key: bytes


class KeyStore(Protocol):
    """All that the platform asks of keys. A hardware module that keeps every key inside answers all but `material`."""

    def names(self) -> list[KeyInfo]:
        """Every version of every key."""
        ...

    def ensure(self, name: str, kind: Kind = "cipher") -> None:
        """Make the key unless there is one."""
        ...

    def encrypt(self, name: str, plain: bytes, place: bytes) -> bytes:
        """`plain` under the newest version, bound to a place."""
        ...

    def decrypt(self, name: str, token: bytes, place: bytes) -> bytes:
        """The plain bytes; Altered where content, place or key differ, KeyGone where the version is."""
        ...

    def sign(self, name: str, message: bytes, version: int | None = None) -> bytes:
        """A signature by the newest or a given version, which it names."""
        ...

    def verify(self, name: str, message: bytes, signed: bytes) -> bool:
        """Whether `sign` made it of this message; also true of older versions that were not revoked."""
        ...

    def public(self, name: str, version: int | None = None) -> bytes:
        """The open half of a signing key."""
        ...

    def material(self, name: str, use: str, version: int | None = None) -> Material:
        """A key derived for one use from the newest or a given version."""
        ...


class FileStore:
    """Keys in a folder: `keyring.json` with every data key wrapped, and beside or elsewhere the master."""

    def __init__(self, folder: Path, masters: Path, suite_name: str, passphrase: str | None = None) -> None:
        self.folder, self.masters, self.suite = folder, masters, suite_name
        self._passphrase = passphrase
        self._lock = threading.RLock()
        self._seen: tuple[int, int, int] | None = None
        self._ring: Ring | None = None
        self._master: master.LocalMaster | None = None
        self._plain: dict[str, bytes] = {}
        self._aeads: dict[str, Aead] = {}

    # what the platform asks

    def names(self) -> list[KeyInfo]:
        """Every version of every key."""
        return [KeyInfo(n, v.version, v.kind, v.suite, v.state, v.made) for n, v in self.ring().every()]

    def ensure(self, name: str, kind: Kind = "cipher") -> None:
        """Make the key unless there is one. Pseudonyms of homes older than the ring begin with their old key."""
        present = self.ring().keys.get(name)
        if not present:
            with self._changing() as held:
                if not held.keys.get(name):
                    self._add(held, name, kind)
            return
        self._of_kind(name, present[-1], kind)

    def take(self, name: str, kind: Kind, path: Path, read: Callable[[bytes | None], tuple[bytes, bytes]]) -> None:
        """Make the key unless there is one; a home from before it stood in the ring keeps the key of its file, which is given up.

        `read` gives the secret and the open half, of a file's content or new ones. Such keys are of the international suite.
        """
        if name in self.ring().keys and not path.exists():
            return
        with self._changing() as held:
            content = path.read_bytes() if path.exists() else None
            known = held.keys.get(name)
            if not known:
                secret, public = read(content)
                version = Version(1, kind, "international", "active", _now(), "")
                wrapped = self._opened(held).wrap(secret, version.place(held.id, name))
                held.put(name, replace(version, wrapped=encoded(wrapped), public=encoded(public)))
            elif content is not None and self._key(held, name, known[0]) != read(content)[0]:
                raise KeyUnreadable(reason=f"{path.name} ≠ keyring.json")
        path.unlink(missing_ok=True)
        file.settle(self.folder)

    def encrypt(self, name: str, plain: bytes, place: bytes) -> bytes:
        """A byte of format, four of version, a random nonce of twelve, the ciphertext and its tag.

        A random nonce is safe for 2^32 values of one version; rotate before that.
        """
        self.ensure(name)
        held = self.ring()
        newest = self._usable(held, name, held.newest(name))
        head = bytes((_TOKEN,)) + newest.version.to_bytes(4, "big")
        nonce = secrets.token_bytes(NONCE)
        return head + nonce + self._aead(held, name, newest).encrypt(nonce, plain, head + place)

    def decrypt(self, name: str, token: bytes, place: bytes) -> bytes:
        """The plain bytes."""
        head, nonce, sealed = token[:_HEAD], token[_HEAD : _HEAD + NONCE], token[_HEAD + NONCE :]
        if len(nonce) != NONCE or head[0] != _TOKEN:
            raise Altered(place=name)
        held = self.ring()
        try:
            version = held.version(name, int.from_bytes(head[1:], "big"))
        except KeyUnknown as error:
            raise Altered(place=name) from error
        self._of_kind(name, version, "cipher")
        try:
            return self._aead(held, name, self._usable(held, name, version)).decrypt(nonce, sealed, head + place)
        except InvalidTag as error:
            raise Altered(place=name) from error

    def sign(self, name: str, message: bytes, version: int | None = None) -> bytes:
        """Four bytes of version, then the signature."""
        self.ensure(name, "signature")
        held = self.ring()
        found = self._usable(held, name, held.newest(name) if version is None else held.version(name, version))
        return found.version.to_bytes(4, "big") + signature.sign(found.suite, self._key(held, name, found), message)

    def verify(self, name: str, message: bytes, signed: bytes) -> bool:
        """Whether `sign` made it of this message."""
        try:
            version = self.ring().version(name, int.from_bytes(signed[:4], "big"))
        except KeyUnknown:
            return False
        self._of_kind(name, version, "signature")
        if version.state == "revoked":
            return False
        return signature.verify(version.suite, decoded(version.public), message, signed[4:])

    def public(self, name: str, version: int | None = None) -> bytes:
        """The open half of a signing key."""
        held = self.ring()
        found = held.newest(name) if version is None else held.version(name, version)
        self._of_kind(name, found, "signature")
        return decoded(found.public)

    def material(self, name: str, use: str, version: int | None = None) -> Material:
        """A key derived for one use (HKDF); the old keyed digest of pseudonyms is given as it is."""
        held = self.ring()
        found = held.newest(name) if version is None else held.version(name, version)
        if found.kind == "signature":
            raise WrongUse(name=name, use=use)
        key = self._key(held, name, self._usable(held, name, found))
        if found.kind != "digest":
            key = suite(found.suite).derive(key, context("use", name, use))
        return Material(found.version, found.kind, found.suite, key)

    # what an administrator does

    def rotate(self, name: str) -> KeyInfo:
        """The next version; what the older ones closed still opens."""
        if name in FIXED or name == LEGACY:
            raise KeyFixed(name=name)
        with self._changing() as held:
            last = held.newest(name)
            if last.state == "active":
                held.put(name, replace(last, state="retired"))
            self._add(held, name, "block" if last.kind == "digest" else last.kind)
        return self._info(name)

    def revoke(self, name: str, version: int) -> KeyInfo:
        """Nothing is opened or closed with this version any more; `reinstate` takes that back."""
        return self._turn(name, version, "revoked", ("active", "retired"))

    def reinstate(self, name: str, version: int) -> KeyInfo:
        """A revoked version opens again what it closed."""
        newest = self.ring().newest(name).version == version
        return self._turn(name, version, "active" if newest else "retired", ("revoked",))

    def destroy(self, name: str, version: int) -> KeyInfo:
        """The version is gone for ever, and with it whatever it closed. Change the master too, for copies of the ring."""
        return self._turn(name, version, "destroyed", ("active", "retired", "revoked"))

    def rewrap(self, passphrase: str | None = None) -> dict[str, object]:
        """Every data key under a new master: a passphrase, or a new file. The data keys stay, so nothing is re-encrypted.

        The new master is on disk before the ring names it, and the old one is removed after: a crash leaves either whole.
        """
        with self._lock, file.locked(self.folder):
            held = self._loaded()
            old = self._opened(held)
            fresh = master.make(self.masters, self.suite, passphrase)
            turned = ring.rewrapped(held, old, fresh)
            turned.revision += 1
            self._passphrase = passphrase or self._passphrase
            file.write(self._path, ring.dump(turned, fresh))
            if held.master["kind"] == "file":
                master.path_of(self.masters, held.master).unlink(missing_ok=True)
        return self.ring().master

    # backups

    def escrow(self, key: bytes, place: bytes) -> dict[str, Any]:
        """A backup's key wrapped twice: by the master of today, and by the key `backup`, which outlives the master."""
        self.ensure("backup")
        held = self.ring()
        wrapped = encoded(self._opened(held).wrap(key, place))
        return {"master": held.master, "by_master": wrapped, "by_key": encoded(self.encrypt("backup", key, place))}

    def release(self, escrow: Mapping[str, Any], place: bytes) -> bytes:
        """The backup's key again, by whichever of the two there is; MasterMissing or MasterWrong if neither is."""
        if self._path.exists():
            try:
                return self.decrypt("backup", decoded(escrow["by_key"]), place)
            except (Altered, KeyUnknown, KeyGone, MasterMissing, MasterWrong, WrongUse):
                pass
        try:
            found = master.find(self.masters, escrow["master"], self._passphrase)
        except (KeyError, ValueError, TypeError) as error:
            raise MasterWrong from error
        return found.unwrap(decoded(escrow["by_master"]), place)

    def export(self, key: bytes) -> bytes:
        """The ring under a backup's key, to go into that backup."""
        held = self.ring()
        other = _of_backup(key, held.master["suite"])
        return ring.dump(ring.rewrapped(held, self._opened(held), other), other)

    def adopt(self, text: bytes, key: bytes) -> None:
        """Begin with the ring of a backup, under a new master of this store."""
        held, document = ring.parse(text)
        other = _of_backup(key, held.master["suite"])
        ring.prove(held, document, other)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.masters.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock, file.locked(self.folder):
            fresh = master.make(self.masters, self.suite, self._passphrase)
            file.write(self._path, ring.dump(ring.rewrapped(held, other, fresh), fresh))

    def check(self) -> int:
        """Unwrap every key that there is; how many. MasterWrong at the first that does not open."""
        held = self.ring()
        return sum(bool(self._key(held, name, version)) for name, version in held.every() if version.wrapped)

    # how it is done

    @property
    def _path(self) -> Path:
        return self.folder / "keyring.json"

    def ring(self) -> Ring:
        """The ring as it is on disk now."""
        with self._lock:
            try:
                return self._loaded()
            except FileNotFoundError:
                pass
            except OSError as error:
                raise _unreadable(error) from error
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.masters.mkdir(mode=0o700, parents=True, exist_ok=True)
                with file.locked(self.folder):
                    if not self._path.exists():
                        self._begin()
                self._forget_legacy()
                return self._loaded()
            except OSError as error:
                raise _unreadable(error) from error

    def _begin(self) -> None:
        """A new ring, with the pseudonyms' key of an older home in it."""
        fresh = master.make(self.masters, self.suite, self._passphrase)
        held = ring.new(fresh)
        old = self._legacy()
        if old is not None:
            version = Version(1, "digest", "international", "active", _now(), "")
            held.put(LEGACY, replace(version, wrapped=encoded(fresh.wrap(old, version.place(held.id, LEGACY)))))
        file.write(self._path, ring.dump(held, fresh))

    def _legacy(self) -> bytes | None:
        path = self.folder / _LEGACY_FILE
        if not path.exists():
            return None
        key = path.read_bytes()
        if len(key) != 32:
            raise KeyUnreadable(reason=f"{len(key)} bytes")
        return key

    def _forget_legacy(self) -> None:
        """Remove the old file once the ring holds its key; another key than the ring's is never passed over."""
        old = self._legacy()
        if old is None:
            return
        held = self._loaded()
        known = held.keys.get(LEGACY)
        if not known or not hmac.compare_digest(self._key(held, LEGACY, known[-1]), old):
            raise KeyUnreadable(reason=f"{_LEGACY_FILE} ≠ keyring.json")
        (self.folder / _LEGACY_FILE).unlink(missing_ok=True)
        file.settle(self.folder)

    def _loaded(self) -> Ring:
        """The ring, read again if its file changed, and its seal proven."""
        found = self._path.stat()
        seen = (found.st_mtime_ns, found.st_ino, found.st_size)
        if self._ring is None or seen != self._seen:
            held, document = ring.parse(self._path.read_bytes())
            ring.prove(held, document, self._opened(held))
            if self._ring is None and (self.folder / _LEGACY_FILE).exists():
                self._ring, self._seen = held, seen
                self._forget_legacy()
            wrapped = {version.wrapped for _, version in held.every()}
            self._plain = {text: key for text, key in self._plain.items() if text in wrapped}
            self._aeads = {text: aead for text, aead in self._aeads.items() if text in wrapped}
            self._ring, self._seen = held, seen
        return self._ring

    def _opened(self, held: Ring) -> master.LocalMaster:
        if self._master is None or self._master.describe() != held.master:
            try:
                self._master = master.find(self.masters, held.master, self._passphrase)
            except (KeyError, ValueError, TypeError) as error:
                raise KeyUnreadable(reason="keyring.json") from error
        return self._master

    @contextmanager
    def _changing(self) -> Iterator[Ring]:
        """The ring to change, ours alone, written at the end."""
        self.ring()
        with self._lock:
            try:
                with file.locked(self.folder):
                    self._seen = None
                    held = self._loaded()
                    draft = replace(held, keys={name: list(versions) for name, versions in held.keys.items()})
                    yield draft
                    draft.revision += 1
                    file.write(self._path, ring.dump(draft, self._opened(draft)))
            except OSError as error:
                raise _unreadable(error) from error

    def _add(self, held: Ring, name: str, kind: Kind) -> None:
        if not _NAME.fullmatch(name) or kind not in get_args(Kind):
            raise WrongUse(name=name, use=kind)
        before = held.keys.get(name, [])
        number = before[-1].version + 1 if before else 1
        version = Version(number, kind, self.suite, "active", _now(), "")
        key, public = signature.generate(self.suite) if kind == "signature" else (secrets.token_bytes(32), b"")
        if not before and kind == "block" and LEGACY in held.keys:
            version = replace(version, kind="digest", suite="international")
            old = self._key(held, LEGACY, held.newest(LEGACY))
            key = hmac.digest(old, f"pseudonym {name.removeprefix('pseudonym/')}".encode(), "sha256")
        wrapped = self._opened(held).wrap(key, version.place(held.id, name))
        held.put(name, replace(version, wrapped=encoded(wrapped), public=encoded(public)))

    def _turn(self, name: str, number: int, state: State, allowed: tuple[State, ...]) -> KeyInfo:
        with self._changing() as held:
            version = held.version(name, number)
            if version.state not in allowed:
                raise KeyGone(name=name, version=number, state=version.state)
            wrapped = "" if state == "destroyed" else version.wrapped
            held.put(name, replace(version, state=state, wrapped=wrapped))
        return self._info(name, number)

    def _info(self, name: str, number: int | None = None) -> KeyInfo:
        held = self.ring()
        one = held.newest(name) if number is None else held.version(name, number)
        return KeyInfo(name, one.version, one.kind, one.suite, one.state, one.made)

    def _usable(self, held: Ring, name: str, version: Version) -> Version:
        if version.state in ("revoked", "destroyed"):
            raise KeyGone(name=name, version=version.version, state=version.state)
        return version

    def _of_kind(self, name: str, version: Version, kind: Kind) -> None:
        pair = {version.kind, kind}
        if len(pair) > 1 and pair != {"block", "digest"}:
            raise WrongUse(name=name, use=kind)

    def _key(self, held: Ring, name: str, version: Version) -> bytes:
        """The plain key, kept in memory while the ring has it."""
        found = self._plain.get(version.wrapped)
        if found is None:
            found = self._opened(held).unwrap(decoded(version.wrapped), version.place(held.id, name))
            self._plain[version.wrapped] = found
        return found

    def _aead(self, held: Ring, name: str, version: Version) -> Aead:
        found = self._aeads.get(version.wrapped)
        if found is None:
            own = suite(version.suite)
            found = own.aead(own.derive(self._key(held, name, version), context("use", name, "aead")))
            self._aeads[version.wrapped] = found
        return found


def open_store(settings: Settings) -> FileStore:
    """The key store of an installation; the same object for the same settings."""
    folder = settings.home / "keys"
    secret = settings.passphrase.get_secret_value() if settings.passphrase else None
    return _store(str(folder.absolute()), str((settings.master or folder).absolute()), settings.crypto_suite, secret)


@lru_cache(maxsize=64)
def _store(folder: str, masters: str, suite_name: str, passphrase: str | None) -> FileStore:
    return FileStore(Path(folder), Path(masters), suite_name, passphrase)


def _of_backup(key: bytes, suite_name: str) -> master.LocalMaster:
    return master.LocalMaster(key, {"kind": "backup", "id": "backup", "suite": suite_name})


def _unreadable(error: OSError) -> KeyUnreadable:
    return KeyUnreadable(reason=error.strerror or type(error).__name__)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
