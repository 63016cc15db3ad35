"""Which numbers does this person go by? From an identifier of one dataset to the person and to all their identifiers (PIX).

A dataset identifies people by the text elements of its key in the catalogue (a certificate number, a card number, a code),
so that nothing need be configured twice. A record leads to a person only if the base attached it, by number or by linkage: a
record that was set aside is told with its code and without a person. Each dataset is read under a decision of its own; where an
identifier is not shown clearly, nobody can be asked for by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self, cast

from quanmin import flow, standards, trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.lake.gate import ANSWER_ONLY, Reading
from quanmin.lake.gate import PERSON as KEY
from quanmin.lake.session import Session
from quanmin.population.errors import NotAnIdentifier, NotBuilt, TooMany, UnknownIdentifier, UnknownNumber
from quanmin.population.find import AGGREGATE_ONLY
from quanmin.population.inquiry import key_of
from quanmin.population.review import lead
from quanmin.population.tables import ADOPTED, ATTACHED, LINKED, PERSON, STATEMENT
from quanmin.text import Text
from quanmin.trust.errors import AccessDenied

MOST = 100
"""So many records may have the identifier that is asked by."""
PENDING = "pending"
"""The outcome of a record that came after the last build."""
PLACE = ("_batch", "_row")
_NUMBER = "citizen_number"
Decide = Callable[[str, Sequence[str]], trust.Decision]
"""The decision for some columns of a dataset (or of the base), for one actor, purpose and case."""
Place = tuple[int, int]


class Identifier(NamedTuple):
    """An element by which a dataset identifies people."""

    dataset: str
    element: str
    title: Text


class Trace(NamedTuple):
    """A row on its way through the gate: the key and place that the base needs, and the columns as decided."""

    key: int | None
    place: Place
    shown: dict[str, Any]


def identifiers() -> dict[str, tuple[Identifier, ...]]:
    """The identifiers of each dataset from which the base is made: the text elements of its key."""
    found = {}
    for dataset in standards.catalogue().sources:
        elements = [dataset.element(name) for name in dataset.key]
        named = tuple(Identifier(dataset.id, one.name, one.title) for one in elements if one.type == "text")
        if named:
            found[dataset.id] = named
    return found


def identify(
    lake: Lake, decide: Decide, dataset: str, value: str, element: str | None = None
) -> dict[str, list[dict[str, Any]]]:
    """The people whom an identifier of a dataset means, with all their identifiers, and the records set aside.

    `element` is the dataset's first identifier unless given. Several people are possible: a family card, two parties of a
    marriage. Raises NotAnIdentifier, UnknownIdentifier, TooMany, NotReadable, NotBuilt.
    """
    wanted = _identifier(dataset, element)
    with Desk(lake, decide) as desk:
        records = desk.traces(dataset, {wanted.element: value.strip()})
        if not records:
            raise UnknownIdentifier(dataset=dataset)
        if len(records) > MOST:
            raise TooMany(limit=MOST)
        keys, aside = list[int](), []
        for place, (key, outcome) in desk.speaking(dataset, records).items():
            if outcome in (ATTACHED, LINKED) and key is not None:
                keys.append(lead.of(lake, key))
            else:
                told = {"outcome": outcome, "title": outcome_title(outcome)}
                aside.append({"dataset": dataset, **_placed(place), **told})
        return {"people": [desk.person(key) for key in dict.fromkeys(keys)], "set_aside": aside}


def identifiers_of(lake: Lake, decide: Decide, number: str) -> dict[str, Any]:
    """A person by citizen number, with all their identifiers. Raises UnusableNumber, UnknownNumber, NotReadable, NotBuilt."""
    key = lead.of(lake, key_of(number))
    with Desk(lake, decide) as desk:
        if not desk.known(key):
            raise UnknownNumber()
        return desk.person(key)


def outcome_title(outcome: str) -> Text:
    """What an outcome of a record means."""
    if outcome == ATTACHED:
        return Text("已挂接", "attached")
    if outcome == LINKED:
        return Text("经关联挂接", "found by linkage")
    if outcome == PENDING:
        return Text("尚未入库，待下次建库", "came after the last build")
    return standards.catalogue().error_codes[outcome]


def _identifier(dataset: str, element: str | None) -> Identifier:
    known = identifiers().get(dataset, ())
    found = next((one for one in known if element in (None, one.element)), None)
    if found is None:
        raise NotAnIdentifier(dataset=dataset, known=", ".join(one.element for one in known) or "-")
    return found


class Desk:
    """Several gated reads of one snapshot in one session; each under its own decision and with its own line in the audit."""

    def __init__(self, lake: Lake, decide: Decide, named: Mapping[str, tuple[Identifier, ...]] | None = None) -> None:
        """`named` says which elements of which datasets are read; their identifiers by default."""
        self.lake, self.decide = lake, decide
        named = identifiers() if named is None else named
        self.snapshot = lake.snapshot()
        if PERSON not in self.snapshot.tables:
            raise NotBuilt()
        self.datasets = {name: ids for name, ids in named.items() if f"clean.{name}" in self.snapshot.tables}
        reads = (PERSON, STATEMENT, ADOPTED, *(f"clean.{name}" for name in self.datasets))
        stage = flow.Stage("gate", Text("受控读取", "a gated read"), reads=reads, writes=())
        self.session = Session(lake, stage, snapshot=self.snapshot)
        self._readings: dict[str, Traced] = {}
        self.reading(PERSON).may_ask()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.session.close()

    def reading(self, dataset: str) -> Traced:
        """The read of a dataset as decided, decided once."""
        if dataset not in self._readings:
            elements = tuple(one.element for one in self.datasets.get(dataset, ()))
            columns = (KEY, _NUMBER, *elements) if dataset == PERSON else (KEY, *elements, *PLACE)
            made = self.lake.read(self.decide(dataset, columns), self.snapshot.id)
            self._readings[dataset] = Traced(made.lake, made.decision, made.snapshot)
        return self._readings[dataset]

    def traces(self, dataset: str, equal: dict[str, Any]) -> list[Trace]:
        """The live rows of a dataset that meet the conditions; none when the lake has no such dataset."""
        if dataset not in self.datasets:
            return []
        return self.reading(dataset).asked(**equal).traces(self.session)

    def known(self, key: int) -> bool:
        """Whether the base has the person."""
        return bool(self._numbers(key))

    def _numbers(self, key: int) -> list[Trace]:
        return self.reading(PERSON).asked(person_key=key).traces(self.session)

    def person(self, key: int) -> dict[str, Any]:
        """The number and every identifier of a person, as decided; of attached records only, wherever they lie."""
        keys, found = [key, *lead.others(self.lake, key)], []
        spoken, homes = self.spoken(keys), self._homes(keys)
        for dataset, named in self.datasets.items():
            if self.open(dataset):
                traces = self.records(dataset, keys, spoken, homes)
                found += [self._told(one, trace) for trace in traces for one in named]
        return {"person": self.number(key), "identifiers": found}

    def number(self, key: int) -> Any:
        """The number of a person, as decided."""
        return next((trace.shown.get(_NUMBER) for trace in self._numbers(key)), None)

    def spoken(self, keys: Sequence[int]) -> dict[tuple[str, int, int], str]:
        """The records that speak of a person, with how they were attached, by dataset, batch and row."""
        found = self.outcomes(keys).items()
        return {place: outcome for place, (_, outcome) in found if outcome in (ATTACHED, LINKED)}

    def records(
        self,
        dataset: str,
        keys: Sequence[int],
        spoken: Iterable[tuple[str, int, int]],
        homes: Mapping[tuple[str, int, int], int],
    ) -> list[Trace]:
        """The rows of a dataset that speak of a person, wherever they lie, in the order of their places."""
        wanted = {(batch, row) for of, batch, row in spoken if of == dataset}
        traces = [trace for trace in self.traces(dataset, {KEY: list(keys)}) if trace.place in wanted]
        missing = wanted - {trace.place for trace in traces}
        if missing:
            traces += self._placed(dataset, missing, homes)
        return sorted(traces, key=lambda trace: trace.place)

    def open(self, dataset: str) -> bool:
        """Whether a dataset may be asked by person; one that may not is left out."""
        try:
            self.reading(dataset).may_ask()
        except (AccessDenied, NotReadable):
            return False
        return True

    def _homes(self, keys: Sequence[int]) -> dict[tuple[str, int, int], int]:
        """The buckets in which records lie that linkage gave to a person."""
        if not self.session.exists(ADOPTED):
            return {}
        buckets = self.reading(PERSON).asked(person_key=list(keys))._buckets(self.session)
        adopted = self.session.relation(ADOPTED, buckets)
        query = f"SELECT dataset, _batch, _row, home FROM {adopted} WHERE {KEY} IN ({_marks(keys)})"
        rows = self.session.connection.execute(query, list(keys)).fetchall()
        return {(dataset, batch, row): home for dataset, batch, row, home in rows}

    def _placed(self, dataset: str, places: set[Place], homes: Mapping[tuple[str, int, int], int]) -> list[Trace]:
        """The live rows of a dataset at some places; they lie in other buckets than the person's."""
        within = {homes[dataset, *place] for place in places if (dataset, *place) in homes}
        asked = self.reading(dataset).asked(_batch=[b for b, _ in places], _row=[r for _, r in places])
        traces = replace(asked, within=tuple(sorted(within))).traces(self.session)
        return [trace for trace in traces if trace.place in places]

    def _told(self, one: Identifier, trace: Trace) -> dict[str, Any]:
        shown = self.reading(one.dataset).decision.outcome(one.element)
        value = trace.shown.get(one.element)
        return {**one._asdict(), "value": value, "shown": shown, **_placed(trace.place)}

    def outcomes(self, keys: Sequence[int]) -> dict[tuple[str, int, int], tuple[int | None, str]]:
        """What became of every record that the base holds under some keys, with the key, by dataset, batch and row."""
        if not keys:
            return {}
        buckets = self.reading(PERSON).asked(person_key=list(keys))._buckets(self.session)
        query = f"SELECT {_STATED} FROM {self.session.relation(STATEMENT, buckets)} WHERE {KEY} IN ({_marks(keys)})"
        return self._stated(query, list(keys))

    def _stated(self, query: str, values: list[Any]) -> dict[tuple[str, int, int], tuple[int | None, str]]:
        rows = self.session.connection.execute(query, values).fetchall()
        return {(dataset, batch, row): (key, outcome) for key, dataset, batch, row, outcome in rows}

    def speaking(self, dataset: str, records: Sequence[Trace]) -> dict[Place, tuple[int | None, str]]:
        """Of whom the base says that records of a dataset speak, and what became of them.

        Most lie with the person whose number they state; the others may be anybody's and are looked for by their place.
        """
        stated = {trace.key for trace in records if trace.key is not None}
        known = self.outcomes(sorted({*stated, *(lead.of(self.lake, key) for key in stated)}))
        lost = [trace.place for trace in records if (dataset, *trace.place) not in known]
        if lost:
            asked = ", ".join("(?, ?)" for _ in lost)
            query = f"SELECT {_STATED} FROM {self.session.relation(STATEMENT)} WHERE dataset = ? AND (_batch, _row) IN ({asked})"
            known |= self._stated(query, [dataset, *(part for place in lost for part in place)])
        return {trace.place: known.get((dataset, *trace.place), (trace.key, PENDING)) for trace in records}


_STATED = f"{KEY}, dataset, _batch, _row, outcome"


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


@dataclass(frozen=True)
class Traced(Reading):
    """A read whose rows keep the key and the place of the record beside what is shown; `within` limits it to some buckets."""

    within: tuple[int, ...] | None = None

    def _buckets(self, session: Session) -> Sequence[int] | None:
        return super()._buckets(session) if self.within is None else self.within

    def asked(self, **equal: Any) -> Traced:
        """`where`, of this kind."""
        return cast(Traced, self.where(**equal))

    def may_ask(self) -> None:
        """NotReadable unless people may be asked for one by one."""
        owed = {ANSWER_ONLY, AGGREGATE_ONLY} & set(self.decision.obligations)
        if owed or not self._may_ask(KEY):
            raise NotReadable(columns=_NUMBER)

    def traces(self, session: Session) -> list[Trace]:
        """The rows in the order of their places; one line in the audit."""
        rows = list[Trace]()
        try:
            for trace in self._traces(session):
                rows.append(trace)
        finally:
            self._audit(len(rows))
        return sorted(rows, key=lambda trace: trace.place)

    def _traces(self, session: Session) -> Any:
        present = session.schema(self.table).names
        wanted = [KEY if self._derived(column.name, present) else column.name for column in self.columns]
        place = [name for name in PLACE if name in present]
        taken = 1 + len(place)
        pseudonyms = trust.Pseudonyms.open(self.lake.settings, self.decision.purpose)
        for batch in self._query(session, [KEY, *place, *wanted]):
            keys, *places = (batch.column(i).to_pylist() for i in range(taken))
            shown = self._shown(batch.select(range(taken, batch.num_columns)), pseudonyms).to_pylist()
            pairs = list(zip(*places, strict=True)) if places else [(0, 0)] * len(keys)
            yield from (Trace(*row) for row in zip(keys, pairs, shown, strict=True))


def _placed(place: Place) -> dict[str, int]:
    return {"batch": place[0], "row": place[1]}
