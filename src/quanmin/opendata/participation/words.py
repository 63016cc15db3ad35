"""What somebody wrote: checked before it is kept, and shown as plain text whose addresses are links.

Nothing is cleaned quietly: what may not stand is refused, so that whoever wrote it knows what everybody reads. A tag is only
text, since pages escape everything. Numbers of people are refused, whatever separates their digits (`quanmin.redaction`).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import NamedTuple
from urllib.parse import urlsplit

from quanmin.opendata.participation.errors import BadAddress, PersonInText, TextRefused
from quanmin.redaction import redacted
from quanmin.text import Text

TITLE, SHORT, LONG = 120, 1_000, 5_000
"""Characters that a title, a reason and a text may have."""
ADDRESS = 500
_ADDRESS = re.compile(r"https?://[!-;=?-~\w]+", re.I)
_END = re.compile(r"""[.,;:!?'")\]}>，。；：！？、）】》”’]+$""")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
_LAST = re.compile(r"[a-z][a-z0-9-]*")


class Piece(NamedTuple):
    """Some of a text; with `address`, a link."""

    text: str
    address: str | None


def checked(text: str, field: Text, limit: int, lines: bool = True) -> str:
    """The text as it is kept: composed (NFC), with single line ends. TextRefused, PersonInText."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()
    allowed = "\n\t" if lines else ""
    if not plain or len(plain) > limit or any(not _visible(sign) and sign not in allowed for sign in plain):
        raise TextRefused(field=field, limit=limit)
    if not any(unicodedata.category(sign)[0] in "LNSP" for sign in plain):
        raise TextRefused(field=field, limit=limit)
    if redacted(plain) != plain:
        raise PersonInText(field=field)
    return plain


def _visible(sign: str) -> bool:
    """Not a control, a half of a pair, private, unassigned, or a format sign; the joiners that scripts and emoji need are."""
    return sign in "\u200c\u200d" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def pieces(text: str) -> list[Piece]:
    """The text in pieces, addresses of the web apart."""
    found, at = [], 0
    for match in _ADDRESS.finditer(text):
        said = _END.sub("", match.group())
        try:
            target = address(said)
        except BadAddress:
            continue
        found += [Piece(text[at : match.start()], None), Piece(said, target)]
        at = match.start() + len(said)
    return [one for one in [*found, Piece(text[at:], None)] if one.text]


def address(text: str) -> str:
    """An address of the web in one spelling: host in lower case (IDNA), no usual port, no fragment. BadAddress.

    Addresses of machines (numbers, names without a dot) and with a user's name are none that everybody can open.
    """
    text = text.strip()
    if len(text) > ADDRESS or any(sign.isspace() or not sign.isprintable() or sign in '<>"\\^`{|}' for sign in text):
        raise BadAddress()
    try:
        parts = urlsplit(text)
        port, host = parts.port, (parts.hostname or "").rstrip(".").encode("idna").decode()
    except (ValueError, UnicodeError):
        raise BadAddress() from None
    scheme = parts.scheme.lower()
    fits = scheme in ("http", "https") and _HOST.fullmatch(host) and _LAST.fullmatch(host.rsplit(".", 1)[-1])
    if not fits or parts.username is not None or parts.password is not None or len(host) > 253:
        raise BadAddress()
    place = f":{port}" if port not in (None, {"http": 80, "https": 443}[scheme]) else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{host}{place}{parts.path or '/'}{query}"


def mark(address: str) -> str:
    """By what an address is found again, whether http or https and with or without a stroke at its end."""
    plain = address.split("://", 1)[-1].rstrip("/")
    return "address:" + hashlib.sha256(plain.encode()).hexdigest()[:40]
