"""One release as those who check it see it: findings, figures, files, what differs from the version before, evidence."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Path

from quanmin import jobs
from quanmin.jobs.releasing import VERIFY
from quanmin.opendata.release import Release, replay, sight
from quanmin.opendata.storage.errors import UnknownFile
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console import order
from quanmin.web.console.releases.area import CHECKERS, OFFICERS, ROLES, Number, checks, shown
from quanmin.web.console.releases.toml import marked
from quanmin.web.face import Face, Viewing
from quanmin.web.form import Field
from quanmin.web.view import Answer, Download

TEMPLATE = "console/releases/release.html"
STANDING = Field(
    "standing",
    Text("长期批准", "Standing approval"),
    "yes",
    needed=False,
    hint=Text(
        "同一配方日后自动更新，只要审查结果不多出新的项目，即直接发布",
        "later refreshes of this recipe go out too, as long as they find nothing else",
    ),
)
WHY = Field("reason", Text("理由", "Reason"), "words", limit=400, hint=Text("不写个人信息", "nothing about a person"))
MEDIA = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
EVIDENCE = "evidence"
STEPS = {
    "create": Text("运行", "run"),
    "propose": Text("提交复核", "handed on for its check"),
    "fail": Text("披露控制未通过", "not let pass by disclosure control"),
    "approve": Text("批准", "approved"),
    "refuse": Text("退回", "sent back"),
    "publish": Text("发布", "published"),
    "supersede": Text("被新版本取代", "superseded by a new version"),
    "withdraw": Text("撤回", "withdrawn"),
}
BLOCK = 1 << 20
Form = Annotated[str, Path(max_length=20, pattern=r"^[a-z]+$")]


def install(face: Face) -> Viewing:
    """Register the page and its files; the page, for the forms that belong to it."""

    @face.page("/releases/{number}", TEMPLATE, roles=ROLES)
    def one(ask: Ask, number: Number) -> Answer:
        """One release: state, findings, files, the first rows, what differs from the version before, evidence."""
        release = ask.place.releases.get(number)
        more = {"may": may(ask, release), "own_run": release.officer == ask.who.id, "checks": ask.holds(*CHECKERS)}
        more |= {"standing": STANDING, "why": WHY, "recipe": marked(release.recipe), "titles": replay.TITLES}
        more["step_words"] = STEPS
        title = Text(f"{release.title.zh}（{number}）", f"{release.title.en} ({number})")
        return shown(ask, title, _told(ask, release), **more)

    @face.file("/releases/{number}/files/{form}", [*MEDIA.values()], roles=ROLES)
    def file(ask: Ask, number: Number, form: Form) -> Answer:
        """A file of a release, as it is or will be published; `evidence` is its evidence."""
        release = ask.place.releases.get(number)
        held = {each.format: each.sha256 for each in release.files}
        sha256 = release.evidence if form == EVIDENCE else held.get(form)
        if sha256 is None:
            raise UnknownFile(sha256="-")
        ending = "evidence.json" if form == EVIDENCE else form
        pieces = _pieces(ask, sha256)
        return Download(f"{release.label}.{ending}", MEDIA.get(form, MEDIA["json"]), pieces)

    return one


def may(ask: Ask, release: Release) -> list[str]:
    """What the viewer may do now."""
    steps = {
        "approve": checks(ask, release),
        "refuse": checks(ask, release),
        "withdraw": release.state == "published",
        "correct": ask.holds(*OFFICERS),
        "verify": release.evidence is not None,
    }
    return [name for name, fits in steps.items() if fits]


def _told(ask: Ask, release: Release) -> dict[str, Any]:
    """The document of the page. What was measured of people is for those who check."""
    releases = ask.place.releases
    seen, differs = sight.preview(releases, release), sight.difference(releases, release)
    before = None if differs is None else releases.get(differs.before)
    data = release.to_dict() | {"allowed": list(release.allowed), "recipe": release.recipe, "label": release.label}
    data |= {"measured": dict(release.measured) if ask.holds(*CHECKERS) else None}
    data |= {"preview": seen and seen._asdict(), "difference": differs and differs._asdict()}
    data |= {"recipe_changes": _changes(before.recipe, release.recipe) if before else []}
    data |= {"steps": _steps(release), "verify_job": order.under_way(ask, VERIFY, release=release.number)}
    return data | {"verified": _verified(ask, release)}


def _steps(release: Release) -> list[dict[str, Any]]:
    return [{"step": one.name, "by": one.actor, "at": one.at} for one in release.document.actions]


def _changes(before: str, now: str) -> list[str]:
    """The lines of a recipe that differ."""
    return list(difflib.unified_diff(before.splitlines(), now.splitlines(), lineterm="", n=1))[2:]


def _verified(ask: Ask, release: Release) -> dict[str, Any] | None:
    """The newest verification that came to an end."""
    done = jobs.listing(ask.lake, ["done"], ref=VERIFY).jobs
    fits = ((one, one.result) for one in done if one.result and one.result["release"] == release.number)
    found = next(fits, None)
    return None if found is None else {"at": found[0].ended, "by": found[0].by, **found[1]}


def _pieces(ask: Ask, sha256: str) -> Iterator[bytes]:
    """A file block by block. UnknownFile at once."""
    path = ask.place.portal.storage.path(sha256)

    def read() -> Iterator[bytes]:
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                yield block

    return read()
