"""A job: its life in the ledger, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from quanmin.jobs.kind import KINDS
from quanmin.jobs.report import Line, Progress
from quanmin.ledger import Action, Document, Workflow, register
from quanmin.text import Text
from quanmin.trust import Actor, local_administrator
from quanmin.trust.identity import Registry, errand

JOB = register(
    Workflow(
        "job",
        start="queued",
        actions=[
            Action("start", "queued", "running", needs=["process"]),
            Action("finish", ("running", "stopping"), "done", needs=["result"]),
            Action("fail", ("queued", "running", "stopping"), "failed", needs=["error"]),
            Action("cancel", ("queued", "interrupted"), "cancelled"),
            Action("stop", "running", "stopping"),
            Action("halt", "stopping", "cancelled"),
            Action("interrupt", ("running", "stopping"), "interrupted"),
            Action("again", "interrupted", "queued"),
        ],
    )
)

STATES: dict[str, Text] = {
    "queued": Text("排队", "queued"),
    "running": Text("进行中", "running"),
    "stopping": Text("正在中止", "stopping"),
    "done": Text("完成", "done"),
    "failed": Text("失败", "failed"),
    "cancelled": Text("已取消", "cancelled"),
    "interrupted": Text("中断", "interrupted"),
}
OPEN, ENDED = ("queued", "running", "stopping"), ("done", "failed", "cancelled", "interrupted")
RUNNING = ("running", "stopping")


@dataclass(frozen=True)
class Job:
    """A job as it stands. `by` is who queued it, `schedule` the number of the schedule that did, `server` where it runs or ran.

    `result` is what the work told at its end, `error` the document of what went wrong, `log` what it said on its way.
    """

    job: int
    kind: str
    title: Text
    state: str
    state_title: Text
    parameters: Mapping[str, Any]
    by: str
    schedule: int | None
    at: datetime
    began: datetime | None
    ended: datetime | None
    server: str | None
    progress: Progress | None
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None

    @property
    def open(self) -> bool:
        """Whether it waits or is being done."""
        return self.state in OPEN

    @property
    def log(self) -> Sequence[Line]:
        """What the work said, the oldest first."""
        return self.progress.lines if self.progress is not None else ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self) | {"title": self.title, "state_title": self.state_title, "progress": self._told()}

    def _told(self) -> dict[str, Any] | None:
        return self.progress.to_dict() if self.progress is not None else None


def of_document(document: Document, progress: Progress | None = None) -> Job:
    """The job that a document tells."""
    data, known = document.data, KINDS.get(str(document.data["kind"]))
    times = {step.name: step.at for step in document.actions}
    running = document.state != "queued" and "start" in times
    title = known.title if known is not None else Text(data["kind"], data["kind"])
    return Job(
        document.id,
        data["kind"],
        title,
        document.state,
        STATES[document.state],
        data["parameters"],
        data["owner"]["id"],
        data.get("schedule"),
        document.at,
        times["start"] if running else None,
        document.since if document.state in ENDED else None,
        data["process"]["host"].split("/")[0] if running else None,
        progress if running else None,
        data.get("result"),
        data.get("error") if document.state in ("failed", "cancelled", "interrupted") else None,
    )


def standing(registry: Registry, document: Document) -> Actor:
    """Whoever queued a job or made a schedule, as he is now; without any role where he has no part in it any more."""
    owner, local = document.data["owner"], local_administrator()
    named = Actor(owner["id"], frozenset(), owner["organisation"], assurance=owner["assurance"], mfa=owner["mfa"])
    return errand.now(registry, local if owner["id"] == local.id else named) or named


def owner_of(actor: Actor) -> dict[str, Any]:
    """Who queued it, with the proofs that he had given."""
    return {"id": actor.id, "organisation": actor.organisation, "assurance": actor.assurance, "mfa": actor.mfa}
