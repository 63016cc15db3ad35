"""`quanmin population` and `quanmin feedback`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from quanmin import population as stage
from quanmin import trust
from quanmin.cli import corrections, questions, review
from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.progress import Bar
from quanmin.cli.workplace import open_lake, operator, situation, worker
from quanmin.installation.pairs import verify_file
from quanmin.lake import Lake
from quanmin.lake.cluster import EngineName
from quanmin.opendata.participation import feedback as portal_feedback
from quanmin.population import inquiry, linkage
from quanmin.population.build import REASONS
from quanmin.population.inquiry import COMPARED
from quanmin.settings import Settings
from quanmin.text import Text

app = typer.Typer(help="The population base. 人口基础信息库。", no_args_is_help=True)
feedback = typer.Typer(help="Errors found, back to whoever sent them. 错误反馈。", no_args_is_help=True)

Purpose = Annotated[str, typer.Option(help="Why the record is read; decides what is shown. 使用目的。")]
Case = Annotated[str | None, typer.Option(help="Case or request number, where the purpose asks for one. 案号。")]


@app.command()
def build(
    full: Annotated[bool, typer.Option("--full", help="Rebuild everything, not only what changed. 全量重建。")] = False,
    engine: Annotated[
        EngineName, typer.Option(help="Where it is computed: here, or on the cluster of QUANMIN_SPARK. 计算引擎。")
    ] = "duckdb",
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Estimate anew how far each source is believed. 重新估计来源可信度。")
    ] = False,
    json: AsJson = False,
) -> None:
    """Overlay, verify and write the golden records; only people in changed batches unless --full. 建库。"""
    worker()
    report = stage.build(open_lake(), full=full, engine=engine, calibrate=calibrate)
    if json:
        print_json(report.to_dict())
        return
    out.print(
        say(
            Text(
                f"{report.records:,} 条记录，{report.people:,} 人，凭号码挂接 {report.attached:,}，搁置 {report.set_aside:,}，"
                f"其中经关联挂接 {report.linked:,}，{report.seconds:.1f} 秒",
                f"{report.records:,} records, {report.people:,} people, {report.attached:,} attached by number, "
                f"{report.set_aside:,} set aside, of which {report.linked:,} linked, {report.seconds:.1f} s",
            )
        )
    )
    if report.full_reason is not None:
        out.print(say(REASONS[report.full_reason]))
    titles = [Text("代码", "code"), Text("错误", "error"), Text("条数", "records")]
    print_table(titles, [(code, stage.error_title(code), count) for code, count in sorted(report.errors.items())])


@app.command()
def reliability(json: AsJson = False) -> None:
    """How far each source is believed about each item, as the base was built. 各来源可信度。"""
    rows = stage.believed(open_lake())
    if json:
        print_json(rows)
        return
    titles = [Text("项", "item"), Text("最可信者", "most trusted to speak"), Text("来源", "source")]
    titles += [Text("正确率", "right"), Text("陈述数", "statements"), Text("抄自", "copies")]
    table = [
        (row["item"], row["first"], row["dataset"], f"{row['right']:.4f}", row["claims"], _copies(row["copies"]))
        for row in rows
    ]
    print_table(titles, table)


def _copies(copies: dict[str, float]) -> str:
    return ", ".join(f"{dataset} {share:.2f}" for dataset, share in copies.items() if share >= 0.01)


@app.command()
def link(
    train: Annotated[bool, typer.Option("--train", help="Train a new model first. 先重新训练模型。")] = False,
    json: AsJson = False,
) -> None:
    """Find the person of the records that were set aside: attach, review or leave apart. 关联搁置的记录。"""
    worker()
    report = linkage.link(open_lake(), train=train)
    if json:
        print_json(report.to_dict())
        return
    out.print(
        say(
            Text(
                f"搁置 {report.records:,} 条，候选 {report.pairs:,} 对，模型 {report.model}，{report.seconds:.1f} 秒",
                f"{report.records:,} records set aside, {report.pairs:,} pairs compared, model {report.model}, "
                f"{report.seconds:.1f} s",
            )
        )
    )
    counts = report.to_dict()
    rows: list[tuple[Text, int]] = [(title, counts[name]) for name, title in linkage.DECISIONS.items()]
    rows.append((Text("无候选人", "nobody to compare with"), report.without))
    print_table([Text("结论", "decision"), Text("条数", "records")], rows)


@app.command()
def explain(
    dataset: Annotated[str, typer.Argument(help="Dataset of the record. 数据集。")],
    batch: Annotated[int, typer.Argument(help="Its batch. 批次。")],
    row: Annotated[int, typer.Argument(help="Its row in the sender's file. 行号。")],
    purpose: Purpose = "supervision",
    case: Case = None,
    picture: Annotated[Path | None, typer.Option(help="Also draw it, as an SVG file. 另存为图。")] = None,
    json: AsJson = False,
) -> None:
    """Explain why a record was attached, left apart or sent to a clerk. 解释一条记录的关联结论。"""
    lake = open_lake()

    def decide(table: str, elements: Sequence[str]) -> trust.Decision:
        return trust.decide(lake.ledger, operator(), purpose, table, tuple(elements), case=case)

    found = linkage.explain(lake, decide, dataset, batch, row)
    if picture is not None:
        linkage.waterfall(found).drawing(Settings().language).save(picture)
    if json:
        print_json(found.to_dict())
        return
    odds = f"{found.weight:.1f}", f"{found.probability:.4%}", f"{found.margin:.1f}", str(found.model)
    out.print(
        say(
            Text(
                f"{found.title.zh}：权重 {odds[0]}，概率 {odds[1]}，领先次优 {odds[2]}，模型 {odds[3]}",
                f"{found.title.en}: weight {odds[0]}, probability {odds[1]}, {odds[2]} before the next, model {odds[3]}",
            )
        )
    )
    titles = [Text("比较", "compared"), Text("结果", "outcome"), Text("权重", "weight")]
    titles += [Text("记录", "record"), Text("本人", "person")]
    print_table(titles, [(s.title, s.outcome, f"{s.weight:+.1f}", s.stated, s.held) for s in found.steps])
    for step in found.steps:
        out.print(say(step.words), markup=False)


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="Citizen number. 公民身份号码。")],
    purpose: Purpose = "supervision",
    case: Case = None,
    json: AsJson = False,
) -> None:
    """Show a person's golden record with the source of each item. 查看金记录及每项来源。"""
    lake = open_lake()
    actor = operator()
    context = situation(lake, actor, purpose, number)
    decision = trust.decide(lake.ledger, actor, purpose, "linked.person", stage.PERSON_COLUMNS, case, context)
    found = stage.show(lake, decision, number)
    if json:
        print_json(found)
        return
    review.say_merged(found)
    titles = [Text("项目", "item"), Text("值", "value"), Text("来源", "source"), Text("批次", "batch")]
    rows = [(i["title"], i["value"], i["source"], i["batch"], i["agreement"]) for i in found["items"]]
    print_table([*titles, Text("一致来源数", "agreement")], rows)


@app.command()
def verify(
    number: Annotated[str | None, typer.Argument(help="Citizen number. 公民身份号码。")] = None,
    name: Annotated[str | None, typer.Argument(help="Name. 姓名。")] = None,
    file: Annotated[Path | None, typer.Option(help="A file of numbers and names instead of one. 待核验文件。")] = None,
    answers: Annotated[Path | None, typer.Option(help="CSV of the answers, one a row. 核验结果文件。")] = None,
    json: AsJson = False,
) -> None:
    """Answer agree, differ or unknown, and nothing else; for one, or each row of a file. 核验：一致 / 不一致 / 库中无此号。"""
    one, many = number is not None and name is not None, file is not None and answers is not None
    if one == many or (many and number is not None) or (one and (file or answers) is not None):
        raise typer.BadParameter(
            "NUMBER NAME, or --file FILE --answers CSV. 给出号码与姓名，或用 --file 与 --answers。"
        )
    lake = open_lake()
    decision = trust.decide(lake.ledger, operator(), "verification", "linked.person", COMPARED)
    if file is not None and answers is not None:
        _verify_file(lake, decision, file, answers, json)
        return
    answer = stage.verify(lake, decision, str(number), str(name))
    merged = answer == "agree" and inquiry.merged(lake, str(number))
    if json:
        print_json({"answer": answer, "title": stage.ANSWERS[answer], **({"merged": True} if merged else {})})
        return
    out.print(say(stage.ANSWERS[answer]))
    if merged:
        out.print(
            say(Text("该号码已并入同一人的另一号码", "this number was merged into another one of the same person"))
        )


def _verify_file(lake: Lake, decision: trust.Decision, file: Path, answers: Path, json: bool) -> None:
    with Bar(file.name) as bar:
        report = verify_file(lake, decision, file, answers, bar)
    if json:
        print_json(report)
        return
    titles = [Text("答复", "answer"), Text("行数", "rows")]
    rows: list[tuple[Text, int]] = [(stage.ANSWERS[answer], count) for answer, count in report["answers"].items()]
    if report["malformed"]:
        rows.append((Text("行有误，未核验", "cannot be read, not asked"), report["malformed"]))
    print_table(titles, rows)
    compared = ", ".join(report["columns"])
    out.print(say(Text(f"核验的列：{compared}", f"Columns compared: {compared}")), markup=False)


@feedback.command()
def export(
    directory: Annotated[Path, typer.Argument(help="Where the files go. 输出目录。")],
    source: Annotated[str, typer.Option(help="The agency the feedback is for. 接收单位。")],
    json: AsJson = False,
) -> None:
    """Write the errors found in an agency's files, with addresses and due dates. 导出反馈文件。"""
    worker()
    report = portal_feedback.export(open_lake(), source, directory)
    if json:
        print_json(report.to_dict())
        return
    titles = [Text("文件", "file"), Text("错误条数", "errors")]
    print_table(titles, [(name, count) for name, count in report.files.items()])
    out.print(say(Text(f"汇总：{report.summary}", f"Summary: {report.summary}")), markup=False)


questions.register(app)
corrections.register(feedback)
app.add_typer(review.app, name="review")
