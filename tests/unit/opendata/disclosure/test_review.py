"""The one way through: what is accepted, what is refused and why, and the evidence."""

import json

import pyarrow as pa
import pytest

from quanmin.opendata.disclosure import Register, profile, released, review
from quanmin.opendata.disclosure.finding import TITLES
from quanmin.opendata.disclosure.verdict import digest


def good(rows_of):
    return rows_of({(c, a): 30 + 3 * i for i, (c, a) in enumerate((c, a) for c in "uvw" for a in "klm")})


def test_a_good_table_is_accepted_with_evidence_that_is_json(rows_of):
    verdict = review(good(rows_of), ["county", "age"])
    assert verdict.accepted and verdict.table is not None and verdict.findings == ()
    told = json.loads(json.dumps(verdict.to_dict()))
    assert told["evidence"]["cells"]["published"] == 16 and told["evidence"]["table_sha256"] == digest(verdict.table)
    assert told["evidence"]["profile"]["smallest"] == 8 and told["evidence"]["releases_compared"] is None


def test_the_same_rows_give_the_same_evidence_whatever_their_order(rows_of):
    rows = rows_of({(c, a): 12 + i for i, (c, a) in enumerate((c, a) for c in "uvw" for a in "klm")} | {("u", "k"): 3})
    turned = rows.take(pa.array(list(reversed(range(len(rows))))))
    assert review(rows, ["county", "age"]).evidence == review(turned, ["county", "age"]).evidence


def test_small_cells_are_treated_and_nobodys_number_is_told(rows_of):
    rows = rows_of({(c, a): 40 for c in "uvw" for a in "klm"} | {("u", "k"): 3})
    verdict = review(rows, ["county", "age"])
    assert verdict.accepted and {"O1.small", "O10.partner"} == verdict.codes
    small = next(one for one in verdict.findings if one.code == "O1.small")
    assert small.cells == (("u", "k"),) and small.weight == "treated"
    assert verdict.evidence["audit"]["derivable"] == 0 and verdict.evidence["audit"]["least_margin"] > 1


def test_too_few_people_altogether_are_refused_and_no_table_is_handed_out(rows_of):
    verdict = review(rows_of({("u", "k"): 5}), ["county", "age"])
    assert not verdict.accepted and verdict.table is None and "O1.total" in verdict.codes


def test_nobody_at_all_is_published_as_a_zero_or_refused_by_the_profile(rows_of):
    nobody = rows_of({}, ("county",))
    assert review(nobody, ["county"]).table.to_pylist() == [{"county": "total", "persons": "0"}]
    assert not review(nobody, ["county"], rules="strict").accepted


def test_what_suppression_cannot_hold_is_refused_with_a_proposal(rows_of):
    verdict = review(rows_of({("A", "a"): 1, ("A", "b"): 7}, ("province", "county")), [("province", "county")])
    refused = {one.code: one for one in verdict.findings if one.weight == "refused"}
    assert not verdict.accepted and "O10.stuck" in refused
    assert refused["O10.stuck"].about.en == "leave the level county out" and refused["O10.stuck"].cells


def test_everybody_of_a_line_in_one_category_needs_a_reason(rows_of):
    rows = rows_of({("u", "k"): 40, ("v", "k"): 50, ("v", "l"): 60})
    verdict = review(rows, ["county", "age"])
    assert not verdict.accepted
    (whole,) = (one for one in verdict.findings if one.code == "O4.whole")
    assert whole.weight == "reason" and whole.cells == (("u", "k"), ("v", "l"))
    given = review(rows, ["county", "age"], reasons={"O4.whole": "the clinic treats children only"})
    assert given.accepted and given.evidence["reasons"]["O4.whole"]


def test_missing_and_negative_values_are_counted_and_shown(rows_of):
    rows = good(rows_of)
    value = [None if i < 3 else -2.0 if i < 5 else 10.0 for i in range(len(rows))]
    verdict = review(rows.append_column("v", pa.array(value)), ["county", "age"], "v")
    told = {one.code: one for one in verdict.findings}
    assert (told["O16.missing"].count, told["O16.negative"].count) == (3, 2)
    assert ("u", "k") in told["O16.missing"].cells and told["O16.negative"].weight == "noted"


def test_people_in_several_cells_are_said(rows_of):
    rows = pa.concat_tables([good(rows_of), good(rows_of).slice(0, 20).set_column(2, "age", pa.array(["l"] * 20))])
    verdict = review(rows, ["county", "age"])
    assert "overlap" in verdict.codes and "several" in verdict.note.en


def test_a_new_release_is_held_against_the_register_and_refused_by_name(rows_of, tmp_path):
    register = Register.open(tmp_path)
    rows = good(rows_of)
    assert review(rows, ["county", "age"], register=register).accepted
    register.keep("2026-01", released(rows, ["county", "age"]))
    verdict = review(rows.slice(5), ["county", "age"], register=register)
    (found,) = (one for one in verdict.findings if one.code == "O9.difference")
    assert not verdict.accepted and "2026-01" in found.about.en and "|" in found.cells[0]
    assert verdict.evidence["releases_compared"] == ["2026-01"] and verdict.evidence["differences"]


def test_a_revision_that_moves_enough_people_is_accepted(rows_of, tmp_path):
    register = Register.open(tmp_path)
    rows = good(rows_of)
    register.keep("2026-01", released(rows, ["county", "age"]))
    assert review(rows.slice(20), ["county", "age"], register=register).accepted


def test_equal_rounded_numbers_hide_a_few_people_but_not_beside_sums(rows_of, tmp_path):
    register = Register.open(tmp_path)
    rows = rows_of({("u",): 22, ("v",): 32}, ("county",))
    costly = rows.append_column("v", pa.array([1.0 + i % 5 for i in range(len(rows))]))
    register.keep("one", released(rows, ["county"]))
    less = rows.slice(1)
    assert review(less, ["county"], register=register).accepted
    register.keep("two", released(less, ["county"]))
    assert review(less, ["county"], register=register).accepted  # what was known before is nobody's fault now
    assert "O9.difference" in review(costly.slice(1), ["county"], "v", register=register).codes


def test_every_finding_has_a_title_in_both_languages():
    for code, title in TITLES.items():
        assert all(title) and title.zh != title.en, code


@pytest.mark.parametrize("name", ["strict", "health", "health_midpoint6"])
def test_every_profile_can_publish_a_table(rows_of, name):
    verdict = review(good(rows_of), ["county", "age"], rules=profile(name))
    assert verdict.accepted and not verdict.table.to_pylist()[0]["persons"] == "*"
