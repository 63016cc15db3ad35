"""How a node takes part: it asks with its public keys and a certificate request, the platform admits it, it keeps the answer.

Two files go by hand, from person to person: `enrolment.json` there, `membership.json` back. Who is admitted is decided by whoever
runs the platform, by looking at where the file came from; a file alone proves no more than that its maker has the keys in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from quanmin import standards
from quanmin.exchange.canonical import canonical
from quanmin.exchange.member import directory as directories
from quanmin.exchange.member.errors import EnrolmentRefused
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Key, Member
from quanmin.exchange.member.register import admit as enter
from quanmin.exchange.member.register import directory as present
from quanmin.exchange.member.register import hold, named, origin
from quanmin.exchange.message.signature import verified_with
from quanmin.exchange.role import OPERATOR
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import Actor
from quanmin.trust.identity import Registry, authority
from quanmin.trust.identity.certificate import name_of
from quanmin.trust.work import require

KEY, CERTIFICATE, ROOT = "key.pem", "certificate.pem", "root.pem"


def folder(settings: Settings) -> Path:
    """Where a home keeps what is of the exchange."""
    return settings.home / "exchange"


def server_name(member: str) -> str:
    """The name in the certificate of a member's node."""
    return name_of(f"{member}.node")


def member_named(server: str) -> str | None:
    """The member whose node has this name in its certificate."""
    member = server.partition(".")[0]
    return member if server == server_name(member) else None


def asked(settings: Settings, title_zh: str = "", title_en: str = "") -> dict[str, Any]:
    """What a node asks to be admitted with; its keys are made the first time."""
    identity = HomeIdentity.open(settings)
    known = standards.catalogue().called(settings.member)
    told = {
        "member": settings.member,
        "title_zh": title_zh or known.zh,
        "title_en": title_en or known.en,
        "address": settings.exchange_origin,
        "keys": [_plain(one) for one in identity.keys() if one.revoked is None],
        "request": _request(settings),
    }
    signer = identity.signer
    return told | {"key": signer.key, "signature": signer.sign(canonical(told)).hex()}


def admit(
    ledger: Ledger, settings: Settings, actor: Actor, told: Mapping[str, Any], anew: bool = False
) -> dict[str, Any]:
    """Admit a member, or take its new keys and give it a new certificate: what it is told. All of it, or nothing.

    Whoever is a member already signs with a key that the register lists and that counts, unless it is admitted `anew`, as one
    that lost its keys. EnrolmentRefused, AgencyUnknown, DivisionUnknown, DivisionEnded, RoleMissing, CertificateRefused.
    """
    require(ledger, actor, OPERATOR)
    member, csr = _proven(told, settings.member)
    registry = Registry.open(ledger, settings)
    with ledger.writing() as connection:
        hold(connection, member.id)
        made = authority.certify_node(registry, connection, actor.id, member.id, csr)
        admitted = replace(member, certificates=(_fingerprint(made.certificate),))
        enter(ledger, actor, admitted, connection, None if anew else str(told["key"]))
    directory = present(ledger, HomeIdentity.open(settings), settings.exchange_origin, own(settings))
    certificates = {"certificate": made.certificate, "root": made.root}
    return {"member": member.id, **certificates, "directory": directories.document(directory)}


def join(settings: Settings, told: Mapping[str, Any]) -> Directory:
    """Keep what the platform answered: certificate, root, and the directory. EnrolmentRefused, DirectoryRefused."""
    try:
        certificate, root = str(told["certificate"]), str(told["root"])
        read = directories.read(told["directory"])
        own_key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
        x509.load_pem_x509_certificate(root.encode())
    except (KeyError, TypeError, ValueError) as error:
        raise EnrolmentRefused(reason=f"membership: {type(error).__name__}") from error
    known = directories.kept(folder(settings))
    directory = directories.proven(read, known, read.member(read.authority).keys if known is None else ())
    if told["member"] != settings.member or settings.member not in directory.members:
        raise EnrolmentRefused(reason="another member")
    if _public(own_key) != _public(_private(settings).public_key()):
        raise EnrolmentRefused(reason="another key")
    if _fingerprint(certificate) not in directory.members[settings.member].certificates:
        raise EnrolmentRefused(reason="another certificate")
    _write(folder(settings) / "tls" / CERTIFICATE, certificate.encode())
    _write(folder(settings) / "tls" / ROOT, root.encode())
    directories.keep(directory, folder(settings))
    return directory


def found(ledger: Ledger, settings: Settings, actor: Actor) -> Directory:
    """Make this installation the platform of an exchange: its keys and its own certificate. RoleMissing."""
    require(ledger, actor, OPERATOR)
    registry, csr = Registry.open(ledger, settings), _request(settings)
    with ledger.writing() as connection:
        made = authority.certify_node(registry, connection, actor.id, settings.member, csr)
    _write(folder(settings) / "tls" / CERTIFICATE, made.certificate.encode())
    _write(folder(settings) / "tls" / ROOT, made.root.encode())
    return present(ledger, HomeIdentity.open(settings), settings.exchange_origin, own(settings))


def own(settings: Settings) -> tuple[str, ...]:
    """The fingerprint of the own certificate, where there is one."""
    path = folder(settings) / "tls" / CERTIFICATE
    return (_fingerprint(path.read_text()),) if path.exists() else ()


def _proven(told: Mapping[str, Any], platform: str) -> tuple[Member, str]:
    try:
        keys = tuple(directories.key({**one, "revoked": None}) for one in told["keys"])
        titles = str(told["title_zh"])[:200], str(told["title_en"])[:200]
        member = Member(str(told["member"]), *titles, told["address"], keys)
        text = canonical({name: value for name, value in told.items() if name not in ("key", "signature")})
        signer = next(one for one in keys if one.id == told["key"] and one.use == "signature")
        held = verified_with(signer, text, bytes.fromhex(told["signature"]))
        csr = str(told["request"])
    except (KeyError, TypeError, ValueError, StopIteration, AttributeError, OverflowError, RecursionError) as error:
        raise EnrolmentRefused(reason=f"enrolment: {type(error).__name__}") from error
    if not held:
        raise EnrolmentRefused(reason="signature")
    if member.id == platform:
        raise EnrolmentRefused(reason="member")
    named(member.id)
    ids = {one.id for one in keys}
    foreign = any(not one.id.startswith(f"{member.id}/{one.use}/") for one in keys)
    if foreign or len(ids) < len(keys) or not any(one.use == "encryption" for one in keys):
        raise EnrolmentRefused(reason="keys")
    return replace(member, address=origin(member.address)), csr


def _request(settings: Settings) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{settings.member}.node")])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(_private(settings), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _private(settings: Settings) -> ec.EllipticCurvePrivateKey:
    """The key of the node's connections, made the first time."""
    path = folder(settings) / "tls" / KEY
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        _write(path, key.private_bytes(*form))
    found = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise EnrolmentRefused(reason="key.pem")
    return found


def _write(path: Path, content: bytes) -> None:
    """A file of the owner's only, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _fingerprint(pem: str) -> str:
    return x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256()).hex()


def _public(key: Any) -> bytes:
    return bytes(key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))


def _plain(key: Key) -> dict[str, Any]:
    return {**asdict(key), "since": key.since.isoformat(), "revoked": key.revoked and key.revoked.isoformat()}


def read(path: Path) -> dict[str, Any]:
    """A file that came by hand; EnrolmentRefused."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise EnrolmentRefused(reason=f"{path.name}: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise EnrolmentRefused(reason=path.name)
    return found
