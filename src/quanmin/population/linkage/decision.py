"""Attach, review or apart: what the weights of a record's candidates amount to. One record goes to one person or to none."""

from __future__ import annotations

from typing import Literal, NamedTuple

from quanmin.population.linkage import setting
from quanmin.text import Text

Decided = Literal["attach", "review", "apart"]

DECISIONS: dict[Decided, Text] = {
    "attach": Text("挂接", "attach"),
    "review": Text("待人工审核", "review"),
    "apart": Text("不挂接", "apart"),
}

CERTAIN = 99.0
"""The margin where there is no second candidate."""


class Best(NamedTuple):
    """A record's best candidate: its weight, how far the next one is behind, and what speaks against attaching at all.

    `other_number`: the record bears a sound number that is not this person's. A slip never makes a sound number (MOD 11-2), so
    that is a statement: one person with two numbers, or two people. `contested`: others claim the person's number.
    """

    weight: float
    margin: float
    other_number: bool
    contested: bool


def decide(best: Best) -> Decided:
    """The decision on one record: the reference of `SQL`."""
    if best.weight < setting.REVIEW_WEIGHT:
        return "apart"
    sure = best.weight >= setting.ATTACH_WEIGHT and best.margin >= setting.ATTACH_MARGIN
    return "attach" if sure and not best.other_number and not best.contested else "review"


SQL = (
    f"CASE WHEN weight < {setting.REVIEW_WEIGHT} THEN 'apart' "
    f"WHEN weight >= {setting.ATTACH_WEIGHT} AND margin >= {setting.ATTACH_MARGIN} AND NOT other_number AND NOT contested "
    f"THEN 'attach' ELSE 'review' END"
)
"""The same on columns."""


def best(scored: str) -> str:
    """SQL of the best candidate of each record: `record`, `person`, `weight`, `probability`, `margin`.

    `scored` is Splink's table of results: people are its left side, records its right one.
    """
    return (
        f"SELECT id_r AS record, id_l AS person, match_weight AS weight, match_probability AS probability, "
        f"least(coalesce(match_weight - lead(match_weight) OVER w, {CERTAIN}), {CERTAIN}) AS margin "
        f"FROM {scored} WINDOW w AS (PARTITION BY id_r ORDER BY match_weight DESC, id_l) "
        f"QUALIFY row_number() OVER w = 1"
    )
