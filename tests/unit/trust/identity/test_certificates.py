"""Attack A11 on certificates: expired, wrong usage, another authority, a breach of names, revoked, shown without its key."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from cryptography.x509.oid import NameOID

from quanmin.trust import identity
from quanmin.trust.identity import Proofs, Signed, account, authority, certificate, mandate
from quanmin.trust.identity.errors import (
    CertificateRefused,
    IssueInstead,
    NotYourWork,
    OwnFavour,
    RevokeInstead,
    SignInRefused,
)

House = Any  # the fixture of conftest.py
Key = ec.EllipticCurvePrivateKey


def key_and_request(name: str = "any", key: Any = None) -> tuple[Any, str]:
    key = key or ec.generate_private_key(ec.SECP256R1())
    asked = x509.CertificateSigningRequestBuilder().subject_name(_name(name)).sign(key, hashes.SHA256())
    return key, asked.public_bytes(serialization.Encoding.PEM).decode()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(made: x509.Certificate) -> str:
    return made.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture
def hall(house: House) -> House:
    """A house with an authority and a doctor who has a certificate."""
    house.doctor()
    house.root = authority.create(house.registry, house.security)
    house.key, csr = key_and_request()
    asked = authority.request(house.registry, house.actor("dr-wang"), "dr-wang", csr, house.until(300))
    house.pem = authority.issue(house.registry, house.security, asked.id)
    return house


def present(house: House, pem: str, key: Key, name: str = "dr-wang", text: str | None = None) -> Proofs:
    """Password and a certificate whose key signed a challenge."""
    given = certificate.challenge(house.registry, name, text or base64.b64encode(str(house.now).encode()).decode())
    signature = base64.b64encode(key.sign(certificate.signed(given), ec.ECDSA(hashes.SHA256()))).decode()
    return Proofs(house.word(name), certificate=Signed(pem, given, signature))


def test_a_certificate_and_a_password_sign_in(hall: House) -> None:
    proofs = present(hall, hall.pem, hall.key)
    token = identity.sign_in(hall.registry, "dr-wang", proofs)
    actor = identity.authenticate(hall.registry, token)
    assert (actor.assurance, actor.mfa, actor.roles) == (3, True, {"physician"})
    with pytest.raises(SignInRefused):
        identity.sign_in(hall.registry, "dr-wang", proofs)
    assert hall.reasons("sign_in.failed") == ["certificate_replayed"]


def test_it_needs_its_key_its_account_and_its_own_challenge(hall: House) -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    hall.person("dr-lin")
    for proofs, name in (
        (present(hall, hall.pem, stranger, text="one"), "dr-wang"),
        (present(hall, hall.pem, hall.key, "dr-lin", "two"), "dr-lin"),
        (present(hall, hall.pem, hall.key, text="three")._replace(password="wrong password"), "dr-wang"),
        (present(hall, hall.pem, hall.key, text="four")._replace(password=None), "dr-wang"),
    ):
        with pytest.raises(SignInRefused):
            identity.sign_in(hall.registry, name, proofs)
    reasons = ["certificate_signature", "certificate_other_account", "password", "password_missing"]
    assert hall.reasons("sign_in.failed") == reasons
    late = present(hall, hall.pem, hall.key, text="five")
    hall.pass_time(minutes=6)
    with pytest.raises(SignInRefused):
        identity.sign_in(hall.registry, "dr-wang", late)


def test_an_organisation_shows_its_certificate_alone_and_is_no_administrator(hall: House) -> None:
    account.add(hall.registry, hall.system, "county-lab", "organisation", "city-hospital")
    account.confirm(hall.registry, hall.security, "county-lab")
    key, csr = key_and_request()
    asked = authority.request(hall.registry, hall.system, "county-lab", csr, hall.until(90))
    pem = authority.issue(hall.registry, hall.security, asked.id)
    proofs = present(hall, pem, key, "county-lab")._replace(password=None)
    actor = identity.authenticate(hall.registry, identity.sign_in(hall.registry, "county-lab", proofs))
    assert (actor.kind, actor.assurance, actor.mfa) == ("organisation", 2, False)


class Forger:
    """Makes certificates that are wrong in one way each."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.own = ec.generate_private_key(ec.SECP256R1())
        self.root = x509.load_pem_x509_certificate(house.root.encode())
        with house.registry.ledger.writing() as connection:
            self.signer = authority._root(house.registry, connection).key

    def leaf(
        self,
        signer: Key | None = None,
        issuer: x509.Name | None = None,
        usage: list[Any] | None = None,
        names: tuple[str, ...] = ("dr-wang.accounts.quanmin.internal",),
        ca: bool = False,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> str:
        start = start or self.house.now - timedelta(days=1)
        made = x509.CertificateBuilder().subject_name(_name("dr-wang")).issuer_name(issuer or self.root.subject)
        made = made.public_key(self.own.public_key()).serial_number(x509.random_serial_number())
        made = made.not_valid_before(start).not_valid_after(end or start + timedelta(days=30))
        made = made.add_extension(x509.BasicConstraints(ca, None), True)
        if usage != []:
            made = made.add_extension(x509.ExtendedKeyUsage(usage or [Usage.CLIENT_AUTH]), False)
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False)
        signer = signer or self.signer
        parent = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        return _pem(made.add_extension(parent, False).sign(signer, hashes.SHA256()))

    def under_a_leaf(self) -> str:
        """Signed by the doctor's own key, as if his certificate were an authority's."""
        issuer = x509.load_pem_x509_certificate(self.house.pem.encode())
        return self.leaf(self.house.key, issuer.subject)

    def other_root(self) -> str:
        return self.leaf(ec.generate_private_key(ec.SECP256R1()), _name("other root"))

    def same_name_root(self) -> str:
        return self.leaf(ec.generate_private_key(ec.SECP256R1()))


FORGED: dict[str, tuple[str, Callable[[Forger], str]]] = {
    "expired": ("expired", lambda f: f.leaf(end=f.house.now - timedelta(seconds=1))),
    "not yet valid": ("not_yet_valid", lambda f: f.leaf(start=f.house.now + timedelta(hours=1))),
    "for servers": ("usage", lambda f: f.leaf(usage=[Usage.SERVER_AUTH])),
    "for servers too": ("usage", lambda f: f.leaf(usage=[Usage.CLIENT_AUTH, Usage.SERVER_AUTH])),
    "for anything": ("usage", lambda f: f.leaf(usage=[Usage.ANY_EXTENDED_KEY_USAGE])),
    "without usage": ("usage", lambda f: f.leaf(usage=[])),
    "another authority": ("path", Forger.other_root),
    "another authority of the same name": ("path", Forger.same_name_root),
    "issued by one that is no authority": ("path", Forger.under_a_leaf),
    "an authority's": ("is_an_authority", lambda f: f.leaf(ca=True)),
    "a name outside the constraint": ("name", lambda f: f.leaf(names=("dr-wang.attacker.example",))),
    "two names": ("name", lambda f: f.leaf(names=("a.accounts.quanmin.internal", "b.accounts.quanmin.internal"))),
    "good but never issued": ("unknown", lambda f: f.leaf()),
    "the root itself": ("usage", lambda f: f.house.root),
    "nonsense": ("malformed", lambda f: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_certificate_is_refused_with_its_reason(hall: House, name: str) -> None:
    reason, forge = FORGED[name]
    forger = Forger(hall)
    with pytest.raises(SignInRefused):
        identity.sign_in(hall.registry, "dr-wang", present(hall, forge(forger), forger.own))
    assert hall.reasons("sign_in.failed") == [f"certificate_{reason}"]


def test_a_revoked_one_is_refused_at_once_and_stands_in_the_list(hall: House) -> None:
    before = authority.revocation_list(hall.registry)
    assert certificate.check_offline(hall.pem, hall.root, before, hall.now) == "dr-wang"
    serial = f"{x509.load_pem_x509_certificate(hall.pem.encode()).serial_number:x}"
    authority.revoke(hall.registry, hall.security, serial, "key_compromise")
    with pytest.raises(SignInRefused):
        identity.sign_in(hall.registry, "dr-wang", present(hall, hall.pem, hall.key))
    assert hall.reasons("sign_in.failed") == ["certificate_revoked"]
    after = authority.revocation_list(hall.registry)
    for listed, reason, at in (
        (after, "revoked", hall.now),
        (after, "list_old", hall.now + timedelta(days=8)),
        (_forged_list(hall), "list_forged", hall.now),
    ):
        with pytest.raises(CertificateRefused) as caught:
            certificate.check_offline(hall.pem, hall.root, listed, at)
        assert caught.value.fields["reason"] == reason
    with pytest.raises(CertificateRefused):
        authority.revoke(hall.registry, hall.security, serial, "key_compromise")


def _forged_list(house: House) -> str:
    root = x509.load_pem_x509_certificate(house.root.encode())
    made = x509.CertificateRevocationListBuilder().issuer_name(root.subject)
    made = made.last_update(house.now).next_update(house.now + timedelta(days=7))
    return (
        made.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )


def test_renewing_supersedes_the_old_one(hall: House) -> None:
    key, csr = key_and_request()
    asked = authority.request(hall.registry, hall.actor("dr-wang"), "dr-wang", csr, hall.until(300))
    pem = authority.issue(hall.registry, hall.security, asked.id)
    assert identity.sign_in(hall.registry, "dr-wang", present(hall, pem, key, text="new"))
    with pytest.raises(SignInRefused):
        identity.sign_in(hall.registry, "dr-wang", present(hall, hall.pem, hall.key, text="old"))
    assert [one["why"] for one in authority.listing(hall.registry, hall.security)] == [None, "superseded", None]


def test_who_asks_and_who_issues(hall: House) -> None:
    _, csr = key_and_request()
    with pytest.raises(CertificateRefused):  # nobody asks in the name of a person
        authority.request(hall.registry, hall.system, "dr-wang", csr, hall.until(300))
    asked = authority.request(hall.registry, hall.actor("dr-wang"), "dr-wang", csr, hall.until(300))
    with pytest.raises(NotYourWork):
        authority.issue(hall.registry, hall.system, asked.id)
    own = authority.request(hall.registry, hall.security, "sec-one", csr, hall.until(300))
    with pytest.raises(OwnFavour):
        authority.issue(hall.registry, hall.security, own.id)
    with pytest.raises(CertificateRefused):
        authority.create(hall.registry, hall.security)


def test_a_request_is_never_confirmed_without_its_certificate(hall: House) -> None:
    _, csr = key_and_request()
    asked = authority.request(hall.registry, hall.actor("dr-wang"), "dr-wang", csr, hall.until(300))
    with pytest.raises(IssueInstead) as caught:
        mandate.confirm(hall.registry, hall.security, asked.id)
    assert f"certificates issue {asked.id}" in caught.value.to_dict()["next_step"]["en"]
    with hall.registry.ledger.writing() as connection:
        connection.exec_driver_sql("UPDATE certificate SET revoked = at WHERE issuer IS NULL")
    with pytest.raises(CertificateRefused):  # there is no root any more
        authority.issue(hall.registry, hall.security, asked.id)
    assert hall.registry.ledger.get(asked.id).state == "proposed"
    assert len(hall.events("certificate.confirm")) == len(hall.events("certificate.issue")) == 1


def test_a_certificate_is_revoked_and_never_ended_by_its_request(hall: House) -> None:
    [held] = hall.registry.ledger.find("identity_certificate", state="held")
    with pytest.raises(RevokeInstead):
        mandate.end(hall.registry, hall.security, held.id, "left")
    assert identity.sign_in(hall.registry, "dr-wang", present(hall, hall.pem, hall.key))


def test_only_a_request_is_issued(hall: House) -> None:
    fields = {"role": "nurse", "organisation": "city-hospital"}
    made = mandate.propose(hall.registry, hall.system, "post", "dr-wang", hall.until(), **fields)
    with pytest.raises(CertificateRefused):
        authority.issue(hall.registry, hall.security, made.id)
    assert hall.registry.ledger.get(made.id).state == "proposed"


@pytest.mark.parametrize("kind", ["forged", "weak", "nonsense"])
def test_a_bad_request_is_refused(hall: House, kind: str) -> None:
    _, csr = key_and_request()
    if kind == "weak":
        csr = key_and_request(key=rsa.generate_private_key(65537, 2048))[1]
    if kind == "forged":
        raw = bytearray(base64.b64decode("".join(csr.splitlines()[1:-1])))
        raw[-1] ^= 1
        body = base64.encodebytes(bytes(raw)).decode()
        csr = f"-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----\n"
    if kind == "nonsense":
        csr = "nonsense"
    with pytest.raises(CertificateRefused):
        authority.request(hall.registry, hall.actor("dr-wang"), "dr-wang", csr, hall.until(300))


def test_the_roots_key_is_sealed(hall: House) -> None:
    with hall.registry.ledger.reading() as connection:
        [row] = connection.exec_driver_sql("SELECT key FROM certificate WHERE issuer IS NULL").scalars().all()
    assert "PRIVATE" not in row and b"PRIVATE" not in base64.b64decode(row)
