"""From run to publication: two people, what is refused and why, what stays after a kill, tombstones and versions."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from quanmin import trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.ledger.errors import IllegalAction, MissingField
from quanmin.opendata.catalogue import Catalogue, Query
from quanmin.opendata.disclosure import Register
from quanmin.opendata.release import Releases, parse, running
from quanmin.opendata.release.errors import (
    HierarchyUncovered,
    NameInUse,
    NothingToRelease,
    OvertakenByRelease,
    SamePerson,
    SourceNotOpen,
    UnknownRelease,
)
from quanmin.trust import Actor
from quanmin.trust.keys.errors import RoleMissing
from quanmin.trust.policy.role import typical

from .conftest import AGE, HEAD, MICRODATA, PEOPLE, PLACE, SEX, TABLE, people, store


def test_a_release_is_run_by_one_person_and_let_out_by_another(
    releases: Releases, officer: Actor, checker: Actor
) -> None:
    made = releases.run(officer, TABLE)
    assert made.state == "proposed" and {one.format for one in made.files} == {"parquet", "csv", "xlsx", "json"}
    assert releases.portal.catalogue.search(Query("人口")).total == 0
    out = releases.approve(checker, made.number)
    assert (out.state, out.version, out.officer, out.checker) == ("published", 1, "officer", "checker")
    record = releases.portal.catalogue.get("people").document
    assert record is not None and record["quanmin:release"] == out.label
    assert releases.portal.catalogue.search(Query("人口")).total == 1
    titles = [one.get("dct:title", {}).get("en") for one in record["dcat:distribution"]]
    assert titles.count("Disclosure evidence") == 1
    for one in record["dcat:distribution"]:
        held = releases.portal.storage.verify(one["spdx:checksum"]["spdx:checksumValue"])
        assert held.size == one["dcat:byteSize"] and one["dcat:downloadURL"].startswith(f"/files/{held.sha256}.")
    table = pq.read_table(releases.portal.storage.path(out.files[0].sha256))
    total = [row for row in table.to_pylist() if (row["city"], row["county"], row["sex"]) == ("total",) * 3]
    assert total[0]["persons"] == str(PEOPLE)


def test_nobody_checks_his_own_run(releases: Releases, officer: Actor) -> None:
    made = releases.run(officer, TABLE)
    for action in (lambda: releases.approve(officer, made.number), lambda: releases.refuse(officer, made.number, "no")):
        with pytest.raises(SamePerson):
            action()
    assert releases.get(made.number).state == "proposed" and not releases.register().releases


def test_one_person_with_both_roles_or_two_accounts_is_one_person(releases: Releases) -> None:
    both = replace(typical("release_officer"), roles=frozenset({"release_officer", "release_checker"}), subject="s1")
    made = releases.run(both, TABLE)
    with pytest.raises(SamePerson):
        releases.approve(both, made.number)
    with pytest.raises(SamePerson):
        releases.approve(replace(both, id="another-account"), made.number)
    assert releases.approve(replace(both, id="somebody", subject="s2"), made.number).state == "published"


def test_roles_are_asked_for(releases: Releases, officer: Actor) -> None:
    made = releases.run(officer, TABLE)
    stranger, one_factor = typical("statistician"), typical("release_checker", mfa=False)
    for refused in (stranger, one_factor):
        with pytest.raises(RoleMissing):
            releases.run(refused, TABLE)
        with pytest.raises(RoleMissing):
            releases.approve(refused, made.number)
        with pytest.raises(RoleMissing):
            releases.withdraw(refused, made.number, "why")


def test_the_rows_of_a_release_can_be_shown_nowhere(lake: Lake, officer: Actor) -> None:
    decision = running.decided(lake, officer, parse(TABLE))
    assert decision.outcome("person_key") == "pseudonymised" and decision.obligations == ("disclosure_control",)
    with pytest.raises(NotReadable):
        lake.read(decision)


def test_a_closed_source_gives_no_release(releases: Releases, officer: Actor) -> None:
    text = (HEAD + SEX).replace("linked.person", "public_security.household_registration")
    with pytest.raises(SourceNotOpen):
        releases.run(officer, text)


def test_a_hierarchy_that_does_not_cover_is_an_error_with_its_place(releases: Releases, officer: Actor) -> None:
    text = HEAD + SEX.replace('form = "code"', 'form = "code"\ngroups = { men = ["1"] }')
    with pytest.raises(HierarchyUncovered) as caught:
        releases.run(officer, text)
    assert caught.value.fields["place"] == "/dimension/0" and caught.value.fields["values"] == 1
    young = HEAD + AGE.replace("[0, 15, 60]", "[15, 60]")
    with pytest.raises(HierarchyUncovered):
        releases.run(officer, young)
    assert releases.listing() == []
    missing = young.replace('form = "age"', 'form = "age"\nuncovered = "missing"')
    assert releases.run(officer, missing).state == "proposed"


def test_a_table_that_suppression_cannot_hold_is_refused_and_explained(
    releases: Releases, lake: Lake, officer: Actor, checker: Actor
) -> None:
    store(lake, people(7))
    made = releases.run(officer, TABLE)
    assert made.state == "refused" and made.files == ()
    codes = {one["code"]: one for one in made.findings if one["weight"] == "refused"}
    assert "O1.total" in codes and codes["O1.total"]["cells"] and codes["O1.total"]["title"]["zh"]
    with pytest.raises(IllegalAction):
        releases.approve(checker, made.number)
    assert not releases.register().releases and releases.portal.catalogue.search(Query("")).total == 0


def test_no_rows_are_an_error(releases: Releases, officer: Actor) -> None:
    with pytest.raises(NothingToRelease):
        releases.run(officer, TABLE + '\n[[filter]]\nelement = "sex"\nvalues = ["9"]\n')


def test_a_refusal_needs_a_reason_and_leaves_nothing(releases: Releases, officer: Actor, checker: Actor) -> None:
    made = releases.run(officer, TABLE)
    with pytest.raises(MissingField):
        releases.refuse(checker, made.number, "  ")
    sent = releases.refuse(checker, made.number, "题名不清")
    assert (sent.state, sent.reason, sent.checker) == ("refused", "题名不清", "checker")
    assert list((releases.folder / "pending").iterdir()) == []
    with pytest.raises(IllegalAction):
        releases.approve(checker, made.number)


def test_a_correction_supersedes_and_a_withdrawal_leaves_a_tombstone(
    releases: Releases, officer: Actor, checker: Actor
) -> None:
    first = releases.approve(checker, releases.run(officer, TABLE).number)
    coarser = TABLE.replace('levels = ["city", "county"]', 'levels = ["city"]')
    second = releases.approve(checker, releases.run(officer, coarser).number)
    assert releases.get(first.number).state == "superseded" and second.version == 2
    assert [one.state for one in releases.portal.catalogue.get("people").versions] == ["superseded", "published"]
    releases.portal.storage.verify(first.files[0].sha256)
    gone = releases.withdraw(checker, second.number, "发现错误")
    assert gone.state == "withdrawn"
    stone = releases.portal.catalogue.get("people")
    assert (stone.state, stone.reason, stone.document) == ("withdrawn", "发现错误", None)
    with pytest.raises(IllegalAction):
        releases.withdraw(checker, second.number, "again")
    assert set(releases.register().releases) == {first.label, second.label}


def test_a_name_of_another_record_is_not_taken(releases: Releases, officer: Actor) -> None:
    other = {
        "@type": "dcat:Dataset",
        "dct:identifier": "by-hand",
        "quanmin:name": "people",
        "dct:title": {"zh": "手工", "en": "By hand"},
        "dct:description": {"zh": "手工", "en": "By hand"},
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫", "en": "H"}},
        "quanmin:access": "public",
    }
    releases.portal.catalogue.publish(other, "somebody")
    with pytest.raises(NameInUse):
        releases.run(officer, TABLE)


def test_a_release_that_was_overtaken_is_held_against_what_went_out_since(
    releases: Releases, lake: Lake, officer: Actor, checker: Actor
) -> None:
    """Two runs of nearly the same people, each harmless alone: only one goes out."""
    exact = TABLE.replace('rules = "health"', 'rules = "strict"')
    first = releases.run(officer, exact)
    store(lake, people(PEOPLE, changed=9))
    second = releases.run(officer, exact.replace('id = "people"', 'id = "people-again"'))
    releases.approve(checker, first.number)
    with pytest.raises(OvertakenByRelease):
        releases.approve(checker, second.number)
    assert releases.get(second.number).state == "proposed"
    third = releases.run(officer, exact.replace('id = "people"', 'id = "people-again"'))
    assert third.state == "refused" and "O9.difference" in {one["code"] for one in third.findings}


class Killed(BaseException):
    """As if the process had died."""


@pytest.mark.parametrize("step", ["register", "catalogue", "note"])
def test_a_kill_after_the_approval_leaves_both_done_by_the_next_who_comes(
    step: str, releases: Releases, lake: Lake, officer: Actor, checker: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = releases.run(officer, TABLE)

    def dies(*_given: object, **_named: object) -> None:
        raise Killed()

    with monkeypatch.context() as patched:
        patched.setattr(
            *{
                "register": (Register, "keep", dies),
                "catalogue": (Catalogue, "publish", dies),
                "note": (Releases, "_forget", dies),
            }[step]
        )
        if step == "note":
            patched.setattr(Releases, "_out", lambda *_: dies())
        with pytest.raises(Killed):
            releases.approve(checker, made.number)
    assert releases.get(made.number).state == "approved"
    again = Releases.open(lake)
    assert again.get(made.number).state == "published" and set(again.register().releases) == {made.label}
    assert len(again.portal.catalogue.get("people").versions) == 1
    assert again.settle() == 0


def test_a_kill_before_the_approval_leaves_neither(
    releases: Releases, lake: Lake, officer: Actor, checker: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = releases.run(officer, TABLE)
    with monkeypatch.context() as patched:
        patched.setattr(Releases, "_approval", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            releases.approve(checker, made.number)
    again = Releases.open(lake)
    assert again.get(made.number).state == "proposed" and not again.register().releases
    assert again.portal.catalogue.search(Query("")).total == 0
    assert again.approve(checker, made.number).state == "published"


def test_a_published_release_that_the_register_lost_stops_all_others(
    releases: Releases, officer: Actor, checker: Actor
) -> None:
    made = releases.approve(checker, releases.run(officer, TABLE).number)
    (releases.folder / "register" / f"{made.label}.cells").unlink()
    with pytest.raises(Exception, match="QM-DISCLOSURE"):
        releases.run(officer, TABLE)


def test_microdata_hold_k_and_go_into_the_register(releases: Releases, officer: Actor, checker: Actor) -> None:
    made = releases.approve(checker, releases.run(officer, MICRODATA).number)
    assert made.state == "published" and made.measured["k"] >= 10
    rows = pq.read_table(releases.portal.storage.path(made.files[0].sha256))
    assert "person" not in rows.column_names and rows.num_rows <= PEOPLE
    sizes = rows.group_by(rows.column_names).aggregate([([], "count_all")])["count_all"].to_pylist()
    assert min(sizes) >= 10 and set(releases.register().releases) == {made.label}


def test_microdata_below_the_policy_need_a_reason(releases: Releases, officer: Actor) -> None:
    weak = MICRODATA + "\n[privacy]\nk = 4\n"
    made = releases.run(officer, weak)
    assert made.state == "refused" and {one["code"] for one in made.findings} == {"O14.weak"}
    reasoned = releases.run(officer, weak.replace("[privacy]", '[reasons]\n"O14.weak" = "授权研究"\n[privacy]'))
    assert reasoned.state == "proposed"


def test_microdata_that_nothing_can_hold_are_refused_and_explained(
    releases: Releases, lake: Lake, officer: Actor
) -> None:
    store(lake, people(8))
    made = releases.run(officer, MICRODATA)
    assert made.state == "refused" and made.findings[0]["code"].startswith("QM-MICRODATA")


def test_the_evidence_holds_no_count_that_rounding_hides(
    releases: Releases, lake: Lake, officer: Actor, checker: Actor
) -> None:
    store(lake, people(1_003))
    made = releases.approve(checker, releases.run(officer, HEAD + PLACE + AGE).number)
    content = releases.portal.storage.path(str(made.evidence)).read_text("utf-8")
    assert "1003" not in content and '"persons":"1005"' not in content
    assert made.measured["rows"] == 1_003
    told = json.loads(content)["statement"]
    assert "rows" not in told["measured"] and "least_margin" not in json.dumps(told)
    assert told["run"]["by"] == "officer" and told["check"]["by"] == "checker"


def test_an_unknown_release(releases: Releases, checker: Actor) -> None:
    for action in (lambda: releases.get(99), lambda: releases.approve(checker, 99)):
        with pytest.raises(UnknownRelease):
            action()


def test_confide_is_called_for_releases_and_private_statistics_only() -> None:
    from pathlib import Path

    source = Path(trust.__file__).parents[1]
    users = {
        path.relative_to(source).parts[0:2] for path in source.rglob("*.py") if ".confide(" in path.read_text("utf-8")
    }
    assert users == {("opendata", "release"), ("opendata", "privacy"), ("lake", "lake.py")}
