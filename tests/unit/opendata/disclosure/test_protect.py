"""Suppression and its audit, against every table that could stand behind what is published."""

from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quanmin.opendata.disclosure import Fate, Profile, audit, evaluate, profile, protect, prove
from quanmin.opendata.disclosure.audit import equations
from quanmin.opendata.disclosure.axis import TOTAL, addresses
from quanmin.text import Text

EXACT = Profile("exact", Text("零", "z"), ("test",), smallest=3, zeros="suppressed")
SHOWN = Profile("shown", Text("零", "z"), ("test",), smallest=3, zeros="shown")
THREE = Profile("three", Text("零", "z"), ("test",), smallest=5, rounding="nearest", base=3, zeros="shown")
SIX = Profile("six", Text("零", "z"), ("test",), smallest=7, rounding="midpoint", base=6, zeros="shown")
PROFILES = [EXACT, SHOWN, THREE, SIX]
MANY = 5_000


def possible(table, levels, one):
    """Least and greatest true count of every star over all tables that fit what is published, by trying each."""
    listed = [tuple(row[name] for each in levels for name in each) for row in table.to_pylist()]
    shown = dict(zip(listed, table.column("persons").to_pylist(), strict=True))
    leaves = [a for a in listed if TOTAL not in a]
    stars = [a for a in leaves if shown[a] == "*"]
    inside = {a: [x for x in leaves if all(t in (TOTAL, u) for t, u in zip(a, x, strict=True))] for a in listed}
    published = {
        a: int(shown[a]) - sum(int(shown[x]) for x in inside[a] if shown[x] != "*")
        for a in listed
        if a not in leaves and shown[a] != "*"
    }
    above = {x: [a for a in published if x in inside[a]] for x in stars}
    last = {a: max((stars.index(x) for x in inside[a] if x in stars), default=-1) for a in published}
    assert all(published[a] == 0 for a in published if last[a] < 0)
    top = int(shown[listed[0]])
    behind = sorted({int(one.rounded(np.array([n]))[0]) for n in range(int(one.zeros == "shown"), top + one.base + 1)})
    ends, tried = {}, 0

    def place(number, values):
        nonlocal tried
        tried += 1
        assume(tried < MANY)
        if number == len(stars):
            for address in (a for a in listed if shown[a] == "*"):
                told = sum(values.get(x, 0) if shown[x] == "*" else int(shown[x]) for x in inside[address])
                low, high = ends.get(address, (told, told))
                ends[address] = (min(low, told), max(high, told))
            return
        star = stars[number]
        for value in behind:
            rest = {a: published[a] - value for a in above[star]}
            if any(r < 0 for r in rest.values()):
                break
            if any(r and last[a] == number for a, r in rest.items()):
                continue
            published.update(rest)
            place(number + 1, {**values, star: value})
            published.update({a: r + value for a, r in rest.items()})

    place(0, {})
    below, over = one.slack
    least = int(one.zeros == "shown")
    return {a: (max(w[0] - below, least), w[1] + over) if a in leaves else w for a, w in ends.items()}


def two_way(counts, rows_of):
    names = ("county", "age")
    return rows_of({(str(i), "abc"[j]): n for (i, j), n in np.ndenumerate(np.array(counts))}, names), ["county", "age"]


COUNT = st.one_of(st.integers(0, 4), st.integers(5, 25))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(COUNT, min_size=3, max_size=3), min_size=2, max_size=3), st.sampled_from(PROFILES))
def test_the_audit_tells_exactly_what_all_possible_tables_tell(rows_of, counts, one):
    rows, levels = two_way(counts, rows_of)
    assume(len(rows))
    protected = protect(evaluate(rows, levels), one)
    assume(protected.fate[0] == Fate.PUBLISHED)
    levels = [(name,) for name in levels]
    expected = possible(protected.table, levels, one)
    found = {each.address: (each.low, each.high) for each in audit(protected.table, levels, one)}
    assert found == expected


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(0, 9), min_size=8, max_size=8), st.sampled_from(PROFILES))
def test_in_three_dimensions_whole_numbers_are_asked_for(rows_of, counts, one):
    cells = dict(zip(product("ab", "cd", "ef"), counts, strict=True))
    names = ("x", "y", "z")
    protected = protect(evaluate(rows_of(cells, names), names), one)
    assume(protected.fate[0] == Fate.PUBLISHED)
    levels = [(name,) for name in names]
    expected = possible(protected.table, levels, one)
    assert {each.address: (each.low, each.high) for each in audit(protected.table, levels, one)} == expected


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(COUNT, min_size=3, max_size=3), min_size=2, max_size=3), st.sampled_from(PROFILES))
def test_no_star_of_a_proven_table_is_closer_than_the_rule(rows_of, counts, one):
    rows, levels = two_way(counts, rows_of)
    assume(len(rows))
    proof = prove(evaluate(rows, levels), one)
    assume(proof.protected.fate[0] == Fate.PUBLISHED and not proof.protected.stuck and not proof.derivable)
    cells = proof.protected.cells
    truth = dict(zip(addresses(cells.axes), cells.entries.tolist(), strict=True))
    for address, (low, high) in possible(proof.protected.table, [(name,) for name in levels], one).items():
        assert high - low > max(one.smallest - 1, 0.2 * truth[address]), address


def test_the_only_star_of_a_line_gets_a_partner_in_line_and_column(rows_of, grid):
    counts = {(c, a): 40 + 7 * i for i, (c, a) in enumerate(product("uvwx", "klmn"))} | {("u", "k"): 3}
    proof = prove(evaluate(rows_of(counts), ["county", "age"]), profile("health"))
    shown = grid(proof.protected.table)
    assert shown["u", "k"] == "*"
    assert sum(shown["u", a] == "*" for a in "klmn") >= 2 and sum(shown[c, "k"] == "*" for c in "uvwx") >= 2
    assert not proof.derivable and len(proof.intervals) == 4


def test_redact_first_round_after_and_totals_are_sums_of_rounded_cells(rows_of, grid):
    counts = {("u", "k"): 12, ("u", "l"): 13, ("v", "k"): 8, ("v", "l"): 52}
    shown = grid(protect(evaluate(rows_of(counts), ["county", "age"]), profile("health")).table)
    assert [shown[k] for k in counts] == ["10", "15", "10", "50"]
    assert (shown["total", "total"], shown["u", "total"], shown["total", "k"]) == ("85", "25", "20")


def test_a_hierarchy_is_protected_through_all_its_levels(rows_of):
    counts = {("A", "a"): 3, ("A", "b"): 90, ("A", "c"): 80, ("B", "d"): 70, ("B", "e"): 60}
    rows = rows_of(counts, ("province", "county"))
    proof = prove(evaluate(rows, [("province", "county")]), profile("health"))
    assert not proof.derivable and not proof.protected.stuck
    table = proof.protected.table.to_pylist()
    stars = {(row["province"], row["county"]) for row in table if row["persons"] == "*"}
    assert ("A", "a") in stars and len(stars) >= 2 and ("A", "total") not in stars


def test_a_sum_that_two_people_dominate_is_a_star_in_both_columns(rows_of, grid):
    rows = rows_of({(c, a): 30 for c in "uvw" for a in "klm"})
    cost = [10_000.0 if i in (0, 1) else 10.0 for i in range(len(rows))]
    proof = prove(evaluate(rows.append_column("cost", pa.array(cost)), ["county", "age"], "cost"), profile("health"))
    assert grid(proof.protected.table)["u", "k"] == grid(proof.protected.table, column="sum")["u", "k"] == "*"
    assert not proof.derivable
    kinds = dict(zip(addresses(proof.protected.cells.axes), proof.protected.fate, strict=True))
    assert kinds["u", "k"] == Fate.DOMINATED


def test_sums_below_zero_are_audited_without_a_floor(rows_of):
    rows = rows_of({(c, a): 20 for c in "uvw" for a in "klm"} | {("u", "k"): 2})
    value = [(-1.0) ** i * (1 + i % 7) for i in range(len(rows))]
    protected = protect(evaluate(rows.append_column("v", pa.array(value)), ["county", "age"], "v"), profile("health"))
    found = audit(protected.table, [("county",), ("age",)], profile("health"), negative=True)
    sums = [each for each in found if each.column == "sum"]
    assert sums and all(each.low < 0 < each.high for each in sums)


def test_a_table_that_suppression_alone_cannot_protect_is_stuck(rows_of):
    assert not prove(evaluate(rows_of({("u",): 2, ("v",): 50}, ("county",)), ["county"]), SHOWN).protected.stuck
    assert prove(evaluate(rows_of({("u",): 2, ("v",): 2}, ("county",)), ["county"]), SHOWN).protected.stuck == (1, 2)


def test_without_needed_widths_every_interval_is_asked_to_its_end():
    table = pa.table({"a": ["total", "x", "y", "z"], "persons": ["60", "*", "*", "20"]})
    assert [(e.address, e.low, e.high) for e in audit(table, [("a",)], SHOWN)] == [(("x",), 1, 39), (("y",), 1, 39)]


def test_one_star_alone_is_a_point():
    table = pa.table({"a": ["total", "x", "y", "z"], "persons": ["60", "*", "30", "20"]})
    (only,) = audit(table, [("a",)], SHOWN)
    assert only.width == 0 and only.low == 10


def test_equations_are_read_off_the_labels():
    listed = [("total", "total"), ("A", "total"), ("A", "a"), ("A", "b"), ("B", "total"), ("B", "c")]
    found = {each[0][0]: {a for a, _ in each[1:]} for each in equations(listed, [2])}
    assert found == {
        ("total", "total"): {("A", "total"), ("B", "total")},
        ("A", "total"): {("A", "a"), ("A", "b")},
        ("B", "total"): {("B", "c")},
    }


@pytest.mark.parametrize("one", PROFILES, ids=lambda one: one.id)
def test_the_note_says_what_was_done(rows_of, one):
    note = protect(evaluate(rows_of({("u",): 30, ("v",): 40}, ("county",)), ["county"]), one).note
    assert str(one.smallest) in note.zh and str(one.smallest) in note.en
    assert (str(one.base) in note.en) or one.rounding == "none"
