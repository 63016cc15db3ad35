"""Value sets: codes and addresses, in both languages."""

import re

import pytest

from quanmin import standards
from quanmin.opendata.catalogue import vocabulary

NAMES = ("access", "area", "file_type", "frequency", "licence", "state", "theme")


@pytest.mark.parametrize("name", NAMES)
def test_every_term_speaks_both_languages_and_is_found_by_code_and_address(name):
    found = vocabulary(name)
    assert found.terms and found.source
    for code, term in found.terms.items():
        assert term.title.en and (re.search("[\u4e00-\u9fff]", term.title.zh) or term.title.zh == term.title.en)
        assert found.find(code) is term
        assert found.find(term.iri).iri == term.iri


def test_areas_are_the_six_of_the_standards():
    assert list(vocabulary("area").terms) == list(standards.catalogue().areas)
    assert len(vocabulary("area").terms) == 6


@pytest.mark.parametrize("value", ["nothing", "", None, 3, ["csv"]])
def test_what_is_no_code_is_none(value):
    assert vocabulary("file_type").find(value) is None


def test_a_code_is_found_in_any_case():
    assert vocabulary("file_type").find("CSV").code == "csv"


def test_frequencies_that_owe_nothing_have_no_days():
    terms = vocabulary("frequency").terms
    assert terms["IRREG"].number("days") is None
    assert terms["DAILY"].number("days") == 1


def test_chinese_licences_are_there():
    assert vocabulary("licence").find("mulan-owl-by").holds("open")
    assert not vocabulary("licence").find("cc-by-nc").holds("open")
