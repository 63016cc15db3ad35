"""The provider's side: a question under an agreement becomes a read through the gate, and the read a document."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from quanmin import standards, trust
from quanmin.exchange.agreement import decide
from quanmin.exchange.node.handler import Received, Reply, handler
from quanmin.exchange.request.errors import CaseNeeded, NotAgreed, NothingHere, QuotaSpent, RequestUnreadable
from quanmin.exchange.request.question import Question
from quanmin.exchange.terms import Terms
from quanmin.lake import Lake
from quanmin.ledger.exchange import ExchangeTrafficRow
from quanmin.population import inquiry
from quanmin.population.errors import UnknownNumber, UnusableNumber
from quanmin.population.lookup import Desk
from quanmin.trust.errors import AccessDenied

if TYPE_CHECKING:
    from quanmin.exchange.node.node import Node

BASE = "linked.person"
NUMBER = "citizen_number"
HOLDS_SECONDS = 60.0
"""How long a decision is referred to by later look-ups under the same agreement and case."""


@handler("POST", "/requests", "request")
def answered(node: Node, received: Received) -> Reply:
    """Answer a request of the consumer of an agreement."""
    terms, case = received.terms, received.envelope.case
    assert terms is not None  # the handler cites
    question = Question.read(received.body)
    if received.envelope.sender != terms.consumer or not terms.answers or question.operation not in terms.operations:
        raise NotAgreed(agreement=terms.cited, operation=question.operation)
    if terms.case and not (case and case.strip()):
        raise CaseNeeded(agreement=terms.cited)
    if terms.quota is not None:
        _within_quota(node, terms)
    told = Provider.of(node.lake).answer(terms, case, question)
    return Reply(json.dumps(told, ensure_ascii=False, default=_plain).encode())


class Provider:
    """What answers from one lake; decisions are referred to for a minute, and end with their agreement."""

    _all: OrderedDict[int, Provider] = OrderedDict()  # noqa: RUF012
    _turn = threading.Lock()

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._desk: Desk | None = None
        self._lock = threading.Lock()
        self._decided: dict[tuple[str, str | None, tuple[str, ...] | None], tuple[float, trust.Decision]] = {}

    @classmethod
    def of(cls, lake: Lake) -> Provider:
        """The one of a lake."""
        with cls._turn:
            found = cls._all.get(id(lake))
            if found is None or found._lake is not lake:
                found = cls._all[id(lake)] = cls(lake)
                while len(cls._all) > 8:
                    cls._all.popitem(last=False)
            return found

    def answer(self, terms: Terms, case: str | None, question: Question) -> dict[str, Any]:
        """The document that answers a question; AccessDenied where nothing may be seen."""
        if question.operation == "verify":
            return {"answers": [self._verified(terms, case, one) for one in question.keys]}
        if terms.dataset == BASE:
            found = [self._person(terms, case, question, one) for one in question.keys]
        else:
            found = [self._rows(terms, case, question, one) for one in question.keys]
        return {"records": found, "agreement": terms.cited, "at": self._lake.ledger.now().isoformat(timespec="seconds")}

    def _decision(self, terms: Terms, case: str | None, elements: tuple[str, ...] | None) -> trust.Decision:
        """The decision that holds, or a new one. AccessDenied."""
        asked, now = (terms.digest(), case, elements), time.monotonic()
        since, found = self._decided.get(asked, (0.0, None))
        if found is None or now - since > HOLDS_SECONDS:
            wanted = elements if terms.dataset != BASE or elements is None else ("person_key", *elements)
            found = decide(self._lake, terms, case, elements=wanted)
            with self._lock:
                self._decided = {name: one for name, one in self._decided.items() if now - one[0] <= HOLDS_SECONDS}
                if found.allowed:
                    self._decided[asked] = (now, found)
        if not found.allowed:
            raise AccessDenied(purpose=terms.purpose, dataset=terms.dataset, reason=found.reason.en)
        return found

    def _person(self, terms: Terms, case: str | None, question: Question, key: Mapping[str, str]) -> dict[str, Any]:
        if set(key) != {NUMBER}:
            raise RequestUnreadable(where=f"keys: {NUMBER}")
        decision = self._decision(terms, case, question.elements)
        with self._lock:
            self._desk = self._desk or Desk(self._lake)
        try:
            record = self._desk.shown(decision, key[NUMBER])
        except (UnknownNumber, UnusableNumber):
            return {"found": 0, "rows": [], "withheld": _withheld(decision)}
        values = {one["item"]: one["value"] for one in record["items"] if one["shown"] != "withheld"}
        return {"found": 1, "rows": [values], "withheld": _withheld(decision)}

    def _rows(self, terms: Terms, case: str | None, question: Question, key: Mapping[str, str]) -> dict[str, Any]:
        dataset = standards.catalogue().dataset(terms.dataset)
        by_person = dataset.person is not None and set(key) == {dataset.person}
        if not by_person and set(key) != set(dataset.key):
            raise RequestUnreadable(where=f"keys: {' + '.join(dataset.key)}")
        if f"clean.{terms.dataset}" not in self._lake.snapshot().tables:
            raise NothingHere(dataset=terms.dataset)
        decision = self._decision(terms, case, question.elements)
        reading = self._lake.read(decision)
        try:
            found = reading.where(**_typed(dataset, key)).fetch()
        except UnusableNumber:
            return {"found": 0, "rows": [], "withheld": _withheld(decision)}
        return {"found": found.num_rows, "rows": found.to_pylist(), "withheld": _withheld(decision)}

    def _verified(self, terms: Terms, case: str | None, stated: Mapping[str, str]) -> str:
        if set(stated) != {NUMBER, "name"} or terms.dataset != BASE:
            raise RequestUnreadable(where=f"keys: {NUMBER}, name")
        decision = self._decision(terms, case, inquiry.COMPARED[1:])
        return inquiry.verify(self._lake, decision, stated[NUMBER], stated["name"])


def _withheld(decision: trust.Decision) -> dict[str, Any]:
    """What is not shown, and why."""
    return {one.name: one.reason for one in decision.columns if one.outcome == "withheld"}


def _typed(dataset: standards.Dataset, key: Mapping[str, str]) -> dict[str, Any]:
    """A key as the lake has it: a person by number, dates as dates."""
    made: dict[str, Any] = {}
    for name, value in key.items():
        if name == dataset.person:
            made["person_key"] = inquiry.key_of(value)
        elif dataset.element(name).type == "date":
            try:
                made[name] = date.fromisoformat(value)
            except ValueError:
                raise RequestUnreadable(where=f"keys: {name}") from None
        else:
            made[name] = value
    return made


def _within_quota(node: Node, terms: Terms) -> None:
    """QuotaSpent once so many requests of today (in the installation's zone) are in the log."""
    zone = ZoneInfo(node.settings.zone)
    today = node.ledger.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    query = select(func.coalesce(func.sum(ExchangeTrafficRow.messages), 0)).where(
        ExchangeTrafficRow.hour >= today.astimezone(UTC) - timedelta(minutes=59),
        ExchangeTrafficRow.agreement == terms.id,
        ExchangeTrafficRow.kind == "request",
        ExchangeTrafficRow.part == "in",
    )
    with node.ledger.reading() as connection:
        spent = int(connection.execute(query).scalar_one())
    if terms.quota is not None and spent >= terms.quota:
        raise QuotaSpent(agreement=terms.cited, quota=terms.quota)


def _plain(value: Any) -> Any:
    """What JSON does not have, as text."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Sequence):
        return list(value)
    return str(value)
