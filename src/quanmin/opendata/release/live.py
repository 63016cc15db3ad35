"""Live datasets: a recipe that says `refresh = true` is run again on the newest snapshot, through the same disclosure control.

Nothing is published where the table came out the same. A new table is the next version of the dataset: at once where its checker
gave a standing approval, is still a checker, the recipe is the same and nothing new is found; else it waits.
A new table that would tell of a few people when the last one is subtracted is refused (O9), and the last one stays.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from quanmin.errors import QuanminError
from quanmin.opendata.release import evidence, parsing, running
from quanmin.opendata.release.errors import NoStanding
from quanmin.opendata.release.life import CHECKER, OFFICER
from quanmin.opendata.release.office import Releases
from quanmin.opendata.release.release import Release
from quanmin.text import Text
from quanmin.trust import Actor
from quanmin.trust.colleague import Colleagues
from quanmin.trust.identity import Registry, founding

What = Literal["unchanged", "published", "waiting", "refused", "failed"]

WHAT: dict[What, Text] = {
    "unchanged": Text("没有变化", "unchanged"),
    "published": Text("已发布新版本", "a new version is out"),
    "waiting": Text("待复核", "waits for its check"),
    "refused": Text("审查未通过，沿用上一版", "refused by disclosure control, the last one stays"),
    "failed": Text("运行失败", "failed"),
}


class Refreshed(NamedTuple):
    """What became of a dataset: `release` is the new run, None where there was none; `error` why it failed."""

    name: str
    what: What
    release: int | None = None
    error: str | None = None


def refresh(releases: Releases, actor: Actor, name: str | None = None) -> list[Refreshed]:
    """Run every live dataset again, or one. One that fails does not hold up the others. RoleMissing, NoStanding."""
    releases.require(actor, OFFICER)
    live = [one for one in releases.listing(("published",), name) if one.refresh]
    if name is not None and not live:
        raise NoStanding(name=name)
    made = []
    for one in live:
        try:
            made.append(_refresh(releases, actor, one))
        except QuanminError as error:
            made.append(Refreshed(one.name, "failed", None, error.code))
    return made


def _refresh(releases: Releases, actor: Actor, last: Release) -> Refreshed:
    recipe = parsing.parse(last.recipe)
    with releases.turn():
        run = running.run(releases.lake, actor, recipe, releases.places(), releases.register())
        table = run.outcome.table
        if table is not None:
            parquet = evidence.digest(running.written(recipe, table)["parquet"])
            if parquet == _parquet(last):
                return Refreshed(last.name, "unchanged")
            waiting = [one for one in releases.listing(("proposed",), last.name) if _parquet(one) == parquet]
            if waiting:
                return Refreshed(last.name, "waiting", waiting[-1].number)
        made = releases.propose(actor, recipe, run)
        if made.state == "refused":
            return Refreshed(last.name, "refused", made.number)
        if not within(releases, last, made):
            return Refreshed(last.name, "waiting", made.number)
        by = {"by": last.checker, "standing": True, "approved_with": last.number}
        releases.let_out(None, made.number, by)
    return Refreshed(last.name, "published", made.number)


def within(releases: Releases, last: Release, made: Release) -> bool:
    """Whether a new run is what the checker of the last one approved for good."""
    if not last.standing or last.checker is None or made.recipe_sha256 != last.recipe_sha256:
        return False
    codes = {one["code"] for one in made.findings} - {one["code"] for one in last.findings}
    return not codes and _still(releases, last.checker)


def _still(releases: Releases, checker: str) -> bool:
    """Whether the checker holds the post now; without accounts everybody is the local administrator."""
    ledger, settings = releases.lake.ledger, releases.lake.settings
    if not founding.founded(Registry.open(ledger, settings)):
        return True
    roles, _ = Colleagues.open(ledger, settings).post(checker, ledger.now())
    return CHECKER in roles


def _parquet(release: Release) -> str:
    return next(one.sha256 for one in release.files if one.format == "parquet")
