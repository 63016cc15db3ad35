"""What was found in a table, by rule, with the cells it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from quanmin.opendata.disclosure.axis import Address
from quanmin.text import Text, document

Weight = Literal["noted", "treated", "reason", "refused"]
"""Told to the checker; put right by suppression; refused unless a reason is given; refused."""

TITLES = {
    "O1.small": Text("人数低于最小值，已隐去", "too few people; suppressed"),
    "O1.total": Text("全表人数或支配程度不符规则，不得公开", "the table as a whole has too few people or is dominated"),
    "O4.zero": Text("零：说明无人属于此类", "zeros: they say that nobody is of this kind"),
    "O4.whole": Text(
        "一行的全部人数集中于一类，须说明理由", "everybody of a line is in one category; it needs a reason"
    ),
    "O5.dominated": Text("总和由一两人支配，已隐去", "one or two people dominate the sum; suppressed"),
    "O6.percentile": Text("百分位数一侧人数不足", "a percentile has too few people beside it"),
    "O7.freedom": Text("模型剩余自由度不足", "the model has too few residual degrees of freedom"),
    "O8.few": Text("事件过少，生存曲线已隐去", "too few events for a survival curve; suppressed"),
    "O9.difference": Text("与已发布的表相减可得少数人", "subtracting what was released before leaves a few people"),
    "O9.rounding": Text("同一人群已以另一取整方式发布", "the same people were released with another rounding"),
    "O9.tracker": Text("合并已发布的多张表可推得少数人", "the releases together leave a few people"),
    "O9.unasked": Text("发布过多，未作多表联合推算", "too many releases to ask what they say together"),
    "O10.partner": Text("为防止推算而一并隐去", "suppressed as well, so that nothing can be derived"),
    "O10.derivable": Text("被隐去的单元格可由公布的数推得", "a suppressed cell can be derived from what is published"),
    "O10.together": Text(
        "与同一人群的其他表并读可推得", "can be derived when other tables of the same people are read too"
    ),
    "O10.stuck": Text("仅靠隐去无法保护这些单元格", "suppression alone cannot protect these cells"),
    "O16.missing": Text("缺失的值", "missing values"),
    "O16.negative": Text("负值", "negative values"),
    "overlap": Text(
        "有人出现在多个单元格中；合计为各格之和", "somebody stands in several cells; totals add the cells up"
    ),
}
NOTHING = Text("", "")
SHOWN = 50
"""Addresses told in full; `count` counts all."""


@dataclass(frozen=True)
class Finding:
    """One rule met or broken: its code, how heavy it is, how many cells (or rows, or people) and the first addresses."""

    code: str
    weight: Weight
    count: int
    cells: tuple[Address, ...] = ()
    about: Text = NOTHING

    @property
    def title(self) -> Text:
        """What the code says."""
        return TITLES[self.code]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        made = {
            "code": self.code,
            "weight": self.weight,
            "count": self.count,
            "cells": [list(one) for one in self.cells],
        }
        return {**made, "title": document(self.title), "about": document(self.about)}


def found(code: str, weight: Weight, cells: Iterable[Address], about: Text = NOTHING) -> list[Finding]:
    """A finding about some cells; none when there are none."""
    listed = list(cells)
    return [Finding(code, weight, len(listed), tuple(listed[:SHOWN]), about)] if listed else []
