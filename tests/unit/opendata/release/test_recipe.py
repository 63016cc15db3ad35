"""A recipe is read strictly: what is not known, not of the sort, or a direct identifier is refused with its place."""

from __future__ import annotations

import pytest

from quanmin.opendata.release import parse
from quanmin.opendata.release.errors import DirectIdentifier, RecipeUnreadable

from .conftest import AGE, HEAD, MICRODATA, PLACE, SEX, TABLE

FILTER = """
[[filter]]
element = "death_date"
present = false
"""


def test_a_recipe_is_typed() -> None:
    made = parse(TABLE + FILTER)
    assert made.dimensions[0].columns == ("city", "county")
    assert made.elements == ("birth_place", "sex", "death_date")
    assert len(made.digest) == 64
    assert parse(MICRODATA).privacy.k == 10


@pytest.mark.parametrize(
    ("element", "place"),
    [
        ("citizen_number", "/dimension/0/element"),
        ("name", "/dimension/0/element"),
        ("person_key", "/dimension/0/element"),
    ],
)
def test_a_direct_identifier_is_refused_with_its_place(element: str, place: str) -> None:
    with pytest.raises(DirectIdentifier) as caught:
        parse(HEAD + SEX.replace('element = "sex"', f'element = "{element}"'))
    assert caught.value.fields["place"] == place and caught.value.code == "QM-RELEASE-002"


def test_identifiers_are_refused_in_filters_sums_and_sensitive_columns_too() -> None:
    for text in (
        TABLE + FILTER.replace("death_date", "name"),
        TABLE.replace('rules = "health"', 'rules = "health"\nsum = "citizen_number"'),
        MICRODATA.replace('rules = "health"', 'rules = "health"\nsensitive = ["registered_address"]'),
    ):
        with pytest.raises(DirectIdentifier):
            parse(text)


WRONG = {
    "no TOML": ("[[", ""),
    "unknown key": ('rules = "health"', 'rules = "health"\ncolour = "red"', "/colour"),
    "unknown profile": ('rules = "health"', 'rules = "lax"', "/rules"),
    "unknown access": ('access = "public"', 'access = "all"', "/access"),
    "wrong sort": ('id = "people"', "id = 7", "/id"),
    "bad id": ('id = "people"', 'id = "../people"', "/id"),
    "unknown source": ("linked.person", "linked.nobody", "/source"),
    "no parquet": ('["parquet", "csv", "xlsx", "json"]', '["csv"]', "/formats"),
    "unknown format": ('["parquet", "csv", "xlsx", "json"]', '["parquet", "shp"]', "/formats"),
    "no english": ('en = "People" }', 'en = " " }', "/title"),
    "unknown element": ('element = "sex"', 'element = "colour"', "/dimension/1/element"),
    "unknown level": ('"county"]', '"village"]', "/dimension/0/levels"),
    "levels upside down": ('["city", "county"]', '["county", "city"]', "/dimension/0/levels"),
    "a column twice": ('name = "sex"', 'name = "county"', "/dimension"),
    "taken name": ('name = "sex"', 'name = "persons"', "/dimension"),
    "key below": ('form = "code"', 'form = "code"\nmood = "odd"', "/dimension/1/mood"),
    "no form of it": ('form = "code"', 'form = "age"', "/dimension/1/form"),
    "sensitive in a table": ('rules = "health"', 'rules = "health"\nsensitive = ["education"]', "/sensitive"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_with_its_place(case: str) -> None:
    was, becomes, *place = WRONG[case]
    text = TABLE.replace(was, becomes) if place else "[["
    with pytest.raises(RecipeUnreadable) as caught:
        parse(text)
    assert not place or caught.value.fields["place"] == place[0]


def test_ages_need_their_day_and_rising_groups() -> None:
    for wrong, place in ((AGE.replace("on = 2015-12-31\n", ""), "on"), (AGE.replace("15, 60", "60, 15"), "bands")):
        with pytest.raises(RecipeUnreadable) as caught:
            parse(HEAD + wrong)
        assert caught.value.fields["place"] == f"/dimension/0/{place}"


def test_a_code_stands_in_one_group_only() -> None:
    groups = 'form = "code"\ngroups = { a = ["1", "2"], b = ["2"] }'
    with pytest.raises(RecipeUnreadable):
        parse(HEAD + SEX.replace('form = "code"', groups))


def test_a_dataset_that_is_about_nobody_is_no_source() -> None:
    with pytest.raises(RecipeUnreadable):
        parse(HEAD.replace("linked.person", "cdc.notifiable_disease_monthly") + PLACE)
