"""The sharing catalogue: what there is to share, under which conditions and by which law, and which agreements stand on it.

Share types are those of the regulation (政务数据共享条例, State Council order 809): unconditional, conditional, not shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from quanmin import standards
from quanmin.exchange.agreement.rule import shared
from quanmin.exchange.terms import Terms
from quanmin.standards.dataset import Share
from quanmin.text import Text, document
from quanmin.trust.column import BASE

SHARE_WORDS: dict[Share, Text] = {
    "unconditional": Text("无条件共享", "unconditional"),
    "conditional": Text("有条件共享", "conditional"),
    "closed": Text("不予共享", "not shared"),
}
BASE_TITLE = Text("人口基础信息（十三项）", "the population base (thirteen items)")


class Entry(NamedTuple):
    """One line: a dataset or the base; `providers` may give it, `agreements` stand on it (`A-2026-0001;v=1`)."""

    id: str
    title: Text
    share: Share
    legal_basis: Text | None
    frequency: str | None
    providers: tuple[str, ...]
    elements: tuple[str, ...]
    agreements: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As a JSON document."""
        told: dict[str, Any] = document(self._asdict())
        return told | {name: list(getattr(self, name)) for name in ("providers", "elements", "agreements")}


def catalogue(authority: str, standing: Iterable[Terms] = ()) -> list[Entry]:
    """Every dataset by id, then the base; `standing` are agreements in force, `authority` is the platform."""
    on: dict[str, list[str]] = {}
    for terms in standing:
        on.setdefault(terms.dataset, []).append(terms.cited)
    known = standards.catalogue()
    made = []
    for one in sorted(known.datasets.values(), key=lambda dataset: dataset.id):
        what = shared(one.id, authority)
        cited = tuple(sorted(on.get(one.id, ())))
        told = (
            one.id,
            one.title,
            what.share,
            one.legal_basis,
            one.frequency,
            what.providers,
            tuple(what.elements),
            cited,
        )
        made.append(Entry(*told))
    base = shared(BASE, authority)
    cited = tuple(sorted(on.get(BASE, ())))
    return [*made, Entry(BASE, BASE_TITLE, base.share, None, None, base.providers, tuple(base.elements), cited)]
