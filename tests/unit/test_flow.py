"""The map: every stage is a package or part of one, and patterns mean what they say."""

import pytest

from quanmin.flow import STAGES, ZONES, stage


def test_every_table_of_the_map_lies_in_a_zone():
    tables = [table for s in STAGES for table in (*s.reads, *s.writes)]
    assert {table.split(".")[0] for table in tables} <= set(ZONES)


def test_a_stage_may_touch_only_what_it_declares():
    collect = stage("collect")
    assert collect.may_write("clean.health.birth")
    assert not collect.may_write("linked.person")
    assert not collect.may_read("linked.person")
    assert stage("population").may_read("clean.health.birth")
    assert not stage("population").may_write("clean.health.birth")
    assert stage("population").may_read("linked.person")


def test_an_unknown_stage_is_a_key_error():
    with pytest.raises(KeyError):
        stage("nowhere")
