"""Connections: certificates of the platform's authority on both sides, known by member; all others are refused."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from quanmin.exchange.member import enrolment, tls
from quanmin.exchange.member.errors import EnrolmentRefused
from quanmin.exchange.member.member import Directory
from quanmin.exchange.node.errors import CertificateStrange
from quanmin.settings import Settings

from .conftest import AGENCY, Platform


@pytest.fixture
def joined(platform: Platform, agency: Settings) -> Directory:
    """Both have their certificates."""
    enrolment.found(platform.ledger, platform.settings, platform.actor)
    return enrolment.join(agency, platform.admit(agency))


def greeted(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> tuple[bytes, bytes]:
    """What comes back from a server, and the certificate that it saw; ssl.SSLError, OSError where there is no connection."""

    async def work() -> tuple[bytes, bytes]:
        seen: list[bytes] = []

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(writer.get_extra_info("ssl_object").getpeercert(binary_form=True))
            writer.write(await reader.readexactly(5))
            writer.close()

        listener = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server)
        async with listener:
            port = listener.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=name)
            try:
                writer.write(b"hello")
                told = await reader.readexactly(5)  # with TLS 1.3 the server's refusal comes with the first bytes read
            finally:
                writer.transport.abort()
            return told, seen[0]

    return asyncio.run(work())


REFUSED = (ssl.SSLError, OSError, asyncio.IncompleteReadError)


def test_two_members_connect_by_their_names_and_are_known_by_their_certificates(
    platform: Platform, agency: Settings, joined: Directory
) -> None:
    name = enrolment.server_name("health")
    assert name == "health.node.accounts.quanmin.internal"
    told, seen = greeted(tls.server(platform.settings), tls.client(agency, lambda: joined), name)
    assert told == b"hello"
    judge = tls.peer(lambda: joined)
    judge(AGENCY, seen)
    for sender, certificate in (("health", seen), (None, seen), ("education", seen), (AGENCY, None), (AGENCY, b"x")):
        with pytest.raises(CertificateStrange):
            judge(sender, certificate)


def test_a_server_under_another_name_is_not_spoken_to(platform: Platform, agency: Settings, joined: Directory) -> None:
    for name in (enrolment.server_name("education"), "127.0.0.1", "health.node.accounts.quanmin.example"):
        with pytest.raises(REFUSED):
            greeted(tls.server(platform.settings), tls.client(agency, lambda: joined), name)


def test_a_server_whose_certificate_was_superseded_is_sent_nothing(
    platform: Platform, agency: Settings, joined: Directory
) -> None:
    """Path, dates and name still hold: only the directory knows."""
    old = tls.server(platform.settings)
    enrolment.found(platform.ledger, platform.settings, platform.actor)
    renewed = platform.directory()
    with pytest.raises(ssl.SSLCertVerificationError, match="QM-EXCHANGE"):
        greeted(old, tls.client(agency, lambda: renewed), enrolment.server_name("health"))
    told, _ = greeted(
        tls.server(platform.settings), tls.client(agency, lambda: renewed), enrolment.server_name("health")
    )
    assert told == b"hello"
    gone = replace(renewed, members={AGENCY: renewed.member(AGENCY)})
    with pytest.raises(ssl.SSLCertVerificationError):
        greeted(tls.server(platform.settings), tls.client(agency, lambda: gone), enrolment.server_name("health"))


def test_nobody_connects_without_a_certificate_of_the_authority(
    platform: Platform, agency: Settings, joined: Directory, tmp_path: Path
) -> None:
    root = enrolment.folder(agency) / "tls" / enrolment.ROOT
    bare = ssl.create_default_context(cafile=root)
    with pytest.raises(REFUSED):
        greeted(tls.server(platform.settings), bare, enrolment.server_name("health"))
    stranger = ssl.create_default_context(cafile=root)
    stranger.load_cert_chain(*made(tmp_path, lambda at: (at - timedelta(1), at + timedelta(1))))
    with pytest.raises(REFUSED):
        greeted(tls.server(platform.settings), stranger, enrolment.server_name("health"))


def test_a_certificate_that_is_over_is_refused(
    platform: Platform, agency: Settings, joined: Directory, tmp_path: Path
) -> None:
    """Of an authority that is believed, on both sides, with the right name; only its time is over, or has not begun."""
    for span, right in (((-2, 1), True), ((-2, -1), False), ((1, 2), False)):
        chain = made(tmp_path, lambda at, span=span: (at + timedelta(span[0]), at + timedelta(span[1])))
        server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tmp_path / "root.pem")
        server.load_cert_chain(*chain)
        known = listed(joined, chain[0])
        context = tls.client(agency, lambda known=known: known)
        context.load_verify_locations(tmp_path / "root.pem")
        if right:
            assert greeted(server, context, enrolment.server_name("health"))[0] == b"hello"
        else:
            with pytest.raises(REFUSED):
                greeted(server, context, enrolment.server_name("health"))


def test_older_versions_of_tls_are_refused(platform: Platform, agency: Settings, joined: Directory) -> None:
    old = tls.client(agency, lambda: joined)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(REFUSED):
        greeted(tls.server(platform.settings), old, enrolment.server_name("health"))


def test_a_home_that_is_not_enrolled_has_no_connections(agency: Settings) -> None:
    for work in (tls.server, lambda one: tls.client(one, lambda: Directory("health", datetime.now(UTC), {}))):
        with pytest.raises(EnrolmentRefused):
            work(agency)


def test_the_key_of_connections_is_its_owners_only(agency: Settings, platform: Platform, joined: Directory) -> None:
    assert ((enrolment.folder(agency) / "tls" / enrolment.KEY).stat().st_mode & 0o777) == 0o600


def listed(directory: Directory, chain: Path) -> Directory:
    """The directory with the certificate of a file as the platform's."""
    der = x509.load_pem_x509_certificate(chain.read_bytes()).public_bytes(serialization.Encoding.DER)
    platform = replace(directory.member("health"), certificates=(hashlib.sha256(der).hexdigest(),))
    return replace(directory, members={**directory.members, "health": platform})


def made(folder: Path, span: Callable[[datetime], tuple[datetime, datetime]]) -> tuple[Path, Path]:
    """A certificate for the platform's name by an authority of our own (`root.pem`), and its key."""
    now = datetime.now(UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "another root")])

    def built(
        name: x509.Name, public: ec.EllipticCurvePublicKey, times: tuple[datetime, datetime]
    ) -> x509.CertificateBuilder:
        draft = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(public)
        return draft.serial_number(x509.random_serial_number()).not_valid_before(times[0]).not_valid_after(times[1])

    root = built(issuer, root_key.public_key(), (now - timedelta(9), now + timedelta(9)))
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    names = x509.SubjectAlternativeName([x509.DNSName(enrolment.server_name("health"))])
    leaf = built(x509.Name([]), key.public_key(), span(now)).add_extension(names, critical=True)
    pem = serialization.Encoding.PEM
    (folder / "root.pem").write_bytes(root.sign(root_key, hashes.SHA256()).public_bytes(pem))
    (folder / "leaf.pem").write_bytes(leaf.sign(root_key, hashes.SHA256()).public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "leaf.key").write_bytes(private)
    return folder / "leaf.pem", folder / "leaf.key"
