"""The stages of the data's way as work that can be queued."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from quanmin import collect, population, standards
from quanmin.collect.errors import NoSuchUpload
from quanmin.collect.upload import Uploads
from quanmin.jobs.kind import Choices, Kind, Parameter, Task
from quanmin.lake.cluster import EngineName
from quanmin.opendata.participation import feedback as portal_feedback
from quanmin.population import linkage
from quanmin.population.review import queue as reviews
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import work

OPERATOR = (work.OPERATOR,)
FEEDBACK = "feedback"
"""Folder of the home with a folder for each source's feedback."""


def _datasets(_settings: Settings) -> Choices:
    return [(one.id, one.title) for one in standards.catalogue().datasets.values()]


def _agencies(_settings: Settings) -> Choices:
    return [(one.id, one.title) for one in standards.catalogue().agencies.values()]


def _engines(settings: Settings) -> Choices:
    here = ("duckdb", Text("本机", "here"))
    return [here, ("spark", Text("计算集群", "the cluster"))] if settings.spark else [here]


def _collect(task: Task) -> Mapping[str, Any]:
    sent = Uploads(task.lake.settings).whole(task.actor.id, task.parameters["upload"])
    proving = Text("校验", "proving")

    def told(rows: int, done: int, total: int | None) -> None:
        task.report(done, total, proving)

    given = task.parameters
    receipt = collect.collect(task.lake, given["dataset"], sent.path, given["source"], task.actor, told)
    names = ("batch", "read", "accepted", "quarantined", "snapshot")
    return {name: getattr(receipt, name) for name in names}


def _has_upload(settings: Settings, owner: str, parameters: Mapping[str, Any]) -> bool:
    """Whether the file is on this machine. With the ledger in a file there is no other, so the job says that it is gone."""
    if settings.ledger_url.startswith("sqlite"):
        return True
    try:
        return bool(Uploads(settings).get(owner, parameters["upload"]))
    except NoSuchUpload:
        return False


def _drop_upload(settings: Settings, owner: str, parameters: Mapping[str, Any]) -> None:
    with suppress(NoSuchUpload):
        Uploads(settings).remove(owner, parameters["upload"])


def _build(task: Task) -> Mapping[str, Any]:
    given, building = task.parameters, Text("建库", "building")
    engine: EngineName = "spark" if given.get("engine") == "spark" else "duckdb"

    def told(done: int, total: int) -> None:
        task.report(done, total, building)

    task.report(stage=building)
    full, calibrate = given.get("full", False), given.get("calibrate", False)
    return population.build(task.lake, full=full, engine=engine, calibrate=calibrate, told=told).to_dict()


def _link(task: Task) -> Mapping[str, Any]:
    linking = Text("关联", "linking")
    task.report(stage=linking)

    def told(done: int, total: int) -> None:
        task.report(done, total, linking)

    return linkage.link(task.lake, train=task.parameters.get("train", False), told=told).to_dict()


def _gather(task: Task) -> Mapping[str, Any]:
    return reviews.gather(task.lake).to_dict()


def _feedback(task: Task) -> Mapping[str, Any]:
    known = [name for name, _ in _agencies(task.lake.settings)]
    sources = [task.parameters["source"]] if "source" in task.parameters else known
    files: dict[str, int] = {}
    for done, source in enumerate(sources):
        task.report(done, len(sources), Text("反馈", "feedback"))
        found = portal_feedback.export(task.lake, source, task.lake.settings.home / FEEDBACK / source)
        files |= {f"{source}/{name}": count for name, count in found.files.items()}
    return {"files": files}


SOURCE = Parameter("source", Text("报送单位", "Agency"), "choice", True, _agencies)

KINDS = (
    Kind(
        "collect",
        Text("采集文件", "Collect a file"),
        OPERATOR,
        _collect,
        (
            Parameter("dataset", Text("数据集", "Dataset"), "choice", True, _datasets),
            SOURCE,
            Parameter("upload", Text("上传的文件", "Uploaded file"), "upload", True),
        ),
        _has_upload,
        _drop_upload,
    ),
    Kind(
        "build",
        Text("建立人口库", "Build the population base"),
        OPERATOR,
        _build,
        (
            Parameter("full", Text("全量重建", "Look at every record, not only at what changed")),
            Parameter("calibrate", Text("重新估计来源可信度", "Estimate anew how far each source is believed")),
            Parameter("engine", Text("计算引擎", "Where it is computed"), "choice", False, _engines),
        ),
        hint=Text("叠加、核验并写入金记录", "overlay, verify, and write the golden records"),
    ),
    Kind(
        "link",
        Text("关联搁置的记录", "Link what was set aside"),
        OPERATOR,
        _link,
        (Parameter("train", Text("先重新训练模型", "Train a new model first")),),
        hint=Text("为没有可用号码的记录寻找本人", "find the person of records without a usable number"),
    ),
    Kind(
        "gather",
        Text("汇集待审核事项", "Gather what a clerk must decide"),
        OPERATOR,
        _gather,
        hint=Text("把库中的未决问题放入审核队列", "bring the open questions of the base into the review queue"),
    ),
    Kind(
        "feedback",
        Text("导出反馈", "Export the feedback"),
        OPERATOR,
        _feedback,
        (Parameter("source", Text("报送单位", "Agency"), "choice", False, _agencies),),
        hint=Text("不选单位则导出全部", "of every agency where none is chosen"),
    ),
)
