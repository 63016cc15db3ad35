"""The kinds of work that can be queued: what each is called, whose work it is, what it takes, and how it is done."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from quanmin.jobs.errors import BadParameter, UnknownKind
from quanmin.jobs.report import Report
from quanmin.lake import Lake
from quanmin.redaction import redacted
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import Actor, local_administrator, work

_WORD, _UPLOAD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"), re.compile(r"[0-9a-z]{8,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LARGEST = 2**31 - 1
LONGEST = 100_000
"""Characters of a text."""
Choices = Sequence[tuple[str, Text]]


@dataclass(frozen=True)
class Parameter:
    """Something that a kind of work takes: yes or no, one of `choices`, the number of a document, an upload, a file, a text.

    An upload is one of whoever queues the work; a file is one of the portal, by its SHA-256. A text is checked by whoever queues
    it, and holds nothing about a person.
    """

    name: str
    title: Text
    sort: Literal["yes", "choice", "number", "upload", "file", "text"] = "yes"
    needed: bool = False
    choices: Callable[[Settings], Choices] = lambda _settings: ()
    hint: Text | None = None

    def fits(self, settings: Settings, value: object) -> bool:
        """Whether a value can be taken. A number of somebody never fits, whatever it is given as."""
        if self.sort == "yes":
            return isinstance(value, bool)
        if self.sort == "number":
            return type(value) is int and 0 < value <= _LARGEST
        if self.sort == "file":
            return isinstance(value, str) and bool(_SHA256.fullmatch(value))
        if self.sort == "text":
            return isinstance(value, str) and len(value) <= LONGEST
        if self.sort == "upload":
            return isinstance(value, str) and bool(_UPLOAD.fullmatch(value))
        if not isinstance(value, str) or not _WORD.fullmatch(value) or redacted(value) != value:
            return False
        return value in {known for known, _ in self.choices(settings)}


@dataclass(frozen=True)
class Task:
    """A job as its work sees it."""

    lake: Lake
    actor: Actor
    parameters: Mapping[str, Any]
    report: Report


def _always(_settings: Settings, _owner: str, _parameters: Mapping[str, Any]) -> bool:
    return True


def _nothing(_settings: Settings, _owner: str, _parameters: Mapping[str, Any]) -> None:
    return None


@dataclass(frozen=True)
class Kind:
    """A kind of work. `roles`: one of them must be held; without any the program itself orders it.

    `run` does it; what it returns is the job's result.

    `here` says whether this machine can do it, `after` is what remains to be done when the job is over, however it ended; both
    are told whose job it is.
    """

    name: str
    title: Text
    roles: tuple[str, ...]
    run: Callable[[Task], Mapping[str, Any]]
    parameters: tuple[Parameter, ...] = ()
    here: Callable[[Settings, str, Mapping[str, Any]], bool] = _always
    after: Callable[[Settings, str, Mapping[str, Any]], None] = _nothing
    hint: Text | None = field(default=None)

    @property
    def by_clock(self) -> bool:
        """Whether it can be scheduled: what needs an upload, a file or a text, or is about one document, cannot."""
        return all(one.sort not in ("upload", "number", "file", "text") for one in self.parameters)

    def checked(self, settings: Settings, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters, whole; BadParameter. Those that were not given are left out, and are None or no."""
        known = {one.name: one for one in self.parameters}
        found = {name: value for name, value in given.items() if value not in (None, "")}
        wrong = [name for name in found if name not in known or not known[name].fits(settings, found[name])]
        wrong += [name for name, one in known.items() if one.needed and name not in found]
        if wrong:
            raise BadParameter(names=", ".join(name if name in known else "?" for name in dict.fromkeys(wrong)))
        return found


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind of work known."""
    if kind.name in KINDS:
        raise TypeError(f"two kinds of work are called {kind.name}")
    KINDS[kind.name] = kind
    return kind


def kind(name: str) -> Kind:
    """The kind with this name; UnknownKind."""
    found = KINDS.get(name)
    if found is None:
        raise UnknownKind(name=name)
    return found


def allowed(actor: Actor, known: Kind) -> bool:
    """Whether the actor holds the right to such work."""
    if not known.roles:
        return False
    return actor == local_administrator() or (bool(actor.roles & set(known.roles)) and actor.mfa)


def require(lake: Lake, actor: Actor, known: Kind) -> None:
    """RoleMissing, and the audit is told, unless the actor holds the right; what the program orders needs none."""
    if not known.roles:
        return
    role = next((one for one in known.roles if one in actor.roles), known.roles[0])
    work.require(lake.ledger, actor, role)
