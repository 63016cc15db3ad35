"""The portal's own statistics: counted by another way, published as a dataset, without a small number of accounts."""

from __future__ import annotations

import csv

import pyarrow.parquet
import pytest

from quanmin.opendata import Portal
from quanmin.opendata.catalogue import Counts, problems
from quanmin.opendata.participation import dataset, discussion, name, request, showing, statistics
from quanmin.trust import Actor

from .conftest import Clock, somebody
from .test_talk import WISH


def test_figures_are_those_of_what_was_done(portal: Portal, ann: Actor, publisher: Actor, clock: Clock) -> None:
    portal.catalogue.count({"id-open-one": Counts(7, 3, 0), "id-asked-one": Counts(1, 0, 0)})
    for _ in range(3):
        made = request.ask(portal, ann, WISH._replace(publisher="health"))
        clock.on(days=2)
        request.answer(portal, publisher, made.id, request.Reply("answer", "在办"))
    clock.on(days=40)
    discussion.begin(portal, ann, "open-one", "口径", "？")
    found = {one[:3]: one.value for one in statistics.counted(portal)}
    assert found["", "datasets_by_access", "public"] == found["", "datasets_by_access", "closed"] == 1
    assert found["", "datasets_by_publisher", "health"] == 3 == found["", "datasets_by_format", "csv"]
    assert [found["", "use", one] for one in ("views", "downloads", "reuses")] == [8, 3, 0]
    assert found["2026-11", "handed_in", "requests"] == 3 and found["2026-11", "answer_days", "requests"] == 2
    assert found["2026-12", "handed_in", "discussions"] == 1 and ("2026-12", "answer_days", "discussions") not in found


def test_few_accounts_are_not_told(portal: Portal) -> None:
    for at in range(statistics.LEAST):
        found = [one.value for one in statistics.counted(portal) if one.measure == "accounts"]
        assert found in ([], [None])
        actor = somebody(f"u-many{'abcdefghij'[at]}")
        name.choose(portal.ledger, actor, f"众人{'甲乙丙丁戊己庚辛壬癸'[at]}")
        request.ask(portal, actor, WISH)
    assert [one.value for one in statistics.counted(portal) if one.measure == "accounts"] == [statistics.LEAST]


def test_it_is_published_as_a_dataset_with_the_same_content_in_both_forms(portal: Portal, ann: Actor) -> None:
    request.ask(portal, ann, WISH)
    told = statistics.publish(portal, "operator")
    again = statistics.publish(portal, "operator")
    assert told["rows"] == again["rows"] and told["csv"] == again["csv"], "the record itself is not counted"
    standing = portal.catalogue.get(statistics.NAME)
    assert standing.document is not None and problems(standing.document) == [] and standing.state == "published"
    table = pyarrow.parquet.read_table(portal.storage.path(told["parquet"]))
    lines = list(csv.DictReader(portal.storage.path(told["csv"]).read_text("utf-8-sig").splitlines()))
    assert table.schema.equals(statistics.SCHEMA) and len(lines) == table.num_rows == told["rows"]
    assert [float(one["value"]) if one["value"] else None for one in lines] == table["value"].to_pylist()
    text = portal.storage.path(told["csv"]).read_text("utf-8-sig")
    assert "u-annannan" not in text and "安小姐" not in text
    record = dataset.named(portal, statistics.NAME)
    assert [one.name for one in record.variables] == statistics.SCHEMA.names
    for one in record.distributions:
        assert one.checksum is not None and portal.storage.verify(one.checksum[1]).size == one.size


def test_the_demonstration_shows_something_of_each(portal: Portal) -> None:
    assert showing.show(portal) == {"reuses": 1, "requests": 3, "discussions": 1, "reports": 1}
    found = {one[:3]: one.value for one in statistics.counted(portal) if one.measure == "handed_in"}
    assert sum(value or 0 for value in found.values()) == 6


def test_the_demonstration_of_nothing(portal: Portal) -> None:
    portal.catalogue.withdraw("open-one", "x", "officer")
    portal.catalogue.refresh()
    assert showing.show(portal) == {}


@pytest.mark.parametrize("wrong", ["u-", "@"])
def test_no_account_is_a_measure(portal: Portal, ann: Actor, wrong: str) -> None:
    request.ask(portal, ann, WISH)
    assert not any(wrong in str(one) for one in statistics.counted(portal))
