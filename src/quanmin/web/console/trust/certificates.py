"""The own certificate authority: its root, requests, what was issued and revoked, and the lists that others fetch."""

from __future__ import annotations

from typing import Any

from quanmin.text import Text
from quanmin.trust.identity import account, authority, mandate
from quanmin.trust.identity.errors import CertificateRefused
from quanmin.web.ask import Ask
from quanmin.web.console.trust import area
from quanmin.web.console.trust.area import ADMINISTRATORS, SECURITY, SYSTEM, UNTIL, Number, PageNumber, paged, shown
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Download, Redirect, View

TITLE = Text("证书", "Certificates")
TEMPLATE, ISSUED = "console/trust/certificates.html", "console/trust/issued.html"
PEM, CRL = "application/x-pem-file", "application/pkix-crl"
WHY = {
    "key_compromise": Text("私钥泄露", "the key is known to others"),
    "affiliation_changed": Text("隶属变更", "the holder belongs elsewhere"),
    "superseded": Text("已被新证书取代", "superseded"),
    "ceased": Text("停止使用", "no longer used"),
}
CSR = Field(
    "request",
    Text("申请（PEM）", "Request (CSR, PEM)"),
    "words",
    limit=6000,
    hint=Text("以 -----BEGIN CERTIFICATE REQUEST----- 开头", "begins with -----BEGIN CERTIFICATE REQUEST-----"),
)
REVOKE = (
    Field("serial", Text("序列号", "Serial number"), limit=60),
    Field("why", Text("原因", "Reason"), "choice", choices=list(WHY.items())),
)


def fields(ask: Ask) -> list[Field]:
    """A request for an organisation or a service; people ask for themselves."""
    rows = account.listing(ask.registry, ask.who)
    known = [str(one["account"]) for one in rows if one["kind"] in ("organisation", "service")]
    return [Field("account", Text("账号", "Account"), "choice", choices=area.choices(known, {})), CSR, UNTIL]


def root(ask: Ask) -> str | None:
    """The root's certificate (PEM), if there is one."""
    try:
        return authority.root_certificate(ask.registry)
    except CertificateRefused:
        return None


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/trust/certificates", TEMPLATE, roles=ADMINISTRATORS)
    def certificates(ask: Ask, page: PageNumber = 1) -> Answer:
        """The authority, requests that wait, and the certificates."""
        waiting = [one for one in mandate.listing(ask.registry, ask.who, "certificate") if one["state"] == "proposed"]
        issued = [one for one in authority.listing(ask.registry, ask.who) if one["account"] is not None][::-1]
        data = {"root": root(ask), "requests": waiting, **paged(issued, page)}
        more: dict[str, Any] = {"why": WHY, "now": ask.lake.ledger.now()}
        more["fields"] = fields(ask) if ask.holds(*SYSTEM) else []
        more["revoke"] = REVOKE if ask.holds(*SECURITY) else ()
        return shown(ask, TITLE, data, **more)

    @face.form("/trust/certificates/create", (), page=certificates, template=TEMPLATE, roles=SECURITY)
    def create(ask: Ask, _posted: Posted) -> Answer:
        """Make the root of the own authority."""
        authority.create(ask.registry, ask.who)
        return Redirect("/trust/certificates", Text("根证书已建立", "The root is made"))

    @face.form("/trust/certificates/request", fields, page=certificates, template=TEMPLATE, roles=SYSTEM)
    def request(ask: Ask, posted: Posted) -> Answer:
        """Ask for a certificate of an organisation or service."""
        csr = posted["request"].replace("\r\n", "\n") + "\n"
        authority.request(ask.registry, ask.who, posted["account"], csr, posted["until"])
        return Redirect("/trust/certificates", Text("已申请，待安全管理员签发", "Asked for; the other issues it"))

    @face.form("/trust/certificates/revoke", REVOKE, page=certificates, template=TEMPLATE, roles=SECURITY)
    def revoke(ask: Ask, posted: Posted) -> Answer:
        """Revoke a certificate."""
        authority.revoke(ask.registry, ask.who, posted["serial"].lower(), posted["why"])
        return Redirect("/trust/certificates", Text("已吊销，并列入吊销列表", "Revoked; it stands in the list"))

    def again(ask: Ask, number: int) -> Answer:
        del number
        return certificates(ask)

    @face.form("/trust/certificates/{number}/issue", (), page=again, template=TEMPLATE, roles=SECURITY)
    def issue(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Issue what was asked for; shows the certificate."""
        return issued_page(ask, authority.issue(ask.registry, ask.who, number))

    _files(face)


def issued_page(ask: Ask, pem: str) -> View:
    """The page of a certificate that was just issued."""
    made = shown(ask, Text("证书已签发", "The certificate is issued"), {"certificate": pem})
    return View(made.title, made.data, made.more, template=ISSUED)


def _files(face: Face) -> None:
    @face.file("/trust/certificates/revoked", ["application/pkix-crl"], roles=ADMINISTRATORS)
    def revoked(ask: Ask) -> Answer:
        """The signed list of revoked certificates (CRL), as a file."""
        return Download("quanmin.crl", CRL, [authority.revocation_list(ask.registry).encode()])

    @face.file("/trust/certificates/root", [PEM], roles=ADMINISTRATORS)
    def root_file(ask: Ask) -> Answer:
        """The root's certificate, as a file."""
        return Download("quanmin-root.pem", PEM, [authority.root_certificate(ask.registry).encode()])
