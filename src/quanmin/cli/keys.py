"""`quanmin keys` and `quanmin backup`: keys and their versions; backups made, restored and drilled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import worker
from quanmin.errors import exit_code
from quanmin.lake import backup as backups
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import Actor, audit
from quanmin.trust.identity import duty
from quanmin.trust.keys import FileStore, KeyInfo, open_store

app = typer.Typer(help="Keys: versions, rotation, revocation, the master. 密钥。", no_args_is_help=True)
backup = typer.Typer(help="Encrypted backups and restore drills. 加密备份与恢复演练。", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A key, such as pseudonym/research. 密钥名。")]
Version = Annotated[int, typer.Argument(help="Its version. 版本。")]
File = Annotated[Path, typer.Argument(help="The backup. 备份文件。")]
_TITLES = [Text("密钥", "key"), Text("版本", "version"), Text("种类", "kind"), Text("算法族", "suite")]
_TITLES += [Text("状态", "state"), Text("生成时间", "made")]


def _show(json: bool, rows: list[KeyInfo]) -> None:
    if json:
        print_json([row._asdict() for row in rows])
    else:
        print_table(_TITLES, rows)


def _note(settings: Settings, event: str, actor: Actor, fields: dict[str, object]) -> None:
    with Ledger.open(settings) as ledger:
        audit.append(ledger, event, actor.id, fields)


def _change(action: str, json: bool, work: Callable[[FileStore], KeyInfo]) -> None:
    """The security administrator changes a key."""
    settings = Settings()
    actor = worker(duty.SECURITY)
    store = open_store(settings)
    changed, revision = work(store), store.ring().revision
    about = {"action": action, "key": changed.name, "version": changed.version, "revision": revision}
    _note(settings, "keys", actor, about)
    _show(json, [changed])


@app.command("list")
def list_(json: AsJson = False) -> None:
    """Every version of every key, never the key itself. 列出密钥及其版本（不含密钥本身）。"""
    _show(json, open_store(Settings()).names())


@app.command()
def rotate(name: Name, json: AsJson = False) -> None:
    """A new version for new work; older ones still open what they closed. 轮换：新版本用于新数据，旧版本仍可解密。"""
    _change("rotate", json, lambda store: store.rotate(name))


@app.command()
def revoke(name: Name, version: Version, json: AsJson = False) -> None:
    """Use a version no more, until it is reinstated. 吊销一个版本（可恢复）。"""
    _change("revoke", json, lambda store: store.revoke(name, version))


@app.command()
def reinstate(name: Name, version: Version, json: AsJson = False) -> None:
    """Take a revocation back. 恢复已吊销的版本。"""
    _change("reinstate", json, lambda store: store.reinstate(name, version))


@app.command()
def destroy(
    name: Name,
    version: Version,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. 不再询问。")] = False,
    json: AsJson = False,
) -> None:
    """Destroy a version for ever, and with it whatever it encrypted. 永久销毁一个版本，其密文不再可读。"""
    if not yes:
        typer.confirm(say(Text("销毁后无法恢复，继续？", "This cannot be undone. Continue?")), abort=True, err=True)
    _change("destroy", json, lambda store: store.destroy(name, version))


@app.command()
def rewrap(json: AsJson = False) -> None:
    """A new master key: QUANMIN_NEW_PASSPHRASE if set, otherwise a new file. 更换主密钥，不改动任何密文。"""
    settings = Settings()
    actor = worker(duty.SECURITY)
    fresh = settings.new_passphrase.get_secret_value() if settings.new_passphrase else None
    store = open_store(settings)
    master = store.rewrap(fresh)
    answer = {"kind": master["kind"], "id": master["id"], "suite": master["suite"], "revision": store.ring().revision}
    _note(settings, "keys", actor, {"action": "rewrap", **answer})
    if json:
        print_json(answer)
        return
    out.print(
        say(Text(f"主密钥已更换：{master['kind']} {master['id']}", f"New master: {master['kind']} {master['id']}"))
    )


@backup.command()
def create(file: File, json: AsJson = False) -> None:
    """Back up home, ledger and lake into one encrypted file. 把运行目录、台账与数据湖备份为一个加密文件。"""
    settings = Settings()
    actor = worker(duty.SYSTEM)
    made = backups.create(settings, file)
    _note(settings, "backup", actor, {"action": "create", "backup": made.id, "snapshot": made.snapshot})
    if json:
        print_json({"file": str(file), **made._asdict()})
        return
    text = Text(
        f"已备份快照 {made.snapshot}：{made.tables} 张表，{made.files} 个文件，{made.bytes:,} 字节",
        f"Backed up snapshot {made.snapshot}: {made.tables} tables, {made.files} files, {made.bytes:,} bytes",
    )
    out.print(say(text))


@backup.command()
def restore(
    file: File,
    home: Annotated[Path, typer.Argument(help="The new home. 新的运行目录。")],
    json: AsJson = False,
) -> None:
    """Restore a backup as a new home; nothing is there unless all of it holds. 恢复为新的运行目录。"""
    settings = Settings()
    actor = worker(duty.SYSTEM)
    restored = backups.restore(settings, file, home)
    number = restored.manifest["id"]
    fields = {"action": "restore", "backup": number, "snapshot": restored.snapshot}
    _note(backups.settings_of(settings, home), "backup", actor, fields)
    answer = {"home": str(home), "backup": number, "snapshot": restored.snapshot, "made": restored.manifest["made"]}
    if json:
        print_json(answer)
        return
    text = Text(
        f"已恢复到 {home}，快照 {restored.snapshot}（{answer['made']}）",
        f"Restored to {home}, snapshot {restored.snapshot} ({answer['made']})",
    )
    out.print(say(text))


@backup.command()
def drill(
    file: File,
    place: Annotated[
        Path | None, typer.Option("--place", help="Folder for the trial; default: the system's. 演练所用目录。")
    ] = None,
    json: AsJson = False,
) -> None:
    """Restore into a temporary folder, read and compare every table, say sound or not (exit 12). 恢复演练。"""
    settings = Settings()
    actor = worker(duty.SYSTEM)
    found = backups.drill(settings, file, place)
    _note(settings, "backup", actor, {"action": "drill", "sound": found.sound, "tables": found.tables})
    problems = [problem._asdict() for problem in found.problems]
    if json:
        fields = {"sound": found.sound, "tables": found.tables, "rows": found.rows, "seconds": found.seconds}
        print_json({**fields, "problems": problems})
    else:
        good = Text(
            f"备份完好：{found.tables} 张表，{found.rows:,} 行逐一读过",
            f"Sound: {found.tables} tables, {found.rows:,} rows read",
        )
        bad = Text(f"备份不可用：{len(problems)} 处不符", f"Not sound: {len(problems)} problems")
        out.print(say(good if found.sound else bad))
        for problem in found.problems:
            out.print(f"- {problem.kind}: {problem.place}", markup=False)
    if not found.sound:
        raise typer.Exit(exit_code("conflict"))
