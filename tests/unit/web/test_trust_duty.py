"""The separation of duties, tried through the pages: each administrator does only his part, and nobody signs what he proposed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import httpx2 as httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from quanmin import demo_people
from quanmin.jobs import Worker
from quanmin.ledger import Ledger
from quanmin.trust import audit, identity
from quanmin.trust.identity import holder, mandate
from quanmin.trust.policy import shipped
from quanmin.trust.selfcheck import ROWS, checklist
from quanmin.web.place import Place

from .conftest import Browser

Browse = Callable[..., Browser]
TRUST = "/console/en/trust"
LATER = (date.today() + timedelta(days=200)).isoformat()
SYSTEM, SECURITY, AUDIT = "demo-system", "demo-security", "demo-audit"
POST = {"account": "demo-doctor", "role": "nurse", "organisation": "demo-hospital", "until": LATER}
ACCOUNT = {
    "account": "new-doctor",
    "kind": "clinician",
    "organisation": "demo-hospital",
    "person": "number of a new doctor",
    "shown": "新医师",
}


@pytest.fixture
def at(home: Path, browse: Browse) -> Browser:
    """A browser of a home that may be changed."""
    return browse(home)


@contextmanager
def registry(browser: Browser) -> Iterator[identity.Registry]:
    """The register of the browser's home."""
    with Ledger.open(browser.settings) as ledger:
        yield identity.Registry.open(ledger, browser.settings)


def waiting(browser: Browser, who: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = browser.sign_in(who).get(f"{TRUST}/approvals.json").json()["waiting"]
    return found


def work(browser: Browser) -> None:
    """Do the jobs that wait, as the server's worker would."""
    place = Place(browser.settings)
    worker = Worker(place)
    while worker.once():
        pass
    place.close()


def done(answer: httpx.Response) -> None:
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)[-1500:]


def test_an_account_takes_two_administrators_and_its_halves_are_shown_once(at: Browser) -> None:
    at.sign_in(SYSTEM)
    first = at.post(f"{TRUST}/people/add", ACCOUNT)
    assert first.status_code == 200 and "first half" in first.text
    half = re.search(r"<dd>((?:[0-9a-f]{4}-){3}[0-9a-f]{4})</dd>", first.text)
    assert half is not None and half[1] not in at.get(f"{TRUST}/people/new-doctor").text
    assert at.post(f"{TRUST}/people/new-doctor/confirm").status_code == 403  # the other's work
    [one] = waiting(at, SECURITY)
    assert (one["about"], one["by"], one["step"]) == ("new-doctor", SYSTEM, "confirm") and one["due"]
    assert waiting(at, AUDIT) == [] and waiting(at, SYSTEM) == []
    at.sign_in(SECURITY)
    second = at.post(f"{TRUST}/approvals/account/{one['document']}/approve")
    other = re.search(r"<dd>((?:[0-9a-f]{4}-){3}[0-9a-f]{4})</dd>", second.text)
    assert second.status_code == 200 and other is not None and other[1] != half[1]
    again = at.post(f"{TRUST}/approvals/account/{one['document']}/approve")
    assert again.status_code == 409 and other[1] not in again.text
    activated = at.sign_out().post(
        "/console/en/sign-in/activate",
        {
            "account": "new-doctor",
            "first": half[1],
            "second": other[1],
            "chosen": "wide-River7-lantern",
            "again": "wide-River7-lantern",
        },
    )
    assert activated.status_code == 200 and "otpauth://totp/" in activated.text


def test_a_disabled_account_is_used_again_by_two_administrators(at: Browser) -> None:
    page, why = f"{TRUST}/people/demo-doctor", {"reason": "back from leave"}
    assert "Use it again" not in at.sign_in(SYSTEM).get(page).text
    assert at.post(f"{page}/enable", why).status_code == 409  # it is in use
    done(at.post(f"{page}/disable", why))
    for who, status in ((SECURITY, 403), (AUDIT, 403)):
        assert "Propose to use it again" not in at.sign_in(who).get(page).text
        assert at.post(f"{page}/enable", why).status_code == status
    assert "Propose to use it again" in at.sign_in(SYSTEM).get(page).text
    empty = at.post(f"{page}/enable", {"reason": " "})
    assert empty.status_code == 422 and at.get(f"{page}.json").json()["state"] == "disabled"
    done(at.post(f"{page}/enable", why))
    assert "to be used again" in at.get(page).text and at.post(f"{page}/confirm").status_code == 403
    assert "待确认恢复" in at.get(page.replace("/en/", "/zh/")).text
    [one] = waiting(at, SECURITY)
    assert (one["about"], one["step"]) == ("demo-doctor", "enable")
    assert "Confirm that it is used again" in at.get(f"{TRUST}/approvals").text
    done(at.post(f"{TRUST}/approvals/account/{one['document']}/approve"))
    assert at.get(f"{page}.json").json()["state"] == "active"
    assert at.sign_in("demo-doctor").get(f"{TRUST}/care").status_code == 200


def test_a_renewal_is_refused_by_the_security_administrator_only(at: Browser) -> None:
    done(at.sign_in(SYSTEM).post(f"{TRUST}/grants/renew", {"account": SECURITY, "until": LATER}))
    [one] = waiting(at, AUDIT)
    page = f"{TRUST}/approvals/mandate/{one['document']}"
    assert one["refuses"] is False and "Details, or refuse" not in at.get(f"{TRUST}/approvals").text
    assert "Confirm the renewal" in at.get(page).text and f"{page}/refuse" not in at.get(page).text
    assert at.post(f"{page}/refuse", {"reason": "no"}).status_code == 403
    done(at.sign_in(SYSTEM).post(f"{TRUST}/grants/renew", {"account": AUDIT, "until": LATER}))
    [theirs] = waiting(at, SECURITY)
    page = f"{TRUST}/approvals/mandate/{theirs['document']}"
    assert theirs["refuses"] is True and f"{page}/refuse" in at.get(page).text
    done(at.post(f"{page}/refuse", {"reason": "another takes over"}))


@pytest.mark.parametrize("who", [SYSTEM, AUDIT, "demo-operator", "demo-doctor", "demo-citizen"])
def test_only_the_security_administrator_confirms_a_post(at: Browser, who: str) -> None:
    done(at.sign_in(SYSTEM).post(f"{TRUST}/posts/propose", POST))
    [one] = waiting(at, SECURITY)
    number = one["document"]
    refused = at.sign_in(who).post(f"{TRUST}/approvals/mandate/{number}/approve")
    assert refused.status_code in (403, 404)
    assert at.post(f"{TRUST}/approvals/mandate/{number}/refuse", {"reason": "no"}).status_code in (403, 404)
    assert at.post(f"{TRUST}/mandates/{number}/end", {"reason": "no"}).status_code == 403
    assert [each["document"] for each in waiting(at, SECURITY)] == [number]
    assert str(number) not in re.sub(
        r"<[^>]+>", "", at.sign_in(SYSTEM).get(f"{TRUST}/approvals").text.split("Proposed by you")[0]
    )


def test_each_administrator_does_only_his_part(at: Browser) -> None:
    work = {
        SYSTEM: {
            "people/add": ACCOUNT,
            "people/demo-doctor/reset": {"reason": "lost phone"},
            "organisations/add": {
                "organisation": "clinic",
                "title": "诊所",
                "region": "110000",
                "parent": "demo-commission",
            },
            "posts/propose": POST,
            "agreements/propose": {
                "organisation": "demo-hospital",
                "purpose": "insurance",
                "datasets": "health.death",
                "until": LATER,
            },
        },
        SECURITY: {
            "people/demo-clerk/confirm": {},
            "sessions/revoke": {"account": "demo-operator"},
            "certificates/create": {},
            "certificates/revoke": {"serial": "ab", "why": "ceased"},
            "flags/propose": {"person": "110101194912310024", "reason": "known", "until": LATER},
            "policies/propose": {"reason": "why"},
        },
        AUDIT: {"audit/verify": {}, "audit/head": {}, "audit/export": {}, "audit/person": {"person": "1"}},
    }
    for owner, pages in work.items():
        for other in (SYSTEM, SECURITY, AUDIT, "demo-operator", "demo-citizen"):
            at.sign_in(other)
            for path, fields in pages.items():
                status = at.post(f"{TRUST}/{path}", fields).status_code
                if other != owner:
                    assert status == 403, (path, other, status)
    assert waiting(at, SECURITY) != []  # what the system administrator proposed above
    with registry(at) as register:
        refused = [one.fields for one in audit.entries(register.ledger, "refused")]
    assert {one["actor"] for one in refused} >= {SYSTEM, SECURITY, AUDIT, "demo-operator", "demo-citizen"}


def test_two_tabs_on_the_same_proposal_the_second_is_told(at: Browser) -> None:
    done(at.sign_in(SYSTEM).post(f"{TRUST}/posts/propose", POST))
    [one] = waiting(at, SECURITY)
    path = f"{TRUST}/approvals/mandate/{one['document']}"
    assert "Nurse" in at.get(path).text or "nurse" in at.get(path).text
    done(at.post(f"{path}/approve"))
    for action, fields in (("approve", {}), ("refuse", {"reason": "too late"})):
        second = at.post(f"{path}/{action}", fields)
        assert second.status_code == 409 and "QM-IDENTITY-024" in second.text and "Nothing waits." in second.text
    assert at.get(path).status_code == 404


def test_a_refusal_needs_a_reason_and_keeps_the_page(at: Browser) -> None:
    done(at.sign_in(SYSTEM).post(f"{TRUST}/posts/propose", POST))
    [one] = waiting(at, SECURITY)
    path = f"{TRUST}/approvals/mandate/{one['document']}"
    empty = at.post(f"{path}/refuse", {"reason": ""})
    assert empty.status_code == 422 and "field-reason" in empty.text
    done(at.post(f"{path}/refuse", {"reason": "not needed"}))
    told = at.get(f"{TRUST}/mandates/{one['document']}.json").json()
    assert told["state"] == "refused" and told["steps"][-1]["why"] == "not needed"


def test_a_proposal_past_its_last_day_is_not_confirmed(at: Browser) -> None:
    today = date.today()
    with registry(at) as register, register.ledger.writing() as connection:
        data = {"role": "nurse", "organisation": "demo-hospital"}
        days = today - timedelta(days=3), today - timedelta(days=9)
        made = mandate.create(register, SYSTEM, connection, "post", "demo-doctor", *days, data)
    [one] = waiting(at, SECURITY)
    page = at.get(f"{TRUST}/approvals").text
    assert one["late"] and f"/mandate/{made.id}/approve" not in page and "over" in page
    answer = at.post(f"{TRUST}/approvals/mandate/{made.id}/approve")
    assert answer.status_code == 422 and "QM-IDENTITY-013" in answer.text
    done(at.post(f"{TRUST}/approvals/mandate/{made.id}/refuse", {"reason": "too late"}))


def test_forged_numbers_and_other_kinds_are_not_found(at: Browser) -> None:
    done(at.sign_in(SYSTEM).post(f"{TRUST}/posts/propose", POST))
    [one] = waiting(at, SECURITY)
    for path in (
        f"account/{one['document']}",
        f"agreement/{one['document']}",
        "mandate/2147483000",
        "mandate/1",
        f"emergency/{one['document']}",
        f"policy/{one['document']}",
    ):
        answer = at.post(f"{TRUST}/approvals/{path}/approve")
        assert answer.status_code in (403, 404, 409), (path, answer.status_code)
        assert at.post(f"{TRUST}/approvals/{path}/refuse", {"reason": "x"}).status_code in (403, 404, 409)
    assert [each["document"] for each in waiting(at, SECURITY)] == [one["document"]]


def test_an_administrator_stays_one_by_the_other_two(at: Browser) -> None:
    own = at.sign_in(SECURITY).post(f"{TRUST}/grants/renew", {"account": SECURITY, "until": LATER})
    assert own.status_code == 422  # nobody renews himself: it is not among the choices
    until = (date.today() + timedelta(days=360)).isoformat()
    done(at.sign_in(SYSTEM).post(f"{TRUST}/grants/renew", {"account": SECURITY, "until": until}))
    assert waiting(at, SECURITY) == []
    [one] = waiting(at, AUDIT)
    assert one["step"] == "renew"
    done(at.sign_in(AUDIT).post(f"{TRUST}/approvals/mandate/{one['document']}/approve"))


def test_emergency_access_is_a_clinicians_and_the_audit_administrator_reviews_it(at: Browser) -> None:
    number = "110101194912310024"
    asked = {"person": number, "reason": "unconscious, no papers but an insulin pen"}
    short = at.sign_in("demo-doctor").post(f"{TRUST}/emergency/open", {**asked, "reason": "quick"})
    assert short.status_code == 403 and "QM-IDENTITY-021" in short.text and number not in short.text
    done(at.post(f"{TRUST}/emergency/open", asked))
    assert "insulin" in at.get(f"{TRUST}/emergency").text
    [one] = waiting(at, AUDIT)
    assert (one["sort"], one["by"]) == ("emergency", "demo-doctor") and one["due"]
    last = datetime.fromisoformat(str(one["due"])) - timedelta(seconds=1)
    day = last.astimezone(timezone(timedelta(hours=8))).date().isoformat()  # it is owed until the end of that day
    for page in ("", "/trust/approvals", "/trust/emergency", f"/trust/emergency/{one['document']}"):
        told = at.get(f"/console/zh{page or '/'}").text
        assert day in told and "00:00:00" not in told, page
    path = f"{TRUST}/emergency/{one['document']}"
    assert at.sign_in(SECURITY).post(f"{path}/review", {"finding": "justified", "remark": "x"}).status_code == 403
    at.sign_in(AUDIT)
    assert at.post(f"{path}/review", {"finding": "perhaps", "remark": "x"}).status_code == 422
    done(at.post(f"{path}/review", {"finding": "justified", "remark": "the notes agree"}))
    assert at.post(f"{path}/review", {"finding": "unjustified", "remark": "again"}).status_code == 409
    assert waiting(at, AUDIT) == []


def test_flags_take_two_and_a_number_is_never_shown(at: Browser) -> None:
    number = "110101194912310024"
    fields = {"person": number, "reason": "known from television", "until": LATER}
    done(at.sign_in(SECURITY).post(f"{TRUST}/flags/propose", fields))
    wrong = at.post(f"{TRUST}/flags/propose", {**fields, "person": "110101194912310020"})
    assert wrong.status_code == 422 and "11010119491231" not in wrong.text
    [one] = waiting(at, AUDIT)
    done(at.sign_in(AUDIT).post(f"{TRUST}/approvals/flag/{one['document']}/approve"))
    page = at.get(f"{TRUST}/flags")
    assert "in force" in page.text and number not in page.text
    done(at.post(f"{TRUST}/flags/end", {"document": str(one["document"]), "reason": "no longer"}))


def test_the_audit_by_a_person_shows_a_pseudonym_only(at: Browser) -> None:
    number = "110101194912310024"
    answer = at.sign_in(AUDIT).post(f"{TRUST}/audit/person", {"person": number})
    assert answer.status_code == 303 and number[:17] not in answer.headers["location"]
    assert at.get(answer.headers["location"]).status_code == 200


def test_the_log_is_signed_checked_and_exported(at: Browser) -> None:
    at.sign_in(AUDIT)
    done(at.post(f"{TRUST}/audit/head"))
    sound = at.post(f"{TRUST}/audit/verify")
    assert sound.status_code == 200 and "entries hold" in sound.text
    told = at.get(f"{TRUST}/audit/entries/3.json").json()
    assert told["holds"] and told["head"]["size"] >= 3
    file = at.post(f"{TRUST}/audit/export")
    assert file.status_code == 200 and file.headers["content-disposition"].startswith("attachment")
    assert file.text.startswith('{"log":"quanmin audit"') and file.text.count("\n") > 50
    with registry(at) as register, register.ledger.writing() as connection:
        connection.exec_driver_sql("UPDATE audit SET actor = 'another' WHERE sequence = 9")
    broken = at.post(f"{TRUST}/audit/verify")
    assert broken.status_code == 200 and "Something does not hold" in broken.text and "entry 9" in broken.text


def test_certificates_are_asked_for_issued_shown_once_and_revoked(at: Browser) -> None:
    key = holder.new_key("")
    csr = holder.request(key, "", "demo-operator").decode()
    at.sign_in(SECURITY)
    assert "no root yet" in at.get(f"{TRUST}/certificates").text
    done(at.post(f"{TRUST}/certificates/create"))
    assert at.post(f"{TRUST}/certificates/create").status_code == 403  # there is one
    done(at.sign_in("demo-operator").post("/console/en/account/certificate", {"request": csr, "until": LATER}))
    assert at.post("/console/en/account/certificate", {"request": "nonsense", "until": LATER}).status_code == 403
    [one] = waiting(at, SECURITY)
    assert one["step"] == "issue"
    issued = at.post(f"{TRUST}/certificates/{one['document']}/issue")
    assert issued.status_code == 200 and "BEGIN CERTIFICATE" in issued.text
    serial = at.get(f"{TRUST}/certificates.json").json()["rows"][0]["serial"]
    done(at.post(f"{TRUST}/certificates/revoke", {"serial": serial, "why": "key_compromise"}))
    assert at.get(f"{TRUST}/certificates/revoked").text.startswith("-----BEGIN X509 CRL-----")
    assert at.get(f"{TRUST}/certificates/root").text.startswith("-----BEGIN CERTIFICATE-----")


def pem() -> str:
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def test_the_key_of_a_service_is_proposed_confirmed_and_ended(at: Browser) -> None:
    page = f"{TRUST}/tokens"
    service = {"account": "lab-feed", "kind": "service", "organisation": "demo-hospital"}
    done(at.sign_in(SYSTEM).post(f"{TRUST}/people/add", service))
    done(at.sign_in(SECURITY).post(f"{TRUST}/people/lab-feed/confirm"))
    given = {"account": "lab-feed", "key": pem().replace("\n", "\r\n"), "until": LATER}
    assert at.post(f"{page}/propose", given).status_code == 403
    at.sign_in(SYSTEM)
    wrong = at.post(f"{page}/propose", {**given, "key": "-----BEGIN PUBLIC KEY-----"})
    assert wrong.status_code == 403 and "QM-IDENTITY-017" in wrong.text
    assert at.post(f"{page}/propose", {**given, "account": "demo-doctor"}).status_code == 422
    done(at.post(f"{page}/propose", given))
    [key] = at.get(f"{page}.json").json()["requests"]
    assert (key["account"], key["until"], key["by"]) == ("lab-feed", LATER, SYSTEM) and len(key["kid"]) == 43
    assert f"{page}/{key['document']}/confirm" not in at.get(page).text
    assert at.post(f"{page}/{key['document']}/confirm").status_code == 403
    at.sign_in(SECURITY)
    assert key["kid"] in at.get(page).text and "服务密钥" in at.get(page.replace("/en/", "/zh/")).text
    post = next(one for one in at.get(f"{TRUST}/grants.json").json()["rows"])["document"]
    assert at.post(f"{page}/{post}/confirm").status_code == 404  # the number of something else
    assert at.post(f"{page}/end", {"document": str(post), "reason": "no key"}).status_code == 404
    done(at.post(f"{page}/{key['document']}/confirm"))
    [held] = at.get(f"{page}.json").json()["rows"]
    assert (held["state"], held["document"]) == ("held", key["document"])
    assert key["kid"] in at.get(f"{TRUST}/mandates/{key['document']}").text
    ending = {"document": str(key["document"]), "reason": "the laboratory closed"}
    assert at.sign_in(AUDIT).post(f"{page}/end", ending).status_code == 403
    assert "End a key" not in at.get(page).text
    done(at.sign_in(SECURITY).post(f"{page}/end", ending))
    assert at.get(f"{page}.json").json()["rows"][0]["state"] == "ended"
    assert at.post(f"{page}/end", ending).status_code == 409


def test_a_session_that_was_ended_is_over_at_once(at: Browser, home: Path, browse: Browse) -> None:
    operator = browse(home).sign_in("demo-operator")
    assert operator.get("/console/en/account").status_code == 200
    done(at.sign_in(SECURITY).post(f"{TRUST}/sessions/revoke", {"account": "demo-operator"}))
    assert operator.get("/console/en/account").status_code == 303


def test_facts_are_kept_by_those_whose_they_are(at: Browser) -> None:
    [citizen] = [one for one in demo_people.read(at.settings.home) if one.account == "demo-citizen"]
    number = "110101194912310024"
    care = {"person": number, "until": LATER, "who": "demo-doctor"}
    done(at.sign_in("demo-clerk").post(f"{TRUST}/care/open", care))
    row = at.get(f"{TRUST}/care.json").json()["rows"][0]
    assert row["holder"] == "demo-doctor" and number not in str(row)
    assert (
        at.sign_in("demo-doctor").post(f"{TRUST}/care/open", care).status_code == 403
    )  # nobody makes himself one's doctor
    past = {**care, "until": "2020-01-01"}
    assert at.sign_in("demo-clerk").post(f"{TRUST}/care/open", past).status_code == 422
    done(at.post(f"{TRUST}/care/end", {"document": str(row["document"]), "reason": "discharged"}))
    stranger = at.sign_in(citizen.account).post(f"{TRUST}/consents/give", {"purpose": "research", "person": number})
    assert stranger.status_code == 403 and number not in stranger.text
    at.sign_in(SYSTEM)
    agreement = {"organisation": "demo-hospital", "purpose": "insurance", "datasets": "health.death", "until": LATER}
    assert at.post(f"{TRUST}/agreements/propose", {**agreement, "datasets": "no.such"}).status_code == 422
    done(at.post(f"{TRUST}/agreements/propose", agreement))
    [one] = waiting(at, SECURITY)
    done(at.post(f"{TRUST}/approvals/agreement/{one['document']}/approve"))
    assert at.sign_in("demo-doctor").get(f"{TRUST}/agreements/{one['document']}").status_code == 200
    assert at.sign_in("demo-researcher").get(f"{TRUST}/agreements/{one['document']}").status_code == 404
    done(at.sign_in(SECURITY).post(f"{TRUST}/agreements/{one['document']}/end", {"reason": "over"}))


def test_a_citizen_whom_the_base_does_not_know_gets_no_account(at: Browser) -> None:
    fields = {"number": "110101194912310024", "name": "查无此人", "item": "residence", "value": "某处"}
    answer = at.sign_in("demo-clerk").post(f"{TRUST}/patients/enrol", fields)
    assert answer.status_code == 403 and "QM-IDENTITY-020" in answer.text
    assert not any(value in answer.text for value in ("110101194912310024", "查无此人", "某处"))


def test_reidentification_takes_the_two_roles(at: Browser, home: Path, browse: Browse) -> None:
    for account, role in (
        ("demo-researcher", "reidentification_requester"),
        ("demo-operator", "reidentification_approver"),
    ):
        place = "demo-university" if account == "demo-researcher" else "demo-commission"
        fields = {"account": account, "role": role, "organisation": place, "until": LATER}
        done(at.sign_in(SYSTEM).post(f"{TRUST}/posts/propose", fields))
        [one] = waiting(at, SECURITY)
        done(at.post(f"{TRUST}/approvals/mandate/{one['document']}/approve"))
    at.sign_in("demo-researcher")
    fields = {"purpose": "research", "case": "C-1", "reason": "a finding that must be told", "pseudonyms": "0" * 32}
    odd = at.post(f"{TRUST}/reidentification/ask", {**fields, "pseudonyms": "110101194912310024"})
    assert odd.status_code == 422 and "QM-KEY-010" in odd.text
    done(at.post(f"{TRUST}/reidentification/ask", fields))
    number = at.get(f"{TRUST}/reidentification.json").json()["rows"][0]["document"]
    assert at.post(f"{TRUST}/reidentification/{number}/open").status_code == 409  # not approved yet
    assert at.post(f"{TRUST}/approvals/reidentification/{number}/approve").status_code == 403
    [one] = waiting(at, "demo-operator")
    done(at.post(f"{TRUST}/approvals/reidentification/{one['document']}/approve"))
    nobody = at.sign_in("demo-researcher").post(f"{TRUST}/reidentification/{number}/open")
    assert nobody.status_code == 422 and "QM-KEY-010" in nobody.text  # it leads nowhere, and says so
    done(at.post(f"{TRUST}/reidentification/{number}/withdraw"))


def test_a_policy_change_is_seen_approved_by_another_and_put_in_force(
    at: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quanmin.trust.policy.expected.datasets", lambda: ("health.birth",))
    done(
        at.sign_in(SYSTEM).post(
            f"{TRUST}/posts/propose",
            {"account": "demo-arbiter", "role": "policy_approver", "organisation": "demo-commission", "until": LATER},
        )
    )
    [one] = waiting(at, SECURITY)
    done(at.post(f"{TRUST}/approvals/mandate/{one['document']}/approve"))
    texts = {name.removesuffix(".cedar"): text.replace("\n", "\r\n") for name, text in shipped().files.items()}
    broken = at.post(f"{TRUST}/policies/propose", {**texts, "guard": "permit", "reason": "why"})
    assert broken.status_code == 422 and "QM-TRUST-005" in broken.text
    wider = texts["administration"].replace(
        'Purpose::"operation" && resource.grade == 1', 'Purpose::"operation" && resource.grade <= 2'
    )
    assert wider != texts["administration"]
    made = at.post(f"{TRUST}/policies/propose", {**texts, "administration": wider, "reason": "the desk needs it"})
    done(made)
    path = made.headers["location"]
    assert at.get(f"{path}.json").json()["digest"] is None and "Approve" not in at.get(path).text
    ordered = at.post(f"{path}/compare")
    done(ordered)
    assert "/operations/jobs/" in ordered.headers["location"]
    assert at.post(f"{path}/compare").headers["location"] == ordered.headers["location"]  # not a second one
    assert "Both versions are being asked." in at.get(path).text
    work(at)
    job = at.get(f"{ordered.headers['location']}.json").json()
    assert job["state"] == "done" and f'href="{path}"' in at.get(ordered.headers["location"]).text
    told = at.get(f"{path}.json").json()
    assert told["digest"] == job["result"]["digest"] and told["job"] is None
    assert [each["file"] for each in told["texts"]] == ["administration.cedar"]
    assert told["differences"] and all(each["wider"] for each in told["differences"])
    assert (
        "/approve" not in at.get(path).text
        and at.post(f"{path}/approve", {"digest": told["digest"]}).status_code == 403
    )
    assert at.post(f"{path}/activate").status_code == 409
    at.sign_in("demo-arbiter")
    assert at.post(f"{path}/compare").headers["location"] == path  # who has no part in operations stays here
    assert "Look again" in at.get(path).text
    work(at)
    assert "the desk needs it" in at.get(path).text
    assert at.post(f"{path}/approve", {"digest": "0" * 64}).status_code == 409
    done(at.post(f"{path}/approve", {"digest": told["digest"]}))
    assert at.post(f"{path}/activate").status_code == 403
    done(at.sign_in(SECURITY).post(f"{path}/activate"))
    assert "the signature holds" in at.get(f"{TRUST}/policies").text
    assert at.post(f"{path}/refuse", {"because": "too late"}).status_code == 409
    assert at.post(f"{path}/compare").status_code == 409


def test_the_self_check_is_a_job_and_what_it_saw_outlives_the_server(
    at: Browser, home: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = ROWS[10:13]  # of the audit; the whole takes some ten seconds
    monkeypatch.setattr(checklist, "ROWS", quick)
    at.sign_in(AUDIT)
    assert at.get(f"{TRUST}/selfcheck.json").json()["at"] is None
    ordered = at.post(f"{TRUST}/selfcheck/run")
    done(ordered)
    assert at.sign_in(SYSTEM).post(f"{TRUST}/selfcheck/run").headers["location"] == ordered.headers["location"]
    assert "It is being run." in at.get(f"{TRUST}/selfcheck").text
    work(at)
    job = at.get(f"{ordered.headers['location']}.json").json()
    assert job["state"] == "done" and sum(job["result"].values()) == len(quick) and job["by"] == AUDIT
    assert 'href="/console/en/trust/selfcheck">Look at it' in at.get(ordered.headers["location"]).text
    told = at.get(f"{TRUST}/selfcheck.json").json()
    rows = {row["row"]: row for row in told["rows"] if row["verdict"]}
    assert told["by"] == AUDIT and set(rows) == {one.number for one in quick} and len(told["rows"]) == 27
    assert all(row["evidence"]["en"] for row in rows.values())
    assert browse(home).sign_in(SYSTEM).get(f"{TRUST}/selfcheck.json").json()["rows"] == told["rows"]
