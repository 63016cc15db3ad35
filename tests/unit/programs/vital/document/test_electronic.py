"""The electronic certificate: made of what is issued, checked without asking, refused where anything was altered."""

from __future__ import annotations

import contextlib
import hmac
import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import KeySet

from quanmin.exchange.member.member import Key
from quanmin.programs.vital import role
from quanmin.programs.vital.certificate import desk, record
from quanmin.programs.vital.document import electronic, public_key
from quanmin.programs.vital.document.errors import ElectronicRefused, KeyUnreadable, NotIssued
from quanmin.programs.vital.errors import CertificateUnknown, NotYourHolder
from quanmin.programs.vital.number import Span
from quanmin.settings import Settings
from quanmin.trust.keys import open_store, sm2

from ..county import APPLICATION, FATHER, HOSPITAL, MOTHER, SECOND, County


@pytest.fixture
def made(county: County, blanks: Span) -> bytes:
    county.issue(blanks.first)
    return electronic.issue(county.at(role.CLERK), blanks.first)


def keys_of(county: County) -> bytes:
    return json.dumps(public_key.written(public_key.own(county.settings))).encode()


def test_it_says_what_the_first_page_says_and_no_more(county: County, blanks: Span, made: bytes) -> None:
    claims = electronic.check(made, public_key.read(keys_of(county)))
    assert (claims.number, claims.holder, claims.issued_on) == ("E370000001", HOSPITAL, "2015-03-02")
    with county.ledger.reading() as connection:
        assert claims.code == record.by_number(connection, blanks.first).code
    assert claims.fields["newborn.name"] == "王安" and claims.fields["mother.age"] == "26"
    assert claims.fields["mother.document_number"] == MOTHER.document_number
    assert claims.withheld == 0
    assert not any(
        "recipient" in name or "birth_date" in name for name in claims.fields if name != "newborn.birth_date"
    )
    signed = made.split(b"~")[0].decode()
    plain = jws.extract_compact(signed.encode()).payload.decode()
    assert MOTHER.document_number not in plain and "王安" not in plain  # people are in the disclosures only


def test_another_library_verifies_the_signature(county: County, made: bytes) -> None:
    found = jws.deserialize_compact(
        made.split(b"~")[0], KeySet.import_key_set(json.loads(keys_of(county))), ["Ed25519"]
    )
    assert json.loads(found.payload)["number"] == "E370000001"
    assert found.headers()["typ"] == electronic.TYPE


def test_the_same_certificate_is_the_same_file(county: County, blanks: Span, made: bytes) -> None:
    assert electronic.issue(county.at(role.CLERK), blanks.first) == made


def test_salts_differ_by_field_and_by_certificate(county: County, blanks: Span, made: bytes) -> None:
    other = replace(APPLICATION, newborn=replace(APPLICATION.newborn, order=2, plurality=2))
    with pytest.raises(Exception, match="QM-VITAL-028"):
        desk.prepare(county.at(role.CLERK), HOSPITAL, blanks.first + 1, other)
    salts = [json.loads(electronic.compact.decoded(one.decode()))[0] for one in made.split(b"~")[1:-1]]
    assert len(set(salts)) == len(salts) > 15
    assert all(len(electronic.compact.decoded(one)) == 16 for one in salts)


def test_every_flipped_byte_is_refused(county: County, made: bytes) -> None:
    keys = public_key.own(county.settings)
    step = max(1, len(made) // 400)  # every place of a short file, one in some of a long one
    for place in [*range(0, len(made), step), *range(len(made) - 3, len(made))]:
        for change in (0x01, 0x20):
            altered = made[:place] + bytes((made[place] ^ change,)) + made[place + 1 :]
            with pytest.raises(ElectronicRefused):
                electronic.check(altered, keys)


SPOILT: list[Callable[[bytes], bytes]] = [
    lambda made: b"",
    lambda made: b"~~~",
    lambda made: made[:-1],
    lambda made: made + b"\n",
    lambda made: made + made.split(b"~")[1] + b"~",
    lambda made: b".".join([made.split(b".")[0], b"", made.split(b".")[2]]),
    lambda made: "王".encode() + made,
    lambda made: made * 60,
]


def test_what_is_no_certificate_is_refused(county: County, made: bytes) -> None:
    for spoil in SPOILT:
        with pytest.raises(ElectronicRefused):
            electronic.check(spoil(made), public_key.own(county.settings))


PIECE = st.sampled_from(["", ".", "~", "e30", "bnVsbA", "WzEsMl0", "eyJhbGciOiJub25lIn0", "{}", "%", "AAAA"])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80) | st.lists(PIECE, max_size=9).map(lambda all_: "".join(all_).encode()))
def test_whatever_else_is_given_is_refused_and_nothing_breaks(data: bytes) -> None:
    with pytest.raises(ElectronicRefused):
        electronic.check(data, [])
    with pytest.raises(ElectronicRefused):
        electronic.check(data, [Key("a", "signature", "ed25519", "00" * 32, datetime(2026, 1, 1, tzinfo=UTC))])
    with contextlib.suppress(KeyUnreadable):
        public_key.read(data)


def test_its_holder_shows_less_and_it_is_still_signed(county: County, made: bytes) -> None:
    keys = public_key.own(county.settings)
    shown = electronic.narrowed(made, ["newborn.birth_date"])
    claims = electronic.check(shown, keys)
    assert claims.fields == {"newborn.birth_date": "2015-02-28"}
    assert claims.withheld > 15
    less = electronic.check(electronic.without(made, ["mother.address", "father.address"]), keys)
    assert "mother.address" not in less.fields and "mother.name" in less.fields and less.withheld == 2


def test_only_a_certificate_that_counts_has_one(county: County, blanks: Span) -> None:
    clerk = county.at(role.CLERK)
    with pytest.raises(CertificateUnknown):
        electronic.issue(clerk, blanks.first)
    desk.prepare(clerk, HOSPITAL, blanks.first, APPLICATION)
    with pytest.raises(NotIssued):
        electronic.issue(clerk, blanks.first)
    desk.spoil(clerk, blanks.first, "withdrawn")
    with pytest.raises(NotIssued):
        electronic.issue(clerk, blanks.first)


def test_it_is_made_for_its_own_institution_only(county: County, blanks: Span, made: bytes) -> None:
    with pytest.raises(NotYourHolder):
        electronic.issue(county.at(role.CLERK, of=SECOND), blanks.first)


def test_a_key_of_another_or_a_revoked_one_does_not_count(
    county: County, made: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = public_key.own(Settings(home=tmp_path_factory.mktemp("stranger")))
    with pytest.raises(ElectronicRefused):
        electronic.check(made, stranger)
    with pytest.raises(ElectronicRefused):
        electronic.check(made, [])
    own = public_key.own(county.settings)
    with pytest.raises(ElectronicRefused):
        electronic.check(made, [replace(own[0], revoked=own[0].since)])
    open_store(county.settings).revoke("exchange/sign", 1)
    assert public_key.own(county.settings) == []


@pytest.mark.parametrize(
    "text", [b"", b"[]", b'{"keys":[{}]}', b'{"keys":[{"crv":"P-256","x":"AA","kid":"a"}]}', b'{"keys":7}']
)
def test_a_key_that_is_none_is_refused(text: bytes) -> None:
    with pytest.raises(KeyUnreadable):
        public_key.read(text)


class Double:
    """What the optional library of SM2 does, by a keyed hash: enough to see that it is asked."""

    def generate(self) -> sm2.Pair:
        return sm2.Pair(b"s" * 32, b"p" * 64)

    def sign(self, pair: sm2.Pair, message: bytes) -> bytes:
        return hmac.digest(pair.public, message, "sha256")

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(hmac.digest(public, message, "sha256"), signature)


def test_the_national_suite_signs_with_sm2(county: County, blanks: Span, monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("gmssl_pyx") is None:
        monkeypatch.setattr(sm2, "load", Double)
    national = Settings(home=county.settings.home / "national", crypto_suite="national")
    county.issue(blanks.first)
    office = replace(county.at(role.CLERK), settings=national)
    made = electronic.issue(office, blanks.first)
    keys = public_key.read(json.dumps(public_key.written(public_key.own(national))).encode())
    assert electronic.check(made, keys).fields["father.name"] == FATHER.name
    with pytest.raises(ElectronicRefused):
        electronic.check(made.replace(b".ey", b".ez", 1), keys)
