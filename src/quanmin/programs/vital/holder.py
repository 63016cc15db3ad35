"""Who may hold blanks: province, city, county and institution, one under the other. They move and close, and never disappear."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select, update

from quanmin import standards
from quanmin.ledger import Action, Workflow, register
from quanmin.ledger.blank import BirthCertificateRow, BlankRangeRow, BlankUseRow, HolderRow, OwedRow
from quanmin.programs.vital.errors import BadPlace, HolderClosed, HolderExists, StillHolds
from quanmin.programs.vital.office import CLOSED, CLOSING, LEVELS, OPEN, Holder, Office, below
from quanmin.programs.vital.role import SUPERVISOR
from quanmin.text import Text
from quanmin.trust.identity.organisation import covers

HOLDER = register(
    Workflow(
        "blank_holder",
        start=OPEN,
        actions=[
            Action("move", OPEN, OPEN, by=SUPERVISOR, needs=("region",)),
            Action("stop", OPEN, CLOSING, by=SUPERVISOR, needs=("reason",)),
            Action("close", CLOSING, CLOSED, by=SUPERVISOR),
        ],
        words=("reason",),
    )
)
STATES: dict[str, Text] = {
    OPEN: Text("正常", "open"),
    CLOSING: Text("停止签发，待清退", "stopped, giving back"),
    CLOSED: Text("已撤销", "closed"),
}
LEVEL_TITLES: dict[str, Text] = {
    "province": Text("省级", "province"),
    "city": Text("市级", "city"),
    "county": Text("县级", "county"),
    "institution": Text("签发机构", "institution"),
}


def add(
    office: Office,
    code: str,
    title: str,
    level: str,
    region: str,
    parent: str | None = None,
    *,
    births: bool | None = None,
    home_births: bool = False,
) -> Holder:
    """A new holder under another; institutions issue unless `births` says otherwise. HolderExists, BadPlace, HolderClosed.

    RoleMissing and NotYourHolder for whoever is not above it. A county may issue too, for births at home.
    """
    issues = level == "institution" if births is None else births
    with office.writing() as connection:
        if parent is not None:
            office.require_above(connection, parent)
        else:
            office.require(SUPERVISOR, code)  # a province registers itself
        _fits(office, connection, code, level, region, parent)
        if connection.execute(select(HolderRow.code).where(HolderRow.code == code)).first():
            raise HolderExists(holder=code)
        data: dict[str, Any] = {"title": title, "level": level, "region": region, "parent": parent}
        data |= {"births": issues, "home_births": home_births}
        document = office.ledger.create(HOLDER.kind, code, data, office.actor.id, connection)
        row = {**data, "code": code, "state": OPEN, "document": document.id}
        connection.execute(insert(HolderRow).values(row))
        return office.holder(connection, code)


def _fits(office: Office, connection: Connection, code: str, level: str, region: str, parent: str | None) -> None:
    if level not in LEVELS or not standards.catalogue().regions.valid_on(region, office.today()):
        raise BadPlace(holder=code)
    if parent is None:
        if level != "province":
            raise BadPlace(holder=code)
        return
    upper = office.holder(connection, parent, active=True)
    if LEVELS.index(upper.level) >= LEVELS.index(level) or not covers(upper.region, region):
        raise BadPlace(holder=code)


def move(office: Office, code: str, region: str, parent: str | None = None) -> Holder:
    """A holder lies in another division from now on (a county was merged), perhaps under another parent.

    BadPlace, NotYourHolder.
    """
    with office.writing() as connection:
        office.require_above(connection, code)
        before = office.holder(connection, code, active=True)
        upper = before.parent if parent is None else parent
        if upper is not None and upper in below(connection, code):
            raise BadPlace(holder=code)
        _fits(office, connection, code, before.level, region, upper)
        if upper is not None and upper != before.parent:
            office.require_above(connection, upper)  # nobody leaves for where nobody took them
        office.ledger.act(
            before.document, "move", {"region": region, "parent": upper}, office.actor.id, connection=connection
        )
        connection.execute(update(HolderRow).where(HolderRow.code == code).values(region=region, parent=upper))
        return office.holder(connection, code)


def stop(office: Office, code: str, reason: str) -> Holder:
    """It issues nothing more and gets nothing more; what it holds goes back. HolderClosed."""
    with office.writing() as connection:
        office.require_above(connection, code)
        before = office.holder(connection, code, active=True)
        return _to(office, connection, before, "stop", CLOSING, {"reason": reason})


def close(office: Office, code: str) -> Holder:
    """It is gone, once nothing lies in its safe and nothing is owed. StillHolds, HolderClosed."""
    with office.writing() as connection:
        office.require_above(connection, code)
        before = office.holder(connection, code)
        if before.state == CLOSED:
            raise HolderClosed(holder=code)
        left = unsettled(connection, code)
        if left:
            raise StillHolds(holder=code, count=left)
        if before.state == OPEN:
            before = _to(office, connection, before, "stop", CLOSING, {"reason": "closed"})
        return _to(office, connection, before, "close", CLOSED, {})


def unsettled(connection: Connection, code: str) -> int:
    """Blanks that it holds, void sheets not destroyed, certificates half written, holders under it, things it owes."""
    held = select(BlankRangeRow.first, BlankRangeRow.last).where(BlankRangeRow.holder == code)
    blanks = sum(last - first + 1 for first, last in connection.execute(held))
    used = connection.execute(_count(BlankUseRow.holder == code)).scalar_one()
    void = connection.execute(_count(BlankUseRow.holder == code, BlankUseRow.state == "void")).scalar_one()
    written = connection.execute(
        _count(BirthCertificateRow.holder == code, BirthCertificateRow.state.in_(("prepared", "approved")))
    ).scalar_one()
    under = connection.execute(_count(HolderRow.parent == code, HolderRow.state != CLOSED)).scalar_one()
    owed = connection.execute(_count(OwedRow.holder == code, OwedRow.done.is_(None))).scalar_one()
    return int(blanks - used + void + written + under + owed)


def _count(*conditions: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).where(*conditions)


def _to(
    office: Office, connection: Connection, before: Holder, action: str, state: str, data: dict[str, str]
) -> Holder:
    office.ledger.act(before.document, action, data, office.actor.id, connection=connection)
    connection.execute(update(HolderRow).where(HolderRow.code == before.code).values(state=state))
    return office.holder(connection, before.code)


def listing(office: Office, under: str | None = None, states: tuple[str, ...] = ()) -> list[Holder]:
    """Holders, all or one with those under it, by level and code. HolderUnknown."""
    with office.ledger.reading() as connection:
        query = select(HolderRow.__table__).order_by(HolderRow.code)
        if under is not None:
            query = query.where(HolderRow.code.in_(below(connection, office.holder(connection, under).code)))
        if states:
            query = query.where(HolderRow.state.in_(states))
        found = [Holder(**row) for row in connection.execute(query).mappings()]
    return sorted(found, key=lambda one: (LEVELS.index(one.level), one.code))
