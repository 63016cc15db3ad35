"""`quanmin vital birth` and `quanmin vital push|pushes|owing`: births into the base, cross-checks, the monthly push upward."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from quanmin import standards
from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import open_lake, worker
from quanmin.exchange.node.opening import opened
from quanmin.lake import Lake
from quanmin.programs.vital import push as pushing
from quanmin.programs.vital.birth import card, registration
from quanmin.programs.vital.birth import crosscheck as checking
from quanmin.programs.vital.birth import newborn as newborns
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push import bundle
from quanmin.programs.vital.role import SUPERVISOR
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust.work import OPERATOR

app = typer.Typer(help="Births between certificates and base. 出生与人口库。", no_args_is_help=True)

Region = Annotated[str | None, typer.Option(help="Code of a division; default: everywhere. 行政区划。")]
PUSH_STATES = {
    "made": Text("已生成", "made"),
    "sending": Text("发送中", "being sent"),
    "sent": Text("已发出", "sent"),
}


def register(vital: typer.Typer) -> None:
    """Add the verbs of the push."""
    vital.command("push")(push)
    vital.command("pushes")(pushes)
    vital.command("owing")(owing)


@contextmanager
def _office(role: str = OPERATOR) -> Iterator[tuple[Lake, Office]]:
    """The lake with whoever is at the keyboard, whose work this is."""
    actor = worker(role)
    with open_lake() as lake:
        yield lake, Office(lake.ledger, lake.settings, actor)


def _today() -> dt.date:
    return dt.datetime.now(ZoneInfo(Settings().zone)).date()


@app.command()
def collect(json: AsJson = False) -> None:
    """Collect the cards that were reported since the last time, and certificates that stand differently. 采集报告卡。"""
    receipts = []
    with _office() as (lake, office):
        while (receipt := card.collect_cards(lake, office)) is not None:
            receipts.append(receipt)
    if json:
        print_json([one.to_dict() for one in receipts])
        return
    titles = [Text("批次", "batch"), Text("读入", "read"), Text("接收", "accepted"), Text("隔离", "quarantined")]
    titles += [Text("更正", "supersedes")]
    print_table(titles, [(r.batch, r.read, r.accepted, r.quarantined, r.supersedes) for r in receipts])


@app.command()
def join(json: AsJson = False) -> None:
    """Find the person that each newborn became. 新生儿关联人口库。"""
    with _office() as (lake, _):
        report = newborns.join(lake, _today())
    if json:
        print_json(report.to_dict())
        return
    counts = report.to_dict()
    print_table(
        [Text("状态", "state"), Text("人数", "newborns")],
        [(title, counts[name]) for name, title in newborns.STATES.items()],
    )
    print_table([Text("依据", "rule"), Text("人数", "newborns")], list(report.rules.items()))


@app.command()
def crosscheck(
    region: Region = None,
    since: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of birth of the base. 起始出生日期。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Check certificates and base against each other. 出生证与人口库互核。"""
    with _office() as (lake, _):
        report = checking.crosscheck(lake, _today(), region, since and since.date())
    if json:
        print_json(report.to_dict())
        return
    rows = [(rule, checking.RULES[rule].title, count) for rule, count in report.findings.items()]
    print_table([Text("规则", "rule"), Text("问题", "what does not fit"), Text("条数", "rows")], rows)


@app.command()
def findings(
    rule: Annotated[str | None, typer.Argument(help="A rule; default: all. 规则。", show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most. 至多条数。")] = 100,
    json: AsJson = False,
) -> None:
    """Show where the findings are: dataset, batch and row. 列出问题的地址。"""
    with _office() as (lake, _):
        found = checking.listing(lake, rule, limit)
    if json:
        print_json(found)
        return
    titles = [Text("规则", "rule"), Text("数据集", "dataset"), Text("来源", "source"), Text("批次", "batch")]
    titles += [Text("行", "row"), Text("数据元", "element"), Text("代码", "code"), Text("限期", "answer by")]
    print_table(titles, [tuple(one.values()) for one in found])


@app.command()
def completeness(
    first: Annotated[int, typer.Argument(help="First year of birth. 起始年份。")],
    last: Annotated[int, typer.Argument(help="Last year of birth. 截止年份。")],
    region: Region = None,
    json: AsJson = False,
) -> None:
    """Compare certificates, base, enrolment and school by year of birth. 出生登记完整性。"""
    with _office() as (lake, _):
        found = registration.completeness(lake, first, last, region)
    if json:
        print_json([one.to_dict() for one in found])
        return
    titles = [Text("出生年", "year"), Text("出生证", "certified"), Text("库中人口", "in the base")]
    titles += [Text("已关联", "on both"), Text("参合", "enrolled"), Text("全员人口", "surveyed")]
    titles += [Text("估计出生数", "estimate"), Text("有证比例", "with certificate"), Text("落户比例", "registered")]
    titles += [
        Text("入学儿童", "at school"),
        Text("其中在库", "of them in the base"),
        Text("其中有证", "of these certified"),
    ]
    titles += [Text("入学儿童有证比例", "share")]
    print_table(titles, [_line(one) for one in found])
    for note in registration.NOTES:
        out.print(say(note), markup=False)


def _line(one: registration.Cohort) -> tuple[object, ...]:
    """A cohort in the order of the titles; what no source tells is said so."""
    about = one.to_dict()
    school = about.pop("school")
    told = (school["pupils"], school["denominator"], school["numerator"], school["value"])
    year = str(about.pop("year"))
    return year, *about.values(), *(Text("无来源", "no source") if value is None else value for value in told)


def push(
    month: Annotated[str, typer.Argument(help="Month, as 2026-10. 月份。", metavar="MONTH")],
    correction_of: Annotated[str | None, typer.Option(help="Package that it corrects. 所更正的报送包。")] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send it under the agreements of its datasets. 按协议发送。")
    ] = False,
    json: AsJson = False,
) -> None:
    """Make the package of a month for the level above, and send it. 生成并报送月度数据包。"""
    with _office(SUPERVISOR) as (lake, office):
        path = pushing.package(office, month, correction_of)
        made = pushing.read_package(path)
        sent = _send(lake, office, path) if send else {}
    if json:
        print_json(made.to_dict() | {"path": str(path), "deliveries": sent})
        return
    out.print(str(path), markup=False)
    titles = [Text("数据集", "dataset"), Text("行数", "rows"), Text("SHA-256", "SHA-256"), Text("交付", "delivery")]
    rows = [(part.dataset, part.rows, part.sha256[:12], sent.get(part.dataset)) for part in made.parts]
    print_table(titles, rows)


def _send(lake: Lake, office: Office, path: Path) -> dict[str, str]:
    with opened(lake.settings, lake) as node:
        return pushing.send(node, office, node.agreements.all(), path)


def pushes(
    month: Annotated[str | None, typer.Argument(help="A month; default: all. 月份。", show_default=False)] = None,
    json: AsJson = False,
) -> None:
    """Show the packages, and what the level above made of each part. 报送情况与上级反馈。"""
    found = []
    with _office(SUPERVISOR) as (lake, office):
        asked = None if month is None else pushing.month(month)
        with opened(lake.settings, lake) as node:
            for one in bundle.listing(office, asked):
                parts = [answer.to_dict() for answer in pushing.answers(node, office, str(one.ref))]
                own = {name: one.data[name] for name in ("month", "corrects", "sha256")}
                found.append({"package": one.ref, "state": one.state, **own, "parts": parts})
    if json:
        print_json(found)
        return
    titles = [Text("报送包", "package"), Text("状态", "state"), Text("数据集", "dataset"), Text("行数", "rows")]
    titles += [Text("交付状态", "delivery"), Text("隔离", "quarantined"), Text("反馈错误", "errors told")]
    print_table(
        titles,
        [
            (one["package"], PUSH_STATES[one["state"]], *(part[name] for name in _TOLD))
            for one in found
            for part in one["parts"]
        ],
    )


_TOLD = ("dataset", "rows", "state", "quarantined", "told")


def owing(
    below: Annotated[bool, typer.Option("--below", help="What members below owe, not we. 下级欠报。")] = False,
    json: AsJson = False,
) -> None:
    """Show which months are owed: by us, or by those below. 欠报月份。"""
    with _office(SUPERVISOR) as (lake, office):
        if below:
            with opened(lake.settings, lake) as node:
                found = pushing.owing_below(node)
        else:
            found = pushing.owing(office)
    if json:
        print_json([one.to_dict() for one in found])
        return
    titles = [
        Text("成员", "member"),
        Text("名称", "name"),
        Text("月份", "month"),
        Text("限期", "due"),
        Text("逾期", "late"),
    ]
    called = standards.catalogue().called
    print_table(titles, [(one.member, called(one.member), one.month, one.month.due, one.late) for one in found])
