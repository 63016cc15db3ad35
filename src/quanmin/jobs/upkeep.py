"""What keeps an installation well, as work that can be queued: backups and drills, tidy tables, the audit's proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quanmin.jobs.kind import Choices, Kind, Parameter, Task
from quanmin.lake import backup
from quanmin.opendata import Portal
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import audit, work
from quanmin.trust.errors import AuditBroken
from quanmin.trust.identity import duty

_NAMED = "quanmin-%Y%m%dT%H%M%S.backup"


def _backups(settings: Settings) -> Choices:
    return [(one.name, Text(one.name, one.name)) for one in backup.kept(settings)]


def _backup(task: Task) -> Mapping[str, Any]:
    lake = task.lake
    folder = backup.folder(lake.settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / lake.ledger.now().strftime(_NAMED)
    task.report(stage=Text("备份", "backing up"))
    made = backup.create(lake.settings, file)
    fields = {"action": "create", "backup": made.id, "snapshot": made.snapshot}
    audit.append(lake.ledger, "backup", task.actor.id, fields)
    return {"file": file.name, **made._asdict()}


def _drill(task: Task) -> Mapping[str, Any]:
    lake, name = task.lake, task.parameters["backup"]
    task.report(stage=Text("恢复并逐表核对", "restoring and comparing every table"))
    found = backup.drill(lake.settings, backup.folder(lake.settings) / name)
    fields = {"action": "drill", "sound": found.sound, "tables": found.tables}
    audit.append(lake.ledger, "backup", task.actor.id, fields)
    for problem in found.problems:
        task.report.say(Text(f"不符：{problem.kind} {problem.place}", f"Not as it was: {problem.kind} {problem.place}"))
    told = {"sound": found.sound, "tables": found.tables, "rows": found.rows, "seconds": found.seconds}
    return {"backup": name, **told, "problems": len(found.problems)}


def _compact(task: Task) -> Mapping[str, Any]:
    tables, joined = sorted(task.lake.snapshot().tables), {}
    for done, table in enumerate(tables):
        task.report(done, len(tables), Text("合并小文件", "joining small files"))
        joined[table] = task.lake.compact(table)
    return {"joined": {table: count for table, count in joined.items() if count}}


def _vacuum(task: Task) -> Mapping[str, Any]:
    task.report(stage=Text("清理文件", "removing files"))
    return {"removed": task.lake.vacuum()}


def _verify(task: Task) -> Mapping[str, Any]:
    lake = task.lake
    task.report(stage=Text("核验审计日志", "verifying the audit log"))
    own = lake.settings.home / "keys" / "audit.pub"
    public = audit.Ed25519Public.read(own) if own.exists() else None
    verdict = audit.verify(lake.ledger, audit.noted(lake.settings), public)
    audit.append(lake.ledger, "audit", task.actor.id, {"action": "verify", "sound": verdict.sound})
    if not verdict.sound:
        raise AuditBroken(sequence=verdict.sequence, kind=verdict.damage)
    return {"entries": verdict.entries}


def _catalogue(task: Task) -> Mapping[str, Any]:
    task.report(stage=Text("重建目录索引", "making the index of the catalogue anew"))
    catalogue = Portal(task.lake.settings, task.lake.ledger).catalogue
    catalogue.rebuild()
    return {"records": catalogue.searcher.view.living}


KINDS = (
    Kind(
        "backup",
        Text("备份", "Make a backup"),
        (duty.SYSTEM,),
        _backup,
        hint=Text("台账、数据湖与运行目录，加密为一个文件", "ledger, lake and home in one encrypted file"),
    ),
    Kind(
        "drill",
        Text("恢复演练", "Drill a backup"),
        (duty.SYSTEM,),
        _drill,
        (Parameter("backup", Text("备份", "Backup"), "choice", True, _backups),),
        hint=Text("恢复到临时目录，逐表核对", "restore it into a temporary folder and compare every table"),
    ),
    Kind(
        "compact",
        Text("合并小文件", "Join small files"),
        (work.OPERATOR,),
        _compact,
        hint=Text("存储的内容不变", "what is stored does not change"),
    ),
    Kind(
        "vacuum",
        Text("清理旧文件", "Remove old files"),
        (work.OPERATOR,),
        _vacuum,
        hint=Text("删除任何保留快照都不需要的文件", "files that no retained snapshot needs"),
    ),
    Kind(
        "catalogue",
        Text("重建开放目录索引", "Make the open catalogue's index anew"),
        (work.OPERATOR,),
        _catalogue,
        hint=Text("宜每天一次：逾期未更新的数据集，质量随之下降", "once a day: what became late is then judged so"),
    ),
    Kind(
        "audit",
        Text("核验审计日志", "Verify the audit log"),
        (duty.AUDIT,),
        _verify,
        hint=Text("逐条核验，并核对树与签名", "every entry, the tree, and the signatures"),
    ),
)
