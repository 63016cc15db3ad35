"""`quanmin collect`, `receipts` and `withdraw`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin import collect as stage
from quanmin.cli.output import AsJson, complain, out, print_json, print_table, say
from quanmin.cli.progress import Bar
from quanmin.cli.workplace import open_lake, worker
from quanmin.errors import QuanminError, exit_code
from quanmin.text import Text


def collect(
    dataset: Annotated[str, typer.Argument(help="Dataset id, e.g. health.birth. 数据集标识。")],
    files: Annotated[list[Path], typer.Argument(help="CSV, TSV, XLSX, Parquet, JSON, NDJSON, or gzip/zip of one.")],
    source: Annotated[str, typer.Option(help="The agency that sends the file. 报送单位。")],
    json: AsJson = False,
) -> None:
    """Validate files against a dataset, accept or quarantine each row, print the receipts. 校验并接收文件，出具回执。"""
    lake, actor = open_lake(), worker()
    receipts: list[dict[str, Any]] = []
    failure: QuanminError | None = None
    for file in files:
        try:
            with Bar(file.name) as bar:
                receipts.append(stage.collect(lake, dataset, file, source, actor, progress=bar).to_dict())
        except QuanminError as error:
            failure = error
            complain(error)
            continue
        if not json:
            print_receipt(receipts[-1])
    if json:
        print_json(receipts[0] if len(files) == 1 and receipts else receipts)
    if failure is not None:
        raise typer.Exit(exit_code(failure.category))


def print_receipt(receipt: dict[str, Any]) -> None:
    """A receipt as a person reads it: the counts, then the rules that failed with their first rows."""
    out.print(
        say(
            Text(
                f"批次 {receipt['batch']} · {receipt['dataset']} · {receipt['file']}：读入 {receipt['read']:,}，"
                f"接收 {receipt['accepted']:,}，隔离 {receipt['quarantined']:,}",
                f"Batch {receipt['batch']} · {receipt['dataset']} · {receipt['file']}: read {receipt['read']:,}, "
                f"accepted {receipt['accepted']:,}, quarantined {receipt['quarantined']:,}",
            )
        )
    )
    if receipt["usual"] is not None:
        out.print(
            say(
                Text(
                    f"行数异常：该单位此数据集通常约 {receipt['usual']:,} 行，请核对是否发错文件",
                    f"Unusual size: this sender usually sends about {receipt['usual']:,} rows; was it the right file?",
                )
            )
        )
    failed = [rule for rule in receipt["rules"] if rule["failed"]]
    if failed:
        titles = [Text("规则", "rule"), Text("代码", "code"), Text("处理", "severity"), Text("不合格", "failed")]
        rows = [(r["id"], r["code"], r["severity"], r["failed"], _rows(r["rows"])) for r in failed]
        print_table([*titles, Text("首批行号", "first rows")], rows)
    for name in receipt["unknown_columns"]:
        out.print(say(Text(f"未登记的列：{name}", f"Unknown column: {name}")), markup=False)
    for name in receipt["missing_columns"]:
        out.print(say(Text(f"缺少的列：{name}", f"Missing column: {name}")), markup=False)


def _rows(rows: list[int]) -> str:
    return ", ".join(str(row) for row in rows[:5]) + (" …" if len(rows) > 5 else "")


def receipts(
    batch: Annotated[int | None, typer.Argument(help="One receipt, whole. 批次号。")] = None, json: AsJson = False
) -> None:
    """List the receipts, or show one. 查看回执。"""
    lake = open_lake()
    if batch is not None:
        found = stage.receipt(lake, batch).to_dict()
        print_json(found) if json else print_receipt(found)
        return
    listing = [receipt.to_dict() for receipt in stage.receipts(lake)]
    if json:
        print_json(listing)
        return
    names = ["batch", "dataset", "source", "read", "accepted", "quarantined", "at"]
    titles = [
        Text("批次", "batch"),
        Text("数据集", "dataset"),
        Text("来源", "source"),
        Text("读入", "read"),
        Text("接收", "accepted"),
        Text("隔离", "quarantined"),
        Text("时间", "at"),
    ]
    print_table(titles, [[str(r[n]) if n in ("batch", "at") else r[n] for n in names] for r in listing])


def withdraw(
    batch: Annotated[int, typer.Argument(help="The batch to take back. 批次号。")],
    reason: Annotated[str, typer.Option(help="Why; kept in the ledger. 撤回理由。")],
    json: AsJson = False,
) -> None:
    """Take a batch back: its rows leave the lake, what it superseded returns. 撤回批次。"""
    snapshot = stage.withdraw(open_lake(), batch, worker(), reason)
    if json:
        print_json({"batch": batch, "snapshot": snapshot.id})
        return
    out.print(say(Text(f"批次 {batch} 已撤回", f"Batch {batch} withdrawn")))


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    app.command()(collect)
    app.command()(receipts)
    app.command()(withdraw)
