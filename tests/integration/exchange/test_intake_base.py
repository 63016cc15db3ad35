"""Errors that only the base finds go back to the provider too, and are closed when the base was built with the correction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.unit.exchange.delivery.network import pair
from tests.unit.exchange.intake.conftest import TERMS, World

from quanmin import collect, population, trust
from quanmin.exchange.intake import correction, kept

REGISTER = "public_security.household_registration"
FUNERAL = replace(TERMS, provider="civil_affairs", dataset="civil_affairs.funeral", elements=("funeral_no",))
HEAD = "funeral_no,citizen_number,name,death_date\n"
LI, WANG = "11010519491231002X", "440524188001010014"
PEOPLE = (
    "household_no,member_no,citizen_number,name,sex,birth_date,registered_region\n"
    f"110105000001,1,{LI},李明,2,1949-12-31,110105\n"
    f"110105000001,2,{WANG},王芳,1,1880-01-01,440524\n"
)


def counts(world: World) -> list[tuple[int, int, int, str]]:
    return [(one.open, one.corrected, one.closed, one.state) for one in correction.progress(world.health)]


def test_a_discrepancy_of_the_base_is_told_corrected_and_closed_by_the_next_build(tmp_path: Path) -> None:
    with pair(tmp_path / "homes", FUNERAL) as made:
        world = World(made, tmp_path, FUNERAL)
        register = world.file(PEOPLE, "register.csv")
        sent = collect.collect(world.health.lake, REGISTER, register, "public_security", trust.local_administrator())
        assert sent.accepted == 2, sent.rules
        delivery = world.send(f"A0000001,{LI},李明,2010-01-01\nA0000002,{WANG},赵一,2010-01-01\n", head=HEAD)
        assert (delivery.state, delivery.data["accepted"]) == ("acknowledged", 2)
        assert world.tell().told == 0, "nothing is wrong with the rows as they were sent"

        population.build(world.health.lake)
        [name] = world.tell().feedback
        world.tell()
        found = kept.show(world.cdc, name)
        assert [(line["row"], line["element"], line["code"]) for line in found.lines] == [("2", "name", "E03")]
        for path in found.folder.iterdir():
            assert not [
                secret for secret in (LI, WANG, "李明", "王芳", "赵一") if secret in path.read_text("utf-8-sig")
            ]
        assert counts(world) == [(1, 0, 0, "open")]

        world.send(f"A0000002,{WANG},王芳,2010-01-01\n", "correction", name, head=HEAD)
        assert world.tell().feedback == (), "the base has not looked at it again"
        assert counts(world) == [(0, 1, 0, "open")], "corrected, not closed"

        population.build(world.health.lake)
        assert world.tell().closed == 1
        world.tell()
        assert counts(world)[0] == (0, 0, 1, "closed")
