"""The log of the server: one JSON object a line on standard error, with names of pages and codes, and nobody's values."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from quanmin.redaction import redacted

_OWN = frozenset(vars(logging.makeLogRecord({})))
LOG = logging.getLogger("quanmin.web")


class Lines(logging.Formatter):
    """A record as a line of JSON; numbers of people are starred whatever they came in."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        more: dict[str, Any] = {name: value for name, value in vars(record).items() if name not in _OWN}
        more.pop("color_message", None)
        document = {
            "at": at,
            "level": record.levelname.lower(),
            "log": record.name,
            "event": record.getMessage(),
            **more,
        }
        if record.exc_info:
            document["kind"] = getattr(record.exc_info[0], "__name__", "")
        return redacted(json.dumps(document, ensure_ascii=False, default=str))


def begin(level: str) -> None:
    """Send this server's log, and uvicorn's, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    for name in ("quanmin.web", "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level.upper())
    logging.getLogger("uvicorn.error").handlers = []
    logging.getLogger("uvicorn.error").propagate = True


def say(**fields: object) -> None:
    """One request."""
    LOG.info("request", extra=fields)
