"""Matters of an exchange in a ledger, as its parts leave them there: agreements in several states, deliveries, days, traffic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import insert

from quanmin import standards
from quanmin.exchange.agreement.office import Office
from quanmin.exchange.agreement.workflow import CONSUMER, PROVIDER
from quanmin.exchange.intake import delivered, kept, register
from quanmin.exchange.intake import told as sheets
from quanmin.exchange.intake.case import stand
from quanmin.exchange.intake.reconciliation import RECONCILIATION
from quanmin.exchange.member.member import Directory, Member
from quanmin.exchange.supply import fault
from quanmin.exchange.template import template, terms
from quanmin.exchange.terms import Form, Terms
from quanmin.ledger import Document, Ledger
from quanmin.ledger.exchange import ExchangeTrafficRow
from quanmin.settings import Settings

MEMBERS = ("health", "social_security", "insurance", "food_drug")
YEAR = date.today().year


class Side:
    """A side of an agreement as the ledger asks about it: it is everybody here."""

    def holds(self, _role: str) -> bool:
        return True


def office(ledger: Ledger, settings: Settings) -> Office:
    members = {name: Member(name, name, name, None) for name in MEMBERS}
    return Office(ledger, settings, lambda: Directory("health", ledger.now(), members))


def asked(ledger: Ledger, settings: Settings, number: int, form: Form = "parquet") -> str:
    """An agreement of an item of the sharing table, handed in by its consumer; its id."""
    return handed_in(ledger, settings, of_item(number, form))


def of_item(number: int, form: Form = "parquet") -> Terms:
    """The terms of an item for this year and the next."""
    return terms(template(number), date(YEAR, 1, 1), date(YEAR + 1, 12, 31), "A-0000-0000", form=form)


def handed_in(ledger: Ledger, settings: Settings, made: Terms) -> str:
    """An agreement, handed in by its consumer; its id."""
    desk = office(ledger, settings)
    document = desk.draft(made.consumer, made.to_dict())
    desk.request(made.consumer, str(document.ref))
    return str(document.ref)


def in_force(ledger: Ledger, settings: Settings, number: int) -> str:
    """The same, reviewed, answered and signed by both (here without their keys); its id."""
    return signed_by_both(ledger, settings, of_item(number))


def pushed(ledger: Ledger, settings: Settings, provider: str, dataset: str) -> str:
    """An agreement in force by which a member pushes all of a dataset to the platform as files; its id."""
    elements = tuple(one.name for one in standards.catalogue().dataset(dataset).elements)
    files: dict[str, Any] = {
        "mode": "push",
        "content": "file",
        "initiative": "provider",
        "operations": (),
        "case": False,
    }
    sides = {"provider": provider, "consumer": "health", "frequency": "monthly"}
    return signed_by_both(ledger, settings, replace(of_item(1), dataset=dataset, elements=elements, **files, **sides))


def signed_by_both(ledger: Ledger, settings: Settings, made: Terms) -> str:
    """An agreement, reviewed, answered and signed by both (here without their keys); its id."""
    name, desk = handed_in(ledger, settings, made), office(ledger, settings)
    document = desk.review("health", name)
    terms_ = desk.terms(document)
    if document.state == "reviewed":
        document = desk.answer(terms_.provider, name)
    signed: dict[str, Any] = {}
    for role, side in ((CONSUMER, "consumer"), (PROVIDER, "provider")):
        member = getattr(terms_, side)
        signed[side] = {"member": member, "key": f"{member}/signature/1", "at": "2026-11-28T01:00:00+00:00"}
        document = ledger.act(document.id, "sign", {"signatures": dict(signed)}, member, role=role, permit=Side())
    assert document.state == "in_force"
    return name


def delivery(ledger: Ledger, agreement: str, number: int, *, kind: str = "exchange_delivery", **more: Any) -> Document:
    """A delivery under an agreement; `number` is its event."""
    manifest = {"id": f"D-{agreement}-{kind[9:]}-{number}", "agreement": f"{agreement};v=1", "sender": "health"}
    manifest |= {"receiver": "social_security", "event": number, "content": "change", "dataset": "health.institution"}
    manifest |= {"format": "parquet", "file": "change.parquet", "rows": 1200, "bytes": 3_500_000, "sha256": "0" * 64}
    manifest |= {"made": "2026-11-28T01:00:00+00:00", "sealed": False, "compressed": True, "chunks": 1, "answers": None}
    manifest |= more
    data = {"manifest": manifest, "digest": "1" * 64, "receiver": manifest["receiver"]}
    return ledger.create(kind, str(manifest["id"]), data)


def sheet(agreement: str, member: str, messages: int, rows: int) -> dict[str, Any]:
    """A day as one side has it."""
    counts = {
        "count": 1,
        "rows": rows,
        "accepted": rows,
        "quarantined": 0,
        "pending": 0,
        "waiting": 0,
        "digest": "2" * 64,
    }
    sides = {"agreement": agreement, "day": "2026-11-27", "member": member}
    return {**sides, "messages": {"request health": messages}, "hours": {}, "deliveries": {"health": counts}}


def day(ledger: Ledger, agreement: str, member: str, differs: bool) -> Document:
    """A day that was compared with a member."""
    base = {"agreement": agreement, "day": "2026-11-27", "member": member}
    made = ledger.create(RECONCILIATION.kind, f"{agreement} 2026-11-27", base)
    data: dict[str, Any] = {"mine": sheet(agreement, "health", 12, 1200)}
    data |= {"theirs": sheet(agreement, member, 11 if differs else 12, 1200), "findings": [], "found": 0}
    if not differs:
        return ledger.act(made.id, "agree", data)
    finding = {"what": "missing_there", "id": "m-12", "sender": "health"}
    return ledger.act(made.id, "differ", {**data, "findings": [finding], "found": 1})


def traffic(ledger: Ledger, agreement: str, sides: tuple[str, str], hours: int = 30) -> None:
    """Requests of some hours between two members, some of which went wrong."""
    consumer, provider = sides
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    rows = []
    for n in range(hours):
        own = {"hour": start - timedelta(hours=n), "agreement": f"{agreement};v=1", "part": "out"}
        ask = {**own, "sender": consumer, "receiver": provider, "kind": "request", "took": 0, "slow": 0}
        reply = {**own, "sender": provider, "receiver": consumer, "kind": "response"}
        rows += [
            {**ask, "outcome": "answered", "messages": 40 + n, "bytes": 9000},
            {**reply, "outcome": "answered", "messages": 38 + n, "bytes": 90_000, "took": 400_000 * n, "slow": n % 3},
        ]
        if n % 4 == 0:
            wrong = {"messages": 2, "bytes": 100, "took": 1000, "slow": 0}
            rows += [
                {**reply, "outcome": "consumer QM-EXCHANGE-033", **wrong},
                {**reply, "outcome": "provider QM-EXCHANGE-051", **wrong},
            ]
    with ledger.writing() as connection:
        connection.execute(insert(ExchangeTrafficRow), rows)


def told(ledger: Ledger, home: Path, agreement: str, answers: str, lines: int) -> Document:
    """A feedback that came in about a delivery: so many rows with a code that is not agreed on, two that are put right."""
    document = delivery(
        ledger,
        agreement,
        9,
        kind="exchange_intake",
        sender="social_security",
        receiver="health",
        content="feedback",
        answers=answers,
        rows=lines + 2,
        file="feedback.zip",
    )
    rows = [_line(row) for row in range(1, lines + 3)]
    table = pa.Table.from_pylist(rows, register.SCHEMA).select(register.TOLD)
    facts = {
        "delivery": answers,
        "number": 1,
        "agreement": agreement,
        "at": "2026-11-28T02:00:00+00:00",
        "more": 12_000,
    }
    made = sheets.make(home / "feedback.zip", "health.institution", table.slice(0, lines), table.slice(lines), facts)
    sheets.unpack(made.path, kept.folder(home, delivered.of(document)))
    made.path.unlink()
    ledger.act(document.id, "complete")
    return ledger.act(document.id, "accept", {"receipt": "e30.e30.c2ln", "accepted": lines + 2, "quarantined": 0})


def _line(row: int) -> dict[str, Any]:
    fault_ = fault.of("category not agreed")
    words = {"title_zh": fault_.title.zh, "title_en": fault_.title.en}
    words |= {"expected_zh": fault_.expected.zh, "expected_en": fault_.expected.en}
    own = {"file": "change.parquet", "row": row, "element": fault_.element, "code": fault_.code}
    return {**own, **words, "due_on": date(YEAR, 12, 31), "key": f"institution_id:{row:032x}"}


def case(ledger: Ledger, agreement: str, answers: str, number: int, sums: dict[str, int], more: int = 0) -> Document:
    """What this side told about a delivery that came in, and where its errors stand."""
    names = {
        "agreement": agreement,
        "member": "food_drug",
        "dataset": "food_drug.device_catalogue",
        "number": str(number),
    }
    data = {**names, "told": sum(sums.values()), "more": more, "batch": None}
    made = ledger.create("exchange_case", answers, data)
    ledger.act(made.id, "send", {"delivery": f"health.{number:024x}"})
    ledger.act(made.id, "acknowledge", {"receipt": "e30.e30.c2ln"})
    return stand(ledger, ledger.get(made.id), sums)


@contextmanager
def ledger_of(home: Path) -> Iterator[tuple[Ledger, Settings]]:
    settings = Settings(home=home)
    with Ledger.open(settings) as ledger:
        yield ledger, settings


def fill(home: Path) -> dict[str, str]:
    """Something of each; ids by what they are."""
    with ledger_of(home) as (ledger, settings):
        found = {
            "asked": asked(ledger, settings, 15),
            "open": in_force(ledger, settings, 1),
            "lookup": in_force(ledger, settings, 10),
            "other": in_force(ledger, settings, 18),
        }
        found["acknowledged"] = str(delivery(ledger, found["open"], 1).ref)
        [one] = ledger.find("exchange_delivery", ref=found["acknowledged"])
        ledger.act(one.id, "send")
        ledger.act(one.id, "retry", {"error": {"code": "QM-EXCHANGE-082"}})
        ledger.act(one.id, "acknowledge", {"receipt": "e30.e30.c2ln", "accepted": 1190, "quarantined": 10})
        parked = delivery(ledger, found["open"], 2)
        ledger.act(parked.id, "park", {"error": {"code": "QM-EXCHANGE-087"}})
        found["parked"] = str(parked.ref)
        into = {"sender": "food_drug", "receiver": "health", "content": "full", "dataset": "food_drug.device_catalogue"}
        found["in"] = str(delivery(ledger, found["other"], 1, kind="exchange_intake", **into).ref)
        found["feedback"] = str(told(ledger, home, found["open"], found["acknowledged"], 60).ref)
        case(ledger, found["other"], found["in"], 1, {"open": 3, "disputed": 1, "closed": 2}, 40)
        case(ledger, found["other"], found["in"], 2, {"closed": 5})
        found["agrees"] = str(day(ledger, found["other"], "food_drug", False).id)
        found["differs"] = str(day(ledger, found["open"], "social_security", True).id)
        traffic(ledger, found["lookup"], ("health", "social_security"))
        traffic(ledger, found["other"], ("health", "food_drug"))
        return found
