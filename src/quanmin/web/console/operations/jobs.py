"""Jobs: the list, one with how far it is and what it said, and its end."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from quanmin import jobs
from quanmin.jobs import Job
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.operations.area import ROLES, Number, PageNumber, shown
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect

State = Annotated[str, Query(max_length=20, pattern=r"^[a-z]*$")]


NAMES = {
    "batch": Text("批次", "batch"),
    "read": Text("读入", "read"),
    "accepted": Text("接收", "accepted"),
    "quarantined": Text("隔离", "quarantined"),
    "snapshot": Text("快照", "snapshot"),
    "records": Text("记录", "records"),
    "people": Text("人数", "people"),
    "attached": Text("凭号码挂接", "attached by number"),
    "set_aside": Text("搁置", "set aside"),
    "linked": Text("经关联挂接", "linked"),
    "errors": Text("错误", "errors"),
    "seconds": Text("秒", "seconds"),
    "full": Text("全量", "every record"),
    "full_reason": Text("全量的原因", "why every record"),
    "buckets": Text("分桶", "buckets"),
    "computed": Text("计算的记录", "records looked at"),
    "resumed": Text("续用的记录", "records of an earlier run"),
    "pairs": Text("候选对", "pairs"),
    "attach": Text("挂接", "attached"),
    "review": Text("待审核", "to review"),
    "apart": Text("不挂接", "left apart"),
    "without": Text("无候选人", "without a candidate"),
    "model": Text("模型", "model"),
    "trained": Text("重新训练", "trained"),
    "new": Text("新增", "new"),
    "lapsed": Text("失效", "lapsed"),
    "files": Text("文件", "files"),
    "file": Text("文件", "file"),
    "id": Text("编号", "number"),
    "tables": Text("表", "tables"),
    "bytes": Text("字节", "bytes"),
    "export": Text("导出", "export"),
    "table": Text("文件校验和", "checksum of the file"),
    "backup": Text("备份", "backup"),
    "sound": Text("完好", "sound"),
    "rows": Text("行", "rows"),
    "problems": Text("不符之处", "problems"),
    "joined": Text("合并的文件", "files joined"),
    "removed": Text("删除的文件", "files removed"),
    "entries": Text("条目", "entries"),
    "pass": Text("通过", "rows that pass"),
    "fail": Text("未通过", "rows that fail"),
    "operator": Text("由运营者负责", "rows that are the operator's"),
    "change": Text("策略变更", "change of policies"),
    "base": Text("现行版本", "policies in force"),
    "version": Text("变更后版本", "policies of the change"),
    "digest": Text("差异摘要", "digest of the differences"),
    "differences": Text("回答不同之处", "answered differently"),
}
"""What the results of work are called."""


def mine(ask: Ask, job: Job) -> bool:
    """Whether the viewer may end a job."""
    known = jobs.KINDS.get(job.kind)
    return job.by == ask.who.id or (known is not None and jobs.allowed(ask.who, known))


def about(ask: Ask, job: Job) -> dict[str, Any]:
    """What only the page of a job needs: what may be done, and how its parameters are called."""
    known = jobs.KINDS.get(job.kind)
    names = {one.name: one.title for one in known.parameters} if known is not None else {}
    given = [
        (names.get(name, Text(name, name)), value)
        for name, value in job.parameters.items()
        if name not in ("upload", "recipe")
    ]
    again = job.state == "interrupted" and known is not None and jobs.allowed(ask.who, known)
    ends = job.state in ("queued", "running", "interrupted") and mine(ask, job)
    return {"job": job, "given": given, "again": again, "ends": ends, "called": NAMES, "leads": _leads(job)}


def _leads(job: Job) -> str | None:
    """The page that shows what came of it, where there is one."""
    if job.kind == "compare" and job.result is not None:
        return f"/trust/policies/changes/{job.result['change']}"
    return "/trust/selfcheck" if job.kind == "selfcheck" else None


def install(face: Face) -> None:
    """Register the pages."""
    template = "console/operations/job.html"

    @face.page("/operations", "console/operations/jobs.html", roles=ROLES)
    def listed(ask: Ask, state: State = "", page: PageNumber = 1) -> Answer:
        """The jobs, the newest first."""
        found = jobs.listing(ask.lake, [state] if state in jobs.STATES else [], number=page)
        data: dict[str, Any] = {"jobs": [one.to_dict() for one in found.jobs], "counts": jobs.counts(ask.lake)}
        data |= {"page": found.page, "pages": found.pages, "total": found.total, "state": state}
        return shown(Text("运维", "Operations"), data, ask, found=found.jobs, states=jobs.STATES)

    @face.page("/operations/jobs/{number}", template, roles=ROLES)
    def one(ask: Ask, number: Number) -> Answer:
        """One job: how far it is, what it said, what became of it."""
        job = jobs.get(ask.lake, number)
        return shown(Text(f"作业 {number}", f"Job {number}"), job.to_dict(), ask, **about(ask, job))

    @face.page("/operations/jobs/{number}/progress", "console/operations/progress.html", roles=ROLES)
    def progress(ask: Ask, number: Number) -> Answer:
        """The part of the page that changes while a job goes on."""
        job = jobs.get(ask.lake, number)
        return shown(Text(f"作业 {number}", f"Job {number}"), job.to_dict(), ask, **about(ask, job))

    @face.form("/operations/jobs/{number}/cancel", (), page=one, template=template, roles=ROLES)
    def cancel(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """End a job."""
        job = jobs.cancel(ask.lake, ask.who, number)
        return Redirect(f"/operations/jobs/{number}", Text(f"作业{job.state_title.zh}", f"Job {job.state_title.en}"))

    @face.form("/operations/jobs/{number}/again", (), page=one, template=template, roles=ROLES)
    def again(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Queue a job that was interrupted anew."""
        jobs.again(ask.lake, ask.who, number)
        return Redirect(f"/operations/jobs/{number}", Text("已重新排队", "Queued again"))
