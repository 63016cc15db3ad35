"""What data may be asked for. What each purpose gets to see stands in the policies (`quanmin.trust.policy`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from quanmin.text import Text

Outcome = Literal["clear", "masked", "generalised", "pseudonymised", "withheld"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True)
class Purpose:
    """A purpose; `obligations` are what its readers owe (the policies say it, a test holds the two together)."""

    title: Text
    obligations: tuple[str, ...] = ()


PURPOSES: dict[str, Purpose] = {
    "treatment": Purpose(Text("诊疗", "treatment")),
    "public_health": Purpose(Text("公共卫生", "public health")),
    "emergency": Purpose(Text("突发公共卫生事件处置", "public health emergency")),
    "supervision": Purpose(Text("监管核查", "supervision")),
    "insurance": Purpose(Text("商业保险", "insurance")),
    "research": Purpose(Text("科研", "research"), ("no_reidentification",)),
    "statistics": Purpose(Text("统计", "statistics"), ("aggregate_only",)),
    "open_data": Purpose(Text("数据开放", "open data"), ("disclosure_control",)),
    "own_record": Purpose(Text("本人查询", "one's own record")),
    "verification": Purpose(Text("身份核验", "verification"), ("answer_only",)),
    "operation": Purpose(Text("系统运维", "operation")),
    "sharing": Purpose(Text("政务共享", "sharing between agencies")),
}

OBLIGATIONS: dict[str, Text] = {
    "answer_only": Text("只答是否，不出数据", "an answer only, no data"),
    "aggregate_only": Text("只出汇总", "sums only"),
    "disclosure_control": Text("只进入披露控制，不出示任何一行", "into disclosure control only, no row is shown"),
    "no_reidentification": Text("不得重新识别个人", "no person may be identified again"),
    "review": Text("事后复核", "reviewed afterwards"),
}
