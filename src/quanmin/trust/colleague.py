"""What identity tells the audit about people: who held which post, who works together, who is flagged, each at a time.

The audit knows persons by its own pseudonym, accounts know theirs by that of identity. Both are led to the number they came from,
here only, and only a yes or no comes out. A home that still has pseudonyms which lead nowhere (older than the key ring) has no
colleagues that could be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

import pyarrow as pa

from quanmin.ledger import Document, Ledger
from quanmin.settings import Settings
from quanmin.standards import kernels
from quanmin.trust.flag import Flags
from quanmin.trust.identity import Registry, account, mandate
from quanmin.trust.pseudonym import Pseudonyms, every_version

_SORTS: tuple[mandate.Sort, ...] = ("post", "grant")
_BEGUN = ("confirm", "found")


class Colleagues:
    """The audit's facts of one installation, as its ledger stands."""

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry, self._settings = registry, settings
        self._subjects: dict[str, str | None] = {}

    @classmethod
    def open(cls, ledger: Ledger, settings: Settings) -> Colleagues:
        """Of a home."""
        return cls(Registry.open(ledger, settings), settings)

    def post(self, actor: str, at: datetime) -> tuple[tuple[str, ...], str | None]:
        """The roles that an account held then, and the first organisation where."""
        held = list(self._held(actor, at))
        own = self._accounts.get(actor)
        place = held[0].data["organisation"] if held else own.data.get("organisation") if own else None
        return tuple(sorted({one.data["role"] for one in held})), place

    def colleague(self, actor: str, person: str, at: datetime) -> bool:
        """Whether the person has an account that works where the actor's does; oneself is not one's colleague."""
        here = self._places(actor, at)
        if not here:
            return False
        subject = self._subject(person)
        if subject is None or self._accounts[actor].data.get("subject") == subject:
            return False
        return any(here & self._places(str(one.ref), at) for one in self._workers.get(subject, ()))

    def flagged(self, person: str, at: datetime) -> bool:
        """Whether a flag of the person was in force then."""
        return self._flags.holds(person, at)

    @cached_property
    def _flags(self) -> Flags:
        return Flags(self._registry, self._settings)

    @cached_property
    def _accounts(self) -> dict[str, Document]:
        return {str(one.ref): one for one in self._registry.ledger.find(account.KIND.kind)}

    @cached_property
    def _workers(self) -> dict[str, list[Document]]:
        """Accounts by the person whose they are, without those of patients."""
        found: dict[str, list[Document]] = {}
        for one in self._accounts.values():
            if one.data.get("subject") and one.data["group"] == "worker":
                found.setdefault(one.data["subject"], []).append(one)
        return found

    @cached_property
    def _mandates(self) -> dict[str, list[Document]]:
        found: dict[str, list[Document]] = {}
        for sort in _SORTS:
            for one in self._registry.ledger.find(mandate.KINDS[sort].kind):
                found.setdefault(one.data["account"], []).append(one)
        return found

    @cached_property
    def _pseudonyms(self) -> list[Pseudonyms]:
        return every_version(self._settings, "audit")

    def _held(self, name: str, at: datetime) -> Iterator[Document]:
        """Posts and grants of an account that were in force then."""
        day = at.date().isoformat()
        for one in self._mandates.get(name, ()):
            begun = next((step.at for step in one.actions if step.name in _BEGUN), None)
            ended = next((step.at for step in one.actions if step.name == "end"), None)
            in_time = begun is not None and begun <= at and (ended is None or at < ended)
            if in_time and one.data["from"] <= day <= one.data["until"]:
                yield one

    def _places(self, name: str, at: datetime) -> set[str]:
        """Where an account worked then: at its own organisation, and where it held something."""
        own = self._accounts.get(name)
        if own is None or own.data["group"] != "worker" or at < own.at:
            return set()
        places = {one.data["organisation"] for one in self._held(name, at)}
        return places | ({own.data["organisation"]} if own.data.get("organisation") else set())

    def _subject(self, person: str) -> str | None:
        """Whose pseudonym of the audit this is, as identity knows people."""
        if person not in self._subjects:
            key = next((key for one in self._pseudonyms if (key := one.key_of(person)) is not None), None)
            number = None if key is None else kernels.decode(pa.array([key], pa.int64()))[0].as_py()
            self._subjects[person] = None if number is None else account.subject_of(self._registry, number)
        return self._subjects[person]
