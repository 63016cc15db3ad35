"""The birth certificate as a page to print: first page, second page and stub on one sheet of A4.

Fields and parts are those of 《出生医学证明》 (国卫办妇幼函〔2015〕279号 and the notices of its editions). Each
edition's sheet is printed by its ministry; what is drawn here is a plain form with the same items. The code by which
anybody verifies a certificate stands on the first page only, which its holder keeps.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from quanmin.programs.vital.certificate import desk, record
from quanmin.programs.vital.certificate.application import Application
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.programs.vital.certificate.workflow import ISSUED
from quanmin.programs.vital.document import barcode
from quanmin.programs.vital.document.field import Cell, first_rows, second_rows, stub_rows
from quanmin.programs.vital.document.press import pressed
from quanmin.programs.vital.edition import edition
from quanmin.programs.vital.office import Holder, Office
from quanmin.programs.vital.role import CLERK
from quanmin.text import Language, Text

TITLE = Text("出生医学证明", "Medical Certificate of Birth")
FIRST, SECOND, STUB = Text("正页", "First page"), Text("副页", "Second page"), Text("存根", "Stub")
SPECIMEN, VOID = Text("样 张", "SPECIMEN"), Text("无 效", "VOID")
BARCODE_SINCE = 7
"""The edition from which on the number stands as a barcode, too."""
MINISTRIES: tuple[tuple[date, Text], ...] = (
    (date(2018, 3, 19), Text("中华人民共和国国家卫生健康委员会", "National Health Commission, P.R. China")),
    (date(2013, 3, 22), Text("国家卫生和计划生育委员会", "National Health and Family Planning Commission, P.R. China")),
    (date(1949, 10, 1), Text("中华人民共和国卫生部", "Ministry of Health, P.R. China")),
)
"""Under whose name an edition was made, by the day from which the ministry had its name."""
_TRANSLATION = Text("", "For information. The Chinese certificate is the one that counts.")
_KEEP = Text("由新生儿监护人保存；不得涂改、拆切。", "Kept by the child's guardians; void if altered or cut.")
_REGISTER = Text("由户口登记机关拆切、留存。", "Cut off and kept by the household register.")
_ISSUER_SEAL = Text("签发机构\n（盖章）", "Seal of the\nissuing institution")
_REGISTRY_SEAL = Text("户口登记机关\n（盖章）", "Seal of the\nhousehold register")
_ARCHIVE = Text("由签发机构永久保存。", "Kept by the issuing institution for ever.")


@dataclass(frozen=True)
class Part:
    """One of the three parts: its name, rows of cells, the seal that belongs there, and who keeps it."""

    name: Text
    rows: Sequence[Sequence[Cell]]
    seal: Text
    note: Text


def printed(office: Office, number: int, language: Language = "zh", role: str = CLERK) -> bytes:
    """The certificate with this number (a key) as PDF, for whoever works on it at its institution; the audit keeps that.

    CertificateUnknown, NotYourHolder, RoleMissing, CharacterMissing, PageFull.
    """
    application = desk.read(office, number, role)
    with office.ledger.reading() as connection:
        certificate = record.by_number(connection, number)
        holder = office.holder(connection, certificate.holder)
    return page(certificate, application, holder, office.settings.origin, language)


def page(certificate: Certificate, application: Application, holder: Holder, origin: str, language: Language) -> bytes:
    """The PDF of a certificate and what it says. CharacterMissing, PageFull."""
    day = certificate.issued_on or application.newborn.birth_date
    return pressed("certificate", content(certificate, application, holder, origin, language), day)


def content(
    certificate: Certificate, application: Application, holder: Holder, origin: str, language: Language
) -> dict[str, Any]:
    """All that the form says, as the template reads it."""
    parts = (
        Part(FIRST, first_rows(certificate, application, holder, language), _ISSUER_SEAL, _KEEP),
        Part(SECOND, second_rows(certificate, application, holder, language), _REGISTRY_SEAL, _REGISTER),
        Part(STUB, stub_rows(certificate, application, holder, language), _ISSUER_SEAL, _ARCHIVE),
    )
    coded = certificate.edition >= BARCODE_SINCE
    return {
        "language": language,
        "title": TITLE._asdict(),
        "issuer": holder.title,
        "ministry": _ministry(certificate.edition)._asdict(),
        "edition": Text(f"第{certificate.edition}版", f"Edition {certificate.edition}")._asdict(),
        "number": certificate.text,
        "bars": barcode.svg(certificate.text) if coded else "",
        "watermark": _watermark(certificate),
        "code": grouped(certificate.code),
        "where": f"{origin}/{language}/verify",
        "square": _square(verification_address(origin, certificate, language)),
        "notice": _TRANSLATION.get(language),
        "parts": [_plain(one) for one in parts],
    }


def verification_address(origin: str, certificate: Certificate, language: Language = "zh") -> str:
    """What the QR code holds: number and code behind `#`, which browsers keep to themselves, so no server's log has them."""
    return f"{origin}/{language}/verify#{certificate.text}.{certificate.code}"


def grouped(code: str) -> str:
    """A code in groups of four, as it is printed."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _ministry(number: int) -> Text:
    since = edition(number).since
    return next(name for begins, name in MINISTRIES if begins <= since)


def _watermark(certificate: Certificate) -> dict[str, str] | None:
    """SPECIMEN before it is sealed or where it was spoiled; VOID where it was issued and does not count any more."""
    if certificate.state == ISSUED:
        return None
    return (VOID if certificate.issued_on is not None else SPECIMEN)._asdict()


def _square(text: str) -> str:
    """A QR code as SVG."""
    import segno

    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", border=4, xmldecl=False, nl=False)
    return out.getvalue().decode()


def _plain(part: Part) -> dict[str, Any]:
    rows = [[asdict(cell) | {"caption": cell.caption._asdict()} for cell in row] for row in part.rows]
    return {"name": part.name._asdict(), "rows": rows, "seal": part.seal._asdict(), "note": part.note._asdict()}
