"""Looking at a certificate: path, times, usage, names; with the revocation list where the ledger is not at hand.

`cryptography` walks the path; the checks that it leaves to the caller (usage present, not an authority's, whose name) are here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID
from sqlalchemy import Connection

from quanmin.trust.identity import credential
from quanmin.trust.identity.errors import CertificateRefused
from quanmin.trust.identity.registry import Registry
from quanmin.trust.identity.vault import plain_digest

DOMAIN = "accounts.quanmin.internal"
LASTS = timedelta(minutes=5)


def name_of(account: str) -> str:
    """The name that a certificate of an account carries."""
    return f"{account}.{DOMAIN}"


def path(pem: str, roots: Sequence[x509.Certificate], at: datetime) -> x509.Certificate:
    """The certificate, when one of the roots issued it and it holds at this time; CertificateRefused."""
    try:
        found = x509.load_pem_x509_certificate(pem.encode())
        reason = _flaw(found, at)
    except Exception:  # whatever cannot be read is refused
        raise CertificateRefused(reason="malformed") from None
    if reason is None:
        reason = _unverified(found, roots, at)
    if reason is not None:
        raise CertificateRefused(reason=reason)
    return found


def _flaw(found: x509.Certificate, at: datetime) -> str | None:
    if at > found.not_valid_after_utc:
        return "expired"
    if at < found.not_valid_before_utc:
        return "not_yet_valid"
    extensions = found.extensions
    try:
        usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return "usage"
    if list(usage) != [ExtendedKeyUsageOID.CLIENT_AUTH]:
        return "usage"
    if len(list(names)) != 1:
        return "name"
    try:
        authority = extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        authority = False
    return "is_an_authority" if authority else None


def _unverified(found: x509.Certificate, roots: Sequence[x509.Certificate], at: datetime) -> str | None:
    if not roots:
        return "no_root"
    judge = verification.PolicyBuilder().store(verification.Store(list(roots))).time(at).max_chain_depth(0)
    try:
        judge.build_client_verifier().verify(found, [])
    except verification.VerificationError as error:
        return "name" if "constraint" in str(error).lower() else "path"
    return None


def check_offline(pem: str, root: str, revocations: str, at: datetime) -> str:
    """The account of a certificate by root and revocation list alone, for services away from the ledger."""
    anchor = x509.load_pem_x509_certificate(root.encode())
    found = path(pem, [anchor], at)
    listed = x509.load_pem_x509_crl(revocations.encode())
    key = anchor.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not listed.is_signature_valid(key):
        raise CertificateRefused(reason="list_forged")
    if listed.next_update_utc is None or not listed.last_update_utc <= at <= listed.next_update_utc:
        raise CertificateRefused(reason="list_old")
    if listed.get_revoked_certificate_by_serial_number(found.serial_number) is not None:
        raise CertificateRefused(reason="revoked")
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.DNSName)[0].removesuffix(f".{DOMAIN}")


def challenge(registry: Registry, account: str, secret: str) -> str:
    """Give out what the holder of a certificate has to sign, once, within five minutes."""
    with registry.ledger.writing() as connection:
        ends = registry.instant(connection) + LASTS
        credential.offer(connection, "certificate", plain_digest(secret), account, ends)
    return secret


def signed(text: str) -> bytes:
    """The bytes that are signed over a challenge."""
    return f"quanmin sign-in\n{text}".encode()


def possession(registry: Registry, connection: Connection, account: str, pem: str, text: str, signature: bytes) -> None:
    """CertificateRefused unless a challenge of this account, not answered before, is signed by the certificate's key."""
    if not credential.answer(connection, "certificate", plain_digest(text), account, registry.instant(connection)):
        raise CertificateRefused(reason="replayed")
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed(text), ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed(text), padding.PKCS1v15(), hashes.SHA256())
        else:
            raise CertificateRefused(reason="signature")
    except Exception:  # a signature that cannot be read is refused
        raise CertificateRefused(reason="signature") from None
