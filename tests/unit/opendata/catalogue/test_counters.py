"""Counters: handed in, kept whole, sorted by."""

import pytest

from quanmin.opendata.catalogue import Counts, Query
from quanmin.opendata.catalogue.errors import CountersInvalid


def hottest(catalogue):
    return [row["id"] for row in catalogue.search(Query(sort="hottest")).rows]


def test_the_hottest_come_first_and_rows_show_their_counters(catalogue, make):
    catalogue.publish_all([make(number) for number in range(1, 5)], "officer")
    catalogue.count({"id-000003": Counts(views=5), "id-000004": Counts(downloads=2), "id-000002": Counts(reuses=1)})
    assert hottest(catalogue) == ["id-000002", "id-000004", "id-000003", "id-000001"]
    assert catalogue.search(Query(sort="hottest")).rows[2]["counts"] == {"views": 5, "downloads": 0, "reuses": 0}


@pytest.mark.parametrize("wrong", [-1, 1.5, "7", None, True, 2**60])
def test_a_failed_update_leaves_every_counter(catalogue, make, wrong):
    catalogue.publish_all([make(1), make(2)], "officer")
    catalogue.count({"id-000002": Counts(9, 9, 9)})
    with pytest.raises(CountersInvalid):
        catalogue.count({"id-000001": Counts(1), "id-000002": Counts(views=wrong)})
    assert hottest(catalogue) == ["id-000002", "id-000001"]
    assert catalogue.search(Query(sort="hottest")).rows[0]["counts"]["views"] == 9


def test_an_update_of_some_leaves_the_others(catalogue, make):
    catalogue.publish_all([make(1), make(2)], "officer")
    catalogue.count({"id-000001": Counts(5), "id-000002": Counts(4)})
    catalogue.count({"id-000002": Counts(6)})
    rows = catalogue.search(Query(sort="hottest")).rows
    assert [row["counts"]["views"] for row in rows] == [6, 5]
    catalogue.count({})
    assert hottest(catalogue) == ["id-000002", "id-000001"]
