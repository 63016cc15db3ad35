"""A document's life, declared once: states, actions, who acts, what an action needs and by when it is owed.

State and data are a fold over the actions, so a correction is one more action and nothing is ever overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from quanmin.ledger.errors import UnknownWorkflow

CHINA = timezone(timedelta(hours=8))
_SATURDAY = 5


@dataclass(frozen=True)
class Days:
    """A deadline in calendar days."""

    count: int

    def after(self, start: datetime) -> datetime:
        """The moment when time is up."""
        return start + timedelta(days=self.count)


@dataclass(frozen=True)
class WorkingDays:
    """A deadline in working days, Monday to Friday in the installation's zone: the end of the last of them."""

    count: int

    def after(self, start: datetime) -> datetime:
        """The moment when time is up; the day of `start` itself does not count."""
        day, left = start.astimezone(CHINA), self.count
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < _SATURDAY
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return midnight.astimezone(UTC)


@dataclass(frozen=True)
class Either:
    """Any one of these roles may act."""

    roles: tuple[str, ...]

    def __init__(self, *roles: str) -> None:
        object.__setattr__(self, "roles", roles)


@dataclass(frozen=True)
class Both:
    """Every one of these roles must act before the state moves."""

    roles: tuple[str, ...]

    def __init__(self, *roles: str) -> None:
        object.__setattr__(self, "roles", roles)


@dataclass(frozen=True)
class Action:
    """A step from one state to another (`source` may name several states)."""

    name: str
    source: str | tuple[str, ...]
    target: str
    by: str | Either | Both | None = None
    needs: Sequence[str] = ()
    due: Days | WorkingDays | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The states that allow it."""
        return (self.source,) if isinstance(self.source, str) else self.source

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that may do it; empty when anybody may."""
        if self.by is None:
            return ()
        return (self.by,) if isinstance(self.by, str) else self.by.roles


@dataclass(frozen=True)
class Step:
    """One recorded action: the fold's input."""

    sequence: int
    name: str
    role: str | None
    actor: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Fold:
    """What a list of actions amounts to; `waiting` holds who has already done an action that needs several."""

    state: str
    since: datetime
    data: dict[str, Any]
    waiting: dict[str, frozenset[str]] = field(default_factory=dict)


CREATE = "create"


@dataclass(frozen=True)
class Workflow:
    """The life of one kind of document; fields named in `sealed` and `words` are stored as ciphertext only.

    Of `words`, what somebody wrote freely, numbers of people are starred before; when their key is gone all else is read.
    """

    kind: str
    start: str
    actions: Sequence[Action]
    sealed: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        seen: set[tuple[str, str]] = set()
        for action in self.actions:
            for source in action.sources:
                if (action.name, source) in seen or action.name == CREATE:
                    raise TypeError(f"workflow {self.kind}: action {action.name} is declared twice for {source}")
                seen.add((action.name, source))

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in order of appearance."""
        named = [self.start]
        for action in self.actions:
            named += [*action.sources, action.target]
        return tuple(dict.fromkeys(named))

    def allowed(self, state: str) -> tuple[Action, ...]:
        """What can be done in `state`."""
        return tuple(action for action in self.actions if state in action.sources)

    def action(self, state: str, name: str) -> Action | None:
        """The action called `name`, if `state` allows it."""
        return next((action for action in self.allowed(state) if action.name == name), None)

    def fold(self, steps: Iterable[Step]) -> Fold:
        """State and data after `steps`; the first of them is the creation."""
        result: Fold | None = None
        for step in steps:
            result = self.advance(result, step)
        if result is None:
            raise ValueError("a document has at least its creation")
        return result

    def advance(self, before: Fold | None, step: Step) -> Fold:
        """One step of the fold."""
        if before is None:
            return Fold(self.start, step.at, dict(step.data))
        data = {**before.data, **step.data}
        action = self.action(before.state, step.name)
        if action is None:
            raise ValueError(f"{self.kind}: a recorded action {step.name} is not possible in {before.state}")
        done = before.waiting.get(step.name, frozenset()) | ({step.role} if step.role else set())
        if isinstance(action.by, Both) and not done >= set(action.by.roles):
            return Fold(before.state, before.since, data, {**before.waiting, step.name: frozenset(done)})
        return Fold(action.target, step.at, data)


WORKFLOWS: dict[str, Workflow] = {}


def register(workflow: Workflow) -> Workflow:
    """Make a kind of document known; the same workflow twice is fine, another one under its name is not."""
    known = WORKFLOWS.setdefault(workflow.kind, workflow)
    if known != workflow:
        raise TypeError(f"another workflow is registered for {workflow.kind}")
    return workflow


def workflow(kind: str) -> Workflow:
    """The workflow of a kind of document."""
    try:
        return WORKFLOWS[kind]
    except KeyError:
        raise UnknownWorkflow(kind=kind) from None
