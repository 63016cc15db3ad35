"""Feedback of an installation: open errors, letters to the sources, what citizens ask to have corrected. An operator's work."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from quanmin import trust
from quanmin.lake import Lake
from quanmin.population import correction, letter, outstanding
from quanmin.population.feedback import Feedback
from quanmin.trust import work


class Letters:
    """Errors, letters and requests. Every call asks whose work it is: RoleMissing."""

    def __init__(self, lake: Lake, actor: trust.Actor) -> None:
        self._lake, self._actor = lake, actor

    def standing(self) -> dict[str, Any]:
        """The open errors by source, code and age, each source with its latest letter."""
        self._work()
        found, letters = outstanding.standing(self._lake), letter.latest(self._lake)
        sources = [
            {**one, "letter": letters.get(one["source"]), "since": self._since(one, letters)}
            for one in found["sources"]
        ]
        return {**found, "sources": sources}

    def errors(
        self, source: str, *, dataset: str = "", code: str = "", late: bool = False, number: int = 1
    ) -> dict[str, Any]:
        """A page of the open errors of a source, with their addresses."""
        self._work()
        return outstanding.listing(self._lake, source, dataset, code, late, number)

    def prepare(self, source: str) -> dict[str, Any]:
        """Prepare a letter to a source."""
        return letter.told(self._lake, letter.prepare(self._lake, self._actor, source))

    def page(self, source: str | None = None, number: int = 1) -> dict[str, Any]:
        """The letters, the newest first."""
        self._work()
        return letter.page(self._lake, source, number)

    def show(self, number: int) -> dict[str, Any]:
        """One letter."""
        self._work()
        return letter.told(self._lake, letter.get(self._lake, number))

    def files(self, number: int, directory: str | Path) -> Feedback:
        """Write the files of a letter."""
        return letter.files(self._lake, self._actor, number, Path(directory))

    def send(self, number: int, way: str) -> dict[str, Any]:
        """Note that a letter was sent."""
        return letter.told(self._lake, letter.send(self._lake, self._actor, number, way))

    def answer(self, number: int, outcome: str, batch: int | None = None, remark: str | None = None) -> dict[str, Any]:
        """Note what the source answered."""
        return letter.told(self._lake, letter.answer(self._lake, self._actor, number, outcome, batch, remark))

    def drop(self, number: int, reason: str) -> dict[str, Any]:
        """Give up a letter that is not sent yet."""
        return letter.told(self._lake, letter.drop(self._lake, self._actor, number, reason))

    def claims(self) -> list[dict[str, Any]]:
        """What citizens ask to have corrected and is not answered yet."""
        return correction.standing(self._lake.ledger, self._actor)

    def answer_claim(self, document: int, outcome: Literal["corrected", "kept"], words: str) -> None:
        """Write down what the source answered to a citizen's request."""
        correction.answer(self._lake.ledger, self._actor, document, outcome, words)

    def send_claim(self, document: int) -> None:
        """Note that the source was told of a citizen's request."""
        correction.send(self._lake.ledger, self._actor, document)

    def _work(self) -> None:
        work.require(self._lake.ledger, self._actor)

    @staticmethod
    def _since(one: dict[str, Any], letters: dict[str, dict[str, Any]]) -> bool:
        """Whether a file that came after the latest letter has errors."""
        known = letters.get(one["source"])
        return known is None or one["newest"] > known["letter"]
