"""Signatures of messages: made, verified, refused; the vectors of RFC 9421; the reference base in plain style."""

from __future__ import annotations

import base64
import hmac
import importlib.util
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quanmin.errors import QuanminError
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Key, Member
from quanmin.exchange.message.envelope import Envelope, Http, case_read
from quanmin.exchange.message.errors import (
    AnswerOfAnother,
    ClockApart,
    DigestWrong,
    HeaderBroken,
    KeyRefused,
    NotAddressed,
    SignatureBroken,
    SignatureIncomplete,
    SignatureMissing,
)
from quanmin.exchange.message.signature import Signed, sign, verified_with, verify
from quanmin.settings import Settings
from quanmin.trust.keys import sm2

SKEW = timedelta(seconds=300)
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def signed(sender: Any, ask: Any, now: datetime) -> Signed:
    return sign(sender, *ask(), now)


def test_what_was_signed_is_verified_with_its_envelope(directory: Directory, signed: Signed, now: datetime) -> None:
    found = verify(directory, signed.http, now, SKEW, "health")
    assert found.envelope == Envelope("0f6e", "civil_affairs", "health", "A-2026-0001;v=1", "C-7")
    assert (found.key, found.base, found.created) == ("civil_affairs/signature/1", signed.base, now)


def test_the_base_is_the_one_that_the_standard_describes(signed: Signed) -> None:
    http = signed.http
    names = [one.strip('"') for one in http.headers["signature-input"].partition("(")[2].partition(")")[0].split(" ")]
    derived = {"@method": "POST", "@authority": http.authority, "@path": http.path, "@query": "?page=1"}
    lines = [f'"{name}": {derived.get(name) or http.headers[name]}' for name in names]
    lines.append(f'"@signature-params": {http.headers["signature-input"].removeprefix("exchange=")}')
    assert signed.base.decode() == "\n".join(lines)


def test_an_ed25519_signature_is_that_of_the_standards_example() -> None:
    """RFC 9421, B.1.4 and B.2.6: Ed25519 gives the same signature always."""
    key = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU="))
    base = b"\n".join(
        [
            b'"date": Tue, 20 Apr 2021 02:07:55 GMT',
            b'"@method": POST',
            b'"@path": /foo',
            b'"@authority": example.com',
            b'"content-type": application/json',
            b'"content-length": 18',
            b'"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")'
            b';created=1618884473;keyid="test-key-ed25519"',
        ]
    )
    told = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    assert base64.b64encode(key.sign(base)).decode() == told
    public = Key("m/signature/1", "signature", "ed25519", key.public_key().public_bytes_raw().hex(), datetime.now(UTC))
    assert verified_with(public, base, base64.b64decode(told))
    assert not verified_with(public, base + b" ", base64.b64decode(told))


@given(
    place=st.integers(0, 10_000),
    bit=st.integers(0, 7),
    part=st.sampled_from(["header", "body", "path", "query", "method"]),
)
@SHARED
def test_a_flipped_bit_anywhere_is_refused(
    directory: Directory, signed: Signed, now: datetime, place: int, bit: int, part: str
) -> None:
    altered = _flipped(signed.http, part, place, bit)
    with pytest.raises(QuanminError) as refused:
        verify(directory, altered, now, SKEW, "health")
    assert refused.value.code.startswith("QM-EXCHANGE-")


def _flipped(http: Http, part: str, place: int, bit: int) -> Http:
    def turned(text: str) -> str:
        at = place % len(text)
        return text[:at] + chr(ord(text[at]) ^ (1 << bit)) + text[at + 1 :]

    if part == "body":
        at = place % len(http.body)
        return replace(http, body=http.body[:at] + bytes([http.body[at] ^ (1 << bit)]) + http.body[at + 1 :])
    if part == "header":
        name = sorted(http.headers)[place % len(http.headers)]
        # the label says nothing, and base64's last letter may have spare bits: what is signed is what must hold
        value = http.headers[name]
        if name.startswith("signature"):
            place = place % (len(value) - 14) + 10
        return replace(http, headers={**http.headers, name: turned(value)})
    if part == "method":
        return replace(http, method=turned(http.method))
    return replace(http, **{part: turned(getattr(http, part))})


@given(
    name=st.sampled_from(["signature-input", "signature", "content-digest", "exchange-id"]), text=st.text(max_size=200)
)
@SHARED
def test_no_header_makes_it_fail_otherwise_than_by_refusal(
    directory: Directory, signed: Signed, now: datetime, name: str, text: str
) -> None:
    with pytest.raises(QuanminError):
        verify(directory, replace(signed.http, headers={**signed.http.headers, name: text}), now, SKEW, "health")


@given(signatures=st.binary(max_size=120))
@SHARED
def test_no_bytes_make_it_fail_otherwise_than_by_refusal(
    directory: Directory, signed: Signed, now: datetime, signatures: bytes
) -> None:
    text = signatures.decode("latin-1")
    for name in ("signature-input", "signature"):
        with pytest.raises(QuanminError):
            verify(directory, replace(signed.http, headers={**signed.http.headers, name: text}), now, SKEW, "health")


def test_other_signatures_beside_it_do_no_harm(directory: Directory, signed: Signed, now: datetime) -> None:
    told = signed.http.headers
    more = {
        "signature-input": f'proxy=("@method");created=1;keyid="p" ,  {told["signature-input"]}',
        "signature": f"proxy=:AAAA:, {told['signature']}",
    }
    assert verify(directory, replace(signed.http, headers={**told, **more}), now, SKEW, "health").key == signed.key


def test_a_response_belongs_to_its_request(
    directory: Directory, sender: Any, receiver: Any, ask: Any, now: datetime
) -> None:
    asked, other = sign(sender, *ask(), now), sign(sender, *ask(b"other"), now)
    about = verify(directory, asked.http, now, SKEW, "health")
    back = Envelope("77aa", "health", "civil_affairs", "A-2026-0001;v=1")
    answered = sign(receiver, replace(asked.http, status=200, headers={}, body=b"{}"), back, now, about)
    found = verify(directory, answered.http, now, SKEW, "civil_affairs", asked)
    assert (found.envelope.request, found.envelope.request_digest) == ("0f6e", asked.digest)
    with pytest.raises(AnswerOfAnother):
        verify(directory, answered.http, now, SKEW, "civil_affairs", other)
    unbound = sign(receiver, replace(asked.http, status=200, headers={}, body=b"{}"), back, now)
    with pytest.raises(SignatureIncomplete):
        verify(directory, unbound.http, now, SKEW, "civil_affairs", asked)
    with pytest.raises(SignatureBroken):
        verify(directory, replace(answered.http, status=500), now, SKEW, "civil_affairs", asked)


def test_clocks_may_differ_by_so_much_and_no_more(directory: Directory, sender: Any, ask: Any, now: datetime) -> None:
    late = sign(sender, *ask(), now + SKEW)
    assert verify(directory, late.http, now, SKEW, "health")
    for apart in (timedelta(hours=1), SKEW + timedelta(seconds=1), -SKEW - timedelta(seconds=1)):
        with pytest.raises((ClockApart, KeyRefused)):
            verify(directory, sign(sender, *ask(), now + apart).http, now, SKEW, "health")


def test_only_keys_that_count_are_believed(directory: Directory, sender: Any, signed: Signed, now: datetime) -> None:
    own = directory.member("civil_affairs")
    revoked = tuple(replace(one, revoked=now - timedelta(seconds=1)) for one in own.keys)
    for member in (replace(own, keys=()), replace(own, keys=revoked), replace(own, active=False)):
        changed = replace(directory, members={**directory.members, "civil_affairs": member})
        with pytest.raises(KeyRefused):
            verify(changed, signed.http, now, SKEW, "health")
    other = tuple(replace(one, algorithm="sm2-sm3") for one in own.keys)
    changed = replace(directory, members={**directory.members, "civil_affairs": replace(own, keys=other)})
    with pytest.raises(KeyRefused):
        verify(changed, signed.http, now, SKEW, "health")


def test_nobody_signs_for_another(directory: Directory, receiver: Any, ask: Any, now: datetime) -> None:
    http, envelope = ask()
    with pytest.raises(KeyRefused):
        verify(directory, sign(receiver, http, envelope, now).http, now, SKEW, "health")


def test_a_message_for_another_is_not_taken(directory: Directory, signed: Signed, now: datetime) -> None:
    with pytest.raises(NotAddressed):
        verify(directory, signed.http, now, SKEW, "education")


@pytest.mark.parametrize(
    "left", ["@method", "@authority", "@path", "@query", "content-digest", "exchange-case", "exchange-id"]
)
def test_what_is_left_out_of_the_signature_is_named(
    directory: Directory, sender: Any, signed: Signed, now: datetime, left: str
) -> None:
    told = {**signed.http.headers}
    told["signature-input"] = told["signature-input"].replace(f'"{left}" ', "").replace(f' "{left}"', "")
    with pytest.raises(SignatureIncomplete, match=left):
        verify(directory, replace(signed.http, headers=told), now, SKEW, "health")


def test_without_a_signature_or_with_two_it_is_refused(directory: Directory, signed: Signed, now: datetime) -> None:
    told = signed.http.headers
    for headers in (
        {name: value for name, value in told.items() if not name.startswith("signature")},
        {**told, "signature": "other=:AAAA:"},
        {
            **told,
            "signature-input": f"{told['signature-input']}, b={told['signature-input'].removeprefix('exchange=')}",
        },
        {**told, "signature-input": told["signature-input"].replace("quanmin-exchange", "another")},
    ):
        with pytest.raises(SignatureMissing):
            verify(directory, replace(signed.http, headers=headers), now, SKEW, "health")


def test_another_body_under_the_signed_digest_is_refused(directory: Directory, signed: Signed, now: datetime) -> None:
    with pytest.raises(DigestWrong):
        verify(directory, replace(signed.http, body=b"{}"), now, SKEW, "health")


def test_a_header_that_is_no_value_is_refused(directory: Directory, sender: Any, ask: Any, now: datetime) -> None:
    http, envelope = ask()
    for wrong in (replace(envelope, case="x" * 401), replace(envelope, agreement="A-1;v=1, A-2;v=1")):
        with pytest.raises(HeaderBroken):
            verify(directory, sign(sender, http, wrong, now).http, now, SKEW, "health")
    for strange in ("../../etc/passwd", "a b", "", "-a", "x" * 129):
        with pytest.raises(HeaderBroken, match="exchange-id"):
            verify(directory, sign(sender, http, replace(envelope, id=strange), now).http, now, SKEW, "health")
    with pytest.raises(SignatureIncomplete):
        sign(sender, http, replace(envelope, agreement="协议"), now)
    with pytest.raises(SignatureIncomplete):
        sign(sender, replace(http, query="a=1\nb"), envelope, now)


@given(case=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
@SHARED
def test_a_case_number_may_have_any_letters(
    directory: Directory, sender: Any, ask: Any, now: datetime, case: str
) -> None:
    http, envelope = ask()
    signed = sign(sender, http, replace(envelope, case=case), now)
    assert verify(directory, signed.http, now, SKEW, "health").envelope.case == case
    assert signed.http.headers["exchange-case"].isascii() and "," not in signed.http.headers["exchange-case"]


@pytest.mark.parametrize("written", ["%e4%b8%80", "%E4", "%41", "a%2", "一"])
def test_a_case_number_has_one_form_in_its_header(written: str) -> None:
    """Small letters of hexadecimals, half a letter, what need not be encoded, what is cut, what had to be."""
    with pytest.raises(ValueError):
        case_read(written)


def test_spaces_and_what_others_write_do_no_harm(
    directory: Directory, sender: Any, signed: Signed, now: datetime
) -> None:
    """RFC 9421, 2.3 and 3.2: what is verified is the one form of the parameters, however the header was written."""
    told = signed.http.headers
    wide = told["signature-input"].replace('=("@method" ', '=(  "@method"   ').replace(";created", ";  created")
    others = 'a=("x";sf);d=1.50;t=@17;u=%"f%c3%bc";w=tok/en;b=:AAAA:;n=?0, b=()'
    for text in (wide, f"{others}, {wide}", f"{wide} \t,\t{others}"):
        headers = {**told, "signature-input": text}
        assert verify(directory, replace(signed.http, headers=headers), now, SKEW, "health").base == signed.base


def test_components_of_another_kind_are_refused(
    directory: Directory, sender: Any, signed: Signed, now: datetime
) -> None:
    told = signed.http.headers
    for more in (
        '"@method";req',
        '"exchange-id";sf',
        '"exchange-id";req=1',
        '"@signature-params"',
        '"@method"',
        "@method",
        "7",
    ):
        wrong = told["signature-input"].replace('("@method" ', f'("@method" {more} ')
        with pytest.raises((SignatureIncomplete, SignatureMissing)):
            verify(directory, replace(signed.http, headers={**told, "signature-input": wrong}), now, SKEW, "health")


@pytest.mark.parametrize("expires", ['"1"', "?1", "1.5"])
def test_an_end_that_is_no_number_is_refused(directory: Directory, signed: Signed, now: datetime, expires: str) -> None:
    told = signed.http.headers
    wrong = told["signature-input"] + f";expires={expires}"
    with pytest.raises(SignatureIncomplete, match="expires"):
        verify(directory, replace(signed.http, headers={**told, "signature-input": wrong}), now, SKEW, "health")


def test_an_end_that_is_over_is_refused(directory: Directory, sender: Any, signed: Signed, now: datetime) -> None:
    """Whoever signs may let a message end; the clocks may differ there, too."""
    for ends, right in ((now - SKEW, True), (now - SKEW - timedelta(seconds=1), False)):
        text = f"{signed.http.headers['signature-input']};expires={int(ends.timestamp())}"
        head, _, _ = signed.base.decode().rpartition("\n")
        made = base64.b64encode(
            sender.signer.sign(f'{head}\n"@signature-params": {text.removeprefix("exchange=")}'.encode())
        ).decode()
        http = replace(
            signed.http, headers={**signed.http.headers, "signature-input": text, "signature": f"exchange=:{made}:"}
        )
        if right:
            assert verify(directory, http, now, SKEW, "health").key == signed.key
        else:
            with pytest.raises(ClockApart):
                verify(directory, http, now, SKEW, "health")


def test_a_response_is_never_taken_for_a_request_nor_without_one(
    directory: Directory, sender: Any, receiver: Any, ask: Any, now: datetime
) -> None:
    asked = sign(sender, *ask(), now)
    about = verify(directory, asked.http, now, SKEW, "health")
    back = Envelope("77aa", "health", "civil_affairs")
    answered = sign(receiver, replace(asked.http, status=200, headers={}, body=b"{}"), back, now, about)
    for http, request in (
        (answered.http, None),
        (asked.http, asked),
        (replace(answered.http, status=None), None),
        (replace(asked.http, status=200), asked),
    ):
        with pytest.raises((AnswerOfAnother, SignatureIncomplete)):
            verify(directory, http, now, SKEW, "civil_affairs" if http.status else "health", request)


@given(
    place=st.integers(0, 10_000),
    bit=st.integers(0, 7),
    part=st.sampled_from(["header", "body", "status", "path", "method"]),
)
@SHARED
def test_a_flipped_bit_of_a_response_is_refused(
    directory: Directory, sender: Any, receiver: Any, ask: Any, now: datetime, place: int, bit: int, part: str
) -> None:
    asked = sign(sender, *ask(), now)
    about = verify(directory, asked.http, now, SKEW, "health")
    back = Envelope("77aa", "health", "civil_affairs", "A-2026-0001;v=1")
    answered = sign(receiver, replace(asked.http, status=200, headers={}, body=b"{}"), back, now, about).http
    wrong = replace(answered, status=200 ^ (1 << bit)) if part == "status" else _flipped(answered, part, place, bit)
    with pytest.raises(QuanminError):
        verify(directory, wrong, now, SKEW, "civil_affairs", asked)


def test_a_malformed_key_of_the_directory_is_a_refusal(directory: Directory, signed: Signed, now: datetime) -> None:
    own = directory.member("civil_affairs")
    for public in ("", "00", "zz", "ff" * 32):
        keys = tuple(replace(one, public=public) for one in own.keys)
        changed = replace(directory, members={**directory.members, "civil_affairs": replace(own, keys=keys)})
        with pytest.raises(SignatureBroken):
            verify(changed, signed.http, now, SKEW, "health")


class Double:
    """What the optional library of SM2 does, by a keyed hash: enough to see which suite is asked."""

    def generate(self) -> sm2.Pair:
        return sm2.Pair(b"s" * 32, b"p" * 64)

    def sign(self, pair: sm2.Pair, message: bytes) -> bytes:
        return hmac.digest(pair.public, message, "sha256")

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(hmac.digest(public, message, "sha256"), signature)


def test_a_member_of_the_national_suite_signs_with_sm2(
    now: datetime, ask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if importlib.util.find_spec("gmssl_pyx") is None:
        monkeypatch.setattr(sm2, "load", Double)
    own = HomeIdentity.open(Settings(home=tmp_path, member="civil_affairs", crypto_suite="national"))
    assert own.signer.algorithm == "sm2-sm3"
    at = now + timedelta(minutes=1)
    directory = Directory(
        "health", at, {"civil_affairs": Member("civil_affairs", "民政", "civil affairs", None, own.keys())}
    )
    signed = sign(own, *ask(), at)
    assert verify(directory, signed.http, at, SKEW, "health").algorithm == "sm2-sm3"
    with pytest.raises(DigestWrong):
        verify(directory, replace(signed.http, body=b""), at, SKEW, "health")
    with pytest.raises(SignatureBroken):
        verify(directory, replace(signed.http, path="/other"), at, SKEW, "health")
