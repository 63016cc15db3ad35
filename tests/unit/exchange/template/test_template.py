"""Every item of the sharing table makes terms, and what the study prints of it is told as it is printed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin import standards
from quanmin.exchange import Terms
from quanmin.exchange.agreement import rule
from quanmin.exchange.template import Template, template, templates, terms
from quanmin.exchange.template.errors import PeriodBackwards, SameSides, TemplateUnknown
from quanmin.exchange.template.template import CELLS, FREQUENCY_WORDS, ITEMS, MARK_WORDS, MODE_WORDS, read
from quanmin.standards.errors import CatalogueError, UnknownElement, UnknownKey, UnknownName, WrongShape

CATALOGUE = standards.catalogue()
EVERY = pytest.mark.parametrize("one", templates(), ids=lambda one: str(one.number))
PRINTED = {  # number: direction, mode, frequency, as the study prints them
    18: ("食药→卫计", "请求-反馈", "年度"),
    19: ("食药→卫计", "请求-反馈", "年度"),
    20: ("卫计→食药", "主动提供", "实时"),
    21: ("卫计→食药", "主动交换", "实时"),
    22: ("卫计→食药", "请求-反馈", "季度"),
}
SHORT = {"health": "卫计", "food_drug": "食药"}
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def test_the_table_has_its_sixteen_and_its_five_items() -> None:
    assert [one.number for one in templates()] == [*range(1, 17), *range(18, 23)]
    assert {one.number for one in templates() if one.table == "food_drug"} == set(range(18, 23))


def test_what_the_study_does_not_print_is_marked() -> None:
    marks = {one.number: one.source for one in templates()}
    assert {number for number, mark in marks.items() if mark == "printed"} == set(PRINTED)
    assert {number for number, mark in marks.items() if mark == "reconstructed"} == {3, 4, 5, 6, 7, 8}
    for one in templates():
        assert bool(one.printed) == (one.source != "reconstructed")
        assert (set(one.printed) == set(CELLS)) == (one.source == "printed")
        assert (one.note is not None) or one.source == "printed"


@pytest.mark.parametrize("number", PRINTED)
def test_printed_cells_are_told_exactly_and_meant(number: int) -> None:
    one, (direction, mode, frequency) = template(number), PRINTED[number]
    assert (one.printed["direction"], one.printed["mode"], one.printed["frequency"]) == (direction, mode, frequency)
    assert f"{SHORT[one.provider]}→{SHORT[one.consumer]}" == direction
    assert one.initiative == ("consumer" if mode == "请求-反馈" else "provider")
    assert one.frequency_words.zh == frequency
    made = terms(one, date(2026, 1, 1), date(2026, 12, 31), "A-1")
    assert made.answers if mode == "请求-反馈" else made.pushes


@EVERY
def test_every_item_makes_terms_whose_elements_are_of_its_dataset(one: Template) -> None:
    made = terms(one, date(2026, 1, 1), date(2026, 12, 31), "A-2026-0001")
    dataset = CATALOGUE.dataset(made.dataset)
    assert set(dataset.key) <= set(made.elements) <= {element.name for element in dataset.elements}
    assert len(set(made.elements)) == len(made.elements)
    assert {made.provider, made.consumer} <= set(CATALOGUE.agencies) and made.provider != made.consumer
    assert made.provider in (dataset.steward, *dataset.senders)
    assert rule.faults(made, date(2026, 7, 1)) == [], "it can be requested as it is"
    assert Terms.read(made.to_dict()) == made and made.item == str(one.number)


@EVERY
def test_what_names_a_person_travels_sealed_and_not_to_whoever_asks_for_nothing(one: Template) -> None:
    dataset = CATALOGUE.dataset(one.dataset)
    assert one.sealed or all(dataset.element(name).grade == 1 for name in one.elements)
    assert not one.case or one.operations


@EVERY
def test_every_text_is_in_both_languages(one: Template) -> None:
    texts = [one.title, one.returned, one.use, one.legal_basis, one.mode_words, one.frequency_words]
    for text in (*texts, MARK_WORDS[one.source], *([one.note] if one.note else [])):
        assert text.zh.strip() and text.en.strip() and text.zh != text.en
    assert one.mode_words in MODE_WORDS.values() and one.frequency_words in FREQUENCY_WORDS.values()


@given(st.sampled_from(templates()), days, days)
def test_a_period_makes_terms_if_and_only_if_it_does_not_end_before_it_starts(
    one: Template, starts: date, until: date
) -> None:
    if until < starts:
        with pytest.raises(PeriodBackwards):
            terms(one, starts, until, "A-1")
    else:
        made = terms(one, starts, until, "A-1", authority="cdc")
        assert (made.starts, made.until, made.version, made.authority) == (starts, until, 1, "cdc")


def test_an_item_is_taken_over_to_other_sides_but_not_to_one_alone() -> None:
    start = date(2026, 1, 1)
    made = terms(template(12), start, start + timedelta(365), "A-1", provider="social_security", consumer="cdc")
    assert (made.provider, made.consumer) == ("social_security", "cdc")
    with pytest.raises(SameSides):
        terms(template(12), start, start, "A-1", provider="health")


@pytest.mark.parametrize("number", [0, 17, 23, -1])
def test_a_number_that_the_table_does_not_have_is_refused(number: int) -> None:
    with pytest.raises(TemplateUnknown):
        template(number)


@pytest.mark.parametrize(
    ("was", "becomes", "kind"),
    [
        ('provider = "insurance"', 'provider = "nobody"', UnknownName),
        ('dataset = "insurance.settlement"', 'dataset = "insurance.nothing"', UnknownName),
        ('"amount", ', '"amount", "shoe_size", ', UnknownElement),
        ('"line_no", ', "", WrongShape),
        ('operations = ["lookup", "query"]', 'operations = ["guess"]', UnknownName),
        ('operations = ["lookup", "query"]', "", WrongShape),
        ('mode = "both"', 'mode = "push"', WrongShape),
        ('mode = "both"', 'mode = "telepathy"', CatalogueError),
        ("case = true", 'case = "yes"', WrongShape),
        ("case = true", "case = true\nlucky = true", UnknownKey),
        ('items = "', 'colour = "', WrongShape),
        ("number = 15", "", CatalogueError),
        ("number = 15", "number = ", CatalogueError),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_place(
    tmp_path: Path, was: str, becomes: str, kind: type[CatalogueError]
) -> None:
    text = (ITEMS / "15.toml").read_text("utf-8")
    assert text.count(was) == 1
    (tmp_path / "15.toml").write_text(text.replace(was, becomes), "utf-8")
    with pytest.raises(kind) as raised:
        read(tmp_path / "15.toml")
    assert raised.value.fields["file"] == "15.toml" and raised.value.fields["line"] >= 1


def test_a_file_that_is_right_is_read_as_it_ships() -> None:
    for one in templates():
        assert read(ITEMS / f"{one.number:02d}.toml") == one
