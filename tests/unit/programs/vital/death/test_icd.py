"""Codes are written in one way, and exist or do not."""

import pytest

from quanmin.programs.vital.death import icd


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("I21.9", "I21.9"),
        ("i219", "I21.9"),
        ("I21.900", "I21.9"),
        ("I21.900x001", "I21.9"),
        ("I10.x00", "I10"),
        ("I10X", "I10"),
        (" a17.0† ", "A17.0"),
        ("W18.9", "W18.9"),
        ("I2", None),
        ("21.9", None),
        ("I21.A", None),
        ("Ｉ21", None),
        ("", None),
    ],
)
def test_a_code_has_one_way_of_writing(written, code):
    assert icd.normalised(written) == code


@pytest.mark.parametrize(
    ("code", "there"),
    [
        ("I21.9", True),
        ("I21.900x001", True),
        ("I53", False),
        ("I10.9", False),
        ("N18.0", False),
        ("N18.5", True),
        ("U07.1", True),
        ("W18.3", True),
        ("X59.9", True),
        ("Y06.9", True),
        ("V03.1", True),
        ("V03.5", False),
        ("C98", False),
        ("not a code", False),
    ],
)
def test_codes_of_the_version_of_2019(code, there):
    assert icd.exists(code) is there


def test_an_entry_knows_where_it_stands():
    assert icd.entry("I21.9") == ("I21.9", "Acute myocardial infarction, unspecified", "I21", "I20-I25", "IX")
    assert icd.chapter("X60") == "XX"
    assert icd.title("Z99.999") == ""


def test_there_are_22_chapters_and_as_many_categories_as_who_says():
    entries = icd.every()
    assert len({one.chapter for one in entries}) == 22
    assert sum(len(one.code) == 3 for one in entries) == 2050


def test_a_range_holds_what_is_within_and_all_of_its_ends():
    assert icd.span("I20-I25").holds("I25.9")
    assert not icd.span("I20-I25").holds("I26.0")
    assert icd.span("R00-R57.1").holds("R57.1")
    assert not icd.span("R00-R57.1").holds("R57.2")
    assert not icd.span("R65.2").holds("R65")
    assert icd.span("R65").holds("R65.2")


@pytest.mark.parametrize("text", ["", "I", "I25-I20", "20-25"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ValueError, match="no range"):
        icd.span(text)


def test_several_codes_stand_on_a_line():
    assert icd.codes("I63.9；I11.9, E14.9") == ("I63.9", "I11.9", "E14.9")
    assert icd.codes(None) == ()
