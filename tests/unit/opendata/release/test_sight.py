"""What those who check see of a published table: its first rows, and what differs from the version before."""

from __future__ import annotations

from quanmin.lake import Lake
from quanmin.opendata.release import Releases, sight
from quanmin.trust import Actor

from .conftest import AGE, MICRODATA, PEOPLE, TABLE, people, store


def test_the_first_rows_and_the_stars(releases: Releases, officer: Actor) -> None:
    made = releases.run(officer, TABLE)
    seen = sight.preview(releases, made, 3)
    assert seen is not None and len(seen.rows) == 3 and seen.whole == made.rows and seen.starred == 0
    assert seen.columns[-1] == "persons" and seen.rows[0][-1] == str(PEOPLE)
    assert sight.difference(releases, made) is None  # there is no version before


def test_more_people_give_other_figures(releases: Releases, lake: Lake, officer: Actor, checker: Actor) -> None:
    first = releases.run(officer, TABLE)
    releases.approve(checker, first.number)
    store(lake, people(PEOPLE + 200))
    second = releases.run(officer, TABLE)
    differs = sight.difference(releases, second)
    assert differs is not None and (differs.before, differs.version) == (first.number, 1)
    assert differs.added == differs.gone == 0 and differs.changed is not None and differs.changed > 0


def test_other_dimensions_are_told_as_fields_and_microdata_by_counts_only(
    releases: Releases, officer: Actor, checker: Actor
) -> None:
    first = releases.run(officer, TABLE)
    releases.approve(checker, first.number)
    for recipe, gone in ((TABLE + AGE, ()), (MICRODATA, ("persons",))):
        made = releases.run(officer, recipe)
        differs = sight.difference(releases, made)
        if made.state == "refused":
            assert differs is None
            continue
        assert differs is not None and differs.added is None and "age" in differs.fields_added
        assert set(gone) <= set(differs.fields_gone)
