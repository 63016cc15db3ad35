"""Credit, organisation, institution and drug codes, and documents known by their form."""

import pytest

from quanmin.standards.identity import (
    forms,
    has_form,
    is_credit_code,
    is_drug_code,
    is_institution_code,
    is_organisation_code,
)
from quanmin.standards.identity.credit_code import credit_check_character
from quanmin.standards.identity.institution_code import parse


@pytest.mark.parametrize(
    "code", ["91110000600037341L", "91350100M000100Y43", "91110000600037341l", " 911100006 00037341L"]
)
def test_credit_codes(code: str) -> None:
    assert is_credit_code(code)


def test_a_credit_code_with_one_wrong_sign_is_found() -> None:
    code = "91350100M000100Y43"
    for place in range(18):
        for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            if sign != code[place]:
                assert not is_credit_code(code[:place] + sign + code[place + 1 :])
    assert credit_check_character(code[:17]) == "3"
    assert not is_credit_code("91350100I000100Y43")


@pytest.mark.parametrize("code", ["D2143569-X", "D2143569X", "600037341", "d2143569x"])
def test_organisation_codes(code: str) -> None:
    assert is_organisation_code(code)
    assert not is_organisation_code(code[:-1] + "1" if code[-1] != "1" else code[:-1] + "2")


def test_an_institution_code_has_five_parts() -> None:
    code = "D2143569X11010511A1001"
    assert len(code) == 22
    assert parse(code) == ("D2143569X", "110105", "11", "A100", "1")
    assert is_institution_code(code)
    for wrong in ("D2143568X11010511A1001", "D2143569X11010511R1001", "D2143569X11010511A1003", code[:-1], ""):
        assert not is_institution_code(wrong)


@pytest.mark.parametrize("code", ["86901890000654", "86901890000661", "86901890000678", "86901689000124"])
def test_published_drug_codes(code: str) -> None:
    assert is_drug_code(code)
    assert not any(is_drug_code(code[:13] + digit) for digit in "0123456789" if digit != code[13])
    assert not is_drug_code("96" + code[2:])


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("11010519491231002X", "citizen"),
        ("911124198108030024", "foreigner"),
        ("CAN110181113063", "foreigner_old"),
        ("G12345678", "passport"),
        ("E12345678", "passport"),
        ("EA1234567", "passport"),
        ("ｇ１２３４５６７８", "passport"),
        ("141234567", "passport"),
        ("H12345678", "home_return_permit"),
        ("M1234567890", "home_return_permit"),
        ("12345678", "taiwan_permit"),
        ("1234567890A", "taiwan_permit"),
        ("P123456789", "birth_certificate"),
    ],
)
def test_documents_by_their_form(text: str, form: str) -> None:
    assert has_form(text, form)


def test_a_text_of_no_form_has_none() -> None:
    assert forms("nothing") == ()
    assert forms("") == ()
