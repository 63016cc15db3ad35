"""Traffic: who exchanged how much with whom, hour by hour, whose faults there were, and how well agreements are served."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Query

from quanmin import charts
from quanmin.exchange import statistic
from quanmin.exchange.statistic.traffic import Hour, Pair
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.exchange.agreements import newest, versions
from quanmin.web.console.exchange.area import ROLES, agency, scope, shown
from quanmin.web.face import Face
from quanmin.web.view import Answer

SPANS = {
    1: Text("最近一天", "the last day"),
    7: Text("最近 7 天", "the last 7 days"),
    30: Text("最近 30 天", "the last 30 days"),
}
Days = Annotated[int, Query(ge=1, le=366)]
DAYS = 7
FULL = 72
"""Hours that are drawn one by one; more are added up by the day."""


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/exchange/traffic", "console/exchange/traffic.html", roles=ROLES)
    def traffic(ask: Ask, days: Days = DAYS) -> Answer:
        """Messages by pair and by hour, faults by origin, service levels."""
        ledger, own = ask.lake.ledger, scope(ask)
        since = (ledger.now() - timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
        pairs, hours = statistic.pairs(ledger, since, own), statistic.hours(ledger, since, own)
        titles = {str(one.ref): one.data["terms"] for one in newest(versions(ask))}
        levels = [one for one in statistic.levels(ledger, since, own) if own is None or one.agreement in titles]
        data: dict[str, Any] = {
            "days": days,
            "since": since,
            "pairs": [one._asdict() for one in pairs],
            "hours": [one._asdict() for one in hours],
            "faults": [one._asdict() for one in statistic.faults(ledger, since, own)],
            "levels": [{**one._asdict(), "share": one.share, "slow_share": one.slow_share} for one in levels],
        }
        pictures = {"matrix": matrix(pairs), "course": course(hours, ask.settings.zone)}
        drawn = {name: chart.html(ask.language, name=name) if chart else None for name, chart in pictures.items()}
        words = {name: Text(terms["title_zh"], terms["title_en"]) for name, terms in titles.items()}
        return shown(
            Text("流量与服务水平", "Traffic and service levels"), data, ask, spans=SPANS, titles=words, **drawn
        )


def matrix(pairs: list[Pair]) -> charts.HeatTable | None:
    """Messages from each member (rows) to each (columns); nothing to draw where there were none."""
    counts = {(one.sender, one.receiver): one.messages for one in pairs}
    senders, receivers = sorted({one for one, _ in counts}), sorted({one for _, one in counts})
    if not counts:
        return None
    cells = tuple(tuple(counts.get((sender, receiver)) for receiver in receivers) for sender in senders)
    title = Text(
        "各部门之间的消息数（行：发送方，列：接收方）", "Messages between members (rows send, columns receive)"
    )
    rows, columns = (tuple(agency(one) for one in some) for some in (senders, receivers))
    return charts.HeatTable(title, rows, columns, cells, charts.COUNT, Text("发送方", "sender"))


def course(hours: list[Hour], zone: str) -> charts.LineChart | None:
    """Messages and faults in the course of time: by the hour for a few days, else by the day."""
    if not hours:
        return None
    place, sums = ZoneInfo(zone), dict[Any, list[int]]()
    single = len(hours) <= FULL
    for one in hours:
        local: datetime = one.hour.astimezone(place)
        count = sums.setdefault(f"{local:%m-%d %H}" if single else local.date(), [0, 0])
        count[0] += one.messages
        count[1] += one.faults
    names = (Text("消息", "messages"), Text("拒绝", "refusals"))
    series = tuple(
        charts.Series(name, tuple((at, counts[which]) for at, counts in sums.items()))
        for which, name in enumerate(names)
    )
    title = Text("每小时的消息数", "Messages by the hour") if single else Text("每天的消息数", "Messages by the day")
    return charts.LineChart(title, series, charts.COUNT, Text("时间", "time"))
