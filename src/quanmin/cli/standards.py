"""`quanmin standards`: browse the catalogue, check a file against it, export it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from quanmin import collect as stage
from quanmin import standards
from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.progress import Bar
from quanmin.errors import exit_code
from quanmin.text import Text

app = typer.Typer(
    help="The catalogue of standards and the conformance test. 标准目录与符合性测试。", no_args_is_help=True
)

DatasetId = Annotated[str, typer.Argument(help="Dataset id, e.g. health.birth. 数据集标识。")]


@app.command("list")
def list_datasets(json: AsJson = False) -> None:
    """List the datasets. 数据集清单。"""
    datasets = standards.catalogue().datasets.values()
    if json:
        print_json(
            [
                {
                    "id": d.id,
                    "version": d.version,
                    "title": d.title,
                    "area": d.area,
                    "steward": d.steward,
                    "elements": len(d.elements),
                    "rules": len(d.rules),
                }
                for d in datasets
            ]
        )
        return
    titles = [Text("标识", "id"), Text("名称", "title"), Text("业务区", "area"), Text("数据元", "elements")]
    print_table(
        [*titles, Text("规则", "rules")], [(d.id, d.title, d.area, len(d.elements), len(d.rules)) for d in datasets]
    )


@app.command()
def show(dataset: DatasetId, json: AsJson = False) -> None:
    """Show a dataset: its elements and rules. 数据集的数据元与规则。"""
    found = standards.catalogue().dataset(dataset)
    if json:
        print_json(standards.describe(found))
        return
    out.print(f"{found.id} {found.version} · {say(found.title)}", style="bold", markup=False)
    titles = [Text("数据元", "element"), Text("名称", "title"), Text("标准", "standard"), Text("类型", "type")]
    titles += [Text("值域", "values"), Text("级", "grade"), Text("必填", "required")]
    print_table(titles, [(e.name, e.title, e.standard, e.type, e.values, e.grade, e.required) for e in found.elements])
    titles = [Text("规则", "rule"), Text("种类", "kind"), Text("处理", "severity"), Text("代码", "code")]
    rules = [(r.id, r.kind, r.severity, r.code, r.title) for r in found.rules]
    print_table([*titles, Text("含义", "meaning")], rules)


@app.command()
def check(
    dataset: DatasetId,
    file: Annotated[Path, typer.Argument(help="The file to test; nothing of it is stored. 待测文件。")],
    json: AsJson = False,
) -> None:
    """Test a file against a dataset; exit 0 when it conforms, 10 when it does not. 符合性测试。"""
    with Bar(file.name) as bar:
        report = stage.check(standards.catalogue().dataset(dataset), file, progress=bar)
    if json:
        print_json(report.to_dict())
    else:
        print_report(report.to_dict())
    if not report.passed:
        raise typer.Exit(exit_code("invalid"))


def print_report(report: dict[str, Any]) -> None:
    """A conformance report: one line a rule, then the verdict."""
    titles = [Text("规则", "rule"), Text("代码", "code"), Text("处理", "severity"), Text("检查", "tested")]
    titles += [Text("不合格", "failed"), Text("首批行号", "first rows")]
    rows = [
        (r["id"], r["code"], r["severity"], r["tested"], r["failed"], ", ".join(str(row) for row in r["rows"][:5]))
        for r in report["rules"]
    ]
    print_table(titles, rows)
    verdict = Text("符合", "conforms") if report["passed"] else Text("不符合", "does not conform")
    out.print(f"{report['read']:,} · {say(verdict)}", style="bold", markup=False)


@app.command()
def export(
    dataset: DatasetId,
    format: Annotated[  # noqa: A002 - the name of the option
        Literal["jsonschema", "tableschema", "markdown"], typer.Option(help="The form of the export. 导出格式。")
    ] = "jsonschema",
) -> None:
    """Export a dataset as JSON Schema, Table Schema or a Markdown dictionary. 导出标准。"""
    typer.echo(standards.export(standards.catalogue().dataset(dataset), format))
