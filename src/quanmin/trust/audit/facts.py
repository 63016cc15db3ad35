"""What the audit must be told about people, because it knows none: posts, colleagues and flags come from identity."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Facts(Protocol):
    """Answers about actors (by id) and persons (by the audit's pseudonym), as it was at the time of an entry."""

    def post(self, actor: str, at: datetime) -> tuple[tuple[str, ...], str | None]:
        """The actor's roles and organisation, as far as known."""
        ...

    def colleague(self, actor: str, person: str, at: datetime) -> bool:
        """Whether the person works where the actor works, and is another than the actor."""
        ...

    def flagged(self, person: str, at: datetime) -> bool:
        """Whether reads of the person are always to be looked at."""
        ...


class _Nothing:
    """Nothing is known."""

    def post(self, actor: str, at: datetime) -> tuple[tuple[str, ...], str | None]:
        """Nobody's post."""
        return (), None

    def colleague(self, actor: str, person: str, at: datetime) -> bool:
        """Nobody's colleague."""
        return False

    def flagged(self, person: str, at: datetime) -> bool:
        """Nobody."""
        return False


NOTHING: Facts = _Nothing()
