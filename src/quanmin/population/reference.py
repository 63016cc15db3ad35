"""The base by the book: one person's records folded by hand, no cleverness.

Slow and obvious. Generated tests hold the vectorised build to it, row for row; nothing else uses it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
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
        parted: bool = False,
    ) -> None:
        """`found` are addresses that linkage gave to this number, `guests` the rows without a number of the person among them.

        `key` is the number, whose own records may be none; `parted` says that a review found it to be two people's.
        """
        self.parted = parted
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

    def fold(self, joined: Sequence[tuple[Fold, int]] = (), elsewhere: Container[tuple[str, int, int]] = ()) -> Folded:
        """Everything the records say together.

        `joined` are the folds of numbers that were given up for this one, with the documents that say so; `elsewhere` are
        addresses that linkage gave to other people.
        """
        matched = {at(r): self.match(r) for r in self.records}
        own = [r for r in self.records if at(r) not in elsewhere]
        beside: list[Record] = []
        spoken = dict(matched)
        for other, _ in joined:
            beside += [r for r in other.records if at(r) not in elsewhere]
            spoken |= {at(r): self.rematch(other, r) for r in other.records}
        attached = [r for r in (*own, *beside) if not spoken[at(r)].startswith("E")]
        barred = {at(r) for fold in (self, *(o for o, _ in joined)) for r in fold.records if fold.bars(r)}
        linked = [r for r in (*own, *beside) if r not in attached and r.key is not None and at(r) in self.found]
        linked = [r for r in linked if at(r) not in barred and r.dataset != self.plan.benchmark.dataset]
        linked = [r for r in [*linked, *self.guests] if self.holder is not None]
        spoken |= {at(r): LINKED for r in linked}
        person = self.golden([*attached, *linked], spoken) if self.holder is not None else None
        for record in self.records:
            self.tell(record, matched[at(record)])
        for other, document in joined:
            self.tell_of(other, document)
        if person is not None and self.plan.death is not None and person["death_date"] is not None:
            for record in (*self.records, *(r for other, _ in joined for r in other.records)):
                alive = matched[at(record)] if at(record) in matched else spoken_by(joined, record)
                if not alive.startswith("E"):
                    self.tell_death(record, person)
        statements = [
            Statement(
                self.key if r.key is not None else None, *at(r), m if m.startswith("E") or m == LINKED else ATTACHED
            )
            for r in (*own, *beside)
            for m in [spoken[at(r)]]
        ]
        statements += [Statement(self.key, *at(r), LINKED if r in linked else self.match(r)) for r in self.guests]
        return Folded(person, statements, self.discrepancies)

    def rematch(self, other: Fold, record: Record) -> str:
        """How a record under a number given up speaks of this person: the name that it states may be the other row's."""
        how = other.match(record)
        if record is other.holder:
            return "E07"
        if how.startswith("E") or record.name is None:
            return how
        assert self.holder is not None
        return "same" if names.normalised(record.name) == names.normalised(self.holder.name) else "former"

    def bars(self, record: Record) -> bool:
        """Whether a review found that a record under the number is another person's than the holder's."""
        return self.parted and record.dataset != self.plan.benchmark.dataset and self.match(record) == "E06"

    def tell_of(self, other: Fold, document: int) -> None:
        """What is told of the records under a number given up: as ever, and the holder's row as a duplicate."""
        for record in other.records:
            other.tell(record, other.match(record))
        if other.holder is not None:
            number = _element_told(self.plan.benchmark, "E07")
            other.add(other.holder, "E07", number, document)
        self.discrepancies |= {found._replace(key=self.key) for found in other.discrepancies}

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
            return "E06" if self.parted and self.rivals is not None else "number"
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
        key = record.key if record.key is None or self.key is None else self.key
        at = (key, record.dataset, record.source, record.batch, record.row)
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


def spoken_by(joined: Sequence[tuple[Fold, int]], record: Record) -> str:
    """How a record under a number given up met the holder of that number."""
    return next(other.match(record) for other, _ in joined if record in other.records)


def fold(
    plan: Plan,
    records: Iterable[Record],
    of_number: Callable[[int], Mapping[str, Any]],
    due: Callable[[int], dt.date],
    reliability: Reliability,
    adopted: Mapping[tuple[str, int, int], int] = {},
    merged: Mapping[int, tuple[int, int]] = {},
    parted: Container[int] = (),
) -> list[Folded]:
    """Every person, one after another; each record without a usable number is on its own.

    `adopted` says to whom linkage gave a record: one without a number of that person is the person's guest. `merged` has the
    numbers given up, each with the person who survives and the document that says so; `parted` those found to be two people's.
    """
    records = list(records)
    held = {r.key for r in records if r.dataset == plan.benchmark.dataset and r.key is not None}
    lead = {old: person for old, (person, _) in merged.items()}
    given = {address: lead.get(person, person) for address, person in adopted.items()}
    groups: dict[Any, list[Record]] = {}
    guests: dict[int, list[Record]] = {}
    for record in records:
        key = lead[record.key] if record.key in lead and record.key not in held else record.key
        if record.key is not None:
            groups.setdefault(key, []).append(record)
        else:
            groups.setdefault(at(record), []).append(record)
        person = given.get(at(record))
        own = None if record.key is None else lead.get(record.key, record.key)
        if person is not None and own != person and (own is None or person in held):
            guests.setdefault(person, []).append(record)
    away = {at(record) for coming in guests.values() for record in coming}
    for key in guests:
        groups.setdefault(key, [])
    folds = {}
    for place, group in groups.items():
        number = place if isinstance(place, int) else None
        found = {address for address, person in given.items() if person == number}
        coming = guests.get(number, ()) if number is not None else ()
        made = (group, of_number, due, reliability, found, coming, number, number in parted)
        folds[place] = Fold(plan, *made)
    joined: dict[int, list[tuple[Fold, int]]] = {}
    for old, (person, document) in merged.items():
        if old in held:
            joined.setdefault(person, []).append((folds[old], document))
    alone = [(place, each) for place, each in folds.items() if place not in lead or place not in held]
    return [each.fold(joined.get(place, ()), away) for place, each in alone]
