"""The pages of the area that are open to somebody, by what the policies leave the post."""

from __future__ import annotations

from functools import cache

from quanmin.population.aim import Aims
from quanmin.standards import catalogue
from quanmin.text import Text

FORMS = {
    "masked": Text("脱敏", "masked"),
    "generalised": Text("泛化", "coarser"),
    "pseudonymised": Text("假名", "pseudonym"),
    "withheld": Text("不出示", "withheld"),
}
"""How a value is shown that is not shown clearly."""


def pages(aims: Aims) -> list[tuple[str, Text]]:
    """Addresses and titles; the first is everybody's."""
    found = [("/population", Text("查询", "Look up"))]
    if aims.searches:
        found.append(("/population/find", Text("查找", "Find")))
    if aims.verifies:
        found.append(("/population/verify", Text("核验", "Verify")))
    if aims.counts:
        found.append(("/population/statistics", Text("统计", "Figures")))
        found.append(("/vital/statistics", Text("生命统计", "Vital statistics")))
    return found


@cache
def words() -> dict[str, dict[str, Text]]:
    """The words of the codes of each item that is coded."""
    sets = catalogue().value_sets
    named = {one.id: str(one.values) for one in catalogue().items if one.values in sets}
    return {item: dict(sets[values].codes) for item, values in named.items()}
