"""Do a number and a name belong together? One pair, or a file of them: agree, differ, unknown, and nothing else."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from quanmin.collect.errors import FileTooLarge
from quanmin.errors import QuanminError
from quanmin.population import ANSWERS
from quanmin.text import Text
from quanmin.web import answers
from quanmin.web.ask import Ask
from quanmin.web.console.population.pages import pages
from quanmin.web.console.population.person import NUMBER
from quanmin.web.errors import BadFields
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Download, View

TEMPLATE = "console/population/verify.html"
TITLE = Text("核验", "Verify")
ROLES = ("verifier", "administrator")
PAIR = (NUMBER, Field("name", Text("姓名", "Name"), limit=60))
FILE = "file"
BLOCK = 1 << 20


def install(face: Face) -> None:
    """Register the page and its two forms."""

    @face.page("/population/verify", TEMPLATE, roles=ROLES)
    def verify(ask: Ask) -> Answer:
        """The forms to verify with."""
        return _view(ask, None, False)

    @face.form("/population/verify", PAIR, page=verify, template=TEMPLATE, roles=ROLES)
    def one(ask: Ask, posted: Posted) -> Answer:
        """Whether a number and a name belong together."""
        answer = ask.home.population.verify(posted["number"], posted["name"])
        return _view(ask, answer, answer == "agree" and ask.home.population.merged(posted["number"]))

    @face.form("/population/verify-file", (), page=verify, template=TEMPLATE, roles=ROLES)
    def without(_ask: Ask, _posted: Posted) -> Answer:
        """What is said where no file came along."""
        raise BadFields(names=FILE)

    @face.stream("/population/uploads/verify", "POST", back="/population/verify", roles=ROLES)
    async def many(ask: Ask) -> Response:
        """The answer to each row of a file, as a CSV of row and answer."""
        folder = Path(tempfile.mkdtemp(prefix="verify-"))
        try:
            asked = await _received(ask, folder)
            await run_in_threadpool(ask.home.population.verify_file, asked, folder / "answers.csv")
        except QuanminError as error:
            shutil.rmtree(folder, ignore_errors=True)
            return await face.submit("/population/verify-file", ask, FormData(), error)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return answers.respond(face, ask, None, Download("answers.csv", "text/csv; charset=utf-8", _sent(folder)))


def _view(ask: Ask, answer: str | None, merged: bool) -> View:
    told = {"answer": answer, "title": ANSWERS[answer] if answer else None, "merged": merged}
    return View(TITLE, told, {"fields": PAIR, "pages": pages(ask.home.population.aims()), "known": ANSWERS})


async def _received(ask: Ask, folder: Path) -> Path:
    """The file of the form, in a folder of its own. BadFields, FileTooLarge."""
    length, limit = ask.request.headers.get("content-length", ""), ask.settings.upload_bytes
    if not length.isdigit() or int(length) > limit:
        raise FileTooLarge(file=FILE, limit=limit)
    async with ask.request.form(max_files=1, max_fields=10) as sent:
        file = sent.get(FILE)
        if not isinstance(file, UploadFile) or not file.filename:
            raise BadFields(names=FILE)
        path = folder / "asked"
        with path.open("wb") as kept:
            await run_in_threadpool(shutil.copyfileobj, file.file, kept, BLOCK)
    return path


def _sent(folder: Path) -> Iterator[bytes]:
    """The answers piece by piece; nothing stays behind."""
    try:
        with (folder / "answers.csv").open("rb") as file:
            while piece := file.read(BLOCK):
                yield piece
    finally:
        shutil.rmtree(folder, ignore_errors=True)
