"""The manual's page on roles: its sharing table is the templates', and what it names of the program is there."""

from __future__ import annotations

import re
from pathlib import Path

from quanmin import standards
from quanmin.exchange.template import templates
from quanmin.exchange.template.table import HEAD, markdown
from quanmin.exchange.terms import Terms
from quanmin.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "exchange_roles.md").read_text("utf-8")


def section(title: str) -> str:
    return next(part for part in PAGE.split("\n## ") if title in part.splitlines()[0])


def rows(text: str) -> list[list[str]]:
    found = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1:]]
    return [row for row in cells if set(row) != {"---"}]


def test_the_sharing_table_is_that_of_the_templates() -> None:
    """Write it anew with `quanmin exchange template list --markdown`."""
    assert PAGE.endswith("\n\n" + markdown())
    table = rows(section("The sharing table"))
    assert [int(row[0]) for row in table] == [one.number for one in templates()]
    assert all(len(row) == len(HEAD) for row in table)


def test_every_part_of_the_interaction_standard_is_answered_or_said_to_be_missing() -> None:
    table = rows(section("WS/T 790"))
    assert [int(row[0]) for row in table] == list(range(1, 19))
    for _, title, here, missing in table:
        assert title and (here, missing) != ("—", "—")


def test_what_the_page_names_is_there() -> None:
    words = set(re.findall(r"`([^`\n]+)`", PAGE))
    named = {one.removeprefix("QUANMIN_").lower() for one in words if one.startswith("QUANMIN_")}
    assert named and named <= set(Settings.model_fields)
    datasets = {one for one in words if re.fullmatch(r"[a-z_]+\.[a-z_]+", one)}
    assert datasets and datasets <= set(standards.catalogue().datasets)
    assert {"keep_days", "onward", "provider", "consumer"} <= words & set(Terms.__dataclass_fields__)


def test_items_that_are_ours_are_said_to_be() -> None:
    marks = {int(row[0]): row[-1] for row in rows(section("The sharing table"))}
    assert {number for number, mark in marks.items() if mark == "reconstructed"} == set(range(3, 9))
    assert "items 3-8 are **not in what we have of the study**" in PAGE
