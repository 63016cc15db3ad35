"""Health commissions of provinces take part beside the agencies: named, titled, certified, and refused where there is none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from quanmin import standards
from quanmin.errors import QuanminError
from quanmin.exchange.member import enrolment, register
from quanmin.exchange.member.errors import AgencyUnknown, DivisionEnded, DivisionUnknown
from quanmin.settings import Settings

from .conftest import Platform

PROVINCES = [f"health_{one.code}" for one in standards.catalogue().regions.current(date(2026, 11, 1), "province")]
BEFORE = datetime(2019, 6, 1, tzinfo=UTC)


def home(folder: Path, member: str) -> Settings:
    return Settings(home=folder / member, member=member, exchange_platform="https://127.0.0.1:1")


def test_provinces_are_members_by_their_own_names_titles_keys_and_certificates(
    platform: Platform, tmp_path: Path
) -> None:
    enrolment.found(platform.ledger, platform.settings, platform.actor)
    for name in PROVINCES:
        own = home(tmp_path, name)
        answer = platform.admit(own)
        kept = enrolment.join(own, answer)
        member = kept.member(name)
        assert member.certificates == enrolment.own(own)
        assert {one.id for one in member.keys} == {f"{name}/signature/1", f"{name}/encryption/1"}
        assert kept.named(f"{name}/signature/1") == (member, member.key("signature", kept.at))
        [named] = (
            x509.load_pem_x509_certificate(answer["certificate"].encode())
            .extensions.get_extension_for_class(x509.SubjectAlternativeName)
            .value.get_values_for_type(x509.DNSName)
        )
        assert enrolment.member_named(named) == name and enrolment.server_name(name) == named
    titles = {one.id: (one.title_zh, one.title_en) for one in platform.directory().members.values()}
    assert set(titles) == {"health", *PROVINCES} and len(titles) == 35
    assert titles["health"] == ("卫生健康", "Health")
    assert titles["health_420000"] == ("湖北省卫生健康", "Health, 湖北省")
    assert titles["health_500000"] == ("重庆市卫生健康", "Health, 重庆市")


@pytest.mark.parametrize(
    ("member", "error", "address"),
    [
        ("nobody", AgencyUnknown, {"member": "nobody"}),
        ("nobody_420000", AgencyUnknown, {"member": "nobody_420000"}),
        ("health_hubei", AgencyUnknown, {"member": "health_hubei"}),
        ("health_999999", DivisionUnknown, {"member": "health_999999", "division": "999999"}),
        ("health_000000", DivisionUnknown, {"member": "health_000000", "division": "000000"}),
        ("health_110100", DivisionUnknown, {"member": "health_110100", "division": "110100"}),
        ("health_42", DivisionUnknown, {"member": "health_42", "division": "42"}),
        (
            "health_371200",
            DivisionEnded,
            {"member": "health_371200", "division": "371200", "successors": "370100, 370116"},
        ),
    ],
)
def test_who_is_of_no_agency_or_no_division_is_refused_with_code_and_address(
    platform: Platform, tmp_path: Path, member: str, error: type[QuanminError], address: dict[str, Any]
) -> None:
    own = home(tmp_path, member)
    with pytest.raises(error) as refused:
        platform.admit(own)
    assert refused.value.fields == address and refused.value.code in (
        "QM-EXCHANGE-140",
        "QM-EXCHANGE-141",
        "QM-EXCHANGE-142",
    )
    assert platform.events() == [] and set(platform.directory().members) == {"health"}


def test_a_member_whose_division_ended_goes_on_and_is_not_taken_in_anew(platform: Platform, tmp_path: Path) -> None:
    own, now = home(tmp_path, "health_371200"), platform.ledger.now
    platform.ledger.now = lambda: BEFORE
    platform.admit(own)
    platform.ledger.now = now
    platform.admit(own)  # its certificate is renewed
    register.change(platform.ledger, platform.actor, "health_371200", "suspend", reason="merged")
    register.change(platform.ledger, platform.actor, "health_371200", "readmit")
    assert platform.directory().member("health_371200").active
    register.change(platform.ledger, platform.actor, "health_371200", "leave", reason="merged")
    with pytest.raises(DivisionEnded):
        platform.admit(own)
    assert "health_371200" not in platform.directory().members


@pytest.mark.parametrize("name", ["health_420000\n", "x" * 100_000, "health_４２００００", "\x1b[2J", "", "a b"])
def test_what_is_no_name_is_not_repeated(name: str) -> None:
    with pytest.raises(AgencyUnknown) as caught:
        register.named(name)
    assert caught.value.fields == {"member": "?"}
