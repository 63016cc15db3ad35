"""What becomes of an uploaded file: it is collected beside the pages, and its sender comes to the receipt."""

from __future__ import annotations

from typing import Any

from quanmin import jobs, standards
from quanmin.collect import batch as documents
from quanmin.collect.collection import sent_by
from quanmin.collect.upload import Uploads
from quanmin.jobs.errors import NoSuchJob
from quanmin.web.ask import Ask
from quanmin.web.view import Answer, Redirect

KIND = "collect"


def deliver(ask: Ask, dataset: str, source: str, handle: str) -> Answer:
    """Have an upload of whoever asks collected; where to see how far it is. NoSuchUpload, UploadCut, NotASender.

    A wrong sender is told before, so that the file stays uploaded for another try.
    """
    upload = Uploads(ask.settings).whole(ask.who.id, handle)
    sent_by(ask.home.standards, dataset, source)
    given = {"dataset": dataset, "source": source, "upload": upload.id}
    return Redirect(f"/collect/jobs/{jobs.queue(ask.lake, ask.who, KIND, given).job}")


def describe(ask: Ask, number: int) -> dict[str, Any]:
    """How far a collecting is; `receipt` is where its receipt is, of a refused file too. NoSuchJob."""
    job = jobs.get(ask.lake, number)
    if job.kind != KIND:
        raise NoSuchJob(job=number)
    share = job.progress.share if job.progress is not None else None
    told = {"job": number, "state": job.state, "state_title": job.state_title, "open": job.open, "by": job.by}
    catalogue, given = standards.catalogue(), job.parameters
    titles = {
        "dataset": given["dataset"],
        "source": given["source"],
        "title": catalogue.dataset(given["dataset"]).title,
        "agency": catalogue.agency(given["source"]).title,
    }
    return told | titles | {"share": share, "error": job.error, "receipt": _receipt(ask, job)}


def _receipt(ask: Ask, job: jobs.Job) -> str | None:
    """Where the receipt is, if there is one."""
    if job.state == "done" and job.result is not None:
        batch = int(job.result["batch"])
        before = documents.get(ask.lake, batch).at < job.at
        return f"/collect/batches/{batch}?taken={'before' if before else 'now'}"
    kept = (job.error or {}).get("address", {}).get("batch")
    return f"/collect/batches/{kept}" if kept else None
