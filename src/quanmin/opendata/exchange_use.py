"""How agencies share, published as an open dataset: counts of months by item and pair, without small ones."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from quanmin.exchange import statistic
from quanmin.exchange.statistic.monthly import MEASURES
from quanmin.opendata.figures import Figures
from quanmin.opendata.portal import Portal
from quanmin.text import Text

NAME = "exchange-statistics"
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("month", "item", "title_zh", "title_en", "sender", "receiver", "measure")]
    + [("value", pa.int64())]
)
_MEASURES = Text(
    *(", ".join(f"{name}: {title.get(language)}" for name, title in MEASURES.items()) for language in ("zh", "en"))
)
FIGURES = Figures(
    NAME,
    Text("部门间共享交换统计", "Statistics of the exchange between agencies"),
    Text(
        "按月份、共享条目与部门的请求和推送次数，由共享交换日志自动统计；不足 10 次的不公布。",
        "Requests and deliveries by month, item and pair of agencies, counted from the log of the exchange; fewer than 10 are "
        "not told.",
    ),
    SCHEMA,
    {
        "month": (Text("月份", "month"), "string"),
        "item": (Text("共享条目编号", "number of the item"), "string"),
        "title_zh": (Text("条目中文名称", "item in Chinese"), "string"),
        "title_en": (Text("条目英文名称", "item in English"), "string"),
        "sender": (Text("给出数据的部门", "agency that gives the data"), "string"),
        "receiver": (Text("得到数据的部门", "agency that gets the data"), "string"),
        "measure": (Text(f"指标（{_MEASURES.zh}）", f"measure ({_MEASURES.en})"), "string"),
        "value": (Text("次数，过小不公布的为空", "count; empty where it is too small to be told"), "integer"),
    },
)


def publish(portal: Portal, actor: str) -> dict[str, Any]:
    """Count, keep the figures as Parquet and CSV, and publish the record; what it holds."""
    rows = statistic.monthly(portal.ledger, portal.settings.zone)
    return FIGURES.publish(portal, [one._asdict() for one in rows], actor)
