"""`quanmin lake`: snapshots, lineage, compaction and clean-up."""

from __future__ import annotations

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import open_lake, worker
from quanmin.text import Text

app = typer.Typer(help="Stored tables, their snapshots and lineage. 数据湖。", no_args_is_help=True)


@app.command()
def lineage(json: AsJson = False) -> None:
    """Who wrote which table, from which snapshot. 数据血缘。"""
    rows = [entry._asdict() for entry in open_lake().lineage()]
    if json:
        print_json(rows)
        return
    names = ["snapshot", "table", "version", "stage", "rows", "at"]
    titles = [
        Text("快照", "snapshot"),
        Text("表", "table"),
        Text("版本", "version"),
        Text("阶段", "stage"),
        Text("行数", "rows"),
        Text("时间", "at"),
    ]
    print_table(titles, [[str(row[n]) if n == "at" else row[n] for n in names] for row in rows])


@app.command()
def compact(json: AsJson = False) -> None:
    """Join small files; what is stored does not change. 合并小文件。"""
    worker()
    lake = open_lake()
    joined = {table: lake.compact(table) for table in lake.snapshot().tables}
    if json:
        print_json(joined)
        return
    print_table([Text("表", "table"), Text("合并的文件", "files joined")], joined.items())


@app.command()
def vacuum(json: AsJson = False) -> None:
    """Delete files that no kept snapshot needs. 清理无快照引用的文件。"""
    worker()
    removed = open_lake().vacuum()
    if json:
        print_json({"removed": removed})
        return
    out.print(say(Text(f"删除文件 {removed} 个", f"{removed} files removed")))
