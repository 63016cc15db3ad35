"""Verifying a proof with public keys alone: without a home, a ledger or a network.

Everything that is checked is told; what cannot be checked, because a key or a body was not given, is told as unchecked and never
as fine. Hashes are those of RFC 6962 (trees) and FIPS 180-4, signatures those of RFC 9421 over Ed25519 (RFC 8032) or SM2
(GB/T 32918.2), time stamps those of RFC 3161.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from quanmin.errors import QuanminError
from quanmin.exchange.delivery import manifest as manifests
from quanmin.exchange.delivery import receipt as receipts
from quanmin.exchange.log import base as bases
from quanmin.exchange.log import form
from quanmin.exchange.log.errors import ProofBroken, ProofUnreadable
from quanmin.exchange.log.line import link
from quanmin.exchange.member.member import Key
from quanmin.exchange.message import digest as digests
from quanmin.exchange.message.signature import verified_with
from quanmin.text import Text
from quanmin.trust.audit import tree
from quanmin.trust.audit.errors import StampRefused
from quanmin.trust.audit.signature import Public
from quanmin.trust.audit.stamp import Roots

_SKEW = timedelta(hours=1)
"""By so much clocks of a log and of an authority may differ."""


class Check(NamedTuple):
    """One thing that was looked at; `holds` is None where it could not be checked."""

    name: Text
    holds: bool | None


@dataclass(frozen=True)
class Trusted:
    """What the verifier brings: the key of the log's audit, the platform's key, roots of time stamps, and bodies."""

    audit: Public | None = None
    platform: tuple[str, bytes] | None = None
    """Algorithm and raw public key."""
    roots: Roots | None = None
    bodies: Sequence[bytes] = ()


@dataclass
class _Facts:
    stamps: dict[int, datetime] = field(default_factory=dict)
    """Proven times, by batch."""


def verify(content: bytes, trusted: Trusted, name: str = "-") -> list[Check]:
    """Everything that was checked, in order; the last one does not hold where the proof is broken. ProofUnreadable."""
    try:
        proof = form.read(content)
    except (ValueError, QuanminError) as error:
        raise ProofUnreadable(file=name, reason=_why(error)) from error
    made = list[Check]()
    for check in _checks(proof, trusted):
        made.append(check)
        if check.holds is False:
            break
    return made


def require(checks: Sequence[Check]) -> None:
    """ProofBroken where one of them does not hold."""
    for one in checks:
        if one.holds is False:
            raise ProofBroken(check=one.name)


def platform_key(path: Path) -> tuple[str, bytes]:
    """The platform's signing key of a file: PEM (Ed25519), or `algorithm hex` as the directory lists it; ProofUnreadable."""
    try:
        content = path.read_bytes()
        if content.startswith(b"-----"):
            key = serialization.load_pem_public_key(content)
            if not isinstance(key, Ed25519PublicKey):
                raise ValueError("not Ed25519")
            return "ed25519", key.public_bytes_raw()
        algorithm, _, raw = content.decode("ascii").strip().partition(" ")
        if algorithm not in ("ed25519", "sm2-sm3"):
            raise ValueError("algorithm")
        return algorithm, bytes.fromhex(raw)
    except (OSError, ValueError) as error:
        raise ProofUnreadable(file=path.name, reason=type(error).__name__) from error


def _why(error: Exception) -> str:
    return error.code if isinstance(error, QuanminError) else (str(error) or type(error).__name__)[:80]


def _checks(proof: form.Proof, trusted: Trusted) -> Iterator[Check]:
    yield Check(Text("文件逐字节完整", "the file is whole, byte for byte"), True)
    yield from _directory(proof, trusted)
    facts = _Facts()
    for place, own in enumerate(proof.batches):
        yield from _vouched(place, own, trusted, facts)
    for one in proof.messages:
        yield from _logged(one, proof)
        yield from _signed(one, proof, facts)
        yield _body(one, trusted)
    yield from _subject(proof)
    yield from _paired(proof)
    if proof.receipt is not None:
        yield from _receipted(proof)


def _directory(proof: form.Proof, trusted: Trusted) -> Iterator[Check]:
    """The platform signed who has which keys."""
    told = proof.directory
    named = told.named(told.key)
    own = named[1] if named is not None and named[0].id == told.authority else None
    given = own is not None and trusted.platform == (own.algorithm, bytes.fromhex(own.public))
    held = own is not None and own.use == "signature" and own.holds(told.at)
    held = held and _holds(own, told.text(), told.signature)
    at = _shown(told.at)
    yield Check(
        Text(f"成员名册（{at}）由其所列平台签名", f"the directory ({at}) is signed by the platform that it names"), held
    )
    name = Text("该平台即验证人所信的平台", "that platform is the one whose key was given")
    yield Check(name, given if trusted.platform is not None else None)


def _holds(key: Key | None, text: bytes, signature: str) -> bool:
    try:
        return key is not None and verified_with(key, text, bytes.fromhex(signature))
    except ValueError:
        return False


def _vouched(place: int, own: form.Root, trusted: Trusted, facts: _Facts) -> Iterator[Check]:
    span, head = f"{own.first}–{own.last}", own.head
    whole = 0 < own.first <= own.last and own.inclusion.size == head.size and own.inclusion.hash == head.hash
    held = whole and head.hash in tree.HASHES and own.inclusion.holds(head.root)
    name = Text(
        f"第 {span} 条的根是审计第 {own.inclusion.sequence} 条，在前 {head.size} 条之内",
        f"the root of entries {span} is entry {own.inclusion.sequence} of the audit, within its first {head.size}",
    )
    yield Check(name, held)
    name = Text(
        f"审计树头（{head.size} 条，{_shown(head.at)}）的签名", f"the signature of that head ({_shown(head.at)})"
    )
    yield Check(name, None if trusted.audit is None else head.holds(trusted.audit))
    yield _stamped(place, own, trusted, facts)


def _stamped(place: int, own: form.Root, trusted: Trusted, facts: _Facts) -> Check:
    if own.token is None:
        return Check(Text("树头没有时间戳", "the head has no time stamp"), None)
    if trusted.roots is None:
        return Check(Text("树头的时间戳：未给出根证书", "the head's time stamp: no roots were given"), None)
    try:
        stamp = trusted.roots.check(own.token, own.head.message())
    except StampRefused as error:
        why = error.fields["reason"]
        return Check(Text(f"树头的时间戳（{why}）", f"the head's time stamp ({why})"), False)
    facts.stamps[place] = stamp.at.astimezone(UTC)
    at = _shown(stamp.at)
    return Check(Text(f"时间戳：{at} 已存在", f"the time stamp: it existed at {at}"), True)


def _logged(one: form.Message, proof: form.Proof) -> Iterator[Check]:
    """The line stands in the log at its place, after everything that was before it."""
    own, chain = proof.batches[one.batch], link(one.before, one.line)
    size, place, leaf = own.last - own.first + 1, one.sequence - own.first, tree.leaf(hashlib.sha256, chain)
    held = tree.includes(hashlib.sha256, leaf, place, size, one.path, own.root)
    held = held and (one.sequence != own.last or chain == own.link)
    name = Text(
        f"报文 {one.entry.message} 是日志第 {one.sequence} 条", f"{_told(one)} is entry {one.sequence} of the log"
    )
    yield Check(name, held)


def _signed(one: form.Message, proof: form.Proof, facts: _Facts) -> Iterator[Check]:
    """Whoever sent it signed what the line says, with a key of its own that counted."""
    entry = one.entry
    named = proof.directory.named(entry.key)
    key = named[1] if named is not None and named[0].id == entry.sender and named[1].use == "signature" else None
    name = Text(f"报文 {entry.message} 由 {entry.sender} 签名", f"{_told(one)} is signed by {entry.sender}")
    yield Check(name, key is not None and verified_with(key, entry.base, entry.signature))
    try:
        told = bases.read(entry.base)
    except ValueError:
        told = None
    name = Text(f"报文 {entry.message} 的日志所记即所签", f"what the log says of {_told(one)} is what was signed")
    yield Check(name, told is not None and bases.differs(told, entry) is None)
    if key is None or told is None:
        return
    stamp = facts.stamps.get(one.batch)
    counted = key.holds(told.created) and key.holds(entry.at) and abs(told.created - entry.at) <= timedelta(days=1)
    late = stamp is not None and entry.at > stamp + _SKEW
    yield Check(
        Text(f"密钥 {key.id} 在 {_shown(told.created)} 有效", f"key {key.id} counted at {_shown(told.created)}"),
        counted and not late,
    )
    if key.revoked is not None and (stamp is None or key.revoked <= stamp):
        since = _shown(key.revoked)
        why = Text(
            f"该密钥自 {since} 起撤销，此前已签之时间仅由日志所记",
            f"it is revoked since {since}; only the log says when it signed",
        )
        yield Check(why, None)


def _body(one: form.Message, trusted: Trusted) -> Check:
    """The body is the one whose digest was signed."""
    entry, name = one.entry, Text(f"报文 {one.entry.message} 的正文", f"the body of {_told(one)}")
    known = {hashlib.sha256(body).hexdigest(): body for body in (*trusted.bodies, b"")}
    body = entry.body if entry.body is not None else known.get(entry.digest)
    if body is None:
        return Check(Text(f"{name.zh}：未给出", f"{name.en}: not given"), None)
    signed = bases.read(entry.base).values[digests.NAME]
    right = (hashlib.sha256(body).hexdigest(), len(body)) == (entry.digest, entry.size)
    return Check(name, right and digests.holds(signed, body))


def _subject(proof: form.Proof) -> Iterator[Check]:
    """It is of what it says it is of, and nothing else."""
    if proof.kind == "delivery":
        held = bool(proof.messages) and all(one.entry.delivery == proof.id for one in proof.messages)
    else:
        held = any(one.entry.message == proof.id for one in proof.messages) and len(proof.messages) <= 2
        held = held and proof.kind == "message" and proof.receipt is None
    numbers = [one.sequence for one in proof.messages]
    held = held and numbers == sorted(set(numbers))
    yield Check(Text(f"所举为 {proof.id}", f"it is a proof of {proof.id}"), held)


def _paired(proof: form.Proof) -> Iterator[Check]:
    """Every response answers its request, by the digest of what was signed."""
    told = {one.entry.message: one.entry for one in proof.messages if bases.read(one.entry.base).answers[0] is None}
    answered = set[str]()
    for one in proof.messages:
        request, signed = bases.read(one.entry.base).answers
        if request is None:
            continue
        asked = told.get(request)
        name = Text(f"报文 {one.entry.message} 应答 {request}", f"{_told(one)} answers {request}")
        if asked is None:
            yield Check(name, None if proof.kind == "delivery" or len(proof.messages) == 1 else False)
            continue
        sides = (one.entry.sender, one.entry.receiver) == (asked.receiver, asked.sender)
        yield Check(name, sides and signed == hashlib.sha256(asked.base).hexdigest())
        answered.add(request)
    for name_ in sorted(set(told) - answered):
        yield Check(Text(f"{name_} 的应答：不在其中", f"the answer to {name_}: not in it"), _alone(proof))


def _alone(proof: form.Proof) -> bool | None:
    """A request without its answer proves nothing of an answer; two messages that do not belong together are no proof."""
    return None if proof.kind == "delivery" or len(proof.messages) == 1 else False


def _receipted(proof: form.Proof) -> Iterator[Check]:
    """The receiver signed that it has this delivery, and how many of its rows it took."""
    name = Text(f"批次 {proof.id} 的清单", f"the manifest of delivery {proof.id}")
    if proof.manifest is None:
        yield Check(Text(f"{name.zh}与回执：清单已不在", f"{name.en} and its receipt: the manifest is gone"), None)
        return
    try:
        manifest = manifests.read(proof.manifest)
        yield Check(name, manifest.id == proof.id)
        told = receipts.read(str(proof.receipt))
        receipts.verify(proof.directory, proof.receipt, manifest, told.at, _SKEW)
    except QuanminError as error:
        yield Check(Text(f"批次 {proof.id} 的回执（{error.code}）", f"the receipt of {proof.id} ({error.code})"), False)
        return
    counts = f"{told.accepted} + {told.quarantined} = {told.rows}"
    at, by = _shown(told.at), manifest.receiver
    yield Check(Text(f"{by} 于 {at} 签发回执：{counts}", f"{by} signed a receipt at {at}: {counts}"), True)


def _told(one: form.Message) -> str:
    return f"{one.entry.kind} {one.entry.message}"


def _shown(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def documents(checks: Sequence[Check]) -> list[Mapping[str, object]]:
    """As JSON: each with `held`, `broken` or `unchecked`."""
    words = {True: "held", False: "broken", None: "unchecked"}
    return [{"zh": one.name.zh, "en": one.name.en, "result": words[one.holds]} for one in checks]
