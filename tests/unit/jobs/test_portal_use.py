"""The job that adds up what was looked at and makes the index anew, on both kinds of ledger; a schedule may have it done."""

from __future__ import annotations

from quanmin import jobs
from quanmin.jobs import KINDS
from quanmin.opendata import Portal
from quanmin.opendata.catalogue import Counts, Query
from quanmin.opendata.usage import Tally
from quanmin.synth import open_catalogue
from quanmin.trust import local_administrator

from .conftest import Server

ME = local_administrator()


def test_the_hottest_are_those_that_were_looked_at(server: Server) -> None:
    lake = server.lake
    portal = Portal(lake.settings, lake.ledger)
    portal.catalogue.publish_all(open_catalogue.documents(5), "officer")
    wanted = portal.catalogue.search(Query(sort="hottest")).rows[-1]
    tally = Tally(portal.usage)
    for _ in range(3):
        tally.add("views", wanted["name"])
    tally.write()
    made = jobs.queue(lake, ME, "catalogue")
    assert server.worker.once()
    job = jobs.get(lake, made.job)
    assert job.state == "done" and job.result == {"views": 3, "downloads": 0, "records": 5}
    portal.catalogue.refresh()
    first = portal.catalogue.search(Query(sort="hottest")).rows[0]
    assert first["name"] == wanted["name"] and first["counts"] == Counts(3, 0, 0)._asdict()
    assert KINDS["catalogue"].by_clock
    portal.looker.close()
