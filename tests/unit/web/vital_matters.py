"""Matters of birth certificates in a ledger: a province down to its hospitals, their people and sheets."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update

from quanmin.ledger import Ledger
from quanmin.ledger.blank import BlankRangeRow, OwedRow
from quanmin.programs.vital import holder as holders
from quanmin.programs.vital.blank import loss, movement
from quanmin.programs.vital.certificate import desk, replacement
from quanmin.programs.vital.certificate.application import Application, Newborn, Parent, Recipient
from quanmin.programs.vital.number import key, span
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.role import APPROVER, CLERK, KEEPER, SEALER, SUPERVISOR
from quanmin.settings import Settings
from quanmin.standards.identity.citizen_number import CHECK_CHARACTERS, WEIGHTS
from quanmin.trust import identity
from quanmin.trust.identity import account, mandate, organisation

PROVINCE, CITY, COUNTY, OTHER = "wj-province", "wj-city", "wj-county", "wj-other"
HOSPITAL, SECOND = "wj-hospital", "wj-second"
HOLDERS = (
    (PROVINCE, "省妇幼保健院", "province", "370000", None),
    (CITY, "市妇幼保健院", "city", "370100", PROVINCE),
    (COUNTY, "县妇幼保健院", "county", "370102", CITY),
    (OTHER, "邻县妇幼保健院", "county", "370103", CITY),
    (HOSPITAL, "第一医院", "institution", "370102", COUNTY),
    (SECOND, "第二医院", "institution", "370102", COUNTY),
)
PEOPLE = {
    "wj-keeper": (HOSPITAL, KEEPER),
    "wj-clerk": (HOSPITAL, CLERK),
    "wj-approver": (HOSPITAL, APPROVER),
    "wj-sealer": (HOSPITAL, SEALER),
    "wj-county-keeper": (COUNTY, KEEPER),
    "wj-county-clerk": (COUNTY, CLERK),
    "wj-supervisor": (COUNTY, SUPERVISOR),
    "wj-deputy": (COUNTY, SUPERVISOR),
    "wj-province-supervisor": (PROVINCE, SUPERVISOR),
    "wj-second-keeper": (SECOND, KEEPER),
    "wj-second-clerk": (SECOND, CLERK),
    "wj-other-supervisor": (OTHER, SUPERVISOR),
    "wj-nowhere": ("wj-nowhere-at-all", CLERK),
}


def at(number: int) -> str:
    """The number of a sheet of these tests, from 1."""
    return f"E37{number:07d}"


def citizen(region: str, born: date, order: int) -> str:
    """A citizen number with its check character."""
    body = f"{region}{born:%Y%m%d}{order:03d}"
    return body + CHECK_CHARACTERS[sum(int(one) * weight for one, weight in zip(body, WEIGHTS, strict=True)) % 11]


BORN = date(1994, 5, 6)
MOTHER = citizen("370102", BORN, 122)
FATHER = citizen("370102", date(1992, 3, 4), 121)
MOTHER_NAME, FATHER_NAME, CHILD = "周雅琴", "欧阳志远", "周安宁"


def application(day: date, order: int = 122, name: str = CHILD) -> Application:
    """A plain birth."""
    mother = Parent(MOTHER_NAME, "01", citizen("370102", BORN, order), BORN)
    father = Parent(FATHER_NAME, "01", FATHER, date(1992, 3, 4))
    child = Newborn(name, "2", day, "08:30", "370102", "1", 39, 3250, 50.0)
    return Application(child, mother, father, Recipient(MOTHER_NAME, "mother"))


def typed(sheet: str, day: date, **other: str) -> dict[str, str]:
    """The same as a clerk types it, with the birth dates of the parents left to their numbers."""
    return {
        "number": sheet,
        "newborn_name": CHILD,
        "newborn_sex": "2",
        "newborn_birth_date": day.isoformat(),
        "newborn_birth_time": "08:30",
        "newborn_weeks": "39",
        "newborn_days": "2",
        "newborn_weight": "3250",
        "newborn_length": "50.5",
        "newborn_plurality": "1",
        "newborn_order": "1",
        "newborn_place_type": "1",
        "newborn_place": "370102",
        "newborn_country": "156",
        "mother_name": MOTHER_NAME,
        "mother_document_type": "01",
        "mother_document_number": MOTHER,
        "mother_nationality": "156",
        "father_name": FATHER_NAME,
        "father_document_type": "01",
        "father_document_number": FATHER,
        "father_nationality": "156",
        "recipient_relation": "mother",
        **other,
    }


def fill(home: Path) -> dict[str, Any]:
    """People, holders, blanks in every store, and a certificate in every state; where each is."""
    settings = Settings(home=home)
    with Ledger.open(settings) as ledger:
        registry = identity.Registry.open(ledger, settings)
        with ledger.writing() as connection:
            organisations(registry, connection)
            for name, (place, role) in PEOPLE.items():
                _person(ledger, registry, connection, name, place, role)
        return matters(Office(ledger, settings))


def organisations(registry: Any, connection: Any) -> None:
    """The organisations of the holders, and one that holds nothing."""
    nowhere = ("wj-nowhere-at-all", "未登记的机构", "", "370102", "")
    for code, title, _level, region, _parent in (*HOLDERS, nowhere):
        organisation.create(registry, account.FOUNDING, connection, code, title, region, "demo-commission")


def _person(ledger: Ledger, registry: Any, connection: Any, name: str, place: str, role: str) -> None:
    """An account with one post."""
    by = account.FOUNDING
    made = account.create(registry, by, connection, name, "staff", place, None, None)
    for action in ("prove", "activate", "enrol"):
        ledger.act(made.id, action, None, by, connection=connection)
    data = {"role": role, "organisation": place, "purpose": "work", "owner": place}
    until = ledger.now().date() + timedelta(days=300)
    grant = mandate.create(registry, by, connection, "grant", name, until, None, data)
    ledger.act(grant.id, "found", None, by, connection=connection)


def matters(office: Office) -> dict[str, Any]:
    """Sheets 1 to 1000 come to the province; 1 to 100 to the hospital, 101 to 150 are on their way to it."""
    for code, title, level, region, parent in HOLDERS:
        holders.add(office, code, title, level, region, parent)
    movement.printed(office, PROVINCE, [span(at(1), at(1000))], 7)
    for sender, receiver, last in ((PROVINCE, CITY, 800), (CITY, COUNTY, 600), (COUNTY, HOSPITAL, 100)):
        sent = movement.send(office, "out", sender, receiver, [span(at(1), at(last))])
        movement.receive(office, sent.id)
    way = movement.send(office, "out", COUNTY, HOSPITAL, [span(at(101), at(150))])
    gone = loss.lose(office, HOSPITAL, span(at(91), at(92)))
    loss.void(office, HOSPITAL, span(at(95), at(96)), "damaged")
    return {"movement": way.id, "loss": gone.id, **certificates(office)}


def certificates(office: Office) -> dict[str, Any]:
    """One certificate of each state on the sheets from 1, by its state."""
    today = office.today()
    found: dict[str, Any] = {}
    for number, name in enumerate(("prepared", "returned", "approved", "issued", "lost", "cancelled", "spoiled"), 1):
        one = desk.prepare(office, HOSPITAL, key(at(number)), application(today, 100 + 2 * number))
        found[name] = one.text
    act = {name: key(number) for name, number in found.items()}
    desk.send_back(office, act["returned"], "核对体重")
    for name in ("approved", "issued", "lost", "cancelled"):
        desk.approve(office, act[name])
    for name in ("issued", "lost", "cancelled"):
        desk.seal(office, act[name])
    replacement.lose(office, act["lost"], "齐鲁晚报")
    replacement.cancel(office, act["cancelled"], "no_birth")
    desk.spoil(office, act["spoiled"], "withdrawn")
    return found


def application_day(home: Path) -> date:
    """Today, where the installation is."""
    settings = Settings(home=home)
    with Ledger.open(settings) as ledger:
        return Office(ledger, settings).today()


def age(ledger: Ledger) -> None:
    """Make everything that is owed a month older."""
    with ledger.writing() as connection:
        for row in connection.execute(select(OwedRow.id, OwedRow.due)).all():
            connection.execute(update(OwedRow).where(OwedRow.id == row.id).values(due=row.due - timedelta(days=30)))


def steal(office: Office, number: int) -> None:
    """Take a sheet out of a store, past every check."""
    with office.ledger.writing() as connection:
        found = select(BlankRangeRow.first, BlankRangeRow.last)
        [row] = connection.execute(found.where(BlankRangeRow.first <= number, BlankRangeRow.last >= number)).all()
        connection.execute(delete(BlankRangeRow).where(BlankRangeRow.first == row.first))
        rows = [(row.first, number - 1), (number + 1, row.last)]
        values = [
            {"first": one, "last": last, "edition": 7, "holder": HOSPITAL, "movement": None} for one, last in rows
        ]
        connection.execute(insert(BlankRangeRow), values)
