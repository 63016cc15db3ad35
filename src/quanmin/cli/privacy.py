"""`quanmin privacy`: budgets of datasets, questions that are answered with noise, and what was spent on which."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from quanmin import trust
from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.register import Number
from quanmin.cli.workplace import open_lake, operator, situation
from quanmin.ledger import Document, Ledger
from quanmin.opendata import privacy
from quanmin.opendata.privacy import STATISTICS, Engine, Query, budget, spending
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust.column import is_personal

app = typer.Typer(help="Statistics with differential privacy. 差分隐私统计。", no_args_is_help=True)
budgets = typer.Typer(help="How much may be told of a dataset, given by two people. 隐私预算。", no_args_is_help=True)
app.add_typer(budgets, name="budget")

Officer = Annotated[str | None, typer.Option(help="Who acts, before there are accounts. 办理人。")]
Because = Annotated[str, typer.Option("--reason", help="Why; without anybody's data. 理由，不写个人信息。")]
Dataset = Annotated[str, typer.Argument(help="Dataset. 数据集。")]
Day = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; default: today. 起始日。")
]
Last = Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day. 截止日。")]
PURPOSE = "open_data"
PERSON, COUNTED = "person_key", "_batch"
"""What persons are told apart by, and what is read where rows are counted."""

STATES = {
    "proposed": Text("待确认", "proposed"),
    "given": Text("已批准", "given"),
    "refused": Text("已驳回", "refused"),
    "ended": Text("已终止", "ended"),
}
TITLES = {
    "document": Text("编号", "document"),
    "number": Text("编号", "number"),
    "dataset": Text("数据集", "dataset"),
    "state": Text("状态", "state"),
    "total": Text("总额 ε / δ", "total epsilon / delta"),
    "spent": Text("已用", "spent"),
    "left": Text("剩余", "left"),
    "ever": Text("历次合计", "spent ever"),
    "from": Text("起", "from"),
    "until": Text("止", "until"),
    "by": Text("提出人", "proposed by"),
    "at": Text("时间", "at"),
    "actor": Text("查询人", "asked by"),
    "statistic": Text("统计", "statistic"),
    "column": Text("列", "column"),
    "epsilon": Text("ε", "epsilon"),
    "delta": Text("δ", "delta"),
    "answered": Text("已答", "answered"),
}


@budgets.command()
def propose(
    dataset: Dataset,
    epsilon: Annotated[str, typer.Option(help="Total epsilon. ε 总额。")],
    until: Last,
    reason: Because,
    delta: Annotated[str, typer.Option(help="Total delta. δ 总额。")] = "0",
    first: Day = None,
    officer: Officer = None,
    json: AsJson = False,
) -> None:
    """Propose a budget for a period; the release officer. 提出预算。"""
    with Ledger.open(Settings()) as ledger:
        day = first.date() if first else ledger.now().date()
        actor = trust.acting_as(operator(), officer)
        _tell(budget.propose(ledger, actor, dataset, epsilon, delta, day, until.date(), reason), json)


@budgets.command()
def confirm(number: Number, officer: Officer = None, json: AsJson = False) -> None:
    """Give a budget that another person proposed. 确认预算。"""
    with Ledger.open(Settings()) as ledger:
        _tell(budget.confirm(ledger, trust.acting_as(operator(), officer), number), json)


@budgets.command()
def refuse(number: Number, reason: Because, officer: Officer = None, json: AsJson = False) -> None:
    """Refuse a proposal. 驳回预算。"""
    with Ledger.open(Settings()) as ledger:
        _tell(budget.refuse(ledger, trust.acting_as(operator(), officer), number, reason), json)


@budgets.command()
def end(number: Number, reason: Because, officer: Officer = None, json: AsJson = False) -> None:
    """End a budget at once; what was spent stays. 终止预算。"""
    with Ledger.open(Settings()) as ledger:
        _tell(budget.end(ledger, trust.acting_as(operator(), officer), number, reason), json)


@budgets.command("list")
def list_budgets(
    dataset: Annotated[str | None, typer.Argument(help="Only of this dataset. 仅此数据集。")] = None,
    json: AsJson = False,
) -> None:
    """List budgets with what is left of them. 预算清单与余额。"""
    operator()
    with Ledger.open(Settings()) as ledger:
        rows = [one.to_dict() for one in budget.listing(ledger, dataset)]
    if json:
        print_json(rows)
        return
    named = [{**row, "state": STATES[row["state"]], **_losses(row)} for row in rows]
    _table(named, ("document", "dataset", "state", "total", "spent", "left", "ever", "from", "until", "by"))


@app.command()
def ask(
    dataset: Dataset,
    statistic: Annotated[str, typer.Argument(help=f"{', '.join(STATISTICS)}. 统计。")],
    epsilon: Annotated[str, typer.Option(help="What it may cost. 所用 ε。")],
    column: Annotated[str | None, typer.Option(help="What it is about; a count has none. 列。")] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="A category of a histogram (again for more). 类别。")
    ] = None,
    lower: Annotated[str | None, typer.Option(help="Least value, known without the data. 下界。")] = None,
    upper: Annotated[str | None, typer.Option(help="Greatest value. 上界。")] = None,
    step: Annotated[str, typer.Option(help="What values are counted in. 步长。")] = "1",
    share: Annotated[str | None, typer.Option(help="Of a quantile: 0.5 is the median. 分位。")] = None,
    rows: Annotated[int, typer.Option(help="Rows (of a histogram: categories) a person, at most. 每人行数上限。")] = 1,
    delta: Annotated[str | None, typer.Option(help="With a delta the noise is Gaussian. 所用 δ（高斯机制）。")] = None,
    officer: Officer = None,
    json: AsJson = False,
) -> None:
    """Ask once, for a price; the same question again costs nothing. 查询统计，噪声由 OpenDP 生成。"""
    person = PERSON if is_personal(dataset) else None
    given: dict[str, Any] = {"statistic": statistic, "epsilon": epsilon, "column": column, "person": person}
    given |= {"lower": lower, "upper": upper, "step": step, "share": share, "contributions": rows}
    given |= {"categories": category or []} | ({"mechanism": "gaussian", "delta": delta} if delta is not None else {})
    query, actor, lake = Query.of(given), trust.acting_as(operator(), officer), open_lake()
    known = situation(lake, actor, PURPOSE, dataset=dataset)
    elements = [name for name in (person, column) if name is not None] or [COUNTED]
    decision = trust.decide(lake.ledger, actor, PURPOSE, dataset, elements, None, known)
    answer = privacy.answered(lake, actor, decision, query, Engine.of(lake.settings))
    _show(answer, json)


@app.command()
def show(
    what: Annotated[str, typer.Argument(help="A dataset, or the number of an answer. 数据集或答案编号。")],
    json: AsJson = False,
) -> None:
    """What was spent on a dataset, or one answer with its evidence. 已用明细，或某一答案及其证据。"""
    operator()
    with Ledger.open(Settings()) as ledger:
        if what.isdecimal():
            _show(spending.answer(ledger, int(what)), json)
            return
        found = spending.listing(ledger, what.removeprefix("clean."))
    if json:
        print_json(found)
        return
    rows = [{**one, "statistic": STATISTICS[one["statistic"]], "at": f"{one['at']:%Y-%m-%d %H:%M}"} for one in found]
    _table(rows, ("number", "at", "actor", "statistic", "column", "epsilon", "delta", "answered"))


def _show(answer: dict[str, Any], json: bool) -> None:
    if json:
        print_json(answer)
        return
    told, left = answer["answer"], answer["left"]
    cells = [*told.get("categories", {}).items()] if isinstance(told, dict) else []
    if cells:
        print_table(
            [Text("类别", "category"), Text("人数", "persons")], [*cells, (Text("其他", "other"), told["other"])]
        )
    for title, value in (
        (Text("答案", "answer"), None if cells else told),
        (Text("95% 的答案误差不超过", "in 95 % of answers off by at most"), _words(answer["accuracy"])),
        (Text("本次 ε / δ", "cost, epsilon / delta"), f"{answer['spent']['epsilon']} / {answer['spent']['delta']}"),
        (Text("剩余 ε / δ", "left, epsilon / delta"), f"{left['epsilon']} / {left['delta']}"),
        (Text("编号", "number"), answer["spending"]),
    ):
        if value is not None:
            out.print(f"{say(title)}: {_words(value) if isinstance(value, dict) else value}", markup=False)


NEAR = {
    "persons": Text("人", "persons"),
    "rows": Text("行", "rows"),
    "each": Text("每格", "each cell"),
    "all": Text("全部各格", "all cells"),
    "value": Text("值", "value"),
    "rank": Text("名次", "rank"),
    "mean": Text("均值", "mean"),
    "count": Text("计数", "count"),
}


def _words(near: dict[str, Any]) -> str:
    return ", ".join(f"{say(NEAR[name])} {value:g}" for name, value in near.items() if name in NEAR)


def _losses(row: dict[str, Any]) -> dict[str, str]:
    return {name: f"{row[name]['epsilon']} / {row[name]['delta']}" for name in ("total", "spent", "left", "ever")}


def _table(rows: list[dict[str, Any]], names: tuple[str, ...]) -> None:
    print_table([TITLES[name] for name in names], [[row.get(name) for name in names] for row in rows])


def _tell(made: Document, json: bool) -> None:
    if json:
        print_json({"document": made.id, "state": made.state})
        return
    state = STATES[made.state]
    out.print(say(Text(f"第 {made.id} 号：{state.zh}", f"document {made.id}: {state.en}")), markup=False)
