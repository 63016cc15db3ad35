"""Queueing, doing, ending; rights; two workers; nothing of a person."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from quanmin import jobs
from quanmin.jobs.report import MOST_LINES
from quanmin.ledger.errors import IllegalAction
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import audit, local_administrator
from quanmin.trust.keys.errors import RoleMissing

from .conftest import Server

ME = local_administrator()
NUMBER = "370102195001010019"


def test_a_job_is_queued_done_and_told(server: Server, work: Callable[..., None]) -> None:
    def run(task: jobs.kind.Task) -> dict[str, int]:
        task.report(1, 4, Text("数数", "counting"))
        task.report.say(Text("数到一", "counted to one"))
        return {"counted": 4}

    work("count", run)
    first = jobs.queue(server.lake, ME, "count")
    assert (first.state, first.by, first.progress, first.result) == ("queued", ME.id, None, None)
    assert server.worker.once()
    done = jobs.get(server.lake, first.job)
    assert (done.state, done.result, done.error) == ("done", {"counted": 4}, None)
    assert [line.words.en for line in done.log] == ["Begun: a trial", "counted to one", "Ended"]
    assert done.progress is not None and (done.progress.share, done.progress.stage) == (0.25, Text("数数", "counting"))
    assert done.began is not None and done.ended is not None and done.at <= done.began <= done.ended
    assert not server.worker.once()


def test_the_oldest_is_done_first(server: Server, work: Callable[..., None]) -> None:
    work("count", lambda task: {})
    numbers = [jobs.queue(server.lake, ME, "count").job for _ in range(3)]
    worker = server.worker
    for number in numbers:
        assert worker.once()
        assert jobs.get(server.lake, number).state == "done"


def test_progress_does_not_grow_the_document(server: Server, work: Callable[..., None]) -> None:
    def run(task: jobs.kind.Task) -> dict[str, int]:
        for step in range(1000):
            task.report(step, 1000, Text(f"第{step}步", f"step {step}"))
            task.report.say(Text("行", "line"))
        return {}

    work("long", run)
    made = jobs.queue(server.lake, ME, "long")
    server.worker.once()
    assert [step.name for step in server.lake.ledger.get(made.job).actions] == ["create", "start", "finish"]
    assert len(jobs.get(server.lake, made.job).log) == MOST_LINES


def test_an_error_is_kept_with_its_code(server: Server) -> None:
    made = jobs.queue(server.lake, ME, "build")
    server.worker.once()
    failed = jobs.get(server.lake, made.job)
    assert failed.state == "failed" and failed.error is not None
    assert failed.error["code"].startswith("QM-POPULATION-")
    assert failed.log[-1].words.en == failed.error["message"]["en"]


def test_a_program_error_tells_its_kind_and_not_its_words(server: Server, work: Callable[..., None]) -> None:
    def run(task: jobs.kind.Task) -> dict[str, int]:
        raise ValueError(f"no such person {NUMBER}")

    work("broken", run)
    made = jobs.queue(server.lake, ME, "broken")
    server.worker.once()
    failed = jobs.get(server.lake, made.job)
    assert failed.error is not None and failed.error["code"] == jobs.JobBroken.code
    assert "ValueError" in failed.error["message"]["en"]
    assert NUMBER not in str(failed.to_dict())


def test_who_may_not_do_it_may_not_queue_it(server: Server) -> None:
    operator, system = server.person("op", "operator"), server.person("sys", "system_administrator")
    with pytest.raises(RoleMissing):
        jobs.queue(server.lake, system, "vacuum")
    with pytest.raises(RoleMissing):
        jobs.queue(server.lake, operator, "backup")
    with pytest.raises(RoleMissing):  # there are accounts now
        server_queue(server, "vacuum")
    assert jobs.listing(server.lake).total == 0
    assert len([one for one in audit.entries(server.lake.ledger) if one.fields["event"] == "refused"]) >= 2


def server_queue(server: Server, name: str) -> None:
    """Queue as whoever has no role at all."""
    jobs.queue(server.lake, server.person("nobody", "verifier"), name)


def test_a_right_that_was_withdrawn_meanwhile_ends_the_job(server: Server, work: Callable[..., None]) -> None:
    done = list[str]()
    work("count", lambda task: done.append(task.actor.id) or {})
    operator = server.person("op", "operator")
    kept, lost = jobs.queue(server.lake, operator, "count"), jobs.queue(server.lake, operator, "count")
    worker = server.worker
    worker.once()
    server.withdraw("op")
    worker.once()
    assert done == ["op"]
    assert jobs.get(server.lake, kept.job).state == "done"
    failed = jobs.get(server.lake, lost.job)
    assert failed.state == "failed" and failed.error is not None and failed.error["code"] == RoleMissing.code


def test_what_the_local_administrator_queued_is_not_done_once_there_are_accounts(server: Server) -> None:
    made = jobs.queue(server.lake, ME, "vacuum")
    server.person("op", "operator")
    server.worker.once()
    assert jobs.get(server.lake, made.job).state == "failed"


@pytest.mark.parametrize(
    "given",
    [
        {"full": "yes"},
        {"engine": "else"},
        {"engine": NUMBER},
        {"remark": "for Mr Wang"},
        {NUMBER: True},
        {"full": NUMBER},
    ],
)
def test_parameters_are_what_the_kind_takes_and_nothing_else(server: Server, given: dict[str, object]) -> None:
    with pytest.raises(jobs.BadParameter) as caught:
        jobs.queue(server.lake, ME, "build", given)
    assert NUMBER not in str(caught.value) and "Wang" not in str(caught.value)
    assert jobs.listing(server.lake).total == 0


def test_a_number_in_a_line_of_the_log_is_starred(server: Server, work: Callable[..., None]) -> None:
    work("talk", lambda task: task.report.say(Text(f"号码 {NUMBER}", f"number {NUMBER}")) or {})
    made = jobs.queue(server.lake, ME, "talk")
    server.worker.once()
    told = str(jobs.get(server.lake, made.job).to_dict())
    assert "number ***" in told and NUMBER not in told


def test_a_job_that_waits_is_cancelled_at_once(server: Server, work: Callable[..., None]) -> None:
    over = list[str]()
    work("count", lambda task: over.append("run") or {}, after=lambda settings, owner, given: over.append(owner))
    made = jobs.queue(server.lake, ME, "count")
    assert jobs.cancel(server.lake, ME, made.job).state == "cancelled"
    assert not server.worker.once() and over == [ME.id]
    with pytest.raises(IllegalAction):
        jobs.cancel(server.lake, ME, made.job)


def test_a_running_job_is_stopped_at_its_next_word(server: Server, work: Callable[..., None]) -> None:
    begun, go = threading.Event(), threading.Event()

    def run(task: jobs.kind.Task) -> dict[str, int]:
        begun.set()
        assert go.wait(10)
        task.report(1, 2, Text("又一步", "another step"))
        raise AssertionError("the report should have stopped it")

    work("slow", run)
    made = jobs.queue(server.lake, ME, "slow")
    worker = server.worker
    worker.start()
    assert begun.wait(10)
    assert jobs.cancel(server.lake, ME, made.job).state == "stopping"
    go.set()
    assert worker.stop(10)
    after = jobs.get(server.lake, made.job)
    assert after.state == "cancelled" and after.error is not None and after.error["code"] == jobs.JobStopped.code


def test_only_its_owner_and_those_whose_work_it_is_end_a_job(server: Server, work: Callable[..., None]) -> None:
    work("count", lambda task: {})
    one, two, other = (server.person(*who) for who in (("aa", "operator"), ("bb", "operator"), ("cc", "reviewer")))
    made = jobs.queue(server.lake, one, "count")
    with pytest.raises(jobs.NotYourJob):
        jobs.cancel(server.lake, other, made.job)
    assert jobs.cancel(server.lake, two, made.job).state == "cancelled"


def test_two_workers_never_do_the_same_job(either_settings: Settings, work: Callable[..., None]) -> None:
    counted, guard = list[int](), threading.Lock()

    def run(task: jobs.kind.Task) -> dict[str, int]:
        with guard:
            counted.append(1)
        return {}

    work("count", run)
    servers = [Server.open(either_settings) for _ in range(3)]
    numbers = [jobs.queue(servers[0].lake, ME, "count").job for _ in range(12)]
    workers = [one.worker for one in servers]
    for worker in workers:
        worker.start()
    deadline = threading.Event()
    for _ in range(200):
        if jobs.counts(servers[0].lake).get("done") == 12:
            break
        deadline.wait(0.1)
    assert all([worker.stop(10) for worker in workers])
    assert len(counted) == 12
    for number in numbers:
        names = [step.name for step in servers[0].lake.ledger.get(number).actions]
        assert names == ["create", "start", "finish"]
    for one in servers:
        one.lake.close()


def test_the_list_is_paged_the_newest_first(server: Server, work: Callable[..., None]) -> None:
    work("count", lambda task: {})
    numbers = [jobs.queue(server.lake, ME, "count").job for _ in range(5)]
    jobs.cancel(server.lake, ME, numbers[0])
    found = jobs.listing(server.lake, number=2, size=2)
    assert [one.job for one in found.jobs] == [numbers[2], numbers[1]]
    assert (found.total, found.page, found.pages) == (5, 2, 3)
    assert [one.job for one in jobs.listing(server.lake, ["cancelled"]).jobs] == [numbers[0]]
    assert jobs.listing(server.lake, ["done"]).jobs == []


def test_what_is_no_job_is_none(server: Server) -> None:
    other = server.lake.ledger.create("batch", data={})
    for number in (other.id, 99999):
        with pytest.raises(jobs.NoSuchJob):
            jobs.get(server.lake, number)
        with pytest.raises(jobs.NoSuchJob):
            jobs.cancel(server.lake, ME, number)
    with pytest.raises(jobs.UnknownKind):
        jobs.queue(server.lake, ME, "nothing")
