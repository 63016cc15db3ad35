"""`quanmin release`: run, check, publish, withdraw and verify what is opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin import trust
from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import open_lake, operator
from quanmin.opendata.release import CHECKER, OFFICER, STATES, Release, Releases, live, replay
from quanmin.opendata.release.errors import FileUnreadable
from quanmin.opendata.release.evidence import LARGEST
from quanmin.text import Text

app = typer.Typer(help="Releases of open data: run, check, publish, verify. 数据发布。", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="Number of the release. 发布编号。", metavar="ID")]
Who = Annotated[
    str | None,
    typer.Option("--as", help="Who acts, where several share this installation. 办理人。", show_default=False),
]


def _here(who: str | None = None) -> tuple[Releases, trust.Actor]:
    return Releases.open(open_lake()), trust.acting_as(operator(), who)


def _bytes(path: Path) -> bytes:
    """A file of a size that a recipe or evidence may have."""
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise FileUnreadable(file=path.name, reason=error.strerror or type(error).__name__) from None


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnreadable(file=path.name, reason="UTF-8") from None


@app.command()
def run(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a TOML file. 配方文件。", metavar="RECIPE")],
    who: Who = None,
    json: AsJson = False,
) -> None:
    """Run a recipe through disclosure control; what it gives waits for another person. 运行配方。"""
    releases, actor = _here(who)
    _print(releases.run(actor, _text(recipe)), json)


@app.command("list")
def listing(
    state: Annotated[list[str] | None, typer.Option(help="Only these states. 状态。")] = None,
    name: Annotated[str | None, typer.Option(help="Only of this recipe. 配方名。")] = None,
    json: AsJson = False,
) -> None:
    """List the releases, oldest first. 列出发布。"""
    if set(state or ()) - set(STATES):
        raise typer.BadParameter(f"--state: {', '.join(STATES)}. 可用的值如上。")
    releases, _ = _shown()
    found = releases.listing(tuple(state or ()), name)
    if json:
        print_json([one.to_dict() for one in found])
        return
    titles = [Text("编号", "release"), Text("名称", "name"), Text("题名", "title"), Text("状态", "state")]
    titles += [Text("版本", "version"), Text("行数", "rows"), Text("发布员", "officer"), Text("复核员", "checker")]
    print_table(titles, [_line(one) for one in found])


def _shown() -> tuple[Releases, trust.Actor]:
    """For looking: the work of officers and checkers."""
    releases, actor = _here()
    releases.require(actor, CHECKER if CHECKER in actor.roles else OFFICER)
    return releases, actor


def _line(one: Release) -> Sequence[object]:
    head = (str(one.number), one.name, one.title, one.state_title)
    return (*head, str(one.version or ""), one.rows, one.officer, one.checker)


@app.command()
def show(number: Number, json: AsJson = False) -> None:
    """Show a release: findings, files, who ran and checked it. 查看发布。"""
    releases, _ = _shown()
    _print(releases.get(number), json)


@app.command()
def check(
    number: Number,
    approve: Annotated[bool, typer.Option("--approve/--refuse", help="Let it out, or send it back. 批准或退回。")],
    reason: Annotated[str, typer.Option(help="Why it is sent back. 退回理由。")] = "",
    standing: Annotated[
        bool, typer.Option("--standing", help="Later refreshes that find nothing else go out too. 长期批准其自动更新。")
    ] = False,
    who: Who = None,
    json: AsJson = False,
) -> None:
    """Check a release that another person ran. 复核发布。"""
    releases, actor = _here(who)
    made = releases.approve(actor, number, standing) if approve else releases.refuse(actor, number, reason)
    _print(made, json)


@app.command()
def withdraw(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; it stands on the page of the dataset. 撤回理由。")],
    who: Who = None,
    json: AsJson = False,
) -> None:
    """Take a published release from sight; its page stays with the reason. 撤回发布。"""
    releases, actor = _here(who)
    _print(releases.withdraw(actor, number, reason), json)


@app.command()
def verify(
    what: Annotated[str, typer.Argument(help="A release's number, or its evidence file. 编号或证据文件。")],
    who: Who = None,
    json: AsJson = False,
) -> None:
    """Verify a release: signature, recipe, files, and the run once more on its snapshot. Exit 1 if not. 核验发布。"""
    releases, actor = _here(who)
    releases.require(actor, CHECKER if CHECKER in actor.roles else OFFICER)
    if what.isdecimal():
        content, file = replay.content_of(releases, int(what)), what
    else:
        content, file = _bytes(Path(what)), Path(what).name
    found = replay.verify(releases, actor, content, file)
    sound = all(one.sound for one in found)
    if json:
        print_json({"sound": sound, "checks": [one._asdict() for one in found]})
    else:
        titles = [Text("核验项", "check"), Text("相符", "sound"), Text("说明", "what differs")]
        print_table(titles, [(one.title, one.sound, one.about) for one in found])
    if not sound:
        raise typer.Exit(1)


@app.command()
def refresh(
    name: Annotated[str | None, typer.Argument(help="Only this dataset. 数据集名。")] = None,
    who: Who = None,
    json: AsJson = False,
) -> None:
    """Run the live datasets again on the newest snapshot. 更新动态数据集。"""
    releases, actor = _here(who)
    found = live.refresh(releases, actor, name)
    if json:
        print_json([one._asdict() for one in found])
        return
    titles = [Text("名称", "name"), Text("结果", "what"), Text("编号", "release"), Text("错误", "error")]
    print_table(titles, [(one.name, live.WHAT[one.what], str(one.release or ""), one.error) for one in found])


def _print(one: Release, json: bool) -> None:
    if json:
        print_json(one.to_dict())
        return
    out.print(
        say(
            Text(
                f"第 {one.number} 号 {one.name}：{one.state_title.zh}", f"{one.number} {one.name}: {one.state_title.en}"
            )
        )
    )
    findings: list[Sequence[Any]] = [
        (each["code"], each["weight"], each["count"], Text(**each["title"]), Text(**each["about"]))
        for each in one.findings
    ]
    if findings:
        titles = [Text("代码", "code"), Text("轻重", "weight"), Text("个数", "count"), Text("审查结果", "finding")]
        print_table([*titles, Text("说明", "what would help")], findings)
    if one.files:
        titles = [Text("格式", "format"), Text("字节", "bytes"), Text("SHA-256", "SHA-256")]
        print_table(titles, [(each.format, each.size, each.sha256) for each in one.files])
