"""Operations: jobs, work by the clock, snapshots, backups, health; in both languages, by the right and the wrong people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quanmin import jobs
from quanmin.jobs import Worker
from quanmin.lake import Lake
from quanmin.ledger import Ledger
from quanmin.trust import identity
from quanmin.web.place import Place

from .conftest import Browser

PAGES = (
    "/operations",
    "/operations/orders",
    "/operations/orders/build",
    "/operations/schedules",
    "/operations/snapshots",
    "/operations/snapshots/2",
    "/operations/backups",
    "/operations/health",
)
Browse = Callable[..., Browser]


def done(browser: Browser) -> None:
    """Do the jobs that wait, as the server's worker would."""
    place = Place(browser.settings)
    worker = Worker(place)
    while worker.once():
        pass
    place.close()


def number(answer_location: str) -> int:
    return int(answer_location.rsplit("/", 1)[-1])


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["demo-operator", "demo-system", "demo-security", "demo-audit"])
def test_every_page_is_shown_to_those_whose_work_it_is(province: Browser, path: str, who: str) -> None:
    province.sign_in(who)
    for language in ("zh", "en"):
        answer = province.get(f"/console/{language}{path}")
        assert answer.status_code == 200 and "<h1>" in answer.text
    twin = province.get(f"/console/en{path}.json")
    assert twin.status_code == 200 and twin.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", [*PAGES, "/operations/jobs/1"])
def test_others_neither_see_the_area_nor_get_a_page(province: Browser, path: str) -> None:
    assert province.get(f"/console/en{path}").status_code == 303  # to sign in
    province.sign_in("demo-doctor")
    assert 'href="/console/en/operations"' not in province.get("/console/en/").text
    assert province.get(f"/console/en{path}").status_code == 403
    assert province.get(f"/console/en{path}.json").status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/operations/jobs/99999", 404),
        ("/operations/jobs/0", 404),
        ("/operations/jobs/9999999999999999999999", 404),
        ("/operations/jobs/x", 404),
        ("/operations/jobs/1", 404),  # a document of another kind
        ("/operations/snapshots/99999", 404),
        ("/operations/orders/nothing", 404),
        ("/operations/orders/" + "x" * 300, 404),
        ("/operations/orders/%2e%2e%2fhealth", 404),
        ("/operations?page=0", 422),
        ("/operations?page=x", 422),
        ("/operations?state=" + "x" * 300, 422),
        ("/operations?state=nothing", 200),
        ("/operations?page=99999", 200),
        ("/operations/snapshots?page=99999", 200),
    ],
)
def test_what_is_not_there_is_told(province: Browser, path: str, status: int) -> None:
    answer = province.sign_in("demo-operator").get(f"/console/en{path}")
    assert answer.status_code == status


def test_a_job_is_ordered_done_and_read(home: Path, browse: Browse) -> None:
    browser = browse(home).sign_in("demo-operator")
    queued = browser.post("/console/en/operations/orders/build/now", {"full": "yes"})
    assert queued.status_code == 303
    place = queued.headers["location"]
    waiting = browser.get(place).text
    assert "queued" in waiting and "Cancel it" in waiting
    assert 'hx-trigger="every 2s"' in waiting and "Look again" in waiting  # with JavaScript and without
    assert "Look at every record" in waiting
    done(browser)
    part = browser.get(f"{place}/progress").text
    assert "<html" not in part and "hx-trigger" not in part and "Cancel it" not in part and "done" in part
    told = browser.get(f"{place}.json").json()
    assert told["state"] == "done" and told["result"]["full"] is True and told["result"]["people"] > 0
    assert "建立人口库" in browser.get(place.replace("/en/", "/zh/")).text
    assert f"/console/en/operations/jobs/{told['job']}" in browser.get("/console/en/operations?state=done").text


def test_a_job_that_waits_is_cancelled_once(home: Path, browse: Browse) -> None:
    browser = browse(home).sign_in("demo-operator")
    place = browser.post("/console/en/operations/orders/gather/now").headers["location"]
    assert browser.post(f"{place}/cancel").status_code == 303
    again = browser.post(f"{place}/cancel")  # another tab was first
    assert again.status_code == 409 and "cancelled" in again.text
    with Lake.open(browser.settings) as lake:
        assert jobs.get(lake, number(place)).state == "cancelled"


def test_a_failed_job_says_why_and_what_to_do(tmp_path: Path, home: Path, browse: Browse) -> None:
    browser = browse(home).sign_in("demo-system")
    backups = home / "backups"
    backups.mkdir()
    (backups / "broken.backup").write_bytes(b"no backup")
    place = browser.post("/console/en/operations/orders/drill/now", {"backup": "broken.backup"}).headers["location"]
    done(browser)
    text = browser.get(place).text
    assert "QM-BACKUP-002" in text


def test_work_that_is_another_role_s_is_neither_offered_nor_taken(home: Path, browse: Browse) -> None:
    browser = browse(home).sign_in("demo-operator")
    assert "/operations/orders/backup" not in browser.get("/console/en/operations/orders").text
    assert "This is not your work" in browser.get("/console/en/operations/orders/backup").text
    assert "Make a backup now" not in browser.get("/console/en/operations/backups").text
    assert browser.post("/console/en/operations/orders/backup/now").status_code == 403
    assert (
        browser.post("/console/en/operations/orders/backup/clock", {"every": "day", "minute": "0"}).status_code == 403
    )
    with Lake.open(browser.settings) as lake:
        assert jobs.listing(lake).total == 0 and jobs.schedules(lake) == []


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/operations/orders/drill/now", {}, 422),
        ("/operations/orders/drill/now", {"backup": "../../etc/passwd"}, 422),
        ("/operations/orders/drill/now", {"backup": "x" * 5000}, 422),
        ("/operations/orders/nothing/now", {}, 404),
        ("/operations/orders/collect/now", {"dataset": "health.birth", "source": "health"}, 403),
        ("/operations/orders/backup/clock", {"every": "year", "minute": "0"}, 422),
        ("/operations/orders/backup/clock", {"every": "day", "minute": "61"}, 422),
        ("/operations/orders/backup/clock", {"every": "day", "hour": "-1", "minute": "0"}, 422),
        ("/operations/orders/backup/clock", {}, 422),
        ("/operations/jobs/99999/cancel", {}, 404),
        ("/operations/schedules/99999/stop", {}, 404),
    ],
)
def test_odd_forms_are_refused_on_their_page(
    home: Path, browse: Browse, path: str, fields: dict[str, str], status: int
) -> None:
    browser = browse(home).sign_in("demo-system")
    answer = browser.post(f"/console/en{path}", fields)
    assert answer.status_code == status and "Traceback" not in answer.text
    with Lake.open(browser.settings) as lake:
        assert jobs.listing(lake).total == 0 and jobs.schedules(lake) == []


def test_work_by_the_clock_is_listed_and_stopped(home: Path, browse: Browse) -> None:
    browser = browse(home).sign_in("demo-system")
    fields = {"every": "week", "day": "6", "hour": "3", "minute": "30"}
    assert browser.post("/console/en/operations/orders/backup/clock", fields).status_code == 303
    page = browser.get("/console/en/operations/schedules").text
    assert "every Sunday at 03:30" in page and ">runs<" in page
    made = browser.get("/console/en/operations/schedules.json").json()["schedules"][0]["schedule"]
    browser.sign_in("demo-operator")
    assert f"/schedules/{made}/stop" not in browser.get("/console/en/operations/schedules").text
    assert browser.post(f"/console/en/operations/schedules/{made}/stop").status_code == 403
    browser.sign_in("demo-system")
    assert browser.post(f"/console/en/operations/schedules/{made}/stop").status_code == 303
    assert browser.post(f"/console/en/operations/schedules/{made}/stop").status_code == 409
    assert "stopped" in browser.get("/console/en/operations/schedules").text


def test_a_backup_is_made_listed_and_drilled(home: Path, browse: Browse) -> None:
    browser = browse(home).sign_in("demo-system")
    assert "No backup is here yet" in browser.get("/console/en/operations/backups").text
    browser.post("/console/en/operations/orders/backup/now")
    done(browser)
    kept = browser.get("/console/en/operations/backups.json").json()["backups"]
    assert len(kept) == 1 and kept[0]["id"] and kept[0]["drill"] is None
    browser.post("/console/en/operations/orders/drill/now", {"backup": kept[0]["name"]})
    done(browser)
    assert browser.get("/console/en/operations/backups.json").json()["backups"][0]["drill"]["sound"] is True
    assert "完好" in browser.get("/console/zh/operations/backups").text


def test_a_snapshot_tells_what_it_changed_and_from_what(province: Browser) -> None:
    province.sign_in("demo-operator")
    listed = province.get("/console/en/operations/snapshots.json").json()["snapshots"]
    numbers = [one["snapshot"] for one in listed]
    assert numbers == sorted(numbers, reverse=True)
    build = next(one for one in listed if one["stage"] == "population")
    page = province.get(f"/console/en/operations/snapshots/{build['snapshot']}").text
    assert "linked.person" in page and "clean.health.birth" in page


def test_health_shows_sizes_and_versions_of_keys_but_no_key(province: Browser, made: Path) -> None:
    province.sign_in("demo-operator")
    told = province.get("/console/en/operations/health.json").json()
    sizes = {one["table"]: one for one in told["tables"]}
    assert sizes["linked.person"]["rows"] > 0 and sizes["linked.person"]["bytes"] > 0
    assert {"quanmin", "python", "duckdb"} <= set(told["versions"])
    assert told["health"]["ledger"] == "sqlite" and told["health"]["documents"] > 0
    names = {one["name"] for one in told["keys"]}
    assert "identity" in names
    assert all(
        set(one) == {"name", "version", "versions", "suite", "state", "made", "due", "rotate"} for one in told["keys"]
    )
    assert next(one for one in told["keys"] if one["name"] == "identity")["due"] is None


def test_a_key_that_is_old_is_due_for_rotation(province: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from quanmin.installation import operation

    monkeypatch.setattr(operation, "ROTATE", timedelta(days=-1))
    province.sign_in("demo-operator")
    told = province.get("/console/en/operations/health.json").json()["keys"]
    assert any(one["rotate"] for one in told) and not all(one["rotate"] for one in told)
    assert "due since" in province.get("/console/en/operations/health").text


def test_an_interrupted_job_is_done_again_by_whoever_may(home: Path, browse: Browse) -> None:
    browser = browse(home).sign_in("demo-operator")
    place = browser.post("/console/en/operations/orders/gather/now").headers["location"]
    with Ledger.open(browser.settings) as ledger:
        identity.Registry.open(ledger, browser.settings)
        ledger.act(number(place), "start", {"process": {"host": "gone/", "pid": 1}})
        ledger.act(number(place), "interrupt", {"error": jobs.JobStopped().to_dict()})
    assert "Do it again" in browser.get(place).text and "QM-JOBS-004" in browser.get(place).text
    browser.sign_in("demo-audit")
    assert "Do it again" not in browser.get(place).text
    assert browser.post(f"{place}/again").status_code == 403
    browser.sign_in("demo-operator")
    assert browser.post(f"{place}/again").status_code == 303
    done(browser)
    assert browser.get(f"{place}.json").json()["state"] == "done"
