"""Agencies of divisions: which names are some, how a row tells its division, and whose rows are not replaced."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin import standards
from quanmin.standards import division
from quanmin.standards.errors import UnknownAgency, UnknownElement, WrongShape
from quanmin.text import Text

KNOWN = standards.catalogue()
BEFORE, AFTER = date(2019, 6, 1), date(2026, 11, 1)
LOANS = Path(__file__).parents[2] / "library_loans"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("health", Text("卫生健康", "Health")),
        ("health_420000", Text("湖北省卫生健康", "Health, 湖北省")),
        ("civil_affairs_420106", Text("湖北省武汉市武昌区民政", "Civil affairs, 湖北省武汉市武昌区")),
        ("health_371200", Text("山东省莱芜市卫生健康", "Health, 山东省莱芜市")),
        ("health_110119", Text("北京市延庆区卫生健康", "Health, 北京市延庆区")),
    ],
)
def test_an_agency_of_a_division_has_its_title_of_both(name: str, title: Text) -> None:
    found = KNOWN.body(name)
    assert found is not None and (found.id, found.title, found.kind) == (name, title, name.rstrip("_0123456789"))
    assert KNOWN.agency(name) == found and KNOWN.called(name) == title
    assert found.division == (name.rpartition("_")[2] if "_" in name and name[-1].isdigit() else None)


@pytest.mark.parametrize(
    "name",
    [
        *("", "_", "_420000", "nobody_420000", "health_", "health_42", "health_4200000", "health_999999"),
        *(
            "health_000000",
            "health_110100",
            "health_830000",
            "health_４２００００",
            "health_420000_420000",
            "卫健委_420000",
        ),
        "HEALTH_420000",
    ],
)
def test_what_never_was_a_division_makes_no_agency(name: str) -> None:
    """Also not what stands in identity numbers only, nor the nation, which is the agency without a division."""
    assert KNOWN.body(name) is None and KNOWN.called(name) == Text(name, name)
    with pytest.raises(UnknownAgency):
        KNOWN.agency(name)


def test_a_division_that_ended_is_known_and_not_there_any_more() -> None:
    regions = KNOWN.regions
    assert (regions.ended("371200", BEFORE), regions.ended("371200", AFTER)) == (False, True)
    assert not regions.ended("370000", AFTER) and not regions.ended("999999", AFTER)
    assert not regions.ended("110100", AFTER)  # never was one, so that it did not end


ROWS = {
    "health.birth": ("certificate_no", "Q{}0000001"),
    "health.certificate_issue": ("action_no", "{}0000010001"),
    "health.certificate_stock": ("action_no", "{}0000010001"),
    "health.certificate_holder": ("region", "{}0102"),
    "health.death": ("region", "{}0102"),
    "education.degree": ("citizen_number", "{}010219980506002X"),
}
PROVINCES = [one.code for one in KNOWN.regions.current(AFTER, "province")]
PLACES = st.one_of(st.sampled_from(PROVINCES), st.sampled_from(KNOWN.regions.codes))


@pytest.mark.parametrize("name", ROWS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_row_is_of_the_division_that_its_first_digits_tell(name: str, data: st.DataObject) -> None:
    dataset, (element, form) = KNOWN.dataset(name), ROWS[name]
    of, by = data.draw(st.sampled_from(PROVINCES)), data.draw(PLACES)
    value = form.format(of[:2])
    digits = value.lstrip("Q")
    own = by.removesuffix("00").removesuffix("00") if by.endswith("00") else by
    told = own[: dataset.telling.digits] if dataset.telling else ""
    [rule] = [one for one in division.rules_of(dataset, by) if one.id == division.OWN]
    typed = int(value) if dataset.element(element).type == "integer" else value
    assert rule.elements == (element,)
    assert rule.fails({element: typed}) == (not digits.startswith(told))
    assert rule.failing({element: pa.array([typed, None])}).tolist() == [not digits.startswith(told), False]


def test_what_does_not_tell_is_asked_for_where_the_standard_does_not_and_a_number_is_not() -> None:
    ids = {name: {one.id for one in division.rules_of(KNOWN.dataset(name))} for name in KNOWN.datasets}
    assert all(division.HELD in one for one in ids.values())
    assert division.TOLD in ids["health.certificate_holder"] and division.TOLD not in ids["health.certificate_stock"]
    assert division.OWN in ids["education.degree"] and division.TOLD not in ids["education.degree"]
    assert ids["health.certificate_balance"] == {division.HELD}  # a holder's code tells no division


def test_the_rules_come_for_agencies_of_divisions_only_and_their_words_are_always_the_same() -> None:
    dataset = KNOWN.dataset("health.certificate_holder")
    whole, part = KNOWN.agency("health"), KNOWN.agency("health_420000")
    assert division.sent_by(dataset, whole) is dataset
    more = division.sent_by(dataset, part).rules[len(dataset.rules) :]
    assert division.sent_by(dataset, part).rules[: len(dataset.rules)] == dataset.rules
    anybody = division.rules_of(dataset)
    assert [(one.id, one.elements, one.title, one.code) for one in more] == [
        (one.id, one.elements, one.title, one.code) for one in anybody
    ]


def test_rows_of_another_division_are_not_replaced_and_those_of_a_predecessor_are() -> None:
    others = ["health", "health_420000", "health_370000", "health_370100", "health_371200", "cdc_371300", "nobody"]

    def strange(source: str) -> list[str]:
        return division.strangers(KNOWN, source, others)

    assert strange("health") == strange("nobody") == []
    assert strange("health_370100") == ["health_420000", "cdc_371300"]  # 371200 ended in its favour
    assert strange("health_371200") == ["health_420000", "health_370100", "cdc_371300"]
    assert strange("health_370000") == ["health_420000"]
    assert strange("health_420000") == ["health_370000", "health_370100", "health_371200", "cdc_371300"]


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ('"card_no"', WrongShape),
        ('{ element = "card_no" }', WrongShape),
        ('{ element = "card_no", digits = 3 }', WrongShape),
        ('{ element = "card_no", digits = 2, more = 1 }', WrongShape),
        ("{ element = 7, digits = 2 }", WrongShape),
        ('{ element = "nothing", digits = 2 }', UnknownElement),
        ('{ element = "joined_on", digits = 2 }', UnknownElement),
    ],
)
def test_a_standard_that_says_it_wrong_is_refused(told: str, error: type[Exception], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LOANS, tmp_path / "catalogue"))
    path = folder / "datasets" / "library.reader.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("\nkey = ", f"\ndivision = {told}\nkey = ", 1), "utf-8")
    with pytest.raises(error):
        standards.load(folder)
    path.write_text(text.replace("\nkey = ", '\ndivision = { element = "card_no", digits = 2 }\nkey = ', 1), "utf-8")
    assert standards.load(folder).dataset("library.reader").telling == ("card_no", 2)


@pytest.mark.parametrize(
    ("limits", "right"),
    [
        ("minimum = 110000\nmaximum = 829999", True),
        ("minimum = 110000", False),
        ("minimum = 11000\nmaximum = 829999", False),
        ("minimum = 1\nmaximum = 9", False),
        ("minimum = 1.5\nmaximum = 829999", False),
    ],
)
def test_a_whole_number_tells_a_division_where_all_are_of_one_length(limits: str, right: bool, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(LOANS, tmp_path / "catalogue"))
    path = folder / "datasets" / "library.reader.toml"
    text = path.read_text("utf-8").replace("\nkey = ", '\ndivision = { element = "no", digits = 2 }\nkey = ', 1)
    element = (
        f'[[element]]\nname = "no"\ntitle = {{ zh = "号", en = "No." }}\ntype = "integer"\ngrade = 1\n{limits}\n\n'
    )
    path.write_text(text.replace("[[element]]", element + "[[element]]", 1), "utf-8")
    if right:
        assert standards.load(folder).dataset("library.reader").telling == ("no", 2)
    else:
        with pytest.raises(WrongShape):
            standards.load(folder)
