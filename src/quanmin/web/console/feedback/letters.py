"""Letters: prepared, downloaded, sent, answered."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path as Folder
from typing import Annotated

from fastapi import Path

from quanmin.population.letter import OUTCOMES, STATES, WAYS
from quanmin.standards import catalogue
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.feedback.standing import PAGES, ROLES, Number, called
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Download, Redirect, View

TEMPLATE = "console/feedback/letter.html"
Letter = Annotated[int, Path(ge=1, le=2**31)]

SEND = (Field("way", Text("发出方式", "How it was sent"), "choice", choices=list(WAYS.items())),)
ANSWER = (
    Field("outcome", Text("答复", "What was answered"), "choice", choices=list(OUTCOMES.items())),
    Field(
        "batch",
        Text("更正文件的批次", "Batch of the corrected file"),
        "number",
        needed=False,
        limit=9,
        hint=Text("先在“采集”中接收，回执上有批次号", "collect it first; its number is on the receipt"),
    ),
    Field(
        "remark", Text("备注", "Remark"), "words", needed=False, limit=500, hint=Text("不写个人信息", "nobody's data")
    ),
)
DROP = (Field("reason", Text("作废理由", "Why it is dropped"), limit=300),)


def install(face: Face) -> None:
    """Register the pages and forms."""

    @face.page("/feedback/letters", "console/feedback/letters.html", roles=ROLES)
    def letters(ask: Ask, page: Number = 1) -> Answer:
        """All letters, the newest first."""
        found = ask.home.letters.page(number=page)
        return View(Text("反馈", "Letters"), found, {"called": called, "states": STATES, "pages": PAGES})

    @face.page("/feedback/letters/{letter}", TEMPLATE, roles=ROLES)
    def one(ask: Ask, letter: Letter) -> Answer:
        """A letter: what it holds, and what became of it."""
        found = ask.home.letters.show(letter)
        titles = {one.id: one.title for one in catalogue().datasets.values()}
        words = {"called": called, "codes": catalogue().error_codes, "datasets": titles, "pages": PAGES}
        forms = {"send": SEND, "answer": ANSWER, "drop": DROP}
        return View(Text(f"第 {letter} 号反馈", f"Feedback {letter}"), found, {**words, "forms": forms})

    @face.file("/feedback/letters/{letter}/files", ["application/zip"], roles=ROLES)
    def files(ask: Ask, letter: Letter) -> Answer:
        """The files of a letter, as one archive."""
        with tempfile.TemporaryDirectory(prefix="feedback-") as folder:
            made = ask.home.letters.files(letter, folder)
            packed = _packed(Folder(folder), [*made.files, made.summary])
        return Download(f"{made.source}.feedback-{letter}.zip", "application/zip", packed)

    @face.form("/feedback/letters/{letter}/send", SEND, page=one, template=TEMPLATE, roles=ROLES)
    def send(ask: Ask, posted: Posted, letter: Letter) -> Answer:
        """Note that it was sent."""
        ask.home.letters.send(letter, posted["way"])
        return Redirect(f"/feedback/letters/{letter}", Text("已记为发出", "Noted as sent"))

    @face.form("/feedback/letters/{letter}/answer", ANSWER, page=one, template=TEMPLATE, roles=ROLES)
    def answer(ask: Ask, posted: Posted, letter: Letter) -> Answer:
        """Note what the source answered."""
        ask.home.letters.answer(letter, posted["outcome"], posted["batch"], posted["remark"])
        return Redirect(f"/feedback/letters/{letter}", Text("已记下答复", "The answer is noted"))

    @face.form("/feedback/letters/{letter}/drop", DROP, page=one, template=TEMPLATE, roles=ROLES)
    def drop(ask: Ask, posted: Posted, letter: Letter) -> Answer:
        """Give it up before it is sent."""
        ask.home.letters.drop(letter, posted["reason"])
        return Redirect(f"/feedback/letters/{letter}", Text("已作废", "Dropped"))


def _packed(folder: Folder, names: list[str]) -> Iterator[bytes]:
    """The files as one archive: a thousandth of the base's size, hence made in memory."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(folder / name, name)
    return iter((kept.getvalue(),))
