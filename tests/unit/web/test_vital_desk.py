"""The console's issue desk: a certificate written, approved, sealed by three people; and what may become of it afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from quanmin.text import LANGUAGES
from quanmin.web.console.vital import asked

from . import vital_matters as matters
from .conftest import Browser
from .test_vital_pages import AT, Vital, twin
from .test_vital_stock import problem

Browse = Callable[..., Browser]


@pytest.fixture
def home(vital: Vital) -> Path:
    return vital[0]


@pytest.fixture
def found(vital: Vital) -> dict[str, Any]:
    return vital[1]


@pytest.fixture
def today(home: Path) -> date:
    return matters.application_day(home)


@pytest.fixture
def desk(home: Path, browse: Browse) -> Browser:
    return browse(home)


def be(desk: Browser, who: str) -> Browser:
    return desk.sign_out().sign_in(f"wj-{who}")


def test_three_people_issue_one_certificate(desk: Browser, today: date) -> None:
    clerk, number = be(desk, "clerk"), matters.at(8)
    assert twin(clerk, "/desk")["next"] == number
    page = clerk.get(f"{AT}/desk").text
    assert page.index('name="number"') < page.index('name="newborn_name"') < page.index('name="mother_name"')
    first = re.findall(r'<input id="field-prepare-number"[^>]*>', page)[0]
    assert f'value="{number}"' in first and "autofocus" in first and f'value="{today.isoformat()}"' in page
    made = clerk.post(f"{AT}/desk/prepare", matters.typed(number.lower(), today))
    assert made.headers["location"] == f"{AT}/desk" and twin(clerk, "/desk")["next"] == matters.at(9)
    assert twin(clerk, f"/certificates/{number}")["may"] == ["read", "print", "amend", "spoil"]
    assert clerk.post(f"{AT}/certificates/{number}/approve").status_code == 403
    approver = be(desk, "approver")
    assert number in [one["number"] for one in twin(approver, "/desk/queue")["prepared"]]
    said = twin(approver, f"/certificates/{number}/content")
    assert said["may"] == ["read", "print", "approve", "return"]
    told = said["content"]
    assert (told["newborn"]["name"], told["newborn"]["length"], told["newborn"]["days"]) == (matters.CHILD, 50.5, 2)
    assert told["mother"]["birth_date"] == "1994-05-06" and told["recipient"]["name"] == matters.MOTHER_NAME
    assert approver.post(f"{AT}/certificates/{number}/approve").headers["location"] == f"{AT}/desk/queue"
    sealer = be(desk, "sealer")
    assert twin(sealer, f"/certificates/{number}")["may"] == ["read", "print", "seal"]
    assert sealer.post(f"{AT}/certificates/{number}/seal").status_code == 303
    again = sealer.post(f"{AT}/certificates/{number}/seal")
    assert again.status_code == 409 and "QM-VITAL-024" in again.text
    clerk = be(desk, "clerk")
    assert twin(clerk, f"/certificates/{number}")["issued_on"] == today.isoformat()
    assert clerk.post(f"{AT}/certificates/{number}/card").status_code == 303
    after = twin(clerk, f"/certificates/{number}")
    assert [one["step"] for one in after["steps"]] == ["create", "approve", "seal", "card"]
    assert [one["by"] for one in after["steps"]] == ["wj-clerk", "wj-approver", "wj-sealer", "wj-clerk"]
    assert after["owed"][0]["done"] and "card" not in after["may"]


@pytest.mark.parametrize(
    ("other", "field", "said"),
    [
        ({"number": "12"}, "number", "QM-VITAL-001"),
        ({"number": matters.at(101)}, "number", "QM-VITAL-006"),
        ({"number": matters.at(91)}, "number", "QM-VITAL-008"),
        ({"newborn_name": "Anna"}, "newborn_name", "QM-VITAL-020"),
        ({"newborn_weeks": "50"}, "newborn_weeks", "QM-VITAL-020 孕周：须符合 20-45"),
        ({"newborn_length": "long"}, "newborn_length", "须为数字"),
        ({"newborn_birth_time": "8.30"}, "newborn_birth_time", "QM-VITAL-020"),
        ({"newborn_place": "999999"}, "newborn_place", "QM-VITAL-020"),
        ({"newborn_order": "2"}, "newborn_order", "QM-VITAL-020"),
        ({"newborn_sex": ""}, "newborn_sex", "请填写"),
        ({"mother_name": ""}, "mother_name", "须填写"),
        ({"mother_document_number": "370102199405061229"}, "mother_birth_date", "须填写"),
        ({"mother_birth_date": "1994-05-07"}, "mother_birth_date", "与证件号码不一致"),
        ({"mother_document_number": matters.FATHER}, "mother_document_number", "性别不符"),
        ({"recipient_relation": "other"}, "recipient_relation", "领证人"),
        ({"no_father": "yes"}, "evidence_no_father_declaration", "QM-VITAL-021"),
        ({"no_father": "yes", "evidence_no_father_declaration": "yes"}, "reference_no_father_declaration", "存档"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(
    _vital: Vital, writing: Browser, other: dict[str, str], field: str, said: str
) -> None:
    typed = matters.typed(matters.at(8), matters.application_day(_vital[0]), **other)
    answer = writing.post(f"{AT}/desk/prepare", typed)
    assert said in problem(answer, field)
    assert f'value="{matters.MOTHER_NAME}"' in answer.text or "mother_name" in other
    assert f'href="#field-{field}"' in answer.text and f'id="field-{field}"' in answer.text


@pytest.fixture(scope="module")
def _writing(_vital: Vital, tmp_path_factory: pytest.TempPathFactory) -> Any:
    import shutil

    browser = Browser(Path(shutil.copytree(_vital[0], tmp_path_factory.mktemp("writing") / "home")))
    yield browser.sign_in("wj-clerk")
    browser.close()


@pytest.fixture
def writing(_writing: Browser) -> Browser:
    """A clerk's browser of a home in which nothing is changed."""
    return _writing


def test_an_issue_that_needs_evidence_is_written_once_it_is_given(desk: Browser, today: date) -> None:
    clerk = be(desk, "clerk")
    late = matters.typed(matters.at(8), today - timedelta(days=60), no_father="yes")
    asked_for = clerk.post(f"{AT}/desk/prepare", late)
    assert all(
        "QM-VITAL-021" in problem(asked_for, f"evidence_{name}") for name in ("no_father_declaration", "explanation")
    )
    first, _, later = asked_for.text.partition("<details")
    assert "evidence_explanation" in first and "evidence_mandate" in later and "evidence_explanation" not in later
    given = {f"evidence_{name}": "yes" for name in ("no_father_declaration", "explanation")}
    given |= {f"reference_{name}": "档 2026-3" for name in ("no_father_declaration", "explanation")}
    assert clerk.post(f"{AT}/desk/prepare", {**late, **given}).status_code == 303
    page = be(desk, "approver").get(f"{AT}/certificates/{matters.at(8)}/content").text
    assert page.count("档 2026-3") == 2 and "父亲姓名" not in page


def test_births_that_are_not_ours_are_refused_with_what_to_do(desk: Browser, today: date) -> None:
    clerk = be(desk, "clerk")
    for other in ({"no_mother": "yes"}, {"newborn_country": "344"}, {"newborn_place_type": "3"}):
        answer = clerk.post(f"{AT}/desk/prepare", matters.typed(matters.at(8), today, **other))
        assert (
            answer.status_code == 409
            and "QM-VITAL-026" in answer.text
            and "{" not in answer.text.split("QM-VITAL-026")[1][:80]
        )


def test_a_newborn_gets_one_certificate_and_twins_get_two(desk: Browser, today: date) -> None:
    clerk = be(desk, "clerk")
    twins = matters.typed(matters.at(8), today, newborn_plurality="2")
    assert clerk.post(f"{AT}/desk/prepare", twins).status_code == 303
    again = clerk.post(f"{AT}/desk/prepare", {**twins, "number": matters.at(9)})
    assert "QM-VITAL-022" in problem(again, "newborn_order")
    second = {**twins, "number": matters.at(9), "newborn_order": "2"}
    other = clerk.post(f"{AT}/desk/prepare", {**second, "newborn_plurality": "3"})
    assert "QM-VITAL-028" in problem(other, "newborn_plurality")
    assert clerk.post(f"{AT}/desk/prepare", second).status_code == 303


def test_what_was_sent_back_is_amended_on_its_sheet(desk: Browser, found: dict[str, Any], today: date) -> None:
    approver, number = be(desk, "approver"), found["prepared"]
    assert "请填写" in problem(approver.post(f"{AT}/certificates/{number}/return", {"reason": ""}), "reason")
    assert approver.post(f"{AT}/certificates/{number}/return", {"reason": "体重不符"}).status_code == 303
    clerk = be(desk, "clerk")
    assert "体重不符" in clerk.get(f"{AT}/certificates/{number}").text
    page = clerk.get(f"{AT}/certificates/{number}/amend").text
    assert f'value="{matters.CHILD}"' in page and f'value="{matters.FATHER}"' in page and 'name="number"' not in page
    typed = matters.typed(number, today, newborn_weight="2950")
    wrong = clerk.post(f"{AT}/certificates/{number}/amend/write", {**typed, "newborn_weight": "29"})
    assert "QM-VITAL-020" in problem(wrong, "newborn_weight")
    assert clerk.post(f"{AT}/certificates/{number}/amend/write", typed).status_code == 303
    assert twin(clerk, f"/certificates/{number}")["state"] == "prepared"
    assert twin(clerk, f"/certificates/{number}/content")["content"]["newborn"]["weight"] == 2950
    assert clerk.post(f"{AT}/certificates/{number}/spoil", {"reason": "withdrawn"}).status_code == 303
    assert twin(clerk, f"/certificates/{number}")["may"] == ["read", "print"]


def test_a_certificate_is_exchanged_for_its_old_sheet(desk: Browser, found: dict[str, Any], today: date) -> None:
    clerk, old = be(desk, "clerk"), found["issued"]
    mother = matters.citizen("370102", matters.BORN, 108)
    typed = matters.typed(matters.at(8), today, mother_document_number=mother, reason="issuer_error")
    typed["newborn_name"] = "周安平"
    path = f"{AT}/certificates/{old}/exchange"
    assert f'value="{mother}"' in clerk.get(path).text
    assert "QM-VITAL-021" in problem(clerk.post(f"{path}/write", typed), "evidence_recovered_sheet")
    typed |= {"evidence_recovered_sheet": "yes", "reference_recovered_sheet": "已收"}
    assert "请填写" in problem(clerk.post(f"{path}/write", {**typed, "reason": ""}), "reason")
    torn = clerk.post(f"{path}/write", {**typed, "reason": "damaged", "father_name": "欧阳远"})
    assert "QM-VITAL-027" in problem(torn, "mother_name")
    made = clerk.post(f"{path}/write", typed)
    assert made.headers["location"] == f"{AT}/certificates/{matters.at(8)}"
    assert be(desk, "approver").post(f"{AT}/certificates/{matters.at(8)}/approve").status_code == 303
    assert be(desk, "sealer").post(f"{AT}/certificates/{matters.at(8)}/seal").status_code == 303
    told = twin(desk, f"/certificates/{old}")
    assert [(one["number"], one["state"]) for one in told["chain"]] == [(old, "replaced"), (matters.at(8), "issued")]
    assert matters.at(8) in desk.get(f"{AT}/certificates/{old}").text


def test_a_lost_one_is_issued_again_by_the_county_and_says_the_same(
    desk: Browser, found: dict[str, Any], today: date
) -> None:
    old, sheet = found["issued"], matters.at(201)
    clerk = be(desk, "clerk")
    assert "请填写" in problem(clerk.post(f"{AT}/certificates/{old}/lose", {"declaration": ""}), "declaration")
    assert clerk.post(f"{AT}/certificates/{old}/lose", {"declaration": "齐鲁晚报"}).status_code == 303
    county = be(desk, "county-clerk")
    mother = matters.citizen("370102", matters.BORN, 108)
    typed = matters.typed(sheet, today, mother_document_number=mother, newborn_days="0", newborn_length="50")
    for name in ("parents_documents", "loss_declaration", "stub_copy", "household_reply"):
        typed |= {f"evidence_{name}": "yes", f"reference_{name}": "档 7"}
    path = f"{AT}/certificates/{old}/reissue/write"
    differs = problem(county.post(path, {**typed, "newborn_weight": "3000"}), "newborn_weight")
    assert "QM-VITAL-027" in differs and "3250" not in differs
    made = county.post(path, typed)
    assert made.status_code == 303 and twin(county, f"/certificates/{old}")["state"] == "replacing"
    assert twin(county, f"/certificates/{sheet}")["chain"][0]["number"] == old


def test_an_authority_cancels_and_its_card_is_owed_no_more(desk: Browser, found: dict[str, Any]) -> None:
    one, number = be(desk, "supervisor"), found["issued"]
    wrong = one.post(f"{AT}/certificates/{number}/cancel", {"reason": "whim"})
    assert "请从列表中选择" in problem(wrong, "reason")
    assert one.post(f"{AT}/certificates/{number}/cancel", {"reason": "fraud"}).status_code == 303
    told = twin(one, f"/certificates/{number}")
    assert told["state"] == "cancelled" and told["owed"][0]["done"] and told["may"] == []
    assert "伪造" in one.get(f"{AT}/certificates/{number}").text


def test_every_rule_of_an_application_is_told_in_words_of_both_languages() -> None:
    assert all(text.get(language) for text in asked.RULES.values() for language in LANGUAGES)
    fields = {one.name for each in asked.groups(date(2026, 1, 1), "370102").values() for one in each}
    assert {name for kind, name in asked.PLACES.items() if name not in ("number", "reason")} <= fields


def test_the_page_to_print_and_the_electronic_certificate_are_for_whoever_works_on_it(
    desk: Browser, found: dict[str, Any]
) -> None:
    clerk, number = be(desk, "clerk"), found["issued"]
    page = clerk.get(f"{AT}/certificates/{number}").text
    assert f'href="{AT}/certificates/{number}/print"' in page and f"/{number}/electronic" in page
    printed = clerk.get(f"{AT}/certificates/{number}/print")
    assert printed.headers["content-type"] == "application/pdf" and printed.content.startswith(b"%PDF")
    assert f"{number}.pdf" in printed.headers["content-disposition"]
    signed = clerk.get(f"{AT}/certificates/{number}/electronic")
    assert signed.status_code == 200 and signed.content.count(b"~") > 10
    early = clerk.get(f"{AT}/certificates/{found['prepared']}/electronic")
    assert early.status_code == 409 and "electronic" not in twin(clerk, f"/certificates/{found['prepared']}")["may"]
    for who, code in (("county-clerk", 403), ("second-clerk", 403), ("supervisor", 403), ("sealer", 200)):
        assert be(desk, who).get(f"{AT}/certificates/{number}/print").status_code == code
