"""The keeper of the log: at intervals it closes batches, has heads signed and stamped, and warns when stamps are late."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from quanmin.errors import QuanminError
from quanmin.exchange.log import batch, limit
from quanmin.exchange.node.worker import worker
from quanmin.ledger import SYSTEM, Ledger
from quanmin.ledger.exchange import ExchangeBatchRow
from quanmin.ledger.table import AuditHeadRow, AuditRow
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.audit.interval import FAILED, RETRY
from quanmin.trust.keys.errors import MasterMissing

if TYPE_CHECKING:
    from quanmin.exchange.node.node import Node


class Turn(NamedTuple):
    """What one turn did: batches closed, the head signed, the time its stamp proves, and the code of what failed."""

    batches: tuple[batch.Batch, ...] = ()
    head: audit.SignedHead | None = None
    stamp: audit.Stamp | None = None
    failed: str | None = None


def turn(ledger: Ledger, settings: Settings) -> Turn:
    """Close what is open, sign where a batch stands under no signed head, and have it stamped where an authority is set.

    What fails is told, not raised, and tried again by the next turn; the log itself goes on.
    """
    made = tuple(batch.close(ledger))
    done = Turn(made)
    try:
        if made or _owed(ledger, settings):
            done = done._replace(head=audit.sign(ledger, settings))
            done = done._replace(stamp=_stamp(ledger, settings, done.head))
    except QuanminError as error:
        done = done._replace(failed=error.code)
        if done.head is None and not isinstance(error, MasterMissing):  # whoever signs here may be elsewhere
            _note(ledger, error.code)
    limit.warn(ledger, settings)
    return done


def _note(ledger: Ledger, reason: str) -> None:
    """An entry of the audit, which alarms; one every ten minutes at most."""
    newest = select(func.max(AuditRow.at)).where(AuditRow.event == FAILED)
    with ledger.reading() as connection:
        last = connection.execute(newest).scalar()
    if last is None or ledger.now() - last >= RETRY:
        audit.append(ledger, FAILED, SYSTEM, {"reason": reason})


def _stamp(ledger: Ledger, settings: Settings, head: audit.SignedHead | None) -> audit.Stamp | None:
    if settings.timestamp_authority is None or head is None:
        return None
    answer, stamp = audit.ask(head, settings)
    audit.keep_token(ledger, head, answer)
    return stamp


def _owed(ledger: Ledger, settings: Settings) -> bool:
    """Whether the newest batch stands under no head yet (under no stamped one), or a quiet exchange needs a stamp again."""
    heads = select(func.max(AuditHeadRow.size))
    if settings.timestamp_authority is not None:
        heads = heads.where(AuditHeadRow.token.is_not(None))
    with ledger.reading() as connection:
        newest = connection.execute(select(func.max(ExchangeBatchRow.audit))).scalar()
        covered = connection.execute(heads).scalar() or 0
    if newest is not None and newest > covered:
        return True
    over = limit.waited(ledger, settings)
    return over is not None and over >= timedelta(seconds=settings.exchange_stamp_limit) / 4


def tend(node: Node) -> float:
    """One turn, as work of a node; seconds until the next."""
    try:
        turn(node.ledger, node.settings)
    except Exception as error:
        with suppress(Exception):
            _note(node.ledger, error.code if isinstance(error, QuanminError) else type(error).__name__)
        raise
    return float(node.settings.exchange_batch_seconds)


worker("log", tend)
