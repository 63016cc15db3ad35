"""The page of the CKAN interface is true: its actions are the actions, its fields the fields, each is told in both languages."""

import re
from pathlib import Path

from quanmin.opendata.ckan import ACTIONS
from quanmin.opendata.ckan.content import KINDS
from quanmin.opendata.ckan.field import FIELDS
from quanmin.opendata.ckan.help import HELP
from quanmin.opendata.ckan.searching import SORTS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "ckan.md").read_text("utf-8")


def test_its_actions_are_the_actions():
    table = TEXT.split("## Actions")[1].split("| what is wrong")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) == set(ACTIONS)


def test_it_names_every_field_order_and_format():
    searching = TEXT.split("## Searching")[1].split("## Rows")[0]
    assert all(f"`{field}`" in searching for field in FIELDS)
    assert all(f"`{sort.split()[0]}" in searching for sort in SORTS if sort != "views_total desc")
    names = {"txt": "plain text", "geojson": "GeoJSON", "ndjson": "NDJSON", "parquet": "Parquet"}
    assert all(names.get(kind, kind.upper()) in TEXT for kind in KINDS)


def test_every_action_is_told_in_both_languages():
    assert set(HELP) == set(ACTIONS)
    assert all(all(action.help) and action.help.zh != action.help.en for action in ACTIONS.values())
