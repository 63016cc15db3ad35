"""The vital statistics of a region as open datasets: its figures, its life tables and its leading causes of death.

They are read as the public (`trust.public_reader`) for statistics, so that small counts are hidden and ages joined before any
of it is kept: nothing is opened that the figures of the public do not tell. A later year or another span is another version of
the same dataset; spans of one length never overlap, so that their difference tells no year.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa

from quanmin import trust
from quanmin.lake import Lake
from quanmin.opendata.figures import Figures
from quanmin.opendata.portal import Portal
from quanmin.population.inquiry import PERSON_COLUMNS
from quanmin.population.tables import PERSON
from quanmin.programs.vital import statistic
from quanmin.programs.vital.statistic.year import VitalYear
from quanmin.text import Text

PURPOSE = "statistics"
_TEXT, _NUMBER = pa.string(), pa.float64()
_PERIOD = {"region": (Text("区划代码", "code of the region"), "string"), "period": (Text("统计期", "period"), "string")}

FIGURES = Figures(
    "vital-statistics",
    Text("生命统计数字", "Vital statistics"),
    Text(
        "一地一期的出生、死亡、生育、寿命与登记质量指标，附分子、分母与区间；过小的计数不公布。",
        "Births, deaths, fertility, life expectancy and quality of registration with numerators, denominators and limits; small "
        "counts are not told.",
    ),
    pa.schema(
        {"region": _TEXT, "period": _TEXT, "indicator": _TEXT, "title_zh": _TEXT, "title_en": _TEXT, "unit": _TEXT}
        | {"value": _NUMBER, "low": _NUMBER, "high": _NUMBER, "numerator": _NUMBER, "denominator": _NUMBER}
        | {"marks": _TEXT}
    ),
    {
        **_PERIOD,
        "indicator": (Text("指标编号", "id of the indicator"), "string"),
        "title_zh": (Text("指标中文名称", "indicator in Chinese"), "string"),
        "title_en": (Text("指标英文名称", "indicator in English"), "string"),
        "unit": (Text("单位", "unit"), "string"),
        "value": (Text("数值，不公布的为空", "value; empty where it is not told"), "decimal"),
        "low": (Text("95% 区间下限", "lower limit, 95 %"), "decimal"),
        "high": (Text("95% 区间上限", "upper limit, 95 %"), "decimal"),
        "numerator": (Text("分子", "numerator"), "decimal"),
        "denominator": (Text("分母", "denominator"), "decimal"),
        "marks": (Text("标注", "marks: small, uncertain, none, provisional"), "string"),
    },
    ("HEAL", "SOCI"),
    "ANNUAL",
)
LIFE_TABLE = Figures(
    "life-tables",
    Text("寿命表", "Life tables"),
    Text(
        "分性别简略寿命表（联合国规则），附预期寿命 95% 区间；死亡数过小的相邻年龄组已合并。",
        "Abridged life tables by sex (rules of the United Nations), with limits of life expectancy; neighbouring ages with few "
        "deaths are joined.",
    ),
    pa.schema(
        {"region": _TEXT, "period": _TEXT, "sex": _TEXT, "age": pa.int64(), "width": pa.int64()}
        | {name: _NUMBER for name in ("deaths", "qx", "lx", "dx", "Lx", "Tx", "ex", "low", "high")}
    ),
    {
        **_PERIOD,
        "sex": (Text("性别：male、female、both", "male, female or both"), "string"),
        "age": (Text("确切年龄", "exact age"), "integer"),
        "width": (Text("年龄组宽，末组为空", "years of the group; empty in the open one"), "integer"),
        "deaths": (Text("死亡数", "deaths"), "decimal"),
        "qx": (Text("死亡概率", "probability of dying in the group"), "decimal"),
        "lx": (Text("尚存人数（十万出生）", "survivors of 100,000 births"), "decimal"),
        "dx": (Text("表上死亡数", "deaths of the table"), "decimal"),
        "Lx": (Text("生存人年", "person-years in the group"), "decimal"),
        "Tx": (Text("该年龄以上人年", "person-years above the age"), "decimal"),
        "ex": (Text("预期寿命（年）", "life expectancy, years"), "decimal"),
        "low": (Text("预期寿命下限", "its lower limit, 95 %"), "decimal"),
        "high": (Text("预期寿命上限", "its upper limit, 95 %"), "decimal"),
    },
    ("HEAL", "SOCI"),
    "ANNUAL",
)
CAUSES = Figures(
    "leading-causes",
    Text("死因顺位", "Leading causes of death"),
    Text(
        "按我国卫生统计分类的死因顺位、构成、死亡率、去死因寿命增加与寿命损失年；过小的计数不公布。",
        "Leading causes by the classes of Chinese health statistics: ranks, shares, rates, life gained without each and years of "
        "life lost; small counts are not told.",
    ),
    pa.schema(
        {"region": _TEXT, "period": _TEXT, "rank": pa.int64(), "cause": _TEXT, "title_zh": _TEXT, "title_en": _TEXT}
        | {name: _NUMBER for name in ("deaths", "share", "rate", "gain", "years_lost")}
    ),
    {
        **_PERIOD,
        "rank": (Text("顺位", "rank"), "integer"),
        "cause": (Text("死因分类编号", "id of the class"), "string"),
        "title_zh": (Text("死因中文名称", "class in Chinese"), "string"),
        "title_en": (Text("死因英文名称", "class in English"), "string"),
        "deaths": (Text("死亡数，不公布的为空", "deaths; empty where they are not told"), "decimal"),
        "share": (Text("构成比", "share of all deaths"), "decimal"),
        "rate": (Text("死亡率（1/10万）", "per 100,000"), "decimal"),
        "gain": (Text("去死因预期寿命增加（年）", "years of life expectancy gained without it"), "decimal"),
        "years_lost": (Text("寿命损失年", "years of life lost"), "decimal"),
    },
    ("HEAL",),
    "ANNUAL",
)


def publish(lake: Lake, portal: Portal, region: str, last: int, span: int, actor: str) -> list[dict[str, Any]]:
    """Publish the three datasets of a region; what each holds. Raises what `statistic.year` raises."""
    decision = trust.decide(lake.ledger, trust.public_reader(), PURPOSE, PERSON, PERSON_COLUMNS)
    found = statistic.year(lake, decision, region, last, span)
    about = date(last - span + 1, 1, 1), date(last, 12, 31)
    made = []
    for figures, rows in ((FIGURES, numbers(found)), (LIFE_TABLE, tables(found)), (CAUSES, causes(found))):
        name, where = f"{figures.name}-{region}", found.name
        title = Text(f"{where.zh}{figures.title.zh}", f"{figures.title.en} of {where.en}")
        one = replace(figures, name=name, title=title, spatial=region, period=about)
        made.append(one.publish(portal, rows, actor))
    return made


def _head(found: VitalYear) -> dict[str, Any]:
    return {"region": found.basis.region, "period": found.basis.period}


def numbers(found: VitalYear) -> list[dict[str, Any]]:
    """A row a figure."""
    names = ("value", "low", "high", "numerator", "denominator")
    return [
        _head(found)
        | {"indicator": one.id, "title_zh": one.title.zh, "title_en": one.title.en, "unit": one.unit.en}
        | {name: getattr(one, name) for name in names}
        | {"marks": " ".join(one.marks)}
        for one in found.figures
    ]


def tables(found: VitalYear) -> list[dict[str, Any]]:
    """The rows of the life tables."""
    return [_head(found) | row for row in found.tables.get("life_tables") or []]


def causes(found: VitalYear) -> list[dict[str, Any]]:
    """The rows of the leading causes."""
    return [
        _head(found)
        | {name: row[name] for name in ("rank", "cause", "deaths", "share", "rate", "gain", "years_lost")}
        | {"title_zh": row["title"].zh, "title_en": row["title"].en}
        for row in found.tables.get("leading_causes") or []
    ]
