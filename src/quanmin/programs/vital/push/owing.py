"""Which months are owed: by this level, as its own documents tell, and by those below, as their deliveries do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from quanmin.exchange.intake import delivered
from quanmin.exchange.node.node import Node
from quanmin.ledger.table import DocumentRow
from quanmin.programs.vital.blank.movement import MOVEMENT
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push import balance, bundle
from quanmin.programs.vital.push.month import Month, month, of
from quanmin.programs.vital.push.row import day

_BATCH = re.compile(r"[a-z0-9_]+-([0-9]{4}-[0-9]{2})-[0-9]+\..+\.csv")


@dataclass(frozen=True)
class Owing:
    """A month that a member has not pushed; `late`: its day has passed."""

    member: str
    month: Month
    late: bool

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"member": self.member, "month": str(self.month), "due": self.month.due.isoformat(), "late": self.late}


def owing(office: Office) -> list[Owing]:
    """The months that are over and were not sent, from the one in which the first blanks moved, the oldest first."""
    with office.ledger.reading() as connection:
        query = select(func.min(DocumentRow.at)).where(DocumentRow.kind == MOVEMENT.kind)
        began = connection.execute(query).scalar_one_or_none()
    if began is None:
        return []
    sent = {str(one.data["month"]) for one in bundle.listing(office) if one.state == "sent"}
    return list(_missing(office.settings.member, of(day(office, began)), office.today(), sent))


def owing_below(node: Node, since: Month | None = None) -> list[Owing]:
    """The months that members below have not pushed, from the first of their agreement on the sums, or `since`.

    A month counts as pushed once sums of it were taken in: a file of which every row was refused is none.
    """
    today = node.ledger.now().astimezone(ZoneInfo(node.settings.zone)).date()
    found: list[Owing] = []
    taken = [delivered.of(one) for one in node.ledger.find(delivered.INTAKE, state="accepted") if one.data["accepted"]]
    for terms in node.agreements.all():
        if terms.consumer != node.member or terms.dataset != balance.DATASET or not terms.pushes:
            continue
        came = delivered.of_agreement(taken, terms.id)
        first = max(of(terms.starts), since) if since is not None else of(terms.starts)
        found += _missing(terms.provider, first, today, months_of(one.file for one in came))
    return sorted(found, key=lambda one: (one.month, one.member))


def months_of(files: Iterable[str]) -> set[str]:
    """The months that names of parts tell."""
    return {str(month(one[1])) for file in files if (one := _BATCH.fullmatch(file)) is not None}


def _missing(member: str, first: Month, today: date, sent: set[str]) -> Iterator[Owing]:
    at = first
    while at.last < today:
        if str(at) not in sent:
            yield Owing(member, at, today > at.due)
        at = at.after
