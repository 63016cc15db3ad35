"""The list of what everybody may see follows every action, and a list once taken stays."""

from __future__ import annotations

from quanmin.opendata.catalogue import Listing


def test_it_is_what_is_published_after_any_actions(catalogue, make):
    store = catalogue.store
    listing, plain = Listing(store), lambda: [dict(one.document) for one in store.published()]
    assert listing.take().versions == ()
    catalogue.publish_all([make(number) for number in (3, 1, 2, *range(10, 450))], "a")
    first = listing.take()
    assert list(listing.documents(first.versions)) == plain() and len(first.versions) == 443
    catalogue.publish(make(2, zh="新"), "a")
    catalogue.withdraw("id-000003", "x", "a")
    catalogue.draft(make(1, zh="稿"), "a")
    catalogue.publish(make(9), "a")
    second = listing.take()
    assert list(listing.documents(second.versions)) == plain() == list(Listing(store).documents(second.versions))
    assert [one["dct:identifier"] for one in listing.documents(first.versions)][:3] == [
        "id-000001",
        "id-000002",
        "id-000003",
    ]
    catalogue.publish(make(3), "a")
    assert list(listing.documents(listing.take().versions)) == plain()
    assert listing.take() is listing.take()
