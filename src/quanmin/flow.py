"""The map: every stage with the tables it reads and writes.

A stage can open the lake only with what stands here, `quanmin flow` prints it, the picture in the manual is drawn from it,
and a test compares it with what an end-to-end run really touched. Addresses are `zone.dataset`; `*` stands for any rest.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

from quanmin.text import Text

ZONES: dict[str, Text] = {
    "raw": Text("原始：收到的每一行，照原样", "as received, row by row, unchanged"),
    "quarantine": Text("隔离：被拒绝的行、原文与理由", "refused rows with their text and the reasons"),
    "clean": Text("清洁：按标准校验并定型的行", "rows proven and typed by a standard"),
    "linked": Text("关联：人口库", "the population base"),
    "measured": Text("指标：统计结果", "indicators"),
    "published": Text("发布：可以开放的数据", "what may be opened"),
}


class Stage(NamedTuple):
    """One step of the way of the data: the package of its name does the work."""

    name: str
    title: Text
    reads: tuple[str, ...]
    writes: tuple[str, ...]

    def may_read(self, table: str) -> bool:
        """Whether `table` is among the declared reads (a stage may always read what it writes)."""
        return any(fnmatchcase(table, pattern) for pattern in (*self.reads, *self.writes))

    def may_write(self, table: str) -> bool:
        """Whether `table` is among the declared writes."""
        return any(fnmatchcase(table, pattern) for pattern in self.writes)


STAGES: tuple[Stage, ...] = (
    Stage(
        "collect",
        Text("采集：校验、接收或隔离，并出具回执", "validate, accept or quarantine, give a receipt"),
        reads=(),
        writes=("raw.*", "clean.*", "quarantine.*"),
    ),
    Stage(
        "population",
        Text("人口库：基准叠加、多源校核、形成金记录", "overlay on the benchmark, verify, golden record"),
        reads=("clean.*", "linked.adopted"),
        writes=("linked.person", "linked.statement", "linked.discrepancy", "linked.reliability", "linked.ruling"),
    ),
    Stage(
        "linkage",
        Text("关联：为搁置的记录寻找本人", "find the person of records that were set aside"),
        reads=("clean.*", "linked.person", "linked.statement"),
        writes=("linked.link", "linked.adopted"),
    ),
    Stage(
        "deaths",
        Text("死亡：死后仍有业务活动的记录", "find what goes on after a death"),
        reads=("clean.*", "linked.person"),
        writes=("linked.activity",),
    ),
    Stage(
        "births",
        Text(
            "出生：新生儿关联人口库，证件与人口库互核",
            "join newborns to the base; certificates and base check each other",
        ),
        reads=(
            "clean.health.birth",
            "clean.health.childbirth_history",
            "clean.health.ncms_enrolment",
            "clean.health.whole_population",
            "clean.public_security.household_registration",
            "clean.education.pupil",
            "linked.person",
        ),
        writes=("linked.newborn", "linked.birth_finding"),
    ),
    Stage(
        "feedback",
        Text("反馈：把错误退回报送单位", "hand every source its errors back"),
        reads=("raw.*", "clean.*", "quarantine.*", "linked.discrepancy", "linked.activity", "linked.birth_finding"),
        writes=(),
    ),
    Stage(
        "measures",
        Text("指标：按定义计算并标注", "compute the figures of the indicators, with their marks"),
        reads=("clean.*", "linked.person"),
        writes=("measured.figure",),
    ),
    Stage(
        "certificates",
        Text("出生医学证明：逐号检查全国台账", "test every number of the national register of birth certificates"),
        reads=("clean.health.certificate_*", "clean.health.birth"),
        writes=("measured.certificate_finding",),
    ),
    Stage(
        "vital",
        Text("生命统计：汇总人口、出生、死亡与入学", "vital statistics: count people, births, deaths and pupils"),
        reads=("linked.person", "linked.statement", "clean.*"),
        writes=(
            "measured.vital_population",
            "measured.vital_birth",
            "measured.vital_death",
            "measured.vital_certifier",
            "measured.vital_pupil",
        ),
    ),
)


def stage(name: str) -> Stage:
    """The stage called `name`; KeyError if the map has none."""
    for candidate in STAGES:
        if candidate.name == name:
            return candidate
    raise KeyError(name)
