"""Build the manual into `site/`: hand-written pages, and pages made from the map, the catalogue, the errors and the specs."""

from __future__ import annotations

import ast
import importlib
import logging
import pkgutil
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import typer.main
from mkdocs.commands.build import build
from mkdocs.config import load_config

import quanmin
from quanmin import standards
from quanmin.charts import stages
from quanmin.cli import app
from quanmin.errors import KINDS
from quanmin.flow import STAGES, ZONES
from quanmin.settings import Settings
from quanmin.standards import rules
from quanmin.text import Text

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "build" / "manual"

TOUR = ("README.md", "README.zh.md", "GLOSSARY.md", "CHANGELOG.md")


def settings_page() -> str:
    """Every setting: its environment variable, default and meaning."""
    lines = ["# Settings 设置", "", "Made by `scripts/build_manual.py --settings` from `src/quanmin/settings.py`.", ""]
    lines += ["| variable | default | meaning |", "|---|---|---|"]
    for name, info in Settings.model_fields.items():
        default = "by locale" if info.default_factory else info.default
        lines.append(f"| `QUANMIN_{name.upper()}` | `{default}` | {info.description} |")
    return "\n".join(lines) + "\n"


def flow_picture() -> str:
    """The map as SVG: a box a stage, an arrow wherever one reads what another writes."""
    return str(stages(Text("数据之路：各阶段与表", "The map: stages and tables"), STAGES).svg("en"))


def flow_page() -> str:
    """The map in words, under its picture."""
    lines = ["# The map 流程", "", "![stages and tables](flow.svg)", "", "## Zones 区", ""]
    lines += [f"- `{zone}`: {title.en} · {title.zh}" for zone, title in ZONES.items()]
    lines += ["", "## Stages 阶段", "", "| stage | reads | writes | what it does |", "|---|---|---|---|"]
    for stage in STAGES:
        reads, writes = (", ".join(f"`{t}`" for t in tables) or "—" for tables in (stage.reads, stage.writes))
        lines.append(f"| {stage.name} | {reads} | {writes} | {stage.title.en} · {stage.title.zh} |")
    return "\n".join(lines) + "\n"


def error_page() -> str:
    """Every error kind with its code, so that a message can be looked up; whatever module tells of some is loaded first."""
    for module in pkgutil.walk_packages(quanmin.__path__, "quanmin."):
        if module.name.endswith(".errors"):
            importlib.import_module(module.name)
    lines = ["# Error messages 错误信息", ""]
    for code, kind in sorted(KINDS.items()):
        lines += [f"## {code}", "", f"*{kind.category}* · {kind.title.en} · {kind.title.zh}", ""]
        lines += [f"{kind.step.en} · {kind.step.zh}", ""]
    return "\n".join(lines)


def rule_page() -> str:
    """Every rule kind, in the words of its class."""
    lines = ["# Rule kinds 规则种类", ""]
    for name, kind in sorted(rules.KINDS.items()):
        lines += [f"## {name}", "", f"Scope: {kind.scope}.", "", (kind.__doc__ or "").strip(), ""]
    return "\n".join(lines)


def catalogue_pages() -> Iterator[tuple[str, str]]:
    """A data dictionary a dataset, and the codes of the verification."""
    catalogue = standards.catalogue()
    for dataset in catalogue.datasets.values():
        yield f"datasets/{dataset.id}.md", standards.export(dataset, "markdown")
    lines = ["# Codes of the verification 校核错误代码", ""]
    lines += [f"- **{code}** {title.zh} · {title.en}" for code, title in catalogue.error_codes.items()]
    yield "error-codes.md", "\n".join(lines) + "\n"


def command_page() -> str:
    """The command line, as its own help says it."""
    lines = ["# Command line 命令行", ""]
    for path, command in commands(typer.main.get_command(app), ("quanmin",)):
        lines += [f"## {' '.join(path)}", "", (command.help or "").strip(), ""]
        for parameter in command.params:
            if parameter.name == "help":
                continue
            spelling = ", ".join(parameter.opts) if parameter.param_type_name == "option" else parameter.name.upper()
            lines.append(f"- `{spelling}` {getattr(parameter, 'help', '') or ''}")
        lines.append("")
    return "\n".join(lines)


def commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with its path."""
    children = getattr(command, "commands", None)
    if not children:
        yield path, command
        return
    for name in sorted(children):
        yield from commands(children[name], (*path, name))


def spec_pages() -> Iterator[tuple[str, str]]:
    """A page a spec test file: its title, then each promise with the test that holds it."""
    for file in sorted((ROOT / "tests" / "spec").glob("test_*.py")):
        source = file.read_text("utf-8")
        tree = ast.parse(source)
        title: dict[str, str] = {}
        lines: list[str] = []
        for node in tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "title":
                title = ast.literal_eval(node.value)
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                lines += [f"## {ast.get_docstring(node)}", "", "```python", *body_of(source, node), "```", ""]
        yield f"spec/{file.stem.removeprefix('test_')}.md", "\n".join([f"# {title['en']} {title['zh']}", "", *lines])


def body_of(source: str, node: ast.FunctionDef) -> list[str]:
    """The lines of a test after its docstring, dedented."""
    first = node.body[1].lineno if len(node.body) > 1 else node.lineno
    return [line[4:] for line in source.splitlines()[first - 1 : node.end_lineno]]


def write_pages() -> None:
    """Gather every page below `build/manual`."""
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(ROOT / "docs", PAGES)
    for name in TOUR:
        text = (ROOT / name).read_text("utf-8").replace("](docs/", "](")
        text = text.replace("](adr/)", "](adr/0001-table-addresses-carry-the-dataset-id.md)")
        (PAGES / {"README.md": "index.md", "README.zh.md": "index.zh.md"}.get(name, name)).write_text(
            text.replace("](README.md)", "](index.md)").replace("](README.zh.md)", "](index.zh.md)"), "utf-8"
        )
    made = [("flow.md", flow_page()), ("flow.svg", flow_picture()), ("errors.md", error_page())]
    made += [("rules.md", rule_page()), ("commands.md", command_page()), ("settings.md", settings_page())]
    for name, text in [*made, *catalogue_pages(), *spec_pages()]:
        target = PAGES / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def main() -> None:
    """Write `docs/settings.md` with --settings; otherwise build the manual, strictly."""
    if "--settings" in sys.argv:
        (ROOT / "docs" / "settings.md").write_text(settings_page(), "utf-8")
        return
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    write_pages()
    config = load_config(str(ROOT / "mkdocs.yml"), docs_dir=str(PAGES), site_dir=str(ROOT / "site"), strict=True)
    build(config)
    sys.stdout.write(f"manual: {sum(1 for _ in PAGES.rglob('*.md'))} pages in site/\n")


if __name__ == "__main__":
    main()
