"""Live datasets: the same table is no new version; a new one goes out by a standing approval, waits, or is refused."""

from __future__ import annotations

import pyarrow as pa
import pytest

from quanmin import jobs
from quanmin.jobs import refreshing
from quanmin.lake import Lake
from quanmin.opendata.release import Release, Releases, live
from quanmin.opendata.release.errors import NoStanding
from quanmin.trust import Actor, local_administrator
from quanmin.trust.identity import Registry

from .conftest import PEOPLE, TABLE, people, store

LIVE = TABLE.replace('rules = "health"', 'rules = "health"\nrefresh = true')


def _out(releases: Releases, officer: Actor, checker: Actor, standing: bool) -> Release:
    return releases.approve(checker, releases.run(officer, LIVE).number, standing)


def test_an_unchanged_table_is_no_new_version(releases: Releases, officer: Actor, checker: Actor) -> None:
    _out(releases, officer, checker, True)
    assert [one.what for one in live.refresh(releases, officer)] == ["unchanged"]
    assert len(releases.listing()) == 1


def test_a_standing_approval_lets_the_next_version_out(
    releases: Releases, lake: Lake, officer: Actor, checker: Actor
) -> None:
    first = _out(releases, officer, checker, True)
    store(lake, people(PEOPLE + 600))
    [found] = live.refresh(releases, officer)
    assert found.what == "published" and found.release is not None
    second = releases.get(found.release)
    assert (second.version, second.checker, second.standing) == (2, "checker", True)
    assert second.document.actions[2].actor == "system"
    assert releases.get(first.number).state == "superseded"
    versions = releases.portal.catalogue.get("people").versions
    for version in versions:
        assert version.step.document is not None
        for one in version.step.document["dcat:distribution"]:
            releases.portal.storage.verify(one["spdx:checksum"]["spdx:checksumValue"])


def test_without_one_the_next_version_waits_once(
    releases: Releases, lake: Lake, officer: Actor, checker: Actor
) -> None:
    _out(releases, officer, checker, False)
    store(lake, people(PEOPLE + 600))
    assert [one.what for one in live.refresh(releases, officer)] == ["waiting"]
    [again] = live.refresh(releases, officer)
    assert again.what == "waiting" and len(releases.listing(("proposed",))) == 1
    assert releases.approve(checker, again.release or 0, standing=True).version == 2


def test_a_few_more_people_are_not_told_by_a_refresh(
    releases: Releases, lake: Lake, officer: Actor, checker: Actor
) -> None:
    exact = LIVE.replace('rules = "health"', 'rules = "strict"')
    first = releases.approve(checker, releases.run(officer, exact).number, standing=True)
    store(lake, people(PEOPLE + 5))
    [found] = live.refresh(releases, officer)
    assert found.what == "refused" and releases.published("people") is not None
    assert releases.published("people").number == first.number  # type: ignore[union-attr]


def test_a_new_kind_of_finding_waits_for_the_checker(
    releases: Releases, lake: Lake, officer: Actor, checker: Actor
) -> None:
    _out(releases, officer, checker, True)
    rows = people(PEOPLE + 615)
    sexes = ["9" if n >= PEOPLE + 600 else sex for n, sex in enumerate(rows["sex"].to_pylist())]  # five in each county
    absent = rows.set_column(rows.schema.get_field_index("sex"), "sex", pa.array(sexes))
    store(lake, absent)
    [found] = live.refresh(releases, officer)
    assert found.what == "waiting"
    assert "O1.small" in {one["code"] for one in releases.get(found.release or 0).findings}


def test_one_that_fails_holds_up_no_other_and_a_stranger_is_told(
    releases: Releases, lake: Lake, officer: Actor, checker: Actor
) -> None:
    _out(releases, officer, checker, True)
    store(lake, people(PEOPLE).slice(0, 0))
    assert [(one.what, one.error) for one in live.refresh(releases, officer)] == [("failed", "QM-RELEASE-010")]
    with pytest.raises(NoStanding):
        live.refresh(releases, officer, "nothing")


def test_the_job_refreshes(releases: Releases, lake: Lake, officer: Actor, checker: Actor) -> None:
    _out(releases, officer, checker, True)
    [kind] = refreshing.KINDS
    assert kind.by_clock and kind.roles == ("release_officer",) and jobs.kind("refresh") is kind
    store(lake, people(PEOPLE + 600))
    jobs.queue(lake, local_administrator(), "refresh")
    assert jobs.Worker(Here(lake)).once()
    [done] = lake.ledger.find("job")
    assert done.state == "done" and done.data["result"] == {"datasets": 1, "published": 1}
    assert releases.published("people").version == 2  # type: ignore[union-attr]


class Here:
    """The store of a home, for a worker."""

    def __init__(self, lake: Lake) -> None:
        self.lake, self.registry = lake, Registry.open(lake.ledger, lake.settings)
