"""Citizen numbers: published vectors, every form, every problem."""

from datetime import date

import pytest

from quanmin.standards.identity import (
    Kind,
    Parsed,
    Problem,
    canonical,
    check_character,
    decode,
    encode,
    parse,
    upgrade15,
)


@pytest.mark.parametrize(
    ("text", "region", "born", "sex", "kind"),
    [
        ("11010519491231002X", "110105", date(1949, 12, 31), "2", Kind.CITIZEN),
        ("440524188001010014", "440524", date(1880, 1, 1), "1", Kind.CITIZEN),
        ("440308199901101512", "440308", date(1999, 1, 10), "1", Kind.CITIZEN),
        ("610104620927690", "610104", date(1962, 9, 27), "2", Kind.CITIZEN),
        ("911124198108030024", "911124", date(1981, 8, 3), "2", Kind.FOREIGNER),
    ],
)
def test_published_numbers_say_what_is_published(text: str, region: str, born: date, sex: str, kind: Kind) -> None:
    parsed = parse(text)
    assert isinstance(parsed, Parsed)
    assert (parsed.region, parsed.birth_date, parsed.sex, parsed.kind) == (region, born, sex, kind)


@pytest.mark.parametrize(
    ("region", "kind"), [("810000", Kind.HONG_KONG), ("820000", Kind.MACAO), ("830000", Kind.TAIWAN)]
)
def test_residence_permits_share_the_layout(region: str, kind: Kind) -> None:
    first17 = region + "19900101001"
    parsed = parse(first17 + check_character(first17))
    assert isinstance(parsed, Parsed)
    assert parsed.kind is kind


def test_the_old_form_is_upgraded_and_its_high_orders_were_born_in_the_1800s() -> None:
    assert upgrade15("610104620927690") == "610104196209276908"
    for order, year in (("995", 1990), ("996", 1890), ("999", 1890)):
        parsed = parse("110105" + "900101" + order)
        assert isinstance(parsed, Parsed)
        assert parsed.birth_date == date(year, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        " 11010519491231002X\t",
        "110105 19491231 002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "１１０１０５１９４９１２３１００２ｘ",
        "'11010519491231002X",
        "\ufeff11010519491231002X\u200b",
        "\u300011010519491231002X",
    ],
)
def test_spelling_changes_nothing(text: str) -> None:
    assert canonical(text) == "11010519491231002X"
    assert encode(text) == 11010519491231002


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.MISSING),
        ("\u3000", Problem.MISSING),
        ("1101051949123100", Problem.LENGTH),
        ("1101051949123100202X", Problem.LENGTH),
        ("11010519491231002Y", Problem.CHARACTERS),
        ("1101O519491231002X", Problem.CHARACTERS),
        ("010105194912310029", Problem.CHARACTERS),
        ("110105194913310022", Problem.BIRTH_DATE),
        ("110105190002290021", Problem.BIRTH_DATE),
        ("110105179912310024", Problem.BIRTH_DATE),
        ("110105210001010020", Problem.BIRTH_DATE),
        ("110105491331002", Problem.BIRTH_DATE),
        ("11010549123100X", Problem.CHARACTERS),
        ("110105194912310021", Problem.CHECK),
        ("110105194912130022", Problem.CHECK),
        ("11010519491231٠٠٢X", Problem.CHARACTERS),
    ],
)
def test_what_is_wrong_is_told(text: str, problem: Problem) -> None:
    found = parse(text)
    assert found is problem or (problem is Problem.CHECK and isinstance(found, Problem))
    assert encode(text) is None


def test_every_single_wrong_digit_and_every_swap_of_neighbours_is_found() -> None:
    number = "440308199901101512"
    for place in range(18):
        for digit in "0123456789":
            if digit != number[place]:
                assert encode(number[:place] + digit + number[place + 1 :]) is None
    for place in range(17):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert swapped == number or encode(swapped) is None


def test_a_key_is_the_number_without_its_check() -> None:
    assert decode(11010519491231002) == "11010519491231002X"
