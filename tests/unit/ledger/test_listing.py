"""Lists a page at a time: every page of a list, one after another, is the list."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.ledger import WORKFLOWS, Action, Ledger, Workflow
from quanmin.ledger.listing import page, place
from quanmin.ledger.table import DocumentRow

BOOK = Workflow("listed_book", start="lent", actions=[Action("return", "lent", "back")])


@pytest.fixture(autouse=True)
def _book(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(WORKFLOWS, BOOK.kind, BOOK)
    yield


@given(st.integers(0, 300), st.integers(1, 60))
def test_the_pages_cut_a_list_into_its_parts(total: int, size: int) -> None:
    things, pages = list(range(total)), place(1, total, size).pages
    cut = [things[at.skip : at.skip + size] for at in (place(number, total, size) for number in range(1, pages + 1))]
    assert [one for part in cut for one in part] == things and all(cut[:-1] or [True])
    assert place(pages + 7, total, size) == place(pages, total, size) and place(-3, total, size) == place(
        1, total, size
    )


@pytest.mark.parametrize("newest", [False, True])
def test_documents_are_paged_in_order_and_narrowed(ledger: Ledger, newest: bool) -> None:
    made = [ledger.create(BOOK.kind, f"shelf {number % 3}", {}, "desk") for number in range(11)]
    for one in made[::2]:
        ledger.act(one.id, "return", {}, "desk")
    order = [one.id for one in (made[::-1] if newest else made)]
    found = [page(ledger, [BOOK.kind], number=number, size=4, newest=newest) for number in (1, 2, 3)]
    assert [one.id for part in found for one in part.documents] == order
    assert {(part.pages, part.total) for part in found} == {(3, 11)}
    lent = page(ledger, [BOOK.kind], ["lent"], newest=newest)
    assert [one.state for one in lent.documents] == ["lent"] * 5 and lent.total == 5
    shelf = page(ledger, [BOOK.kind], ["lent"], newest=newest, where=[DocumentRow.ref.startswith("shelf 1")])
    assert [one.id for one in shelf.documents] == [
        one for one in order if one in {each.id for each in made[1::2]} and ledger.get(one).ref == "shelf 1"
    ]
    assert page(ledger, [BOOK.kind], number=9, size=4, newest=newest).page == 3
    assert page(ledger, ["no such kind"]).documents == [] and page(ledger, ["no such kind"]).pages == 1
