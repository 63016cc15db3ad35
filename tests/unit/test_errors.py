"""The root of all errors: codes, categories and the one shape that every edge shows."""

import pytest

from quanmin.errors import CATEGORIES, KINDS, Invalid, QuanminError, exit_code, http_status
from quanmin.text import Text


def test_every_category_has_its_own_status_and_exit_code():
    assert len({http_status(category) for category in CATEGORIES}) == len(CATEGORIES)
    assert sorted(exit_code(category) for category in CATEGORIES) == [10, 11, 12, 13, 14, 15]


def test_a_code_is_taken_once():
    code = next(iter(KINDS), None)
    if code is None:
        pytest.skip("no error kind is declared yet")
    with pytest.raises(TypeError):
        type("Again", (Invalid,), {"code": code, "title": Text("", ""), "step": Text("", "")})


def test_a_malformed_code_is_refused():
    with pytest.raises(TypeError):
        type("Odd", (Invalid,), {"code": "QM-odd-1", "title": Text("", ""), "step": Text("", "")})


def test_a_message_has_both_languages_and_the_address():
    class Sample(QuanminError):
        category = "invalid"
        title = Text("第 {row} 行有误", "row {row} is wrong")
        step = Text("请更正第 {row} 行", "correct row {row}")

    Sample.code = "QM-SAMPLE-001"
    shape = Sample(row=7).to_dict()
    assert shape["message"] == {"zh": "QM-SAMPLE-001 第 7 行有误", "en": "QM-SAMPLE-001 row 7 is wrong"}
    assert shape["next_step"]["en"] == "correct row 7"
    assert shape["address"] == {"row": "7"}


def test_a_field_that_is_a_text_is_told_in_the_language_of_the_message():
    told = Text("没有这样的{kind}：{name}", "no such {kind}: {name}").format(kind=Text("用途", "purpose"), name="x")
    assert told == Text("没有这样的用途：x", "no such purpose: x")
