"""Who is this? People of the base by name, birth date or year, sex, place of birth and address (a demographics query).

A name may be typed in characters or in letters (`zhang wei`), and may be one that was borne before. Whoever bears the very
name stands first, then who bore it, then who bears it but for variant characters, then whose name sounds so.

Nobody may be found by what they would not be shown: a criterion needs columns that the decision shows clearly, so that a
name can be asked by for treatment with a case, and not without one. Only purposes that may ask for a person at all can find
one. Where the number is not shown clearly it is not shown masked either: a masked number beside a birth date is a number.
More people than the limit are not told, not even how many.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypedDict, get_args

import pyarrow as pa
import pyarrow.compute as pc

from quanmin import flow, standards, trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.lake.gate import ANSWER_ONLY, PERSON, Reading
from quanmin.lake.session import Session
from quanmin.population import name as names
from quanmin.population import sound
from quanmin.population.errors import TooMany, TooVague, UnusableCriterion
from quanmin.population.inquiry import PERSON_COLUMNS, reading_of, record_of
from quanmin.population.plan import Source, plan_of
from quanmin.population.review import lead
from quanmin.population.tables import ATTACHED, STATEMENT
from quanmin.population.tables import PERSON as BASE
from quanmin.standards import kernels
from quanmin.text import Text

LIMIT, MOST = 20, 100
"""People shown unless asked otherwise, and at most."""
AGGREGATE_ONLY = "aggregate_only"
NAME, BIRTH_DATE, SEX = "name", "birth_date", "sex"
ADDRESSES = ("registered_address", "residence")
"""The items of the base that an address is looked for in."""
LEAST_ADDRESS = 2
"""So many characters of an address at least."""
_NUMBER = "citizen_number"
_REGION = re.compile(r"[1-9]\d{1,5}")
_BATCH = 500_000
_WIDE, _NARROW = "０１２３４５６７８９－—\u3000 ", "0123456789--"

Match = Literal["same", "former", "variant", "sound"]
"""How somebody was found, the surest first; without a name everybody is `same`."""
MATCHES: dict[Match, Text] = {
    "same": Text("相同", "same"),
    "former": Text("曾用名", "former name"),
    "variant": Text("异体字", "variant characters"),
    "sound": Text("同音", "sounds alike"),
}
_RANK: dict[Match, int] = {match: place for place, match in enumerate(get_args(Match))}
Keys = dict[int, Match]


class Test(NamedTuple):
    """SQL that a row of the base must meet, its parameters, and the columns that it asks by."""

    columns: tuple[str, ...]
    sql: str
    parameters: tuple[object, ...] = ()


class Born(TypedDict, total=False):
    """A birth date or a year, as `Sought` takes them."""

    birth_date: dt.date
    birth_year: int


def birth_of(text: str | None) -> Born:
    """A date (1949-12-31), a year (1949) or nothing, as it was typed; UnusableCriterion."""
    if text is None:
        return {}
    try:
        return {"birth_year": int(text)} if len(text) == 4 else {"birth_date": dt.date.fromisoformat(text)}
    except ValueError:
        raise UnusableCriterion(name="born") from None


@dataclass(frozen=True)
class Sought:
    """What is known of the person sought; empty parts say nothing.

    `name` in characters or in letters; with `sound` also whoever's name in characters sounds so. `region` begins the code of
    the place of birth, `address` is a part of the registered address or the residence. TooVague without a name and a birth
    date or year, UnusableCriterion where a part can be nobody's.
    """

    name: str | None = None
    birth_date: dt.date | None = None
    birth_year: int | None = None
    sex: str | None = None
    region: str | None = None
    address: str | None = None
    sound: bool = False
    pattern: str | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        wrong = [name for name, right in self._right().items() if getattr(self, name) is not None and not right]
        if wrong:
            raise UnusableCriterion(name=wrong[0])
        if not (self.name or self.birth_date or self.birth_year):
            raise TooVague()
        if self.name and (self.sound or sound.spelling(self.name) is not None):
            object.__setattr__(self, "pattern", sound.pattern(self.name))

    def _right(self) -> dict[str, bool]:
        """Whether each part could be somebody's."""
        return {
            "name": bool(names.normalised(self.name)),
            "birth_year": self.birth_date is None and 1800 <= (self.birth_year or 0) <= 9999,
            "sex": self._sex() is not None,
            "region": bool(_REGION.fullmatch(self.region or "")),
            "address": len(narrow(self.address or "")) >= LEAST_ADDRESS,
        }

    @property
    def tests(self) -> list[Test]:
        """What a row of the base must meet (a name: by the kernels), one test for each part given."""
        tests = [Test((NAME,), "true")] if self.name else []
        if self.birth_date is not None:
            tests.append(Test((BIRTH_DATE,), f"{BIRTH_DATE} = ?", (self.birth_date,)))
        if self.birth_year is not None:
            year = (dt.date(self.birth_year, 1, 1), dt.date(self.birth_year, 12, 31))
            tests.append(Test((BIRTH_DATE,), f"{BIRTH_DATE} BETWEEN ? AND ?", year))
        if self.sex:
            tests.append(Test((SEX,), f"{SEX} = ?", (self._sex(),)))
        if self.region:
            tests.append(Test((region_item(),), f"starts_with({region_item()}, ?)", (self.region,)))
        if self.address:
            held = [f"contains(translate({item}, '{_WIDE}', '{_NARROW}'), ?)" for item in ADDRESSES]
            tests.append(Test(ADDRESSES, f"({' OR '.join(held)})", (narrow(self.address),) * len(ADDRESSES)))
        return tests

    @property
    def columns(self) -> list[str]:
        """The columns of the base that the parts given ask by."""
        return [column for test in self.tests for column in test.columns]

    def match(self, held: str | None, former: str | None = None) -> Match | None:
        """How the name sought meets a name and a former name: the reference; None where it does not."""
        if self.name is None:
            return "same"
        found = names.match(self.name, held, former)
        if found != "other":
            return found
        heard = self.pattern and (sound.sounds(self.name, held) or sound.sounds(self.name, former))
        return "sound" if heard else None

    def _sex(self) -> str | None:
        """The code of the sex, from any spelling that the standard knows."""
        return standards.catalogue().value_sets[str(item_of(SEX).values)].spellings.get(self.sex or "")


def narrow(address: str) -> str:
    """An address as it is compared: full-width figures and hyphens narrow, without spaces; the same as the SQL does."""
    return address.translate(str.maketrans(_WIDE, _NARROW.ljust(len(_WIDE), " "))).replace(" ", "")


def item_of(name: str) -> standards.Item:
    """An item of the base."""
    return next(item for item in standards.catalogue().items if item.id == name)


def region_item() -> str:
    """The item of the base that is a region."""
    return next(item.id for item in standards.catalogue().items if item.type == "region")


def former_of(catalogue: standards.Catalogue | None = None) -> Source | None:
    """The benchmark, if it states names borne before."""
    source = plan_of(catalogue or standards.catalogue()).benchmark
    return source if source.former else None


def search(
    lake: Lake, decide: Callable[[str, Sequence[str]], trust.Decision], sought: Sought, limit: int = LIMIT
) -> list[dict[str, Any]]:
    """`find` with the decisions that it needs, each asked of `decide`: on the base, and for a name on former names."""
    bench = former_of() if sought.name else None
    former = decide(bench.dataset, (PERSON, str(bench.former))) if bench else None
    return find(lake, decide(BASE, PERSON_COLUMNS), sought, limit, former)


def find(
    lake: Lake, decision: trust.Decision, sought: Sought, limit: int = LIMIT, former: trust.Decision | None = None
) -> list[dict[str, Any]]:
    """The people who fit, as far as the decision shows them, each like `show` and with `match`, a key of MATCHES.

    Names borne before are looked for where `former`, a decision on the benchmark's, shows them clearly. Raises NotReadable
    where a criterion may not be asked by, TooMany beyond `limit` (at most 100), NotBuilt.
    """
    reading = reading_of(lake, decision)
    return Search(reading.lake, reading.decision, reading.snapshot).people(sought, max(1, min(limit, MOST)), former)


class Search(Reading):
    """A read that looks for people by clear columns; whom it finds it shows as decided."""

    def people(self, sought: Sought, limit: int, former: trust.Decision | None = None) -> list[dict[str, Any]]:
        """The people who fit, the surest first; one line in the audit says by which columns somebody looked for whom."""
        self._may_find(sought)
        bench = self._before(sought, former)
        keys: Keys = {}
        merged = lead.everyone(self.lake)
        tables = (self.table, *((STATEMENT, f"clean.{bench.dataset}") if bench else ()))
        stage = flow.Stage("gate", Text("受控读取", "a gated read"), reads=tables, writes=())
        try:
            with Session(self.lake, stage, snapshot=self.snapshot) as session:
                for found in self._found(session, sought, bench):
                    for key, match in found.items():
                        person = merged.get(key, key)
                        if not self.admits(person):
                            continue
                        keys[person] = min(match, keys.get(person, match), key=_RANK.__getitem__)
                    if len(keys) > limit:
                        raise TooMany(limit=limit)
                return self._shown_people(session, keys) if keys else []
        finally:
            columns = [*sought.columns, *([str(bench.former)] if bench else [])]
            self._note(columns, keys if len(keys) <= limit else {}, len(keys), former.id if bench and former else None)

    def _may_find(self, sought: Sought) -> None:
        """NotReadable unless every column asked by is clear and people may be asked for one by one."""
        hidden = [name for name in sought.columns if self.decision.outcome(name) != "clear"]
        owed = {ANSWER_ONLY, AGGREGATE_ONLY} & set(self.decision.obligations)
        if hidden or owed or not self._may_ask(PERSON):
            raise NotReadable(columns=", ".join(hidden or [_NUMBER]))

    def _before(self, sought: Sought, former: trust.Decision | None) -> Source | None:
        """The benchmark, where a name is sought and former names may be asked by."""
        bench = former_of() if sought.name and former else None
        if bench is None or former is None or f"clean.{bench.dataset}" not in self.snapshot.tables:
            return None
        clear = former.dataset == bench.dataset and former.outcome(str(bench.former)) == "clear"
        return bench if clear and STATEMENT in self.snapshot.tables else None

    def _found(self, session: Session, sought: Sought, bench: Source | None) -> Iterator[Keys]:
        yield from self._fitting(session, sought)
        if bench is not None and bench.former in session.schema(f"clean.{bench.dataset}").names:
            yield self._renamed(session, sought, bench)

    def _fitting(self, session: Session, sought: Sought) -> Iterator[Keys]:
        """The keys of the people who fit, with how their name does, piece by piece."""
        column = NAME if sought.name else "NULL::VARCHAR"
        slow = [test for test in sought.tests if sought.name and test.columns == ADDRESSES]
        tests, parameters = _joined([test for test in sought.tests if test not in slow])
        query = f"SELECT {PERSON}, {column} AS held FROM {session.relation(self.table)} WHERE {tests}"
        query += "" if sought.name else f" LIMIT {MOST + 1}"
        for batch in session.connection.sql(query, params=parameters).to_arrow_reader(_BATCH):
            alike = batch.filter(alike_names(batch.column(1), sought)) if sought.name else batch
            found = _matched(sought, alike.column(0), alike.column(1), None)
            yield self._meeting(session, found, slow) if found and slow else found

    def _meeting(self, session: Session, found: Keys, tests: Sequence[Test]) -> Keys:
        """Those of a few people who meet further tests: addresses take long to compare, so the name comes first."""
        sql, parameters = _joined(tests)
        query = f"SELECT {PERSON} FROM {session.relation(self.table)} WHERE list_contains(?, {PERSON}) AND {sql}"
        met = session.connection.cursor().execute(query, [list(found), *parameters]).fetchall()
        return {key: found[key] for (key,) in met}

    def _renamed(self, session: Session, sought: Sought, bench: Source) -> Keys:
        """The same of the people whose former name fits: of the benchmark's row that was attached to them."""
        live = session.live(bench.dataset)
        query = f'SELECT {PERSON}, _batch, _row, "{bench.former}" AS held FROM {live} WHERE held IS NOT NULL'
        rows = session.connection.sql(f"{query} AND {PERSON} IS NOT NULL").to_arrow_table()
        rows = rows.filter(alike_names(rows.column("held"), sought))
        if not rows.num_rows:
            return {}
        buckets = set(kernels.bucket_of(rows.column(0), None, self.lake.settings.buckets).tolist())
        session.connection.register("renamed", rows)
        tests, parameters = _joined(sought.tests)
        query = (
            f"SELECT {PERSON}, p.{NAME}, r.held FROM renamed AS r JOIN {session.relation(self.table, buckets)} AS p "
            f"USING ({PERSON}) JOIN {session.relation(STATEMENT, buckets)} AS s USING ({PERSON}, _batch, _row) "
            f"WHERE s.dataset = ? AND s.outcome = ? AND {tests}"
        )
        found = session.connection.sql(query, params=[bench.dataset, ATTACHED, *parameters]).to_arrow_table()
        return _matched(sought, *found.columns)

    def _shown_people(self, session: Session, keys: Mapping[int, Match]) -> list[dict[str, Any]]:
        """The rows of the people, as decided."""
        present = session.schema(self.table).names
        wanted = [PERSON if self._derived(column.name, present) else column.name for column in self.columns]
        pseudonyms = trust.Pseudonyms.open(self.lake.settings, self.decision.purpose)
        found: dict[int, dict[str, Any]] = {}
        for batch in self.where(person_key=list(keys))._query(session, [PERSON, *wanted]):
            shown = self._shown(batch.select(range(1, batch.num_columns)), pseudonyms).to_pylist()
            for key, row in zip(batch.column(0).to_pylist(), shown, strict=True):
                found[key] = self._document(row, keys[key])
        return [found[key] for key in sorted(found, key=lambda key: (_RANK[keys[key]], key))]

    def _document(self, row: dict[str, Any], match: Match) -> dict[str, Any]:
        """One person; the number is there whole or not at all."""
        made = record_of(self.decision, row)
        if self.decision.outcome(_NUMBER) != "clear":
            made["person"] = None
            for item in made["items"]:
                if item["item"] == _NUMBER:
                    item |= {"value": None, "shown": "withheld"}
        return {**made, "match": match, "match_title": MATCHES[match]}

    def _note(self, columns: Sequence[str], keys: Mapping[int, Match], rows: int, former: str | None) -> None:
        """The line of the audit: by which columns, and who was shown, by pseudonym."""
        persons = trust.Pseudonyms.open(self.lake.settings, "audit")
        entry = {
            "decision": self.decision.id,
            "former": former,
            "purpose": self.decision.purpose,
            "dataset": self.decision.dataset,
            "case": self.decision.case,
            "snapshot": self.snapshot.id,
            "sought": sorted(columns),
            "persons": persons.column(keys),
            "rows": rows,
        }
        trust.audit.append(self.lake.ledger, "read", self.decision.actor.id, entry)


def _joined(tests: Sequence[Test]) -> tuple[str, list[object]]:
    """Tests as one, with its parameters."""
    return " AND ".join(test.sql for test in tests), [value for test in tests for value in test.parameters]


def _matched(sought: Sought, keys: pa.Array, held: pa.Array, former: pa.Array | None) -> Keys:
    """How each of a few people was found."""
    before = [None] * len(keys) if former is None else former.to_pylist()
    rows = zip(keys.to_pylist(), held.to_pylist(), before, strict=True)
    return {key: match for key, name, was in rows if (match := sought.match(name, was)) is not None}


def alike_names(held: pa.Array | pa.ChunkedArray, sought: Sought) -> pa.Array:
    """Which names are the one sought, variant characters folded, or may sound like it; the kernels' way of `Sought.match`."""
    plain = kernels.normalise_names(held)
    alike = pc.equal(kernels.fold_variants(plain, names._representatives()), names.folded(sought.name))
    if sought.pattern is not None:
        alike = pc.or_(alike, pc.match_substring_regex(plain, f"^(?:{sought.pattern})$"))
    return pc.fill_null(alike, False)
