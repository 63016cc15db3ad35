"""Taking part: who asks, who admits, what is kept; and every way in which it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quanmin.errors import QuanminError
from quanmin.exchange.canonical import canonical
from quanmin.exchange.member import directory as directories
from quanmin.exchange.member import enrolment, register
from quanmin.exchange.member.errors import DirectoryRefused, EnrolmentRefused
from quanmin.exchange.member.identity import SEALING, SIGNING, SIGNS_AFTER, HomeIdentity
from quanmin.exchange.message.signature import verified_with
from quanmin.exchange.role import OPERATOR
from quanmin.ledger.errors import IllegalAction
from quanmin.settings import Settings
from quanmin.trust import Actor
from quanmin.trust.identity.errors import CertificateRefused
from quanmin.trust.keys.errors import RoleMissing

from .conftest import AGENCY, Platform

NOBODY = Actor("clerk", frozenset({"operator"}), mfa=True, session="s")
CLERK = Actor("clerk", frozenset({OPERATOR}), mfa=True, session="s")
WITHOUT_SECOND = Actor("clerk", frozenset({OPERATOR}), mfa=False, session="s")


def signed(agency: Settings, **changed: Any) -> dict[str, Any]:
    """The enrolment of a home with members changed, signed by its own key all the same."""
    told = enrolment.asked(agency) | changed
    identity = HomeIdentity.open(agency)
    text = canonical({name: value for name, value in told.items() if name not in ("key", "signature")})
    return told | {"signature": identity.signer.sign(text).hex()}


def test_an_admitted_member_keeps_a_directory_that_the_platform_signed(platform: Platform, agency: Settings) -> None:
    enrolment.found(platform.ledger, platform.settings, platform.actor)
    kept = enrolment.join(agency, platform.admit(agency))
    assert set(kept.members) == {"health", AGENCY} and kept.authority == "health"
    assert directories.kept(enrolment.folder(agency)) == kept
    member = kept.member(AGENCY)
    assert (member.keys, member.address, member.active) == (HomeIdentity.open(agency).keys(), "https://a:8443", True)
    assert member.certificates == enrolment.own(agency)
    assert "exchange.member" in platform.events() and "identity.certificate.node" in platform.events()


def test_the_certificate_is_of_the_node_by_its_name_for_both_sides(platform: Platform, agency: Settings) -> None:
    answer = platform.admit(agency)
    found = x509.load_pem_x509_certificate(answer["certificate"].encode())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["civil_affairs.node.accounts.quanmin.internal"]
    uses = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert {one._name for one in uses} == {"clientAuth", "serverAuth"}
    found.verify_directly_issued_by(x509.load_pem_x509_certificate(answer["root"].encode()))


def test_only_an_operator_of_the_exchange_admits_and_nothing_is_issued_otherwise(
    platform: Platform, agency: Settings
) -> None:
    before = platform.admit(agency)
    for nobody in (NOBODY, WITHOUT_SECOND):
        for refused in (
            lambda who=nobody: platform.admit(agency, who),
            lambda who=nobody: enrolment.found(platform.ledger, platform.settings, who),
            lambda who=nobody: register.change(platform.ledger, who, AGENCY, "suspend", reason="x"),
            lambda who=nobody: register.revoke_key(platform.ledger, who, f"{AGENCY}/signature/1"),
            lambda who=nobody: register.move(platform.ledger, who, AGENCY, None),
        ):
            with pytest.raises(RoleMissing):
                refused()
    assert platform.events().count("identity.certificate.node") == 1
    assert platform.member() == directories.read(before["directory"]).member(AGENCY)
    assert platform.admit(agency, CLERK)["member"] == AGENCY


def test_an_enrolment_that_is_refused_leaves_no_certificate_behind(
    platform: Platform, agency: Settings, tmp_path: Path
) -> None:
    platform.admit(agency)
    other = Settings(home=tmp_path / "other", member=AGENCY)
    with pytest.raises(EnrolmentRefused, match="another key as"):
        platform.admit(other)  # another home under the same name: the same ids of keys
    assert platform.events().count("identity.certificate.node") == 1
    with pytest.raises(CertificateRefused):
        enrolment.admit(platform.ledger, platform.settings, platform.actor, signed(agency, request="none"))
    assert platform.member().active


def test_what_was_changed_after_it_was_signed_is_refused(platform: Platform, agency: Settings) -> None:
    for name, value in {"title_zh": "其他", "address": "https://b:1", "request": "x", "member": "education"}.items():
        with pytest.raises(EnrolmentRefused, match="signature"):
            platform.admit(agency, **{name: value})


Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    "changed",
    [
        {"member": "health"},
        {"member": "nobody_known"},
        {"member": 7},
        {"address": "ftp://a"},
        {"address": "https://a/path"},
        {"address": "https://user@a"},
        {"address": "https://a\n"},
        {"address": 7},
        {"keys": []},
        {"keys": None},
        {"keys": [{}]},
    ],
    ids=str,
)
def test_an_enrolment_of_a_wrong_form_is_refused(platform: Platform, agency: Settings, changed: dict[str, Any]) -> None:
    with pytest.raises(EnrolmentRefused):
        enrolment.admit(platform.ledger, platform.settings, platform.actor, signed(agency, **changed))
    assert platform.events() == []


@pytest.mark.parametrize(
    "changed",
    [
        {"public": "00"},
        {"public": "zz" * 32},
        {"since": "2026-01-01T00:00:00"},
        {"since": "yesterday"},
        {"since": 7},
        {"use": "both"},
        {"algorithm": "rsa"},
        {"algorithm": "x25519"},
        {"id": "education/signature/1"},
        {"id": "civil_affairs/signature/../1"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_key_of_a_wrong_form_is_refused(platform: Platform, agency: Settings, changed: dict[str, Any]) -> None:
    keys = enrolment.asked(agency)["keys"]
    place = next(number for number, one in enumerate(keys) if one["use"] == "signature")
    keys[place] |= changed
    with pytest.raises(EnrolmentRefused):
        enrolment.admit(platform.ledger, platform.settings, platform.actor, signed(agency, keys=keys))
    twice = [*enrolment.asked(agency)["keys"], enrolment.asked(agency)["keys"][0]]
    with pytest.raises(EnrolmentRefused, match="keys"):
        enrolment.admit(platform.ledger, platform.settings, platform.actor, signed(agency, keys=twice))
    assert platform.events() == []


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(name=st.sampled_from(["member", "title_zh", "address", "keys", "request", "key", "signature"]), value=anything)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_an_enrolment_it_is_refused_and_nothing_else(
    platform: Platform, agency: Settings, name: str, value: Any
) -> None:
    told = enrolment.asked(agency)
    if told[name] != value:
        with pytest.raises(QuanminError):
            enrolment.admit(platform.ledger, platform.settings, platform.actor, told | {name: value})


def test_a_revoked_key_stays_revoked_whatever_is_handed_in_again(platform: Platform, agency: Settings) -> None:
    HomeIdentity.open(agency)
    platform.admit(agency)
    old = enrolment.asked(agency)
    HomeIdentity.open(agency)._store.rotate(SIGNING)
    platform.admit(agency)
    register.revoke_key(platform.ledger, platform.actor, f"{AGENCY}/signature/1")
    [first] = [one for one in platform.member().keys if one.id == f"{AGENCY}/signature/1"]
    assert first.revoked is not None
    with pytest.raises(EnrolmentRefused, match="no key that counts"):
        enrolment.admit(platform.ledger, platform.settings, platform.actor, old)
    enrolment.admit(platform.ledger, platform.settings, platform.actor, old, anew=True)
    again = {one.id: one for one in platform.member().keys}
    assert again[first.id] == first
    assert (
        again[f"{AGENCY}/signature/2"].revoked is not None
    )  # not named by the old one: it counts no more, but is known


def test_a_key_that_the_member_revoked_itself_is_revoked_at_the_platform(platform: Platform, agency: Settings) -> None:
    platform.admit(agency)
    store = HomeIdentity.open(agency)._store
    store.rotate(SIGNING)
    platform.admit(agency)
    store.revoke(SIGNING, 1)
    platform.admit(agency)  # signed by the second, which the register lists
    state = {one.id: one.revoked is None for one in platform.member().keys if one.use == "signature"}
    assert state == {f"{AGENCY}/signature/1": False, f"{AGENCY}/signature/2": True}


def test_renewal_supersedes_the_certificate(platform: Platform, agency: Settings) -> None:
    first = platform.admit(agency)
    second = platform.admit(agency)
    assert first["certificate"] != second["certificate"]
    assert len(platform.member().certificates) == 1
    with pytest.raises(EnrolmentRefused, match="another certificate"):
        enrolment.join(agency, second | {"certificate": first["certificate"]})
    enrolment.join(agency, second)
    assert platform.member().certificates == enrolment.own(agency)


def test_one_who_is_suspended_stays_so_when_it_renews(platform: Platform, agency: Settings) -> None:
    platform.admit(agency)
    register.change(platform.ledger, platform.actor, AGENCY, "suspend", reason="drill")
    platform.admit(agency)
    assert not platform.member().active
    register.revoke_key(platform.ledger, platform.actor, f"{AGENCY}/signature/1")
    register.move(platform.ledger, platform.actor, AGENCY, None)
    assert not platform.member().active and platform.member().address is None
    register.change(platform.ledger, platform.actor, AGENCY, "readmit")
    assert platform.member().active
    with pytest.raises(IllegalAction):
        register.change(platform.ledger, platform.actor, AGENCY, "readmit")
    register.change(platform.ledger, platform.actor, AGENCY, "leave", reason="merged")
    assert AGENCY not in platform.directory().members
    for gone in (
        lambda: register.change(platform.ledger, platform.actor, AGENCY, "readmit"),
        lambda: register.revoke_key(platform.ledger, platform.actor, f"{AGENCY}/signature/1"),
    ):
        with pytest.raises(EnrolmentRefused, match="no member"):
            gone()


def test_a_key_that_nobody_has_cannot_be_revoked(platform: Platform, agency: Settings) -> None:
    platform.admit(agency)
    with pytest.raises(EnrolmentRefused, match="no key"):
        register.revoke_key(platform.ledger, platform.actor, f"{AGENCY}/signature/9")
    with pytest.raises(EnrolmentRefused, match="address"):
        register.move(platform.ledger, platform.actor, AGENCY, "https://a/b")


def test_a_membership_of_another_is_not_kept(platform: Platform, agency: Settings, tmp_path: Path) -> None:
    answer = platform.admit(agency)
    other = Settings(home=tmp_path / "other", member="education")
    for home, told in (
        (other, answer),
        (Settings(home=tmp_path / "third", member=AGENCY), answer),  # the name, but not the key
        (agency, {}),
        (agency, answer | {"certificate": "x"}),
        (agency, answer | {"directory": {}}),
        (agency, answer | {"directory": answer["directory"] | {"signature": "00"}}),
        (agency, answer | {"directory": answer["directory"] | {"key": "health/signature/9"}}),
    ):
        with pytest.raises(QuanminError):
            enrolment.join(home, told)
        assert directories.kept(enrolment.folder(home)) is None


def test_a_directory_is_believed_by_the_keys_that_are_known_and_never_an_older_one(
    platform: Platform, agency: Settings, tmp_path: Path
) -> None:
    first = enrolment.join(agency, platform.admit(agency))
    later = platform.directory()
    assert directories.proven(later, first) == later
    impostor = HomeIdentity.open(Settings(home=tmp_path / "impostor", member="health"))
    suspended = replace(later, members={**later.members, AGENCY: replace(later.member(AGENCY), active=False)})
    for wrong, reason in (
        (first, "older") if later.at > first.at else (replace(first, at=later.at - timedelta(1)), "older"),
        (directories.signed(later, impostor), "signature"),
        (suspended, "signature"),
        (replace(later, authority="education"), "authority"),
        (replace(later, key="health/encryption/1"), "signature"),
        (replace(later, key=f"{AGENCY}/signature/1"), "key"),
        (replace(later, signature="zz"), "signature"),
    ):
        with pytest.raises(DirectoryRefused, match=reason):
            directories.proven(wrong, later)


@pytest.mark.parametrize("text", ["", "[]", "{", "{}", '{"members":7}', "[" * 5000, "\xff"])
def test_a_directory_that_cannot_be_read_is_refused(agency: Settings, text: str) -> None:
    folder = enrolment.folder(agency)
    folder.mkdir(parents=True)
    (folder / directories.FILE).write_text(text, "latin-1")
    with pytest.raises(DirectoryRefused):
        directories.kept(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "\xff", "[" * 5000])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "enrolment.json").write_text(text, "latin-1")
    for path in (tmp_path / "enrolment.json", tmp_path / "away.json", tmp_path):
        with pytest.raises(EnrolmentRefused):
            enrolment.read(path)


def test_a_directory_reads_as_it_was_written(platform: Platform, agency: Settings) -> None:
    platform.admit(agency)
    found = platform.directory()
    assert directories.read(json.loads(json.dumps(directories.document(found)))) == found
    assert directories.read(directories.document(found)).text() == found.text()


def test_a_new_key_is_listed_at_once_and_signs_a_day_later(platform: Platform, agency: Settings) -> None:
    """So that whoever holds a directory of before the rotation believes the platform's next one."""
    held = enrolment.join(agency, platform.admit(agency))
    store = HomeIdentity.open(platform.settings)._store
    store.rotate(SIGNING)
    following = platform.directory()
    assert following.key == "health/signature/1" and following.named("health/signature/2") is not None
    known = directories.proven(following, held)
    made = max(one.since for one in HomeIdentity.open(platform.settings).keys())
    ripe = HomeIdentity("health", store, lambda: made + SIGNS_AFTER)
    fresh = HomeIdentity("health", store, lambda: made)
    assert (ripe.signer.key, fresh.signer.key) == ("health/signature/2", "health/signature/1")
    assert directories.proven(directories.signed(following, ripe), known).key == "health/signature/2"
    store.revoke(SIGNING, 1)
    assert fresh.signer.key == "health/signature/2"


def test_what_a_message_names_is_what_signed_it_though_the_next_key_comes_of_age_meanwhile(
    platform: Platform, agency: Settings
) -> None:
    platform.admit(agency)
    store = HomeIdentity.open(platform.settings)._store
    store.rotate(SIGNING)
    made = max(one.since for one in HomeIdentity.open(platform.settings).keys())
    looks = iter([made])
    own = HomeIdentity("health", store, lambda: next(looks, made + SIGNS_AFTER))
    made_now = directories.signed(platform.directory(), own)
    found = made_now.named(made_now.key)
    assert found is not None and made_now.key == "health/signature/1" and own.signer.key == "health/signature/2"
    assert verified_with(found[1], made_now.text(), bytes.fromhex(made_now.signature))


def test_revoked_and_destroyed_keys_are_no_open_halves_that_count(agency: Settings) -> None:
    own = HomeIdentity.open(agency)
    own._store.rotate(SEALING)
    own._store.revoke(SEALING, 1)
    own._store.destroy(SEALING, 1)
    told = enrolment.asked(agency)
    assert [one["id"] for one in told["keys"] if one["use"] == "encryption"] == [f"{AGENCY}/encryption/2"]
