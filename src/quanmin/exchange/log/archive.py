"""Days of the log as files: NDJSON with both ends of the chain, so that a file, and a row of files, verify without the ledger.

The first line says what it is, from which number to which, the link before the first entry and that of the last; every other line
is that of the entry, as it is in the log. A file goes on from another where its `before` is the other's `link`. Times of entries
are those of messages, so that numbers near midnight may stand on either side: a day ends where the next begins.
"""

from __future__ import annotations

import itertools
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from quanmin.exchange.canonical import canonical
from quanmin.exchange.log.errors import ArchiveBroken, FileRefused
from quanmin.exchange.log.line import START, link
from quanmin.exchange.log.line import entry as read
from quanmin.ledger import Ledger
from quanmin.ledger.exchange import ExchangeLogRow

NAME = "quanmin exchange log"


class Archive(NamedTuple):
    """A file: its numbers (`last` is `first - 1` where it is empty), the link before the first and the link of the last."""

    first: int
    last: int
    before: str
    link: str


def export(ledger: Ledger, day: date, file: Path) -> Archive:
    """Write a day (UTC) into a new file; FileRefused."""
    with ledger.reading() as connection:
        first, last = _begins(connection, day), _begins(connection, day + timedelta(days=1)) - 1
        made = Archive(first, last, _link(connection, first - 1), _link(connection, last))
        rows = connection.execute(select(_T.entry).where(_T.sequence.between(first, last)).order_by(_T.sequence))
        told = canonical({"log": NAME, "version": 1, "day": day.isoformat(), **made._asdict()})
        put(file, itertools.chain([told], (row.entry.encode() for row in rows)), b"\n")
    return made


def put(file: Path, parts: Iterable[bytes], end: bytes = b"") -> None:
    """Write a new file, whole or not at all, `end` after each part; FileRefused where there is one or it cannot be written."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as out:
            for part in parts:
                out.write(part + end)
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)  # refuses a name that is taken
    except OSError as error:
        raise FileRefused(file=file.name, reason=type(error).__name__) from error
    finally:
        draft.unlink(missing_ok=True)


def verify(files: Sequence[Path]) -> list[Archive]:
    """Files that follow one another; ArchiveBroken with the first line that does not hold (the first is number 1)."""
    made = list[Archive]()
    for file in files:
        one = _verify(file)
        if made and (one.first, one.before) != (made[-1].last + 1, made[-1].link):
            raise ArchiveBroken(file=file.name, line=1)
        made.append(one)
    return made


def _verify(file: Path) -> Archive:
    number = 1
    try:
        with file.open("rb") as source:
            told = json.loads(source.readline())
            if (told.pop("log"), told.pop("version")) != (NAME, 1):
                raise ValueError("version")
            date.fromisoformat(told.pop("day"))
            made = Archive(**told)
            chain, sequence = bytes.fromhex(made.before), made.first - 1
            for raw in source:
                number, sequence = number + 1, sequence + 1
                text = raw.decode().removesuffix("\n")
                if read(text)[0] != sequence or not raw.endswith(b"\n"):
                    raise ValueError("sequence")
                chain = link(chain, text)
        if (sequence, chain.hex()) != (made.last, made.link):
            raise ValueError("end")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ArchiveBroken(file=file.name, line=number) from error
    return made


def _begins(connection: Connection, day: date) -> int:
    """The number of the first entry of a day or after it."""
    start = datetime.combine(day, time(), UTC)
    first = connection.execute(select(func.min(_T.sequence)).where(_T.at >= start)).scalar()
    return int(first if first is not None else (connection.execute(select(func.max(_T.sequence))).scalar() or 0) + 1)


def _link(connection: Connection, sequence: int) -> str:
    found = connection.execute(select(_T.link).where(_T.sequence == sequence)).scalar()
    return (found or START).hex()


_T = ExchangeLogRow
