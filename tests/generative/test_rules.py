"""Every rule kind: the vectorised answer against the plain one, on generated rules and rows.

The meta-test at the end holds that each kind in `KINDS` was generated with rows that fail and rows that pass.
"""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.standards.columns import Columns
from quanmin.standards.conformance import Row
from quanmin.standards.identity import check_character
from quanmin.standards.region import Region, RegionTable
from quanmin.standards.rules import KINDS, Reference, Rule, SetRule
from quanmin.standards.value_set import ValueSet
from quanmin.text import Text

TODAY = date(2024, 2, 29)
SEEN: dict[str, set[bool]] = defaultdict(set)

TYPES = {
    "text": pa.string(),
    "code": pa.string(),
    "number": pa.string(),
    "day": pa.date32(),
    "later": pa.date32(),
    "moment": pa.timestamp("us"),
    "count": pa.int64(),
    "rate": pa.float64(),
    "flag": pa.bool_(),
}
SET = ValueSet("Colours", "1", Text("颜色", "Colours"), {"1": Text("红", "red"), "02": Text("蓝", "blue")})
REGIONS = RegionTable(
    lambda: [
        Region("110105", "a", "county", date(1980, 1, 1), date(2000, 2, 29)),
        Region("110105", "b", "county", date(2010, 1, 1), None),
        Region("110000", "c", "province", None, None),
    ]
)
UNIQUE_DAYS = st.sampled_from([date(2000, 2, 29), date(2018, 2, 28), date(2018, 3, 1), date(1999, 12, 31), TODAY])


def _numbers() -> list[str]:
    firsts = ["11010520000229001", "11010520000229002", "44030819990110151", "83000019990110151", "91112419810803002"]
    return [first + check_character(first) for first in firsts] + ["110105200002290010", "110105", "x"]


def _optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


DAYS = st.one_of(UNIQUE_DAYS, st.dates())
ROW = st.fixed_dictionaries(
    {
        "text": _optional(st.one_of(st.sampled_from(["a", "ab", "A1", "中文", "110105", "😀"]), st.text(max_size=6))),
        "code": _optional(st.sampled_from(["1", "2", "02", "9", "110105", "110000", "999999"])),
        "number": _optional(st.sampled_from(_numbers())),
        "day": _optional(DAYS),
        "later": _optional(DAYS),
        "moment": _optional(st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1))),
        "count": _optional(st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))),
        "rate": _optional(st.floats(allow_nan=False, allow_infinity=False)),
        "flag": _optional(st.booleans()),
    }
)
WHOLE = Row(
    text="a", code="1", number="x", day=TODAY, later=TODAY, moment=datetime(2000, 1, 1), count=1, rate=0.5, flag=True
)
UNREADABLE = st.sets(st.sampled_from(sorted(TYPES)), max_size=2)
NAME = st.sampled_from(sorted(TYPES))
TEXTUAL = st.sampled_from(["text", "code", "number"])
DATED = st.sampled_from(["day", "later", "moment"])
NUMERIC = st.sampled_from(["count", "rate"])
LIMIT = st.one_of(
    st.none(), st.integers(-3, 3), st.floats(-3, 3), st.sampled_from(["2000-02-29", "today", "2010-01-01"])
)
WORDS = st.sets(st.sampled_from(["1", "02", "a", "true", "2000-02-29", "0"]), max_size=3).map(tuple)
ATOMS = st.sampled_from(
    [
        "present(text)",
        "flag",
        "flag == True",
        "text == 'a'",
        "text < code",
        "code in ('1', '02')",
        "code not in ('1', 2)",
        "count in (1, 2, -3)",
        "text in ()",
        "count < rate",
        "count + 1 <= 2 * rate",
        "rate / count > 0.5",
        "-count > 0",
        "day <= later",
        "later - day >= 365",
        "day + count < today",
        "day + rate <= later",
        "year(day) == 2000",
        "year(moment) > 1900",
        "length(text) <= 2",
        "moment > day",
        "text == 1",
        "1 < count < 3",
        "'a' == 'b'",
        "length('ab') == 2",
        "1 / 0 == 1",
        "today == day",
        "count",
    ]
)
FORMULAS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=4,
)


def make(kind: str, elements: tuple[str, ...], **parameters: Any) -> Rule:
    """A rule of the kind."""
    return KINDS[kind](id=f"{elements[0]}.{kind}", elements=elements, **parameters)


def _pair(names: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, str]]:
    return st.tuples(names, names)


def one(names: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """One element."""
    return names.map(lambda name: (name,))


def unique(kind: str, names: tuple[str, ...]) -> st.SearchStrategy[Rule]:
    """A rule over these elements, of which some but not all may be absent."""
    spared = st.sampled_from([(), names[1:], names[-1:]]) if names[1:] else st.just(())
    return st.builds(make, st.just(kind), st.just(names), optional=spared)


MANY = st.lists(NAME, min_size=1, max_size=3, unique=True).map(tuple)
RULES: dict[str, st.SearchStrategy[Rule]] = {
    "required": st.builds(make, st.just("required"), one(NAME)),
    "required_when": st.builds(make, st.just("required_when"), one(NAME), when=NAME, values=WORDS),
    "type": st.builds(make, st.just("type"), one(NAME), type=st.just("date")),
    "pattern": st.builds(
        make,
        st.just("pattern"),
        one(TEXTUAL),
        pattern=st.sampled_from(["[a-z]+", r"\d*", ".", r"\w\w", "a|ab", "[0-9A-Z]{2,3}", "(?:a|[^b-y])?[0-9]*"]),
    ),
    "length": st.builds(
        make, st.just("length"), one(TEXTUAL), least=st.integers(0, 3), most=_optional(st.integers(0, 6))
    ),
    "value_set": st.builds(make, st.just("value_set"), one(TEXTUAL), values=st.just(SET)),
    "range": st.builds(make, st.just("range"), one(st.one_of(DATED, NUMERIC)), minimum=LIMIT, maximum=LIMIT),
    "date_order": st.builds(
        make, st.just("date_order"), _pair(DATED), least_years=st.sampled_from([0, 1, 4, 18, 9000])
    ),
    "consistency": st.builds(make, st.just("consistency"), _pair(NAME), values=WORDS, allowed=WORDS),
    "derived": st.one_of(
        st.builds(make, st.just("derived"), st.just(("code", "number")), what=st.just("sex")),
        st.builds(make, st.just("derived"), st.just(("day", "number")), what=st.just("birth_date")),
        st.builds(make, st.just("derived"), st.just(("moment", "number")), what=st.just("birth_date")),
    ),
    "check_digit": st.builds(
        make,
        st.just("check_digit"),
        one(TEXTUAL),
        scheme=st.sampled_from(["citizen_number", "uscc", "organisation_code", "drug_code", "institution_code"]),
    ),
    "region": st.builds(make, st.just("region"), one(TEXTUAL), regions=st.just(REGIONS), on=_optional(DATED)),
    "unique_in_batch": MANY.flatmap(lambda names: unique("unique_in_batch", names)),
    "unique_in_dataset": MANY.flatmap(lambda names: unique("unique_in_dataset", names)),
    "reference": st.builds(make, st.just("reference"), MANY, dataset=st.just("other.thing")),
    "expression": st.builds(make, st.just("expression"), st.just(tuple(TYPES)), expression=FORMULAS),
}


def rows_of(values: list[dict[str, Any]], unreadable: list[set[str]]) -> list[Row]:
    """Plain rows; what could not be read is None and remembered."""
    rows = []
    for row, names in zip(values, unreadable, strict=True):
        plain = Row({name: None if name in names else value for name, value in row.items()})
        plain.unreadable, plain.today = frozenset(names), TODAY
        rows.append(plain)
    return rows


def lacking(row: Row, names: tuple[str, ...]) -> Row:
    """The row without these elements."""
    plain = Row({name: None if name in names else value for name, value in row.items()})
    plain.unreadable, plain.today = row.unreadable - set(names), row.today
    return plain


def columns_of(rows: list[Row]) -> Columns:
    """The same rows as typed columns."""
    arrays = {name: pa.array([row[name] for row in rows], type_) for name, type_ in TYPES.items()}
    masks = {name: pa.array([name in row.unreadable for row in rows]).to_numpy(zero_copy_only=False) for name in TYPES}
    return Columns(arrays, {name: mask.astype(bool) for name, mask in masks.items()}, TODAY, len(rows))


def expected(rule: Rule, rows: list[Row], others: list[Row]) -> list[bool]:
    """What the plain reference says."""
    if isinstance(rule, Reference):
        return rule.fails_among(list(rows), list(others))
    return rule.fails_among(list(rows)) if isinstance(rule, SetRule) else [rule.fails(row) for row in rows]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_both_answers_agree(kind: str) -> None:
    @settings(max_examples=80, deadline=None)
    @given(RULES[kind], st.lists(st.tuples(ROW, UNREADABLE), max_size=12), st.integers(0, 6))
    def agree(rule: Rule, given_rows: list[tuple[dict[str, Any], set[str]]], split: int) -> None:
        rows = rows_of([row for row, _ in given_rows], [names for _, names in given_rows])
        rows += rows[:2]
        spared = getattr(rule, "optional", ())
        if spared:
            rows += [lacking(row, spared) for row in (*rows[:2], WHOLE, WHOLE)]
        others = rows[:split]
        wanted = expected(rule, rows, others)
        columns = columns_of(rows)
        if isinstance(rule, Reference):
            found = rule.failing(columns, columns_of(others)).tolist()
        else:
            found = rule.failing(columns).tolist()
        assert found == wanted
        SEEN[kind].update(found)
        repeats = [row for row, fails in zip(rows, found, strict=True) if fails]
        SEEN[f"{kind} of what is absent"].add(any(row[name] is None for row in repeats for name in spared))

    agree()
    assert SEEN[kind] == {True, False}, f"{kind} was not generated both failing and passing"
    if "unique" in kind:
        assert True in SEEN[f"{kind} of what is absent"], f"{kind} was not generated repeating an absent part"


@pytest.mark.parametrize("kind", ["unique_in_batch", "unique_in_dataset"])
def test_an_optional_part_repeats_when_it_is_absent_and_not_when_it_cannot_be_read(kind: str) -> None:
    rule = make(kind, ("code", "day"), optional=("day",))
    given_rows = rows_of([{**dict.fromkeys(TYPES), "code": code} for code in ("1", "1", "1", None, None)], [set()] * 5)
    given_rows[1].unreadable = frozenset(["day"])
    assert expected(rule, given_rows, []) == rule.failing(columns_of(given_rows)).tolist()
    assert expected(rule, given_rows, []) == [False, False, True, False, False]
    strict = make(kind, ("code", "day"))
    assert not any(expected(strict, given_rows, [])) and not strict.failing(columns_of(given_rows)).any()


@pytest.mark.parametrize("optional", [("day",), ("code",)])
def test_optional_parts_are_some_of_the_elements_and_not_all(optional: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="optional"):
        make("unique_in_batch", ("code",), optional=optional)


def test_every_kind_is_generated() -> None:
    assert set(RULES) == set(KINDS)
    assert len(KINDS) == 16
