"""The electronic certificate: what the first page says, signed, so that anybody checks it without asking anybody.

An SD-JWT (RFC 9901): a compact JWS says number, holder, dates, the verification code and one salted digest of each field; the
fields follow as disclosures, parted by `~`. Its holder may leave disclosures out: what is left is still signed, and what was
left out cannot be guessed, as every field has a salt of its own. Signed by the installation's signing key (Ed25519; SM2 in the
national suite). The same certificate under the same keys is the same file.

A signature says what was issued, not that it still counts: whether it was replaced or cancelled since is asked at the
portal, with the number and the code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from quanmin.exchange.canonical import canonical
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Key
from quanmin.exchange.message import compact
from quanmin.programs.vital.certificate import condition, desk, record
from quanmin.programs.vital.certificate.application import Application, Parent
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.programs.vital.certificate.workflow import ISSUED, STATES
from quanmin.programs.vital.document.errors import ElectronicRefused, NotIssued
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.role import CLERK
from quanmin.text import Text

TYPE = "quanmin-birth-certificate+sd-jwt"
LONGEST = 64 << 10
_SALT = 16
_CLAIMS = {"iss", "number", "edition", "kind", "holder", "issued_on", "code", "verify", "_sd", "_sd_alg"}
_FORM = Text("不是电子证照文件", "not the form of an electronic certificate")
_KEY = Text("不是该密钥所签", "not signed by this key")
_REVOKED = Text("密钥已吊销", "the key was revoked")
_SIGNATURE = Text("签名不符，内容被改动", "the signature does not hold: something was altered")
_DISCLOSURE = Text("所附字段不在签名之内", "a field that was not signed")


@dataclass(frozen=True)
class Claims:
    """What an electronic certificate says: `fields` are those that were disclosed, `withheld` how many were not."""

    issuer: str
    number: str
    edition: int
    kind: str
    holder: str
    issued_on: str
    code: str
    verify: str
    fields: Mapping[str, str]
    withheld: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {**vars(self), "fields": dict(self.fields)}


def issue(office: Office, number: int, role: str = CLERK) -> bytes:
    """The electronic certificate of an issued one (`number` is a key), for whoever works on it; the audit keeps that.

    CertificateUnknown, NotIssued, NotYourHolder, RoleMissing.
    """
    with office.ledger.reading() as connection:
        certificate = record.by_number(connection, number)
    if certificate.state != ISSUED or certificate.issued_on is None:
        raise NotIssued(number=certificate.text, state=STATES[certificate.state])
    disclosures = _disclosures(office, certificate, desk.read(office, number, role))
    payload = {
        "iss": office.settings.member,
        "number": certificate.text,
        "edition": certificate.edition,
        "kind": certificate.kind,
        "holder": certificate.holder,
        "issued_on": certificate.issued_on.isoformat(),
        "code": certificate.code,
        "verify": f"{office.settings.origin}/zh/verify",
        "_sd": sorted(_digest(one) for one in disclosures),
        "_sd_alg": "sha-256",
    }
    made = compact.signed(HomeIdentity.open(office.settings), TYPE, canonical(payload))
    return "~".join([made, *disclosures, ""]).encode()


def check(data: bytes, keys: Iterable[Key]) -> Claims:
    """What an electronic certificate says, if one of the keys signed it. ElectronicRefused says why not; nothing is asked."""
    made, disclosures = _parted(data)
    header = compact.header_of(made, TYPE)
    if header is None:
        raise ElectronicRefused(fault=_FORM)
    key = next((one for one in keys if one.id == header["kid"] and one.use == "signature"), None)
    if key is None or compact.ALGORITHMS.get(key.algorithm) != header["alg"]:
        raise ElectronicRefused(fault=_KEY)
    if key.revoked is not None:
        raise ElectronicRefused(fault=_REVOKED)
    if not compact.holds(key, made):
        raise ElectronicRefused(fault=_SIGNATURE)
    told = _object(compact.decoded(made.split(".")[1]))
    if told.keys() != _CLAIMS or told["_sd_alg"] != "sha-256":
        raise ElectronicRefused(fault=_FORM)
    fields = dict(_disclosed(disclosures, told["_sd"]))
    plain = {name: told[name] for name in _CLAIMS - {"iss", "_sd", "_sd_alg"}}
    return Claims(issuer=told["iss"], fields=fields, withheld=len(told["_sd"]) - len(fields), **plain)


def narrowed(data: bytes, names: Iterable[str]) -> bytes:
    """The same certificate with the disclosures of some fields only, as its holder shows it. ElectronicRefused."""
    made, disclosures = _parted(data)
    wanted = set(names)
    kept = [one for one in disclosures if _field(one)[0] in wanted]
    return "~".join([made, *kept, ""]).encode()


def without(data: bytes, names: Iterable[str]) -> bytes:
    """The same certificate without the disclosures of some fields. ElectronicRefused."""
    left = set(names)
    return narrowed(data, [name for name in (_field(one)[0] for one in _parted(data)[1]) if name not in left])


def _disclosures(office: Office, certificate: Certificate, application: Application) -> list[str]:
    """Each field as `[salt, name, value]`; the salt is of the ring's key, so that nobody guesses it and it stays the same."""
    made = []
    for name, value in _said(application):
        keyed = "".join(office.digests.digest(f"salt {half}|{certificate.text}|{name}") for half in (1, 2))
        salt = compact.encoded(hashlib.sha256(keyed.encode()).digest()[:_SALT])
        made.append(compact.encoded(json.dumps([salt, name, value], ensure_ascii=False).encode()))
    return made


def _said(application: Application) -> Iterator[tuple[str, str]]:
    """What the first page says of people, as codes and plain values; nothing of a parent who is not stated."""
    child = application.newborn
    for name in ("name", "sex", "birth_date", "birth_time", "place", "weeks", "days", "weight", "length"):
        yield f"newborn.{name}", _text(getattr(child, name))
    yield "newborn.order", f"{child.order}/{child.plurality}"
    yield from _parent("mother", application.mother, child.birth_date)
    yield from _parent("father", application.father, child.birth_date)


def _parent(who: str, one: Parent | None, born: date) -> Iterator[tuple[str, str]]:
    if one is not None:
        yield f"{who}.age", str(condition.age(one.birth_date, born))
        names = ("name", "nationality", "ethnicity", "document_type", "document_number", "address")
        yield from ((f"{who}.{name}", _text(getattr(one, name))) for name in names if getattr(one, name))


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _parted(data: bytes) -> tuple[str, list[str]]:
    """The signed part and the disclosures."""
    if len(data) > LONGEST or not data.isascii():
        raise ElectronicRefused(fault=_FORM)
    made, *rest = data.decode("ascii").split("~")
    if made.count(".") != 2 or not rest or rest[-1] != "":
        raise ElectronicRefused(fault=_FORM)
    return made, rest[:-1]


def _disclosed(disclosures: list[str], signed: Any) -> Iterator[tuple[str, str]]:
    """The fields that are signed; ElectronicRefused for one that is not, or that comes twice."""
    left = set(signed)
    for one in disclosures:
        digest = _digest(one)
        if digest not in left:
            raise ElectronicRefused(fault=_DISCLOSURE)
        left.remove(digest)
        yield _field(one)


def _field(disclosure: str) -> tuple[str, str]:
    try:
        _salt, name, value = json.loads(compact.decoded(disclosure))
    except (ValueError, TypeError, RecursionError):
        raise ElectronicRefused(fault=_FORM) from None
    return str(name), str(value)


def _object(data: bytes) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise ElectronicRefused(fault=_FORM)
    return told


def _digest(disclosure: str) -> str:
    return compact.encoded(hashlib.sha256(disclosure.encode()).digest())
