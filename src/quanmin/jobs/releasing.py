"""Releases of open data as work that can be queued: running a recipe, and verifying what went out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quanmin.jobs.kind import Kind, Parameter, Task
from quanmin.opendata.release import CHECKER, OFFICER, Releases, replay
from quanmin.text import Text

RUN, VERIFY = "release", "release_verify"


def _run(task: Task) -> Mapping[str, Any]:
    task.report(stage=Text("审查并制作文件", "disclosure control, and making the files"))
    made = Releases.open(task.lake).run(task.actor, task.parameters["recipe"])
    return {"release": made.number, "state": made.state, "rows": made.rows}


def _verify(task: Task) -> Mapping[str, Any]:
    task.report(stage=Text("核对并重放", "comparing, and running it again"))
    releases, number = Releases.open(task.lake), task.parameters["release"]
    found = replay.verify(releases, task.actor, replay.content_of(releases, number), str(number))
    checks = [{"name": one.name, "sound": one.sound, "about": one.about._asdict()} for one in found]
    return {"release": number, "sound": all(one.sound for one in found), "checks": checks}


KINDS = (
    Kind(
        RUN,
        Text("运行发布配方", "Run a recipe"),
        (OFFICER,),
        _run,
        (Parameter("recipe", Text("配方", "Recipe"), "text", True),),
        hint=Text("结果由另一人复核", "what it gives is checked by another person"),
    ),
    Kind(
        VERIFY,
        Text("核验发布", "Verify a release"),
        (OFFICER, CHECKER),
        _verify,
        (Parameter("release", Text("发布编号", "Number of the release"), "number", True),),
        hint=Text("核对签名与文件，并在原快照上重放", "signature and files, and the run once more on its snapshot"),
    ),
)
