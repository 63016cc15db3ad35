"""Versions, states, names, tombstones and changes."""

import pytest

from quanmin.opendata.catalogue import Query, Standing
from quanmin.opendata.catalogue.errors import (
    NameTaken,
    QueryInvalid,
    ReasonMissing,
    RecordInvalid,
    StateForbids,
    UnknownRecord,
)


def states(standing: Standing) -> list[str]:
    return [one.state for one in standing.versions]


def titles(catalogue, text=""):
    return [row["title"]["zh"] for row in catalogue.search(Query(text)).rows]


def test_a_draft_is_kept_and_seen_by_nobody(catalogue, make):
    standing = catalogue.draft(make(), "editor")
    assert (standing.state, standing.document) == ("draft", None)
    assert standing.draft["quanmin:name"] == "record-1"
    assert titles(catalogue) == []


def test_a_version_supersedes_the_one_before(catalogue, make):
    catalogue.publish(make(zh="第一版"), "officer")
    catalogue.draft(make(zh="草稿"), "editor")
    assert titles(catalogue) == ["第一版"]
    standing = catalogue.publish(make(zh="第二版"), "officer")
    assert states(standing) == ["superseded", "superseded", "published"]
    assert titles(catalogue) == ["第二版"]
    assert [one.actor for one in catalogue.history("record-1")] == ["officer", "editor", "officer"]


def test_a_withdrawn_record_leaves_a_tombstone_with_its_reason(catalogue, make):
    catalogue.publish(make(), "officer")
    standing = catalogue.withdraw("record-1", "数字有误", "officer")
    assert (standing.state, standing.document, standing.reason) == ("withdrawn", None, "数字有误")
    assert standing.newest["quanmin:name"] == "record-1"
    assert titles(catalogue) == []
    assert catalogue.get("id-000001").reason == "数字有误"
    with pytest.raises(StateForbids):
        catalogue.withdraw("record-1", "再次", "officer")


def test_a_withdrawn_record_may_come_back(catalogue, make):
    catalogue.publish(make(zh="第一版"), "officer")
    catalogue.withdraw("record-1", "数字有误", "officer")
    standing = catalogue.publish(make(zh="更正后"), "officer")
    assert (standing.state, states(standing), standing.reason) == ("published", ["withdrawn", "published"], None)
    assert titles(catalogue) == ["更正后"]


def test_a_withdrawal_needs_a_reason_and_a_published_record(catalogue, make):
    catalogue.draft(make(), "editor")
    with pytest.raises(ReasonMissing):
        catalogue.withdraw("record-1", "  ", "officer")
    with pytest.raises(StateForbids) as caught:
        catalogue.withdraw("record-1", "理由", "officer")
    assert "处于 草稿" in caught.value.message("zh") and "is Draft" in caught.value.message("en")


def test_a_name_once_given_stays_with_its_record(catalogue, make):
    catalogue.publish(make(), "officer")
    catalogue.publish(make(quanmin__name="renamed"), "officer")
    assert catalogue.get("record-1").document["quanmin:name"] == "renamed"
    with pytest.raises(NameTaken):
        catalogue.publish(make(2, quanmin__name="record-1"), "officer")
    with pytest.raises(UnknownRecord):
        catalogue.get("id-000002")


def test_many_are_published_together_or_not_at_all(catalogue, make):
    with pytest.raises(RecordInvalid):
        catalogue.publish_all([*(make(number) for number in range(1, 700)), make(700, quanmin__access="x")], "officer")
    with pytest.raises(NameTaken):
        catalogue.publish_all([make(1), make(2, quanmin__name="record-1")], "officer")
    assert catalogue.changes() == [] and catalogue.search(Query()).total == 0
    assert catalogue.publish_all((make(number) for number in range(1, 700)), "officer") == 699
    assert catalogue.search(Query()).total == 699


def test_changes_are_told_in_order_and_from_any_point(catalogue, make):
    catalogue.publish(make(1), "officer")
    catalogue.draft(make(2), "officer")
    catalogue.withdraw("record-1", "理由", "officer")
    every = catalogue.changes()
    assert [(one.record[-1], one.action) for one in every] == [("1", "publish"), ("2", "draft"), ("1", "withdraw")]
    assert catalogue.changes(every[0].sequence) == every[1:]
    assert catalogue.changes(limit=1) == every[:1]


def test_an_unknown_record_is_not_found(catalogue):
    with pytest.raises(UnknownRecord):
        catalogue.get("nothing")
    with pytest.raises(UnknownRecord):
        catalogue.withdraw("nothing", "理由", "officer")


def test_a_sort_that_there_is_not_is_refused(catalogue):
    with pytest.raises(QueryInvalid):
        catalogue.search(Query(sort="odd"))
