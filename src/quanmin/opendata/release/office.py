"""The release workflow as others use it: run, check, publish, withdraw, list. One object an installation.

    releases = Releases.open(lake)
    made = releases.run(officer, recipe_text)           # a Release: state "proposed", or "refused" with findings
    releases.approve(checker, made.number)              # another person: published, in register and catalogue
    releases.refuse(checker, made.number, "why")        # or not
    releases.withdraw(officer, made.number, "why")      # a tombstone in the catalogue
    releases.listing(), releases.get(number)            # for pages

A release of a name that is published already is its next version and supersedes it. Everything that goes out is decided before
the action `approve` is recorded; what follows it can be done again, and `settle` does so after a kill.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from quanmin.errors import NotFound
from quanmin.lake import Lake
from quanmin.ledger import Document, Leases
from quanmin.ledger.errors import UnknownDocument
from quanmin.opendata.catalogue import check as check_record
from quanmin.opendata.catalogue.errors import UnknownRecord
from quanmin.opendata.disclosure import PROFILES, Register, kept
from quanmin.opendata.disclosure.register import NAME
from quanmin.opendata.portal import Portal
from quanmin.opendata.release import evidence, parsing, record, running
from quanmin.opendata.release.errors import NameInUse, OvertakenByRelease, SamePerson, UnknownRelease
from quanmin.opendata.release.life import CHECKER, OFFICER, RELEASE
from quanmin.opendata.release.place import Places
from quanmin.opendata.release.recipe import Recipe
from quanmin.opendata.release.record import Filed
from quanmin.opendata.release.release import Release, of
from quanmin.text import document
from quanmin.trust import Actor, audit, work
from quanmin.trust.policy.weighing import is_local

LEASE, WAIT = "release", 120.0
OUT = ("approved", "published", "superseded", "withdrawn")
"""States of a release that went out, or goes out whatever happens."""


class Releases:
    """All releases of an installation; safe to use from several threads and processes."""

    def __init__(self, lake: Lake, portal: Portal) -> None:
        self.lake, self.portal = lake, portal
        self.folder: Path = lake.settings.home / "release"
        self._turn = threading.RLock()
        self._holding = False

    @classmethod
    def open(cls, lake: Lake, portal: Portal | None = None) -> Releases:
        """Of a lake's installation; what a kill left half done is done."""
        made = cls(lake, portal or Portal(lake.settings, lake.ledger))
        made.settle()
        return made

    # looking

    def listing(self, states: tuple[str, ...] = (), name: str | None = None) -> list[Release]:
        """Releases by state and name, oldest first; all without."""
        found = self.lake.ledger.find(RELEASE.kind, ref=name, states=states)
        return [of(one) for one in found]

    def get(self, number: int) -> Release:
        """A release; UnknownRelease."""
        try:
            return of(self.lake.ledger.get(number, kinds=(RELEASE.kind,)))
        except UnknownDocument:
            raise UnknownRelease(release=number) from None

    def published(self, name: str) -> Release | None:
        """The release that everybody sees under a name."""
        found = self.listing(("published",), name)
        return found[-1] if found else None

    # doing

    def run(self, actor: Actor, text: str) -> Release:
        """Run a recipe. Refused by the rules it is kept with what was found; else it waits for its check.

        RoleMissing, RecipeUnreadable, DirectIdentifier, SourceNotOpen, HierarchyUncovered, NothingToRelease, NameInUse.
        """
        recipe = parsing.parse(text)
        self.require(actor, OFFICER)
        self._own_name(recipe)
        with self.turn():
            run = running.run(self.lake, actor, recipe, self.places(), self.register())
            return self.propose(actor, recipe, run)

    def propose(self, actor: Actor, recipe: Recipe, run: running.Run) -> Release:
        """Keep what a run gave: its files, who stands in which cell, and the document."""
        title = recipe.title._asdict()
        data: dict[str, Any] = {"name": recipe.id, "kind": recipe.kind, "title": title, "recipe": recipe.text}
        data |= {"subject": actor.subject, "recipe_sha256": recipe.digest, "refresh": recipe.refresh}
        ledger, outcome = self.lake.ledger, run.outcome
        told = {"snapshot": run.snapshot, "findings": document(outcome.findings)}
        told |= {"measured": document(outcome.measured), "decision": run.decision}
        with ledger.writing() as connection:
            made = ledger.create(RELEASE.kind, recipe.id, data, actor.id, connection)
            if not outcome.accepted or outcome.table is None or outcome.population is None:
                return of(self._act(made, "fail", told, actor, OFFICER, connection))
            by = {"by": actor.id, "at": made.at.isoformat(), "decision": run.decision}
            files = tuple(self._filed(*one) for one in running.written(recipe, outcome.table).items())
            said = running.statement(recipe, made.id, run, files, by)
            self._pending.mkdir(mode=0o700, parents=True, exist_ok=True)
            kept.write(self._pending, f"{recipe.id}.{made.id}", outcome.population)
            told |= {"files": said["files"], "rows": said["rows"], "statement": said}
            return of(self._act(made, "propose", told, actor, OFFICER, connection))

    def approve(self, actor: Actor, number: int, standing: bool = False) -> Release:
        """Let a release out; with `standing` its refreshes by the clock go out too, as long as they find nothing else.

        RoleMissing, SamePerson, OvertakenByRelease, IllegalAction, NameInUse.
        """
        self._apart(actor, number)
        return self.let_out(actor, number, {"by": actor.id, "standing": standing})

    def let_out(self, actor: Actor | None, number: int, by: dict[str, Any]) -> Release:
        """What approval does; `by` says who answers for it."""
        with self.turn():
            release = self.get(number)
            if release.state == "proposed":
                recipe = parsing.parse(release.recipe)
                self._own_name(recipe)
                self._not_overtaken(release, recipe)
                told = self._approval(release, recipe, by)
                self._act(release.document, "approve", told, actor, CHECKER)
            else:
                self._act(release.document, "approve", {"evidence": "-", "record": "-"}, actor, CHECKER)
            self._settle(self.get(number))
        return self.get(number)

    def refuse(self, actor: Actor, number: int, reason: str) -> Release:
        """Send a release back. RoleMissing, SamePerson, IllegalAction, MissingField."""
        self._apart(actor, number)
        found = self._act(self.get(number).document, "refuse", _why(reason), actor, CHECKER)
        self._forget(of(found))
        return of(found)

    def withdraw(self, actor: Actor, number: int, reason: str) -> Release:
        """Take a published release from sight; its record stays as a tombstone with the reason. RoleMissing, IllegalAction."""
        role = CHECKER if CHECKER in actor.roles and OFFICER not in actor.roles else OFFICER
        self.require(actor, role)
        with self.turn():
            release = self.get(number)
            if release.state == "published" and reason.strip():
                if self.portal.catalogue.get(release.name).state == "published":
                    self.portal.catalogue.withdraw(release.name, reason, actor.id)
            return of(self._act(release.document, "withdraw", _why(reason), actor, role))

    def settle(self) -> int:
        """Bring out what was approved and is not out yet; how many."""
        if not self.listing(("approved",)):
            return 0
        with self.turn():
            waiting = self.listing(("approved",))
            for one in waiting:
                self._settle(one)
        return len(waiting)

    # what it stands on

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One release at a time, over all processes; it may be taken again by whoever has it."""
        with self._turn:
            if self._holding:
                yield
                return
            with Leases(self.lake.ledger) as leases:
                leases.take(LEASE, WAIT)
                self._holding = True
                try:
                    yield
                finally:
                    self._holding = False

    def register(self) -> Register:
        """The register of releases; a release that went out and is not in it is an error."""
        out = [one.label for one in self.listing(OUT) if one.state != "approved"]
        return Register.open(self._made(self.folder / "register"), out)

    def places(self) -> Places:
        """People's places, which stand apart from the register."""
        return Places(self._made(self.folder) / "places")

    def require(self, actor: Actor, role: str) -> None:
        """RoleMissing unless the actor holds the role; the local administrator, under any name, holds it."""
        if not is_local(actor):
            work.require(self.lake.ledger, actor, role)

    @property
    def _pending(self) -> Path:
        return self.folder / "pending"

    @staticmethod
    def _made(folder: Path) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _apart(self, actor: Actor, number: int) -> None:
        """The checker is another person than the officer, by account and by person."""
        self.require(actor, CHECKER)
        release = self.get(number)
        same = actor.subject is not None and actor.subject == release.officer_subject
        if actor.id == release.officer or same:
            audit.append(self.lake.ledger, "refused", actor.id, {"release": number, "why": "same_person"})
            raise SamePerson(release=number)

    def _own_name(self, recipe: Recipe) -> None:
        if not NAME.fullmatch(f"{recipe.id}.1"):
            raise NameInUse(name=recipe.id)
        try:
            known = self.portal.catalogue.get(recipe.id)
        except (UnknownRecord, NotFound):
            return
        if not str(known.newest.get("quanmin:release", "")).startswith(f"{recipe.id}."):
            raise NameInUse(name=recipe.id)

    def _filed(self, form: str, content: bytes) -> Filed:
        held = self.portal.storage.keep(content)
        return Filed(form, held.sha256, held.size)

    def _not_overtaken(self, release: Release, recipe: Recipe) -> None:
        """What was run is held against the releases of now; those that it was run against need no second look."""
        register = self.register()
        fresh = sorted(set(register.releases) - {*release.measured.get("releases_compared", ()), release.label})
        if not fresh:
            return
        people, _ = kept.read(self._pending, release.label)
        least = recipe.privacy.k if recipe.kind == "microdata" else PROFILES[recipe.rules].smallest
        follows = register.tracked(people, least)
        if register.difference(people, least) or (follows.asked and follows.groups):
            raise OvertakenByRelease(others=", ".join(fresh))

    def _approval(self, release: Release, recipe: Recipe, by: dict[str, Any]) -> dict[str, Any]:
        """All that goes out, made before it is decided: the evidence with its check, and the record."""
        now = self.lake.ledger.now()
        earlier = [one for one in self.listing(OUT, release.name) if one.version]
        version = max((one.version or 0 for one in earlier), default=0) + 1
        check = {**by, "at": now.isoformat()}
        statement = {**release.statement, "dataset_version": version, "check": check}
        held = self._filed("json", evidence.signed(self.lake.settings, statement))
        issued = earlier[0].document.actions[-1].at.date() if earlier else now.date()
        made = record.made(
            recipe, release.label, version, now.date(), statement["columns"], release.files, held, issued
        )
        check_record(made)
        told = {"evidence": held.sha256, "record": made, "version": version, "checker": by["by"]}
        return told | {"standing": bool(by.get("standing"))}

    def _settle(self, release: Release) -> None:
        """Register, publish, note, each unless it was done. The register first: it may know too much, never too little."""
        register, label = self.register(), release.label
        if label not in register.releases:
            people, _ = kept.read(self._pending, label)
            register.keep(label, people)
        assert release.record is not None  # approval made it
        if not self._out(release):
            self.portal.catalogue.publish(release.record, release.checker or release.officer)
        with self.lake.ledger.writing() as connection:
            for one in self.listing(("published",), release.name):
                self._act(one.document, "supersede", {"successor": release.number}, None, None, connection)
            self._act(release.document, "publish", {}, None, None, connection)
        self._forget(release)

    def _out(self, release: Release) -> bool:
        """Whether the catalogue shows this very release."""
        try:
            shown = self.portal.catalogue.get(release.name).document
        except UnknownRecord:
            return False
        return shown is not None and shown.get("quanmin:release") == release.label

    def _forget(self, release: Release) -> None:
        (self._pending / f"{release.label}{kept.ENDING}").unlink(missing_ok=True)

    def _act(
        self,
        of_: Document,
        action: str,
        data: dict[str, Any],
        actor: Actor | None,
        role: str | None,
        connection: Any = None,
    ) -> Document:
        by = "system" if actor is None else actor.id
        return self.lake.ledger.act(of_.id, action, data, by, role=role, connection=connection)


def _why(reason: str) -> dict[str, str]:
    return {"reason": reason.strip()} if reason.strip() else {}
