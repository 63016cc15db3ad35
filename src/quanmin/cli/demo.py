"""`quanmin demo`: all of it on a simulated province, with the figures at the end."""

from __future__ import annotations

from typing import Annotated

import typer

from quanmin import demo as province
from quanmin import population, standards
from quanmin.cli.output import AsJson, err, out, print_json, print_table, say
from quanmin.demo import DemoReport
from quanmin.settings import Settings
from quanmin.text import Text


def demo(
    persons: Annotated[int, typer.Option(min=100, help="People alive in the province. 人数。")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same province. 随机种子。")] = 2015,
    json: AsJson = False,
) -> None:
    """Simulate a province and take its files the whole way. 在模拟省份上运行全流程。"""
    report = province.run(Settings(), persons, seed, lambda text: err.print(say(text)))
    if json:
        print_json(report.to_dict())
        return
    _print_receipts(report)
    _print_accuracy(report)
    _print_next(report)


def _print_receipts(report: DemoReport) -> None:
    titles = [Text("数据集", "dataset"), Text("读入", "read"), Text("接收", "accepted"), Text("隔离", "quarantined")]
    rows = [(r["dataset"], r["read"], r["accepted"], r["quarantined"]) for r in report.receipts]
    totals = report.to_dict()
    rows.append((say(Text("合计", "total")), totals["read"], totals["accepted"], totals["quarantined"]))
    print_table(titles, rows)
    out.print()
    build = report.build
    out.print(
        say(
            Text(
                f"人口库：{build['people']:,} 人 · {build['records']:,} 条记录 · 挂接 {build['attached']:,} · "
                f"搁置 {build['set_aside']:,} · 建库 {build['seconds']:.2f} 秒",
                f"Population base: {build['people']:,} people · {build['records']:,} records · "
                f"attached {build['attached']:,} · set aside {build['set_aside']:,} · built in {build['seconds']:.2f} s",
            )
        )
    )
    links = report.linkage
    right = links["accuracy"]
    out.print(
        say(
            Text(
                f"关联：搁置 {links['records']:,} 条 · 挂接 {links['attach']:,} · 待审 {links['review']:,} · "
                f"查准率 {right['precision']:.4f} · 查全率 {right['recall']:.4f}",
                f"Linkage: {links['records']:,} set aside · attached {links['attach']:,} · to review {links['review']:,} · "
                f"precision {right['precision']:.4f} · recall {right['recall']:.4f}",
            )
        )
    )
    out.print()


def _print_accuracy(report: DemoReport) -> None:
    titles = [Text("代码", "code"), Text("错误", "error"), Text("真值", "true"), Text("发现", "found")]
    titles += [Text("查准率", "precision"), Text("查全率", "recall")]
    codes = report.accuracy["codes"]
    rows = [
        (code, population.error_title(code), c["expected"], c["found"], c["precision"], c["recall"])
        for code, c in sorted(codes.items())
    ]
    print_table(titles, rows)
    out.print()
    items = {item.id: item.title for item in standards.catalogue().items}
    right = [(items[item], *shares.values()) for item, shares in report.accuracy["items"].items()]
    total = (Text("全部", "all"), *report.accuracy["total"].values())
    titles = [Text("与真值一致", "right"), Text("金记录", "golden record"), Text("多数", "majority")]
    print_table([*titles, Text("最新", "latest"), Text("单一权威", "single authority")], [*right, total])
    error = f"{report.accuracy['calibration_error']:.4f}"
    out.print(
        say(
            Text(
                f"概率校准误差 {error}（{report.home / 'calibration.svg'}）",
                f"Calibration error of the probabilities {error} ({report.home / 'calibration.svg'})",
            )
        ),
        markup=False,
    )
    out.print()


def _print_next(report: DemoReport) -> None:
    spent = " · ".join(f"{name} {seconds:.1f} s" for name, seconds in report.seconds.items())
    total = sum(report.seconds.values())
    out.print(say(Text(f"用时 {total:.1f} 秒（{spent}）", f"{total:.1f} s in all ({spent})")))
    home = report.home
    out.print(say(Text(f"反馈文件：{home / 'feedback'}", f"Feedback files: {home / 'feedback'}")), markup=False)
    out.print(
        say(
            Text(
                f"继续查看：QUANMIN_HOME={home} quanmin receipts",
                f"Look further: QUANMIN_HOME={home} quanmin receipts",
            )
        ),
        markup=False,
    )


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command()(demo)
