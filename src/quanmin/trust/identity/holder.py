"""What the holder of a certificate does on his own machine: makes a key and a request, and signs a challenge with it.

The key stays in the holder's file; only the certificate and the signature are shown to the register.
"""

from __future__ import annotations

import base64

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from quanmin.trust.identity.certificate import signed
from quanmin.trust.identity.entry import Signed
from quanmin.trust.identity.errors import CertificateRefused

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def new_key(password: str) -> bytes:
    """A new key (P-256, PKCS#8, PEM), encrypted unless the password is empty."""
    key = ec.generate_private_key(ec.SECP256R1())
    kept = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, kept)


def encrypted(pem: bytes) -> bool:
    """Whether a key needs its password."""
    return b"ENCRYPTED" in pem


def request(pem: bytes, password: str, account: str) -> bytes:
    """A request for a certificate (CSR, PEM), signed with the key; CertificateRefused when the key does not open."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, account)])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(_key(pem, password), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def answer(certificate: str, pem: bytes, password: str, challenge: str) -> Signed:
    """The certificate with a challenge that its key signed; CertificateRefused when the key does not open."""
    key = _key(pem, password)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        raw = key.sign(signed(challenge), ec.ECDSA(hashes.SHA256()))
    else:
        raw = key.sign(signed(challenge), padding.PKCS1v15(), hashes.SHA256())
    return Signed(certificate, challenge, base64.b64encode(raw).decode())


def _key(pem: bytes, password: str) -> Key:
    try:
        key = serialization.load_pem_private_key(pem, password.encode() if encrypted(pem) else None)
    except Exception:  # no key, or another password: nothing of it is repeated
        raise CertificateRefused(reason="key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise CertificateRefused(reason="key")
    return key
