"""Sending a file: chosen or dragged, uploaded whole however often the connection breaks, then collected."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from starlette.responses import Response

from quanmin import standards
from quanmin.collect.listing import STATES, listing
from quanmin.collect.receipt import Receipt
from quanmin.collect.upload import Uploads
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.areas import OPERATOR
from quanmin.web.console.collect import form_file, transfer
from quanmin.web.console.collect.delivery import deliver, describe
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect, View

TITLE = Text("采集", "Collect")
TEMPLATE = "console/collect/sending.html"
SUB = (
    ("/collect", Text("报送文件", "Send a file")),
    ("/collect/batches", Text("批次", "Batches")),
    ("/collect/quality", Text("来源质量", "Quality of sources")),
    ("/collect/templates", Text("模板与数据字典", "Templates and dictionaries")),
)
FILE = Field("upload", Text("文件", "File"), "hidden", limit=100)
LATELY = 10


def datasets() -> list[tuple[str, Text]]:
    """The datasets as choices."""
    known = standards.catalogue().datasets.values()
    return [(one.id, Text(f"{one.title.zh}（{one.id}）", f"{one.title.en} ({one.id})")) for one in known]


def sources() -> list[tuple[str, Text]]:
    """The agencies as choices."""
    return [(one.id, one.title) for one in standards.catalogue().agencies.values()]


def fields(_ask: Ask) -> list[Field]:
    """What is asked for beside the file."""
    return [
        Field("dataset", Text("数据集", "Dataset"), "choice", choices=datasets()),
        Field("source", Text("报送单位", "Agency that sends it"), "choice", choices=sources()),
        FILE,
    ]


def line(receipt: Receipt) -> dict[str, Any]:
    """A receipt as a line of a list."""
    known, catalogue = receipt.to_dict(), standards.catalogue()
    names = ("batch", "dataset", "source", "file", "bytes", "state", "read", "accepted", "quarantined", "at")
    dataset = catalogue.datasets.get(receipt.dataset)
    return {name: known[name] for name in names} | {
        "title": dataset.title if dataset else Text(receipt.dataset, receipt.dataset),
        "agency": catalogue.called(receipt.source),
        "state_title": STATES[receipt.state],
    }


def install(face: Face) -> None:
    """Register the page, its forms and the way of the bytes."""
    transfer.install(face, "/uploads/", "/collect", OPERATOR)

    @face.page("/collect", TEMPLATE, roles=OPERATOR)
    def sending(
        ask: Ask,
        dataset: Annotated[str, Query(max_length=100)] = "",
        source: Annotated[str, Query(max_length=100)] = "",
    ) -> Answer:
        """Send a file; uploads that wait, and what came lately."""
        mine = [one.to_dict() for one in Uploads(ask.settings).of(ask.who.id)]
        lately = [line(one) for one in listing(ask.lake, size=LATELY).receipts]
        chosen = {"dataset": dataset, "source": source}
        more = {"fields": fields(ask)[:2], "chosen": chosen, "sub": SUB, "most": ask.settings.upload_bytes}
        return View(TITLE, {"uploads": mine, "batches": lately}, more)

    @face.form("/collect/send", fields, page=sending, template=TEMPLATE, roles=OPERATOR)
    def send(ask: Ask, posted: Posted) -> Answer:
        """Have a file collected that was uploaded."""
        return deliver(ask, posted["dataset"], posted["source"], posted["upload"])

    @face.form("/collect/drop", (FILE,), page=sending, template=TEMPLATE, roles=OPERATOR)
    def drop(ask: Ask, posted: Posted) -> Answer:
        """Delete a file that was uploaded and not collected."""
        Uploads(ask.settings).remove(ask.who.id, posted["upload"])
        return Redirect("/collect", Text("已删除", "Deleted"))

    @face.page("/collect/jobs/{job}", "console/collect/job.html", roles=OPERATOR)
    def job(ask: Ask, job: Annotated[int, Path(ge=1, le=2**31)]) -> Answer:
        """How far the collecting of a file is, and then where its receipt is."""
        return View(Text("正在采集", "A file is being collected"), describe(ask, job), {"sub": SUB})

    @face.stream("/uploads/send", "POST", back="/collect", roles=OPERATOR)
    async def send_whole(ask: Ask) -> Response:
        """Upload and collect a file in one form."""
        return await form_file.submit(face, ask, "/collect/send")
