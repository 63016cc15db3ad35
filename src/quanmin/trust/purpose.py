"""What data may be asked for, and what each purpose gets to see: a fixed table by grade.

Grade 1 harms nobody, grade 5 identifies a person or could ruin one. A purpose has two rows: without and with a case number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from quanmin.text import Text

Outcome = Literal["clear", "masked", "generalised", "pseudonymised", "withheld"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

Row = tuple[Outcome, Outcome, Outcome, Outcome, Outcome]

_CLEAR: Row = ("clear", "clear", "clear", "clear", "clear")
_MASK: Row = ("clear", "clear", "clear", "masked", "masked")
_COUNT: Row = ("clear", "clear", "clear", "generalised", "withheld")
_STUDY: Row = ("clear", "clear", "clear", "generalised", "pseudonymised")
_COMPARE: Row = ("withheld", "withheld", "withheld", "withheld", "clear")
_RUN: Row = ("clear", "withheld", "withheld", "withheld", "withheld")
_NOTHING: Row = ("withheld", "withheld", "withheld", "withheld", "withheld")


@dataclass(frozen=True)
class Purpose:
    """A purpose: what it gets by grade (index 0 is grade 1), and what a reader then owes."""

    title: Text
    open: Row
    with_case: Row
    obligations: tuple[str, ...] = ()


PURPOSES: dict[str, Purpose] = {
    "treatment": Purpose(Text("诊疗", "treatment"), _MASK, _CLEAR),
    "supervision": Purpose(Text("监管核查", "supervision"), _MASK, _CLEAR),
    "emergency": Purpose(Text("突发公共卫生事件处置", "public health emergency"), _MASK, _CLEAR),
    "verification": Purpose(Text("身份核验", "verification"), _COMPARE, _COMPARE, ("answer_only",)),
    "statistics": Purpose(Text("统计", "statistics"), _COUNT, _COUNT, ("aggregate_only",)),
    "research": Purpose(Text("科研", "research"), _NOTHING, _STUDY, ("no_reidentification",)),
    "operation": Purpose(Text("系统运维", "operation"), _RUN, _RUN),
}
