"""Connections between nodes: TLS 1.3, on both sides certificates of the platform's authority, known by member, not address."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable

from quanmin.exchange.member import enrolment
from quanmin.exchange.member.errors import EnrolmentRefused
from quanmin.exchange.member.member import Directory
from quanmin.exchange.node.errors import CertificateStrange
from quanmin.settings import Settings


def server(settings: Settings) -> ssl.SSLContext:
    """What the listener of a node asks and shows: nobody gets in without a certificate of the authority. EnrolmentRefused."""
    made = _loaded(settings, ssl.PROTOCOL_TLS_SERVER)
    made.verify_mode = ssl.CERT_REQUIRED
    return made


def client(settings: Settings, directory: Callable[[], Directory]) -> ssl.SSLContext:
    """With what a node connects to others; their name is `enrolment.server_name`. EnrolmentRefused.

    Beside path, dates and name, the other's certificate must be one that the directory lists of it: nothing is sent to a node
    whose certificate was superseded, whoever has its key now.
    """
    made = _loaded(settings, ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = True
    made.sslobject_class = _judging(peer(directory))
    return made


def _judging(judge: Callable[[str | None, bytes | None], None]) -> type[ssl.SSLObject]:
    """The connection's TLS, whose handshake fails unless the other side's certificate is listed."""

    class Judged(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            name = enrolment.member_named(self.server_hostname or "")
            try:
                judge(name, self.getpeercert(binary_form=True))
            except CertificateStrange as error:
                raise ssl.SSLCertVerificationError(1, str(error)) from error

    return Judged


def peer(directory: Callable[[], Directory]) -> Callable[[str | None, bytes | None], None]:
    """Judges whether a sender may appear with a certificate (DER): one of those that the directory lists of it.

    Path and dates were checked by TLS; a certificate that was superseded or revoked is in the directory no more.
    """

    def judge(sender: str | None, certificate: bytes | None) -> None:
        member = directory().members.get(sender or "")
        if certificate is None:
            raise CertificateStrange(member=(sender or "-")[:64], reason="none")
        if member is None or hashlib.sha256(certificate).hexdigest() not in member.certificates:
            raise CertificateStrange(member=(sender or "-")[:64], reason="not listed")

    return judge


def _loaded(settings: Settings, side: int) -> ssl.SSLContext:
    place = enrolment.folder(settings) / "tls"
    made = ssl.SSLContext(side)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        made.load_cert_chain(place / enrolment.CERTIFICATE, place / enrolment.KEY)
        made.load_verify_locations(place / enrolment.ROOT)
    except (OSError, ssl.SSLError) as error:
        raise EnrolmentRefused(reason=f"tls: {type(error).__name__}") from error
    return made
