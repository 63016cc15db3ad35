"""What everybody may see of some records, and conditions on when they were published."""

from __future__ import annotations

from quanmin.opendata.catalogue import Query
from quanmin.opendata.catalogue.condition import Changed, Not
from quanmin.opendata.catalogue.projection import microseconds


def test_the_published_version_of_each_with_its_moments(catalogue, make):
    for number in range(3):
        catalogue.publish(make(number), "officer")
    catalogue.publish(make(1, zh="后来"), "officer")
    catalogue.draft(make(0, zh="草稿"), "officer")
    catalogue.withdraw("id-000002", "错误", "officer")
    found = catalogue.store.shown(["id-000000", "id-000001", "id-000002", "nothing"])
    assert sorted(found) == ["id-000000", "id-000001"]
    assert found["id-000001"].document["dct:title"]["zh"] == "后来"
    assert found["id-000000"].document["dct:title"]["zh"] != "草稿"
    one = found["id-000001"]
    assert one.first < one.at == catalogue.get("id-000001").since
    assert catalogue.store.shown([]) == {}


def test_records_are_found_by_the_moment_of_their_publishing(catalogue, make):
    for number in range(3):
        catalogue.publish(make(number), "officer")
    catalogue.rebuild()
    catalogue.publish(make(0, zh="后来"), "officer")
    at = {key: microseconds(one.at) for key, one in catalogue.store.shown([f"id-00000{n}" for n in range(3)]).items()}
    since = Changed(at["id-000002"], at["id-000000"])
    found = catalogue.search(Query(where=since, sort="changed"))
    assert [row["id"] for row in found.rows] == ["id-000000", "id-000002"]
    found = catalogue.search(Query(where=Not(since), brief=True))
    assert found.rows == [{"id": "id-000001"}]
