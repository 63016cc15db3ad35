"""The gate: how a person or an agency reads. Without a Decision of trust there is no read, and every read is audited.

A decision becomes one query: which rows, and each column in the form decided. Its connection is made for one read, belongs to
nobody else and is given to nobody: no reader can define a macro or a view on it, and values only ever go in as parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from quanmin import flow, standards, trust
from quanmin.lake import engine, shown
from quanmin.lake.afar import gather
from quanmin.lake.cluster import EngineName
from quanmin.lake.errors import NotReadable
from quanmin.lake.feed import CHANGE, Wanted, feed
from quanmin.lake.key import NO_KEY, Key, key_of
from quanmin.lake.session import Session
from quanmin.ledger import Snapshot
from quanmin.standards import kernels
from quanmin.text import Text
from quanmin.trust.column import place
from quanmin.trust.errors import AccessDenied
from quanmin.trust.policy.rows import DIGITS
from quanmin.trust.pseudonym import every_version

if TYPE_CHECKING:
    from quanmin.lake.lake import Lake

PERSON, BASE = "person_key", "linked.person"
_NUMBER = "citizen_number"
ANSWER_ONLY = "answer_only"
DISCLOSURE = "disclosure_control"
_ROWS = 100_000


@dataclass(frozen=True)
class Reading:
    """A read that was decided on: narrow it with `where`, take it with `fetch` or `batches`."""

    lake: Lake
    decision: trust.Decision
    snapshot: Snapshot
    conditions: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    def where(self, **equal: Any) -> Reading:
        """Only rows whose column has the value (or one of a list of values).

        Only columns that the decision shows clearly can be asked by, and a person by key where its number is at least masked.
        """
        wrong = [name for name in equal if not self._may_ask(name)]
        if wrong:
            raise NotReadable(columns=", ".join(sorted(wrong)))
        added = tuple((name, tuple(v) if isinstance(v, list | tuple | set) else (v,)) for name, v in equal.items())
        return replace(self, conditions=(*self.conditions, *added))

    def fetch(self, engine: EngineName = "duckdb") -> pa.Table:
        """The rows, each column as the decision says; withheld columns are left out."""
        found = list(self.batches(engine))
        return pa.Table.from_batches(found[1:], found[0].schema) if len(found) > 1 else pa.Table.from_batches(found)

    def batches(self, engine: EngineName = "duckdb") -> Iterator[pa.RecordBatch]:
        """The same, a batch at a time (the first one is empty and carries the schema).

        That the read began is in the audit before anything leaves; how many rows left, when it ends or is given up. With `spark`
        the cluster of the settings makes the rows, the same ones in the same forms. NotReadable where the decision owes an answer
        only: such a decision is asked through `answers`.
        """
        yield from self._audited(partial(self._decided, where=engine))

    def changes(self, since: int) -> Iterator[pa.RecordBatch]:
        """The rows of the decision that came, changed or went since a snapshot, in the forms decided, with `_change`.

        `_change` is `insert`, `update` or `delete`. Rows are known by their key where the decision shows all of it clearly:
        an update takes the place of the row, a delete takes it away. Otherwise, and where a part of the key is missing, they
        are known by their values, and there is no update. The full rows at `since` and these make the full rows. The first
        batch is empty and carries the schema. Audited as `batches` is. VersionGone where upkeep removed what is needed.
        """
        yield from self._audited(partial(self._changed, since=since))

    @property
    def key(self) -> Key:
        """By what rows are known in `changes`, as the columns shown call it; no column where they are known by value."""
        if self.table == BASE:
            return Key((_NUMBER,)) if self.decision.outcome(_NUMBER) == "clear" else NO_KEY
        own = self._stored_key()
        return own if all(self.decision.outcome(name) == "clear" for name in own.columns) else NO_KEY

    def _stored_key(self) -> Key:
        zone, _, dataset = self.table.partition(".")
        if self.table == BASE:
            return Key((PERSON,))
        return key_of(standards.catalogue().dataset(dataset)) if zone == "clean" else NO_KEY

    def _audited(
        self, read: Callable[[Session, trust.Pseudonyms], Iterator[pa.RecordBatch]]
    ) -> Iterator[pa.RecordBatch]:
        """A read with its beginning and end in the audit. NotReadable where an answer only is owed."""
        if ANSWER_ONLY in self.decision.obligations:
            raise NotReadable(columns=", ".join(column.name for column in self.columns))
        rows, ended = 0, "abandoned"
        pseudonyms = trust.Pseudonyms.open(self.lake.settings, self.decision.purpose)
        begun = trust.audit.append(self.lake.ledger, trust.audit.BEGUN, self.decision.actor.id, self._entry())
        try:
            with Session(self.lake, self._stage(), snapshot=self.snapshot) as session:
                for batch in read(session, pseudonyms):
                    rows += batch.num_rows
                    yield batch
            ended = "whole"
        except Exception:
            ended = "failed"
            raise
        finally:
            self._audit(rows, begun=begun.sequence, ended=ended)

    def answers(self, name: str, test: Callable[[Any], bool]) -> list[bool]:
        """Whether the value of a column passes `test`, row by row; the value itself goes to nobody.

        Only a decision that owes `answer_only` can be asked so, and only about a column that it would show clearly.
        """
        if ANSWER_ONLY not in self.decision.obligations or self.decision.outcome(name) != "clear":
            raise NotReadable(columns=name)
        found: list[bool] = []
        try:
            with Session(self.lake, self._stage(), snapshot=self.snapshot) as session:
                for batch in self._query(session, [name]):
                    found += [bool(test(value)) for value in batch.column(0).to_pylist()]
        finally:
            agree = sum(found)
            answers = {"agree": agree, "differ": len(found) - agree, "unknown": int(not found)}
            self._audit(len(found), answers=answers)
        return found

    @property
    def table(self) -> str:
        """The address that is read: a dataset stands for its live clean rows."""
        dataset = self.decision.dataset
        return dataset if dataset.partition(".")[0] in flow.ZONES else f"clean.{dataset}"

    @property
    def columns(self) -> list[trust.Column]:
        """What is shown, in the order asked for."""
        return [column for column in self.decision.columns if column.outcome != "withheld"]

    def _stage(self) -> flow.Stage:
        return flow.Stage("gate", Text("受控读取", "a gated read"), reads=(self.table,), writes=())

    def _may_ask(self, name: str) -> bool:
        if name == PERSON:
            return {self.decision.outcome(PERSON), self.decision.outcome(_NUMBER)} & {"clear", "masked"} != set()
        return self.decision.outcome(name) == "clear"

    def _decided(self, session: Session, pseudonyms: trust.Pseudonyms, where: EngineName) -> Iterator[pa.RecordBatch]:
        """The rows as decided: what SQL can show is shown by the query, the rest on its columns."""
        wanted, made = self._forms(session)
        query = self._query if where == "duckdb" else self._spread
        for batch in query(session, wanted, made):
            yield self._formed(batch, made, pseudonyms)

    def _changed(self, session: Session, pseudonyms: trust.Pseudonyms, since: int) -> Iterator[pa.RecordBatch]:
        """The changed rows as decided."""
        wanted, made = self._forms(session)
        columns = [sql or engine.quote(name) for sql, name in zip(made, wanted, strict=True)]
        tests, parameters = self._tests(session.schema(self.table).names)
        asked = Wanted(columns, tests, parameters, self.key != NO_KEY)
        query, given = feed(session, self.table, session.changes(self.table, since), self._stored_key(), asked)
        relation = session.connection.sql(query, params=given)
        empty = pa.RecordBatch.from_pylist([], _schema(relation))
        for batch in chain([empty], relation.to_arrow_reader(_ROWS)):
            yield self._formed(batch, made, pseudonyms, (CHANGE,))

    def _forms(self, session: Session) -> tuple[list[str], list[str | None]]:
        """The stored columns that are needed, and what SQL makes of each where it can."""
        stored = session.schema(self.table)
        derived = [self._derived(column.name, stored.names) for column in self.columns]
        wanted = [PERSON if own else column.name for column, own in zip(self.columns, derived, strict=True)]
        self._present(stored.names, wanted)
        made = [
            shown.expression(column, engine.quote(name), stored.field(name).type, own)
            for column, name, own in zip(self.columns, wanted, derived, strict=True)
        ]
        return wanted, made

    def _formed(
        self,
        batch: pa.RecordBatch,
        made: Sequence[str | None],
        pseudonyms: trust.Pseudonyms,
        more: tuple[str, ...] = (),
    ) -> pa.RecordBatch:
        """A batch of the query in the forms decided; `more` names columns behind them that stay as they are."""
        count = len(self.columns)
        arrays = [
            values if sql is not None else self._one(column, values, pseudonyms)
            for column, values, sql in zip(self.columns, batch.columns[:count], made, strict=True)
        ]
        names = [*(column.name for column in self.columns), *more]
        return pa.RecordBatch.from_arrays([*arrays, *batch.columns[count:]], names)

    def _present(self, names: Sequence[str], wanted: Sequence[str]) -> None:
        missing = [one for one in (*wanted, *(name for name, _ in self.conditions)) if one not in names]
        if missing:
            raise NotReadable(columns=", ".join(sorted(set(missing))))

    def whole(self) -> None:
        """NotReadable where the decision is about some rows only: for answers that are made of all of them."""
        if self.decision.rows is not None:
            raise NotReadable(columns=", ".join(self.decision.rows.names()))

    def admits(self, key: int) -> bool:
        """Whether a person's row of the base is among the rows of the decision."""
        rows = self.decision.rows
        return rows is None or (rows.admits(key) and key not in self._left_out())

    def _left_out(self) -> list[int]:
        """The people who took their consent back: known here only, and told to nobody."""
        rows = self.decision.rows
        if rows is None or not rows.without:
            return []
        every = every_version(self.lake.settings, "consent")
        keys = (next((key for one in every if (key := one.key_of(text)) is not None), None) for text in rows.without)
        return sorted(key for key in keys if key is not None)

    def _limits(self, present: Sequence[str]) -> list[str]:
        """The row filter of the decision as SQL; a part that cannot be told from the table lets nothing through."""
        rows, column = self.decision.rows, place(self.decision.dataset)
        if rows is None:
            return []
        tests, person = ["false"] if rows.nobody else list[str](), f"t.{engine.quote(PERSON)}"
        if rows.person is not None:
            tests.append(f"{person} = {int(rows.person)}" if PERSON in present else "false")
        if rows.stem is not None:
            if column is None or column not in present:
                tests.append("false")
            elif column == PERSON:
                unit = 10 ** (DIGITS - len(rows.stem))
                tests.append(f"{person} BETWEEN {int(rows.stem) * unit} AND {(int(rows.stem) + 1) * unit - 1}")
            else:
                tests.append(f"starts_with(t.{engine.quote(column)}, {engine.literal(rows.stem)})")
        for name, codes in rows.where:
            known = ", ".join(engine.literal(code) for code in codes)
            tests.append(f"t.{engine.quote(name)} IN ({known})" if name in present and codes else "false")
        if rows.without:
            left = self._left_out()
            whole = len(left) == len(rows.without) and PERSON in present
            tests.append(f"coalesce({person} NOT IN ({', '.join(map(str, left))}), true)" if whole else "false")
        return tests

    def _query(
        self, session: Session, wanted: Sequence[str], made: Sequence[str | None] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The stored columns (or what is `made` of them) of the rows of the decision that meet the conditions.

        The first batch is empty and carries the schema.
        """
        query, parameters = self._sql(session, wanted, made, self._buckets(session))
        relation = session.connection.sql(query, params=parameters)
        yield pa.RecordBatch.from_pylist([], _schema(relation))
        yield from relation.to_arrow_reader(_ROWS)

    def _spread(self, session: Session, wanted: Sequence[str], made: Sequence[str | None]) -> Iterator[pa.RecordBatch]:
        """The same from the cluster, a bucket a piece: the query goes there, keys of pseudonyms never do."""
        split = self.lake.table(self.table).partitioned(session.snapshot.tables[self.table])
        every = sorted({one.bucket for one in session.entries(self.table) if one.bucket is not None})
        asked = self._buckets(session)
        chosen = every if asked is None else asked
        pieces: list[list[int] | None] = [[one] for one in chosen] if split else [None]
        queries = [self._sql(session, wanted, made, piece) for piece in pieces]
        query, parameters = self._sql(session, wanted, made, [])
        yield pa.RecordBatch.from_pylist([], _schema(session.connection.sql(query, params=parameters)))
        yield from gather(session, queries)

    def _sql(
        self,
        session: Session,
        wanted: Sequence[str],
        made: Sequence[str | None] | None,
        buckets: Sequence[int] | None,
    ) -> tuple[str, list[Any]]:
        """The query and its parameters, over some buckets or all."""
        present = session.schema(self.table).names
        self._present(present, wanted)
        columns = [engine.quote(name) for name in wanted]
        taken = [sql or plain for sql, plain in zip(made or columns, columns, strict=True)]
        names = ", ".join(f"{sql} AS c{place}" for place, sql in enumerate(taken))
        tests, parameters = self._tests(present)
        query = f"SELECT {names} FROM {self._rows(session, buckets)} AS t"
        query += f" WHERE {' AND '.join(tests)}" if tests else ""
        return query, parameters

    def _tests(self, present: Sequence[str]) -> tuple[list[str], list[Any]]:
        """Which rows, as SQL over the alias `t`, and its parameters."""
        tests = [f"t.{engine.quote(name)} IN ({', '.join('?' * len(v))})" for name, v in self.conditions if v]
        tests += ["false" for _, values in self.conditions if not values]
        return tests + self._limits(present), [value for _, values in self.conditions for value in values]

    def _rows(self, session: Session, buckets: Sequence[int] | None) -> str:
        zone, _, dataset = self.table.partition(".")
        if zone == "clean":
            return session.live(dataset, buckets)
        return session.relation(self.table, buckets)

    def _buckets(self, session: Session) -> Sequence[int] | None:
        keys = [key for name, values in self.conditions if name == PERSON for key in values]
        only = self.decision.rows.person if self.decision.rows else None
        keys = keys or ([only] if only is not None else [])
        if not keys or not self.lake.table(self.table).partitioned(session.snapshot.tables[self.table]):
            return None
        rows = pa.array([0] * len(keys), pa.int64())
        return sorted({int(b) for b in kernels.bucket_of(pa.array(keys, pa.int64()), rows, self.lake.settings.buckets)})

    def _derived(self, name: str, present: Sequence[str]) -> bool:
        return name == _NUMBER and name not in present and PERSON in present

    def _shown(self, batch: pa.RecordBatch, pseudonyms: trust.Pseudonyms) -> pa.RecordBatch:
        arrays = [
            self._one(column, values, pseudonyms) for column, values in zip(self.columns, batch.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, [column.name for column in self.columns])

    def _one(self, column: trust.Column, values: pa.Array, pseudonyms: trust.Pseudonyms) -> pa.Array:
        if column.name == _NUMBER and pa.types.is_integer(values.type):
            values = kernels.decode(values)
        return trust.transform(column, values, pseudonyms)

    def _audit(self, rows: int, **more: Any) -> None:
        trust.audit.append(self.lake.ledger, "read", self.decision.actor.id, {**self._entry(), "rows": rows, **more})

    def _entry(self) -> dict[str, Any]:
        """What the audit keeps of this read, before anything is known of its rows."""
        keys = [key for name, values in self.conditions if name == PERSON for key in values]
        only = self.decision.rows.person if self.decision.rows else None
        keys = list(dict.fromkeys([*keys, *([only] if only is not None else [])]))
        person = trust.Pseudonyms.open(self.lake.settings, "audit")
        return {
            "decision": self.decision.id,
            "purpose": self.decision.purpose,
            "dataset": self.decision.dataset,
            "case": self.decision.case,
            "snapshot": self.snapshot.id,
            "persons": [person.of(key) for key in keys],
        }


def read(lake: Lake, decision: trust.Decision, snapshot: int | Snapshot | None = None) -> Reading:
    """A read as decided; AccessDenied when the decision shows nothing.

    NotReadable where it owes disclosure control: such rows are nobody's to see, and are had by `confide` only.
    """
    reading = _read(lake, decision, snapshot)
    if DISCLOSURE in decision.obligations:
        raise NotReadable(columns=", ".join(column.name for column in reading.columns))
    return reading


def _read(lake: Lake, decision: trust.Decision, snapshot: int | Snapshot | None) -> Reading:
    if not isinstance(decision, trust.Decision) or not decision.binding:
        raise TypeError("a read needs a Decision of trust.decide")
    if not decision.allowed:
        raise AccessDenied(purpose=decision.purpose, dataset=decision.dataset, reason=decision.reason.en)
    return Reading(lake, decision, snapshot if isinstance(snapshot, Snapshot) else lake.snapshot(snapshot))


Judged = TypeVar("Judged")


def confide(
    lake: Lake,
    decision: trust.Decision,
    control: Callable[[Reading], Judged],
    snapshot: int | Snapshot | None = None,
) -> Judged:
    """What `control` makes of the read of a decision that owes disclosure control; its rows go to nobody else.

    NotReadable for a decision that owes no such thing. A test holds that only releases and private statistics call this.
    """
    reading = _read(lake, decision, snapshot)
    if DISCLOSURE not in decision.obligations:
        raise NotReadable(columns=", ".join(column.name for column in reading.columns))
    return control(reading)


def _schema(relation: Any) -> pa.Schema:
    reader = relation.limit(0).to_arrow_table()
    return reader.schema
