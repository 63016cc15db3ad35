"""Attacks A6 and A7 of the security dossier, run against what the review lets out."""

import numpy as np
import pyarrow as pa

from quanmin.opendata.disclosure import Register, evaluate, profile, prove, released, review, together
from quanmin.opendata.disclosure.together import atoms

PEOPLE = 2000
QUERIES = 10_000


def people(seed=7):
    """People with a county, an age group and a secret; a few groups are small."""
    draw = np.random.default_rng(seed)
    county, age = (
        draw.choice(12, PEOPLE, p=[0.12] * 8 + [0.01] * 4),
        draw.choice(5, PEOPLE, p=[0.3, 0.3, 0.3, 0.09, 0.01]),
    )
    secret = draw.random(PEOPLE) < 0.35
    return county, age, secret


def rows_of(places, **columns):
    return pa.table(
        {"person": pa.array(places, pa.int64())}
        | {name: pa.array([str(v) for v in values.tolist()]) for name, values in columns.items()}
    )


def test_two_queries_that_differ_by_one_person_do_not_both_leave(tmp_path):
    county, _, _ = people()
    register, everybody = Register.open(tmp_path), np.arange(PEOPLE)
    known = review(rows_of(everybody, county=county), ["county"]).table
    register.keep("all", released(rows_of(everybody, county=county), ["county"]))
    refused = 0
    for victim in range(0, PEOPLE, 100):
        rest = np.delete(everybody, victim)
        verdict = review(rows_of(rest, county=county[rest]), ["county"], register=register)
        refused += not verdict.accepted
        if verdict.accepted:  # rounding shows the same numbers: nothing is learnt
            assert verdict.table.equals(known)
        else:
            assert verdict.codes & {"O9.difference", "O9.tracker"}
    assert refused


def test_the_general_tracker_is_refused(tmp_path):
    """q = (q or T) + (q or not T) - all, for one person and a tracker of half of all."""
    _, _, secret = people()
    inside = np.random.default_rng(1).random(PEOPLE) < 0.5
    register, everybody = Register.open(tmp_path), np.arange(PEOPLE)
    ways = [np.ones(PEOPLE, np.bool_), inside | (everybody == 3), ~inside | (everybody == 3)]
    accepted = []
    for number, mask in enumerate(ways):
        rows = rows_of(everybody[mask], secret=secret[mask])
        verdict = review(rows, ["secret"], register=register)
        accepted.append(verdict.accepted)
        if verdict.accepted:
            register.keep(f"r{number}", released(rows, ["secret"]))
    assert accepted == [True, True, False]


def test_ten_thousand_subset_sums_of_what_left_recover_nobody(tmp_path):
    """Random sums of published numbers, and least squares on them for everybody's secret."""
    county, age, secret = people()
    register, everybody, equations = Register.open(tmp_path), np.arange(PEOPLE), []
    tables = {"county": county, "age": age}
    for names in (["county"], ["age"], ["county", "age"]):
        known = {name: tables[name] for name in names}
        rows = rows_of(everybody, **known, secret=secret)
        verdict = review(rows, [*names, "secret"], register=register)
        assert verdict.accepted
        register.keep("-".join(names), released(rows, [*names, "secret"]))
        for row in verdict.table.to_pylist():
            if row["secret"] == "True" and row["persons"] != "*":
                inside = np.ones(PEOPLE, np.bool_)
                for name in names:
                    inside &= (row[name] == "total") | (known[name].astype(str) == row[name])
                equations.append((inside, float(row["persons"])))
    masks, numbers = np.array([m for m, _ in equations], np.float64), np.array([n for _, n in equations])
    draw = np.random.default_rng(5)
    left, right = np.zeros((len(masks), len(masks))), np.zeros(len(masks))
    for _ in range(QUERIES // 100):
        weights = draw.choice([-1.0, 0.0, 1.0], (100, len(masks)))
        left += weights.T @ weights
        right += weights.T @ (weights @ numbers)
    values = np.linalg.lstsq(left, right, rcond=None)[0]  # the numbers that all the sums agree on
    guess = np.linalg.lstsq(masks, values, rcond=1e-9)[0] > 0.5
    base = max(secret.mean(), 1 - secret.mean())
    assert (guess == secret).mean() <= base + 0.01


def test_all_tables_of_a_topic_read_together_leave_no_star_too_close():
    county, age, secret = people()
    everybody, health = np.arange(PEOPLE), profile("health")
    columns = {"county": county, "age": age, "secret": secret}
    sets = (["county", "age"], ["age", "secret"], ["county", "secret"])
    proofs = [prove(evaluate(rows_of(everybody, **columns), names), health) for names in sets]
    assert all(not proof.derivable for proof in proofs)
    fallen = together([proof.protected for proof in proofs])
    verdict = review(rows_of(everybody, **columns), sets[0], beside=[proof.protected for proof in proofs[1:]])
    assert bool(fallen) == ("O10.together" in verdict.codes) and verdict.accepted == (not fallen)


def test_a_star_of_one_table_that_another_tells_is_found():
    """County x age hides two cells of a county; the same counts by county and a copy of age tell them."""
    counts = {("u", "k"): 3, ("u", "l"): 40, ("v", "k"): 50, ("v", "l"): 60, ("w", "k"): 70, ("w", "l"): 30}
    labels = [label for label, count in counts.items() for _ in range(count)]
    county, age = np.array([c for c, _ in labels]), np.array([a for _, a in labels])
    rows = rows_of(np.arange(len(labels)), county=county, age=age)
    proof = prove(evaluate(rows, ["county", "age"]), profile("strict"))
    assert not proof.derivable and proof.protected.suppressed.any()
    county_only = prove(evaluate(rows, [("county", "age")]), profile("strict"))  # the same cells, other totals
    fallen = together([proof.protected, county_only.protected])
    shown = {row["county"]: row for row in county_only.protected.table.to_pylist()}
    assert shown and fallen
    assert all(one.address[0] in ("0", "1") for one in fallen)


def test_tables_that_share_no_people_structure_say_nothing_more():
    county, age, _ = people()
    rows = rows_of(np.arange(PEOPLE), county=county, age=age)
    alone = prove(evaluate(rows, ["county", "age"]), profile("health")).protected
    assert together([alone]) == []
    assert len(atoms([*alone.cells.axes, *alone.cells.axes])) == len(atoms(alone.cells.axes))
