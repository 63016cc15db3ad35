"""The base by the book: one person's records folded by hand, no cleverness.

Slow and obvious. Generated tests hold the vectorised build to it, row for row; nothing else uses it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, NamedTuple

from quanmin.population import name as names
from quanmin.population.plan import BY_NUMBER, Fact, Plan, Source
from quanmin.population.reliability import NOBODY, Reliability
from quanmin.population.tables import ATTACHED, LINKED
from quanmin.population.twin import Claimant, Rivals, outcome, settle


class Record(NamedTuple):
    """One live row of a clean table."""

    dataset: str
    key: int | None
    number: str | None
    name: str | None
    former: str | None
    event: dt.date | None
    values: Mapping[str, Any]
    flags: tuple[str, ...]
    source: str
    batch: int
    row: int
    ended: Mapping[str, dt.date | None] = {}

    def over(self, item: str) -> bool:
        """Whether what the row says of an item had ended when it was written."""
        end = self.ended.get(item)
        return end is not None and (self.event is None or end <= self.event)

    def present(self, item: str) -> Any:
        """What the row says of an item, unless that is over."""
        return None if self.over(item) else self.values.get(item)


class Statement(NamedTuple):
    """What became of one record."""

    key: int | None
    dataset: str
    batch: int
    row: int
    outcome: str


class Discrepancy(NamedTuple):
    """One error that the sender of a record should look at."""

    key: int | None
    dataset: str
    source: str
    batch: int
    row: int
    element: str
    code: str
    due_on: dt.date


class Folded(NamedTuple):
    """The outcome for one number: the golden record (None: not in the benchmark), statements and discrepancies."""

    person: dict[str, Any] | None
    statements: list[Statement]
    discrepancies: set[Discrepancy]


class Fold:
    """The records of one number, folded. `of_number` says what the number itself states; `due` dates the answer by batch."""

    def __init__(
        self,
        plan: Plan,
        records: Iterable[Record],
        of_number: Callable[[int], Mapping[str, Any]],
        due: Callable[[int], dt.date],
        reliability: Reliability,
        found: Container[tuple[str, int, int]] = (),
        guests: Iterable[Record] = (),
        key: int | None = None,
    ) -> None:
        """`found` are addresses that linkage gave to this number, `guests` the rows without a number among them.

        `key` is the number, whose own records may be none.
        """
        self.found, self.guests, self.key = found, list(guests), key
        self.plan = plan
        self.reliability = reliability
        self.records = sorted(records, key=lambda record: (record.dataset, record.batch, record.row))
        self.of_number = of_number
        self.due = due
        self.discrepancies: set[Discrepancy] = set()
        claimants = [r for r in self.records if r.dataset == plan.benchmark.dataset and r.key is not None]
        settled = (
            settle([Claimant(r.name, r.former, r.event, r.batch, r.row) for r in claimants]) if claimants else None
        )
        self.claims = dict(zip(claimants_ids(claimants), settled.outcomes, strict=True)) if settled else {}
        self.rivals: Rivals | None = settled.rivals if settled else None
        self.holder = next((r for r in claimants if self.claims[(r.batch, r.row)] == ATTACHED), None)
        self.evidence = max((r.batch for r in claimants), default=0)

    def fold(self) -> Folded:
        """Everything the records say together."""
        matched = {(r.dataset, r.batch, r.row): self.match(r) for r in self.records}
        attached = [r for r in self.records if not matched[(r.dataset, r.batch, r.row)].startswith("E")]
        linked = [r for r in self.records if r not in attached and r.key is not None and at(r) in self.found]
        linked = [r for r in [*linked, *self.guests] if self.holder is not None]
        spoken = {**matched, **{at(r): LINKED for r in linked}}
        person = self.golden([*attached, *linked], spoken) if self.holder is not None else None
        for record in self.records:
            self.tell(record, matched[(record.dataset, record.batch, record.row)])
        if person is not None and self.plan.death is not None and person["death_date"] is not None:
            for record in attached:
                self.tell_death(record, person)
        statements = [
            Statement(r.key, *at(r), m if m.startswith("E") or m == LINKED else ATTACHED)
            for r in self.records
            if r.key is not None or at(r) not in self.found
            for m in [spoken[at(r)]]
        ]
        statements += [Statement(self.key, *at(r), LINKED if r in linked else self.match(r)) for r in self.guests]
        return Folded(person, statements, self.discrepancies)

    def match(self, record: Record) -> str:
        """How a record is attached ("same", "former", "variant", "number"), or the code why it is not."""
        if record.key is None:
            return "E12" if record.number is None else "E01"
        if record.dataset == self.plan.benchmark.dataset:
            claim = self.claims[(record.batch, record.row)]
            return "same" if claim == ATTACHED else claim
        if self.holder is None:
            return "E02"
        if record.name is None:
            return "number"
        return outcome(names.match(record.name, self.holder.name, self.holder.former), record.name, self.rivals)

    def tell(self, record: Record, matched: str) -> None:
        """The errors that the row's own flags, its number and its name show."""
        source = self.plan.by_dataset[record.dataset]
        for rule in record.flags:
            if rule in source.told:
                code, element = source.told[rule]
                self.add(record, code, element, record.batch)
        if record.key is None:
            return
        since = max(record.batch, self.evidence)
        if matched.startswith("E"):
            self.add(record, matched, _element_told(source, matched), since)
        if matched == "variant":
            self.add(record, "E13", _element_told(source, "E13"), since)
        if record is self.holder and self.rivals is not None:
            self.add(record, "E06", _element_told(source, "E06"), since)

    def tell_death(self, record: Record, person: Mapping[str, Any]) -> None:
        """Living activity after death, and other dates of death."""
        source, died = self.plan.by_dataset[record.dataset], person["death_date"]
        since = max(record.batch, person["death_date_batch"])
        if source.living and source.event is not None and record.event is not None and record.event > died:
            self.add(record, "E08", source.event, since)
        stated = record.values.get("death_date")
        if stated is None or record.dataset == person["death_date_source"] or not usable(source, record, "death_date"):
            return
        if stated != died:
            self.add(record, "E09", source.values["death_date"], since)

    def add(self, record: Record, code: str, element: str, since: int) -> None:
        """Note one discrepancy."""
        at = (record.key, record.dataset, record.source, record.batch, record.row)
        self.discrepancies.add(Discrepancy(*at, element, code, self.due(since)))

    def golden(self, attached: list[Record], matched: Mapping[tuple[str, int, int], str]) -> dict[str, Any]:
        """The golden record: per item the value, its source and batch, and how many datasets agree."""
        holder = self.holder
        assert holder is not None and holder.key is not None
        latest: dict[str, Record] = {}
        for record in sorted(attached, key=seniority):
            latest[record.dataset] = record
        latest[holder.dataset] = holder
        by_number = self.of_number(holder.key)
        person: dict[str, Any] = {"person_key": holder.key, "contested": self.rivals is not None}
        for fact in self.plan.facts:
            if fact.item == "citizen_number":
                chosen: tuple[Any, str | None, int | None, int, float | None] = (
                    by_number["citizen_number"],
                    holder.dataset,
                    holder.batch,
                    len(latest),
                    self.witnessed(set(latest)),
                )
            elif fact.item == "name":
                same = {r.dataset for r in latest.values() if matched[(r.dataset, r.batch, r.row)] == "same"}
                chosen = (holder.name, holder.dataset, holder.batch, len(same), self.witnessed(same))
            else:
                told = by_number[fact.item] if fact.item in BY_NUMBER else None
                chosen = self.choose(fact, latest, told, holder)
            for ending, part in zip(("", "_source", "_batch", "_agreement", "_probability"), chosen, strict=True):
                person[fact.item + ending] = part
        return person

    def witnessed(self, datasets: Container[str]) -> float:
        """How probable number and name are, given who is attached by them."""
        names = next((fact for fact in self.plan.facts if fact.item == "name"), self.plan.facts[0])
        judges = self.reliability.of(self.plan, names)
        return judges.decide(tuple(0 if dataset in datasets else NOBODY for dataset in judges.datasets)).probability

    def choose(
        self, fact: Fact, latest: Mapping[str, Record], by_number: Any, holder: Record
    ) -> tuple[Any, str | None, int | None, int, float | None]:
        """The number's own value; else the most probable usable statement, of the highest level if there are levels."""
        stated = self.statements(fact, latest, holder)
        value, source, batch, chance = by_number, holder.dataset, holder.batch, 1.0
        if by_number is None:
            good = [r for r in stated if usable(self.plan.by_dataset[r.dataset], r, fact.item)]
            if not good:
                return None, None, None, 0, None
            best = min(level(fact, record.values[fact.item]) for record in good)
            said = {r.dataset: r.values[fact.item] for r in good if level(fact, r.values[fact.item]) == best}
            judges = self.reliability.of(self.plan, fact)
            claims = [said.get(dataset) for dataset in judges.datasets]
            pattern = tuple(NOBODY if claim is None else claims.index(claim) for claim in claims)
            winner, chance = judges.decide(pattern)
            record = latest[judges.datasets[winner]]
            value, source, batch = record.values[fact.item], record.dataset, record.batch
        return value, source, batch, sum(record.values[fact.item] == value for record in stated), chance

    def statements(self, fact: Fact, latest: Mapping[str, Record], holder: Record) -> list[Record]:
        """Who states an item, the most judges first: not what has ended, nor what a more judges source says has ended."""
        stated: list[Record] = []
        gone: list[Any] = []
        for dataset in fact.claims:
            value = latest[dataset].values.get(fact.item) if dataset in latest else None
            if value is None or value in gone:
                continue
            if latest[dataset].over(fact.item):
                gone.append(value)
            elif dataset not in fact.confirmed or value == holder.present(fact.confirmed[dataset]):
                stated.append(latest[dataset])
        return stated


def at(record: Record) -> tuple[str, int, int]:
    """Where a record stands."""
    return record.dataset, record.batch, record.row


def seniority(record: Record) -> tuple[bool, dt.date, int, int]:
    """What is told last stands last, behind everything that has ended."""
    lasting = not any(record.over(item) for item in record.ended if record.values.get(item) is not None)
    return (lasting, record.event or dt.date.min, record.batch, record.row)


def level(fact: Fact, value: Any) -> int:
    """The place of a value's level, the highest first; 0 where an item has no levels."""
    return next((place for place, start in enumerate(fact.levels) if value.startswith(start)), len(fact.levels))


def usable(source: Source, record: Record, item: str) -> bool:
    """Whether none of the row's flags speaks against the value it states for the item."""
    return not set(record.flags) & set(source.invalid.get(item, ()))


def claimants_ids(records: Iterable[Record]) -> list[tuple[int, int]]:
    """Where benchmark records stand."""
    return [(record.batch, record.row) for record in records]


def _element_told(source: Source, code: str) -> str:
    """The element that a code found by comparison points to."""
    return source.name or source.number if code in ("E03", "E13") else source.number


def fold(
    plan: Plan,
    records: Iterable[Record],
    of_number: Callable[[int], Mapping[str, Any]],
    due: Callable[[int], dt.date],
    reliability: Reliability,
    adopted: Mapping[tuple[str, int, int], int] = {},
) -> list[Folded]:
    """Every person, one after another; each record without a usable number is on its own.

    `adopted` says to whom linkage gave a record: such a record without a number is a guest of that person.
    """
    groups: dict[Any, list[Record]] = {}
    guests: dict[int, list[Record]] = {}
    for record in records:
        groups.setdefault(record.key if record.key is not None else at(record), []).append(record)
        if record.key is None and at(record) in adopted:
            guests.setdefault(adopted[at(record)], []).append(record)
    for key in guests:
        groups.setdefault(key, [])
    folded = []
    for place, group in groups.items():
        number = place if isinstance(place, int) else None
        found = {address for address, person in adopted.items() if number is None or person == number}
        coming = guests.get(number, ()) if number is not None else ()
        folded.append(Fold(plan, group, of_number, due, reliability, found, coming, number).fold())
    return folded
