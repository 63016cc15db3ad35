"""Who is this? People of the base by name, birth date or year, sex and place of birth (a demographics query).

Nobody may be found by what they would not be shown: a criterion needs a column that the decision shows clearly, so that a
name can be asked by for treatment with a case, and not without one. Only purposes that may ask for a person at all can find
one. Where the number is not shown clearly it is not shown masked either: a masked number beside a birth date is a number.
More people than the limit are not told, not even how many.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin import standards, trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.lake.gate import ANSWER_ONLY, PERSON, Reading
from quanmin.lake.session import Session
from quanmin.population import name as names
from quanmin.population.errors import TooMany, TooVague, UnusableCriterion
from quanmin.population.inquiry import reading_of, record_of
from quanmin.population.review import merge
from quanmin.standards import kernels

LIMIT, MOST = 20, 100
"""People shown unless asked otherwise, and at most."""
AGGREGATE_ONLY = "aggregate_only"
NAME, BIRTH_DATE, SEX = "name", "birth_date", "sex"
_NUMBER = "citizen_number"
_REGION = re.compile(r"[1-9]\d{1,5}")
_BATCH = 500_000


@dataclass(frozen=True)
class Sought:
    """What is known of the person sought; `region` begins the code of the place of birth. Empty parts say nothing.

    TooVague without a name and a birth date or year, UnusableCriterion where a part can be nobody's.
    """

    name: str | None = None
    birth_date: dt.date | None = None
    birth_year: int | None = None
    sex: str | None = None
    region: str | None = None

    def __post_init__(self) -> None:
        wrong = [name for name, right in self._right().items() if getattr(self, name) is not None and not right]
        if wrong:
            raise UnusableCriterion(name=wrong[0])
        if not (self.name or self.birth_date or self.birth_year):
            raise TooVague()

    def _right(self) -> dict[str, bool]:
        """Whether each part could be somebody's."""
        return {
            "name": bool(names.normalised(self.name)),
            "birth_year": self.birth_date is None and 1800 <= (self.birth_year or 0) <= 9999,
            "sex": self._sex() is not None,
            "region": bool(_REGION.fullmatch(self.region or "")),
        }

    @property
    def columns(self) -> dict[str, str]:
        """The columns of the base that the parts given ask by, with SQL that a row must meet (a name: by the kernels)."""
        tests: dict[str, str | None] = {
            NAME: "true" if self.name else None,
            BIRTH_DATE: self._born(),
            SEX: f"{SEX} = '{self._sex()}'" if self.sex else None,
            region_item(): f"starts_with({region_item()}, '{self.region}')" if self.region else None,
        }
        return {column: test for column, test in tests.items() if test is not None}

    def _sex(self) -> str | None:
        """The code of the sex, from any spelling that the standard knows."""
        return standards.catalogue().value_sets[str(item_of(SEX).values)].spellings.get(self.sex or "")

    def _born(self) -> str | None:
        if self.birth_date is not None:
            return f"{BIRTH_DATE} = DATE '{self.birth_date.isoformat()}'"
        if self.birth_year is not None:
            return f"{BIRTH_DATE} BETWEEN DATE '{self.birth_year}-01-01' AND DATE '{self.birth_year}-12-31'"
        return None


def item_of(name: str) -> standards.Item:
    """An item of the base."""
    return next(item for item in standards.catalogue().items if item.id == name)


def region_item() -> str:
    """The item of the base that is a region."""
    return next(item.id for item in standards.catalogue().items if item.type == "region")


def find(lake: Lake, decision: trust.Decision, sought: Sought, limit: int = LIMIT) -> list[dict[str, Any]]:
    """The people who fit, as far as the decision shows them, each like `show` and with `match`: same or variant.

    The very name stands before one that is equal only with variant characters folded. Raises NotReadable where a criterion
    may not be asked by, TooMany beyond `limit` (at most 100), NotBuilt.
    """
    reading = reading_of(lake, decision)
    return Search(reading.lake, reading.decision, reading.snapshot).people(sought, max(1, min(limit, MOST)))


class Search(Reading):
    """A read that looks for people by clear columns; whom it finds it shows as decided."""

    def people(self, sought: Sought, limit: int) -> list[dict[str, Any]]:
        """The people who fit, the surest first; one line in the audit says by which columns somebody looked for whom."""
        self._may_find(sought)
        keys: dict[int, str] = {}
        merged = merge.everyone(self.lake.ledger)
        try:
            with Session(self.lake, self._stage(), snapshot=self.snapshot) as session:
                for found in self._fitting(session, sought):
                    keys |= {merged.get(key, key): match for key, match in found.items()}
                    if len(keys) > limit:
                        raise TooMany(limit=limit)
                return self._shown_people(session, keys) if keys else []
        finally:
            self._note(sought, keys if len(keys) <= limit else {}, len(keys))

    def _may_find(self, sought: Sought) -> None:
        """NotReadable unless every column asked by is clear and people may be asked for one by one."""
        hidden = [name for name in sought.columns if self.decision.outcome(name) != "clear"]
        owed = {ANSWER_ONLY, AGGREGATE_ONLY} & set(self.decision.obligations)
        if hidden or owed or not self._may_ask(PERSON):
            raise NotReadable(columns=", ".join(hidden or [_NUMBER]))

    def _fitting(self, session: Session, sought: Sought) -> Iterator[dict[int, str]]:
        """The keys of the people who fit, with how their name does, piece by piece."""
        tests = sought.columns
        column = NAME if sought.name else "NULL::VARCHAR"
        query = f"SELECT {PERSON}, {column} AS held FROM {session.relation(self.table)} WHERE {' AND '.join(tests.values())}"
        query += "" if sought.name else f" LIMIT {MOST + 1}"
        for batch in session.connection.sql(query).to_arrow_reader(_BATCH):
            if not sought.name:
                yield dict.fromkeys(batch.column(0).to_pylist(), "same")
                continue
            alike = batch.filter(_alike(batch.column(1), sought.name))
            yield {
                key: names.match(sought.name, held, None) for key, held in zip(*alike.to_pydict().values(), strict=True)
            }

    def _shown_people(self, session: Session, keys: Mapping[int, str]) -> list[dict[str, Any]]:
        """The rows of the people, as decided."""
        present = session.schema(self.table).names
        wanted = [PERSON if self._derived(column.name, present) else column.name for column in self.columns]
        pseudonyms = trust.Pseudonyms.open(self.lake.settings, self.decision.purpose)
        found: dict[int, dict[str, Any]] = {}
        for batch in self.where(person_key=list(keys))._query(session, [PERSON, *wanted]):
            shown = self._shown(batch.select(range(1, batch.num_columns)), pseudonyms).to_pylist()
            for key, row in zip(batch.column(0).to_pylist(), shown, strict=True):
                found[key] = self._document(row, keys[key])
        return [found[key] for key in sorted(found, key=lambda key: (keys[key], key))]

    def _document(self, row: dict[str, Any], match: str) -> dict[str, Any]:
        """One person; the number is there whole or not at all."""
        made = record_of(self.decision, row)
        if self.decision.outcome(_NUMBER) != "clear":
            made["person"] = None
            for item in made["items"]:
                if item["item"] == _NUMBER:
                    item |= {"value": None, "shown": "withheld"}
        return {**made, "match": match}

    def _note(self, sought: Sought, keys: Mapping[int, str], rows: int) -> None:
        """The line of the audit: by which columns, and who was shown, by pseudonym."""
        persons = trust.Pseudonyms.open(self.lake.settings, "audit")
        entry = {
            "decision": self.decision.id,
            "purpose": self.decision.purpose,
            "dataset": self.decision.dataset,
            "case": self.decision.case,
            "snapshot": self.snapshot.id,
            "sought": sorted(sought.columns),
            "persons": persons.column(keys),
            "rows": rows,
        }
        trust.audit.append(self.lake.ledger, "read", self.decision.actor.id, entry)


def _alike(held: pa.Array, name: str) -> pa.Array:
    """Which names are the one sought once variant characters are folded; the kernels' way of `names.match`."""
    folds = kernels.fold_variants(kernels.normalise_names(held), names._representatives())
    alike = kernels.to_numpy(pc.fill_null(pc.equal(folds, names.folded(name)), False))
    return pa.array(alike if len(alike) else np.zeros(0, bool))
