"""Work that a server does beside its pages: queued by somebody, done one after another, told about while it goes on.

A job is a document of the ledger: what is to be done, with which parameters, on whose behalf, and what became of it. Reads and
writes what the stages do that it calls (collect, population, linkage, review, feedback, backups, upkeep, audit), and puts nothing
of a person into parameters, progress or log. Promises that a job is taken by exactly one worker, however many servers share a
ledger; that whoever queued it must hold the right when it is queued and when it is run; and that a job whose process died is told
so by the next worker that starts, with nothing half in, because no stage leaves anything half in.
"""

from quanmin.jobs.errors import (
    BadParameter,
    JobBroken,
    JobStopped,
    NoSuchJob,
    NoSuchSchedule,
    NotYourJob,
    UnknownKind,
)
from quanmin.jobs.job import ENDED, OPEN, STATES, Job
from quanmin.jobs.kind import KINDS, Kind, Parameter, allowed, kind
from quanmin.jobs.queue import Listing, again, cancel, counts, get, listing, order, queue
from quanmin.jobs.schedule import EVERY, Plan, Schedule, add, schedules, stop
from quanmin.jobs.worker import Worker, leave

__all__ = [
    "ENDED",
    "EVERY",
    "KINDS",
    "OPEN",
    "STATES",
    "BadParameter",
    "Job",
    "JobBroken",
    "JobStopped",
    "Kind",
    "Listing",
    "NoSuchJob",
    "NoSuchSchedule",
    "NotYourJob",
    "Parameter",
    "Plan",
    "Schedule",
    "UnknownKind",
    "Worker",
    "add",
    "again",
    "allowed",
    "cancel",
    "counts",
    "get",
    "kind",
    "leave",
    "listing",
    "order",
    "queue",
    "schedules",
    "stop",
]
