"""The platform's own certificate authority: makes its root, issues, renews, revokes, and says so in a list (CRL).

A certificate is asked for by a request (CSR) that its holder signed: private keys of others never come here. It stands for one
account by the name `<account>.accounts.quanmin.internal`, to which the root is bound by a name constraint.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy import Connection, insert, select, update

from quanmin.ledger import Document, database
from quanmin.ledger.credential import CertificateRow
from quanmin.trust.actor import Actor
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import duty, mandate
from quanmin.trust.identity.certificate import DOMAIN, name_of, path
from quanmin.trust.identity.errors import CertificateRefused
from quanmin.trust.identity.registry import Registry

ROOT_LASTS, LASTS = timedelta(days=3650), timedelta(days=398)
LIST_LASTS = timedelta(days=7)
_EARLY = timedelta(minutes=5)  # clocks of others may be a little behind
REASONS = {
    "key_compromise": x509.ReasonFlags.key_compromise,
    "affiliation_changed": x509.ReasonFlags.affiliation_changed,
    "superseded": x509.ReasonFlags.superseded,
    "ceased": x509.ReasonFlags.cessation_of_operation,
}


class Root(NamedTuple):
    """The authority's own certificate and key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def create(registry: Registry, actor: Actor) -> str:
    """Make the root; its certificate (PEM), for those who are to trust it."""
    duty.require(registry, actor, "authority")
    with registry.ledger.writing() as connection:
        database.lock(connection, "authority")
        if _roots(connection, registry.instant(connection)):
            raise CertificateRefused(reason="root_exists")
        return _pem(_create(registry, connection, actor.id))


def _create(registry: Registry, connection: Connection, by: str) -> x509.Certificate:
    at, key = registry.instant(connection), ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{registry.site.name} root")])
    made = (
        _builder(subject, subject, key.public_key(), at, at + ROOT_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints([x509.DNSName(DOMAIN)], None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    serial = _serial(made)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _keep(connection, made, at, key=registry.vault.seal(private.decode(), f"root {serial}"))
    registry.note("authority", by, {"serial": serial}, connection)
    return made


class NodeCertificate(NamedTuple):
    """What a node of the exchange stands with: its certificate (PEM), and the root that it leads to."""

    certificate: str
    root: str


def certify_node(registry: Registry, connection: Connection, by: str, member: str, csr: str) -> NodeCertificate:
    """A certificate for a node of the exchange, as client and as server; earlier ones of that member are superseded.

    It is no account's: its name is `<member>.node` below the domain of accounts. While there are no accounts, the root is made
    with the first of them; afterwards it is the security administrator's to make (CertificateRefused). Whether `by` may is asked
    before.
    """
    try:
        asked = x509.load_pem_x509_csr(csr.encode())
        sound = asked.is_signature_valid and _strong(asked.public_key())
    except Exception:  # whatever cannot be read is refused
        sound = False
    if not sound:
        raise CertificateRefused(reason="request")
    account = f"{member}.node"
    database.lock(connection, "authority")
    at = registry.instant(connection)
    if not _roots(connection, at) and not registry.ledger.find(accounts.KIND.kind, connection=connection, limit=1):
        _create(registry, connection, by)
    root = _root(registry, connection)
    made = _leaf(root, account, asked, at, min(at + LASTS, root.certificate.not_valid_after_utc), server=True)
    old = update(CertificateRow).where(CertificateRow.account == account, CertificateRow.revoked.is_(None))
    connection.execute(old.values(revoked=at, why="superseded"))
    _keep(connection, made, at, issuer=_serial(root.certificate), account=account)
    registry.note("certificate.node", by, {"member": member, "serial": _serial(made)}, connection)
    return NodeCertificate(_pem(made), _pem(root.certificate))


def request(registry: Registry, actor: Actor, account: str, csr: str, until: date) -> Document:
    """Ask for a certificate: the holder himself, or the system administrator for an organisation or service."""
    try:
        asked = x509.load_pem_x509_csr(csr.encode())
        sound = asked.is_signature_valid and _strong(asked.public_key())
    except Exception:  # whatever cannot be read is refused
        sound = False
    if not sound:
        registry.note("certificate.refused", actor.id, {"why": "request"})
        raise CertificateRefused(reason="request")
    if actor.id != account and accounts.get(registry, account).data["kind"] in accounts.PEOPLE:
        registry.note("certificate.refused", actor.id, {"why": "not_the_holder"})
        raise CertificateRefused(reason="not_the_holder")
    return mandate.propose(registry, actor, "certificate", account, until, request=csr)


def issue(registry: Registry, actor: Actor, number: int) -> str:
    """Confirm a request and issue the certificate (PEM), both or neither; earlier ones of the account are superseded.

    This is how to renew, too.
    """

    def made(connection: Connection, confirmed: Document) -> str:
        return _issue(registry, connection, actor, confirmed)

    return mandate.confirm_with(registry, actor, number, made)


def _issue(registry: Registry, connection: Connection, actor: Actor, confirmed: Document) -> str:
    if confirmed.kind != mandate.KINDS["certificate"].kind:
        raise CertificateRefused(reason="no_request")
    account = str(confirmed.data["account"])
    asked = x509.load_pem_x509_csr(confirmed.data["request"].encode())
    at, root = registry.instant(connection), _root(registry, connection)
    end = datetime.combine(date.fromisoformat(confirmed.data["until"]), time.max, at.tzinfo).replace(microsecond=0)
    made = _leaf(root, account, asked, at, min(end, at + LASTS, root.certificate.not_valid_after_utc))
    old = update(CertificateRow).where(CertificateRow.account == account, CertificateRow.revoked.is_(None))
    connection.execute(old.values(revoked=at, why="superseded"))
    _keep(connection, made, at, issuer=_serial(root.certificate), account=account)
    fields = {"account": account, "serial": _serial(made), "document": confirmed.id}
    registry.note("certificate.issue", actor.id, fields, connection)
    return _pem(made)


def _leaf(
    root: Root, account: str, asked: x509.CertificateSigningRequest, at: datetime, end: datetime, server: bool = False
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, account)])
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if server else [])]
    identifier = root.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(root.certificate.subject)
        .public_key(asked.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _EARLY)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name_of(account))]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(root.key, hashes.SHA256())
    )


def revoke(registry: Registry, actor: Actor, serial: str, reason: str) -> None:
    """Revoke a certificate: from now on it proves nothing, and it stands in the list."""
    duty.require(registry, actor, "certificate.revoke")
    if reason not in REASONS:
        raise CertificateRefused(reason="unknown_reason")
    with registry.ledger.writing() as connection:
        query = update(CertificateRow).where(CertificateRow.serial == serial, CertificateRow.revoked.is_(None))
        done = connection.execute(query.values(revoked=registry.instant(connection), why=reason)).rowcount
        registry.note("certificate.revoke", actor.id, {"serial": serial, "done": bool(done)}, connection)
    if not done:
        raise CertificateRefused(reason="unknown")


def revocation_list(registry: Registry) -> str:
    """The signed list of what was revoked (CRL, PEM), good for a week."""
    with registry.ledger.writing() as connection:
        at, root = registry.instant(connection), _root(registry, connection)
        rows = connection.execute(select(CertificateRow).where(CertificateRow.revoked.is_not(None))).mappings().all()
    made = x509.CertificateRevocationListBuilder().issuer_name(root.certificate.subject)
    made = made.last_update(at).next_update(at + LIST_LASTS)
    for row in rows:
        entry = x509.RevokedCertificateBuilder().serial_number(int(row["serial"], 16)).revocation_date(row["revoked"])
        entry = entry.add_extension(x509.CRLReason(REASONS.get(row["why"], x509.ReasonFlags.unspecified)), False)
        made = made.add_revoked_certificate(entry.build())
    return made.sign(root.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def root_certificate(registry: Registry) -> str:
    """The root's certificate (PEM)."""
    with registry.ledger.writing() as connection:
        return _pem(_root(registry, connection).certificate)


def account_of(registry: Registry, connection: Connection, pem: str) -> str:
    """Whose certificate this is; CertificateRefused unless it holds now, is one that was issued here, and not revoked."""
    at = registry.instant(connection)
    found = path(pem, [x509.load_pem_x509_certificate(one["pem"].encode()) for one in _roots(connection, at)], at)
    row = connection.execute(select(CertificateRow).where(CertificateRow.serial == _serial(found))).mappings().first()
    if row is None or row["pem"] != _pem(found) or row["account"] is None:
        raise CertificateRefused(reason="unknown")
    if row["revoked"] is not None:
        raise CertificateRefused(reason="revoked")
    return str(row["account"])


def listing(registry: Registry, actor: Actor) -> list[dict[str, object]]:
    """The certificates that were issued."""
    duty.require(registry, actor, "list")
    names = ("serial", "account", "at", "ends", "revoked", "why")
    with registry.ledger.reading() as connection:
        rows = connection.execute(
            select(*(getattr(CertificateRow, name) for name in names)).order_by(CertificateRow.at)
        )
        return [dict(row) for row in rows.mappings()]


def _roots(connection: Connection, at: datetime) -> list[dict[str, str]]:
    query = select(CertificateRow.pem, CertificateRow.key, CertificateRow.serial).where(
        CertificateRow.issuer.is_(None), CertificateRow.revoked.is_(None), CertificateRow.ends > at
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _root(registry: Registry, connection: Connection) -> Root:
    found = _roots(connection, registry.instant(connection))
    if not found:
        raise CertificateRefused(reason="no_root")
    row = found[-1]
    private = registry.vault.unseal(row["key"], f"root {row['serial']}").encode()
    key = serialization.load_pem_private_key(private, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CertificateRefused(reason="no_root")
    return Root(x509.load_pem_x509_certificate(row["pem"].encode()), key)


def _keep(
    connection: Connection,
    made: x509.Certificate,
    at: datetime,
    issuer: str | None = None,
    account: str | None = None,
    key: str | None = None,
) -> None:
    values = {"serial": _serial(made), "issuer": issuer, "account": account, "pem": _pem(made), "key": key, "at": at}
    connection.execute(insert(CertificateRow).values(**values, ends=made.not_valid_after_utc))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, end: datetime
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    return made.serial_number(x509.random_serial_number()).not_valid_before(at - _EARLY).not_valid_after(end)


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _strong(key: object) -> bool:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1)
    return isinstance(key, rsa.RSAPublicKey) and key.key_size >= 3072


def _serial(made: x509.Certificate) -> str:
    return f"{made.serial_number:x}"


def _pem(made: x509.Certificate) -> str:
    return made.public_bytes(serialization.Encoding.PEM).decode()
