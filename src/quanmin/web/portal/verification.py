"""Whether a certificate counts: whoever holds one types its number and code, and hears valid, void or unknown, and no more.

The code never stands in an address: the form is posted, and the QR code of a certificate carries it behind `#`, which
browsers send to nobody; a script of the page puts it into the form and takes it out of the address. Without the script it
is typed. An answer is kept by no cache and repeats nothing of what was typed.
"""

from __future__ import annotations

from quanmin.programs.vital.certificate.verification import VERDICTS, verify
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.errors import TooMany
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.limit import Buckets
from quanmin.web.view import Answer, View

TITLE = Text("出生医学证明查验", "Verify a birth certificate")
TEMPLATE = "portal/verify.html"
FIELDS = (
    Field("number", Text("编号", "Number"), limit=40, hint=Text("一位字母加九位数字", "a letter and nine digits")),
    Field(
        "code",
        Text("验证码", "Verification code"),
        limit=40,
        hint=Text("正页上的十六位字母和数字", "the sixteen letters and digits on the first page"),
    ),
)
RATE, BURST = 0.5, 30
"""Questions a second, and at once, that one address may ask: enough for a counter, far too few to guess by."""


def install(face: Face) -> None:
    """Register the page and its form."""
    asked = Buckets(RATE, BURST)

    @face.page("/verify", TEMPLATE, signed=False, public=True)
    def verifying(ask: Ask) -> Answer:
        """Ask whether a birth certificate counts."""
        return View(TITLE, {"verdicts": VERDICTS}, {"fields": FIELDS})

    @face.form("/verify/answer", FIELDS, page=verifying, template=TEMPLATE, signed=False, twin=True)
    def answer(ask: Ask, posted: Posted) -> Answer:
        """Say whether the certificate with this number and code is valid, void or unknown."""
        wait = asked.take(ask.address)
        if wait:
            raise TooMany(seconds=wait)
        verdict = verify(ask.lake.ledger, posted["number"], posted["code"])
        return View(TITLE, {"verdict": verdict, "title": VERDICTS[verdict]}, {"fields": FIELDS})
