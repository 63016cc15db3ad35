"""A time stamp authority of the tests' own: certificates by `cryptography`, answers by `openssl ts`, served on this machine."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

POLICY = "1.2.156.10197.9.1"
_CONFIG = f"""[ tsa ]
serial = serial
signer_digest = sha256
default_policy = {POLICY}
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
_PURPOSE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])


class Holder:
    """A name with a key and a certificate, of its own or of an issuer."""

    def __init__(
        self,
        name: str,
        issuer: Holder | None = None,
        ca: bool = False,
        purpose: x509.ExtendedKeyUsage | None = None,
        ends: timedelta = timedelta(days=9),
    ) -> None:
        self.key: EllipticCurvePrivateKey = generate_private_key(SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        by, now = issuer or self, datetime.now(UTC)
        made = x509.CertificateBuilder(by.name, self.name, self.key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(days=30)).not_valid_after(now + ends)
        made = made.add_extension(x509.BasicConstraints(ca, None), True)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
        made = made.add_extension(own, False)
        made = made.add_extension(purpose, True) if purpose else made
        self.certificate = made.sign(by.key, hashes.SHA256())

    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.PEM)


class Authority:
    """One authority; `answer` is what it does with a question."""

    def __init__(self, folder: Path, ends: timedelta = timedelta(days=9)) -> None:
        folder.mkdir()
        self.folder = folder
        self.root = Holder("root", ca=True)
        self.middle = Holder("middle", self.root, ca=True)
        self.stamper = Holder("stamper", self.middle, purpose=_PURPOSE, ends=ends)
        self.roots = folder / "roots.pem"
        self.roots.write_bytes(self.root.pem())
        self._write("stamper", self.stamper)
        (folder / "chain.pem").write_bytes(self.middle.pem())
        (folder / "tsa.conf").write_text(_CONFIG)
        (folder / "serial").write_text("01\n")
        self.answer: Callable[[bytes], bytes] = self.stamp
        self.address = ""
        self.asked = 0

    def stamp(self, question: bytes) -> bytes:
        """An answer as it should be."""
        (self.folder / "question").write_bytes(question)
        words = "ts -reply -queryfile question -config tsa.conf -section tsa -signer stamper.pem -inkey stamper.key"
        return self._openssl(f"{words} -chain chain.pem -out answer", "answer")

    def signed_by(self, holder: Holder, answer: bytes) -> bytes:
        """The same statement, signed by another certificate of this authority's chain."""
        self._write("other", holder)
        head = 4 if answer[1] == 0x82 else 2
        token = answer[head + 2 + answer[head + 1] :]
        (self.folder / "token").write_bytes(token)
        self._openssl("cms -verify -noverify -inform DER -in token -out statement", "statement")
        words = "cms -sign -binary -nodetach -outform DER -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4"
        signed = self._openssl(
            f"{words} -in statement -signer other.pem -inkey other.key -certfile chain.pem -out signed", "signed"
        )
        body = bytes.fromhex("3003020100") + signed
        return b"\x30\x82" + len(body).to_bytes(2, "big") + body

    def _write(self, name: str, holder: Holder) -> None:
        secret = holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / f"{name}.pem").write_bytes(holder.pem())
        (self.folder / f"{name}.key").write_bytes(secret)

    def _openssl(self, words: str, made: str) -> bytes:
        subprocess.run(["openssl", *words.split()], cwd=self.folder, check=True, capture_output=True)
        return (self.folder / made).read_bytes()


@contextmanager
def served(authority: Authority) -> Iterator[Authority]:
    """The authority at `authority.address`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            authority.asked += 1
            assert self.headers["Content-Type"] == "application/timestamp-query"
            try:
                answer = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            except LookupError as error:
                self.send_response(int(str(error)))
                self.send_header("Location", authority.address)
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            self._drip(answer) if answer.startswith(b"drip") else self.wfile.write(answer)

        def _drip(self, answer: bytes) -> None:
            for _ in range(100):
                try:
                    self.wfile.write(answer)
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.05)

        def log_message(self, *_given: object) -> None:
            """Nothing is said."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    authority.address = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield authority
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
