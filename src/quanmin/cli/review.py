"""`quanmin population review`: the queue of what a person must decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, cast

import typer

from quanmin import trust
from quanmin.cli.output import AsJson, deadline, out, print_json, print_table, say
from quanmin.cli.workplace import open_lake, operator
from quanmin.lake import Lake
from quanmin.ledger import Document
from quanmin.population.review import agreement, item, queue, side, verdict
from quanmin.population.review.item import About
from quanmin.population.tables import PERSON
from quanmin.text import Text

app = typer.Typer(help="The review queue: pairs that a person must decide. 人工审核队列。", no_args_is_help=True)

Review = Annotated[int, typer.Argument(help="Number of the item. 审核编号。")]
Purpose = Annotated[str, typer.Option(help="Why the pair is read; decides what is shown. 使用目的。")]
Case = Annotated[str | None, typer.Option(help="Case or request number, where the purpose asks for one. 案号。")]
Reason = Annotated[str, typer.Option(help="Why; without anybody's data. 理由，不写个人信息。")]
Reviewer = Annotated[
    str | None, typer.Option(help="Who decides, where several share this installation. 审核人。", show_default=False)
]


@app.command()
def gather(json: AsJson = False) -> None:
    """Bring the open questions of the base into the queue; what is no longer asked lapses. 汇集待审核事项。"""
    report = queue.gather(open_lake())
    if json:
        print_json(report.to_dict())
        return
    rows = [(item.ABOUT[about], count) for about, count in report.new.items()]
    print_table([Text("事项", "about"), Text("新增", "new")], rows)
    out.print(say(Text(f"失效 {report.lapsed:,} 项", f"{report.lapsed:,} lapsed")))


@app.command("list")
def listing(
    about: Annotated[list[str] | None, typer.Option(help="link, contested, double; default: all. 事项类别。")] = None,
    state: Annotated[list[str] | None, typer.Option(help="Default: what waits for somebody. 状态。")] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many at most, the oldest first. 条数上限。")] = 50,
    json: AsJson = False,
) -> None:
    """Items of the queue with how many are in each state; nobody's data. 列出审核事项。"""
    abouts = [cast(About, one) for one in _known("about", about or (), item.ABOUT)]
    states = _known("state", state or item.WAITING, item.STATES)
    lake = open_lake()
    rows, counts = queue.listing(lake, abouts, states, limit), queue.counts(lake)
    if json:
        print_json({"items": rows, "counts": counts})
        return
    titles = [Text("编号", "review"), Text("事项", "about"), Text("状态", "state"), Text("期限", "due")]
    titles += [Text("数据集", "dataset"), Text("批次", "batch"), Text("行", "row"), Text("权重", "weight")]
    print_table(titles, [_line(row) for row in rows])
    for one, by_state in counts.items():
        zh = "，".join(f"{item.STATES[name].zh} {count:,}" for name, count in by_state.items()) or "无"
        en = ", ".join(f"{item.STATES[name].en} {count:,}" for name, count in by_state.items()) or "none"
        out.print(say(Text(f"{item.ABOUT[one].zh}：{zh}", f"{item.ABOUT[one].en}: {en}")))


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    due, weight = deadline(row["due"]), row["weight"] and f"{row['weight']:.1f}"
    head = (str(row["review"]), row["title"], row["state_title"], due)
    return (*head, row["dataset"], row["batch"], row["row"], weight)


def _known(option: str, given: Sequence[str], known: dict[Any, Text]) -> list[str]:
    if set(given) - set(known):
        raise typer.BadParameter(f"--{option}: {', '.join(known)}. 可用的值如上。")
    return list(given)


@app.command()
def show(review: Review, purpose: Purpose = "supervision", case: Case = None, json: AsJson = False) -> None:
    """Show a pair side by side with the differences marked; masked as the purpose demands. 并列显示。"""
    lake = open_lake()
    found = side.show(lake, _asker(lake, None, purpose, case), review)
    if json:
        print_json(found)
        return
    out.print(
        say(Text(f"{found['title'].zh}：{found['state_title'].zh}", f"{found['title'].en}: {found['state_title'].en}"))
    )
    titles = [Text("项目", "item"), *(_heading(one) for one in found["sides"]), Text("比较", "compared")]
    rows = []
    for one in found["items"]:
        marks = " ".join(say(side.MARKS[mark]) for mark in one["marks"])
        rows.append((one["title"], *one["values"], marks))
    print_table(titles, rows)
    if found["records"] is not None:
        counts = " / ".join(map(str, found["records"]))
        out.print(say(Text(f"户籍以外的记录数：{counts}", f"Records beside the register's: {counts}")))
    for opinion in found["opinions"]:
        answer = item.ANSWERS[opinion["answer"]]
        out.print(f"{opinion['actor']}: {say(answer)}, {opinion['reason']}", markup=False)


def _heading(one: dict[str, Any]) -> Text:
    place = "" if one["dataset"] is None else f" {one['dataset']} {one['batch']}:{one['row']}"
    return Text(one["title"].zh + place, one["title"].en + place)


@app.command()
def decide(
    review: Review,
    answer: Annotated[str, typer.Argument(help="same, different or unsure. 同一人、不同人、无法判断。")],
    reason: Reason = "",
    keep: Annotated[
        str | None, typer.Option(help="Of two numbers of one person: left or right survives. 保留的号码。")
    ] = None,
    reviewer: Reviewer = None,
    purpose: Purpose = "supervision",
    case: Case = None,
    json: AsJson = False,
) -> None:
    """Decide on a pair, or give the second or third opinion on it; a reason is required. 作出审核结论。"""
    if keep not in (None, "left", "right"):
        raise typer.BadParameter("--keep left | right. 可用的值如上。")
    lake = open_lake()
    decision = _asker(lake, reviewer, purpose, case)(PERSON, ("person_key",))
    _print(verdict.decide(lake, decision, review, answer, reason, cast("verdict.Keep | None", keep)), json)


@app.command()
def undo(
    review: Review,
    reason: Reason = "",
    reviewer: Reviewer = None,
    purpose: Purpose = "supervision",
    case: Case = None,
    json: AsJson = False,
) -> None:
    """Take a decision back, with the merge that followed from it; the item is open again. 撤销审核结论。"""
    lake = open_lake()
    decision = _asker(lake, reviewer, purpose, case)(PERSON, ("person_key",))
    _print(verdict.undo(lake, decision, review, reason), json)


@app.command()
def stats(json: AsJson = False) -> None:
    """Show how many items wait and are done, how often two reviewers agree, and Cohen's kappa. 审核统计。"""
    found = agreement.statistics(open_lake())
    if json:
        print_json([one.to_dict() for one in found])
        return
    titles = [Text("事项", "about"), *item.STATES.values(), Text("逾期", "overdue"), *item.ANSWERS.values()]
    titles += [Text("复核对数", "pairs"), Text("一致率", "agreement"), Text("Kappa", "kappa")]
    total = Text("合计", "all")
    rows = []
    for one in found:
        head = (item.ABOUT[one.about] if one.about else total, *one.states.values(), one.overdue)
        rows.append((*head, *one.answers.values(), one.pairs, one.agreement, one.kappa))
    print_table(titles, rows)
    out.print(say(Text(f"Kappa 的出处：{agreement.SOURCE}", f"Kappa after {agreement.SOURCE}")), markup=False)


def say_merged(found: dict[str, Any]) -> None:
    """Say that a person was asked for by a number given up, what the other numbers are, and whether another uses this one."""
    if "merged" in found:
        number, by = found["merged"]["number"] or "", found["merged"]["review"]
        zh = f"号码 {number} 已由第 {by} 号审核并入下列人员"
        out.print(say(Text(zh, f"Number {number} was merged into the person below by review {by}")), markup=False)
    if found.get("merged", {}).get("undone"):
        out.print(
            say(Text("该合并已撤销，待下次建库分开", "The merge was undone; the next build makes two people again"))
        )
    if found.get("numbers"):
        also = ", ".join(str(number) for number in found["numbers"] if number)
        out.print(say(Text(f"此人的其他号码：{also}", f"Other numbers of this person: {also}")), markup=False)
    if "split" in found:
        by = found["split"]["review"]
        out.print(
            say(Text(f"第 {by} 号审核确认另有一人使用此号", f"Review {by} found that another person uses this number"))
        )


def print_changes(changes: Sequence[dict[str, Any]]) -> None:
    """What reviews changed about a person; nothing where they did not."""
    if changes:
        titles = [Text("时间", "at"), Text("审核变更", "changed by review"), Text("编号", "review")]
        titles += [Text("审核人", "reviewer"), Text("理由", "reason")]
        rows = [(f"{c['at']:%Y-%m-%d %H:%M}", c["title"], str(c["review"]), c["actor"], c["reason"]) for c in changes]
        print_table(titles, rows)


def _asker(
    lake: Lake, reviewer: str | None, purpose: str, case: str | None
) -> Callable[[str, Sequence[str]], trust.Decision]:
    """Decisions for whoever is at the keyboard, under the name given."""
    actor = trust.acting_as(operator(), reviewer)

    def decide(table: str, elements: Sequence[str]) -> trust.Decision:
        return trust.decide(lake.ledger, actor, purpose, table, tuple(elements), case=case)

    return decide


def _print(document: Document, json: bool) -> None:
    """An item after an action."""
    told = queue.told(document)
    if json:
        print_json(told)
        return
    out.print(
        say(Text(f"第 {document.id} 号：{told['state_title'].zh}", f"Review {document.id}: {told['state_title'].en}"))
    )
