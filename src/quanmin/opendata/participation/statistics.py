"""How the portal is used, counted from the catalogue and from what the public adds, and published as an open dataset.

Nothing of a person is in it: how many accounts took part in a month is told from `LEAST` on. All else that is counted is public
by itself (a request, a discussion), or a sum over everybody (views, downloads).
"""

from __future__ import annotations

import statistics as means
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
from sqlalchemy import select

from quanmin.ledger import Document
from quanmin.ledger.forum import PaperRow
from quanmin.ledger.table import ActionRow, DocumentRow
from quanmin.opendata.catalogue import counters, read
from quanmin.opendata.figures import Figures
from quanmin.opendata.participation import application, discussion, report, request, reuse
from quanmin.opendata.portal import Portal
from quanmin.text import Text

RECORD = NAME = "portal-statistics"
LEAST = 10
"""Fewer accounts than that are not told."""
SCHEMA = pa.schema([("month", pa.string()), ("measure", pa.string()), ("item", pa.string()), ("value", pa.float64())])
MEASURES: dict[str, Text] = {
    "datasets_by_publisher": Text("各机构数据集数", "datasets by organisation"),
    "datasets_by_format": Text("各格式数据集数", "datasets by format"),
    "datasets_by_access": Text("各获取方式数据集数", "datasets by kind of access"),
    "use": Text("浏览、下载与应用成果", "views, downloads and reuses"),
    "handed_in": Text("每月提交数", "handed in, by month"),
    "answer_days": Text("首次答复所用天数（中位数）", "days to the first answer (median)"),
    "accounts": Text("每月参与的账号数", "accounts that took part, by month"),
}
FIELDS: dict[str, tuple[Text, str]] = {
    "month": (Text("月份，现状为空", "month; empty for what stands now"), "string"),
    "measure": (Text("指标", "measure"), "string"),
    "item": (Text("分组", "group"), "string"),
    "value": (Text("数值，过小不公布的为空", "value; empty where it is too small to be told"), "double"),
}
FIGURES = Figures(
    NAME,
    Text("门户使用统计", "Statistics of the portal"),
    Text(
        "数据集、浏览、下载、应用成果、数据需求、讨论、错误报告与申请的数量及答复所用天数，由本门户自动统计。",
        "Datasets, views, downloads, reuses, requests, discussions, error reports and applications, and the days to "
        "their answers, counted by the portal itself.",
    ),
    SCHEMA,
    FIELDS,
)
_KINDS = {
    reuse.KIND.kind: "reuses",
    request.KIND.kind: "requests",
    discussion.KIND.kind: "discussions",
    report.KIND.kind: "reports",
    application.KIND.kind: "applications",
}
_ANSWERS = {
    "reuses": ("approve", "return", "refuse"),
    "requests": ("answer", "plan", "publish", "decline"),
    "discussions": ("answer",),
    "reports": ("confirm", "correct", "reject"),
    "applications": ("grant", "refuse"),
}


class Row(NamedTuple):
    """One figure; None where it is not told."""

    month: str
    measure: str
    item: str
    value: float | None


def counted(portal: Portal) -> list[Row]:
    """Every figure, in order."""
    return sorted([*_datasets(portal), *_papers(portal), *_accounts(portal)], key=lambda one: one[:3])


def _datasets(portal: Portal) -> Iterator[Row]:
    found: dict[str, Counter[str]] = {name: Counter() for name in list(MEASURES)[:3]}
    for step in portal.catalogue.store.published():
        if step.document is None or step.record == RECORD:
            continue
        record = read(step.document)
        found["datasets_by_publisher"][record.publisher.id] += 1
        found["datasets_by_access"][record.access.code] += 1
        found["datasets_by_format"].update({one.code for one in record.formats})
    for measure, counts in found.items():
        yield from (Row("", measure, item, count) for item, count in counts.items())
    uses = list(counters.read(portal.ledger).values())
    for name in ("views", "downloads", "reuses"):
        yield Row("", "use", name, sum(getattr(one, name) for one in uses))


def _papers(portal: Portal) -> Iterator[Row]:
    zone = ZoneInfo(portal.settings.zone)
    handed: Counter[tuple[str, str]] = Counter()
    waited: dict[tuple[str, str], list[float]] = {}
    for one in portal.ledger.find(list(_KINDS)):
        begun = _begun(one)
        if begun is None:
            continue
        name, month = _KINDS[one.kind], f"{begun.astimezone(zone):%Y-%m}"
        handed[month, name] += 1
        first = next((step.at for step in one.actions if step.name in _ANSWERS[name]), None)
        if first is not None:
            waited.setdefault((month, name), []).append((first - begun).total_seconds() / 86_400)
    yield from (Row(month, "handed_in", name, count) for (month, name), count in handed.items())
    yield from (Row(month, "answer_days", name, round(means.median(days), 2)) for (month, name), days in waited.items())


def _begun(one: Document) -> datetime | None:
    """When it was handed in; None for a draft that never was."""
    if one.kind != reuse.KIND.kind:
        return one.at
    return next((step.at for step in one.actions if step.name == "submit"), None)


def _accounts(portal: Portal) -> Iterator[Row]:
    """Accounts that wrote something in a month; whoever acts for the portal or an organisation does not count."""
    zone = ZoneInfo(portal.settings.zone)
    query = select(ActionRow.actor, ActionRow.at).join(DocumentRow, DocumentRow.id == ActionRow.document)
    query = query.join(PaperRow, PaperRow.document == DocumentRow.id).where(ActionRow.role.is_(None))
    active: dict[str, set[str]] = {}
    with portal.ledger.reading() as connection:
        for actor, at in connection.execute(query):
            active.setdefault(f"{at.astimezone(zone):%Y-%m}", set()).add(actor)
    for month, actors in active.items():
        yield Row(month, "accounts", "accounts", len(actors) if len(actors) >= LEAST else None)


def publish(portal: Portal, actor: str) -> dict[str, Any]:
    """Count, keep the figures as Parquet and CSV, and publish the record; what it holds."""
    return FIGURES.publish(portal, [one._asdict() for one in counted(portal)], actor)
