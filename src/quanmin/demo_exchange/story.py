"""What the ministries do: agreements from draft to force, a push whose errors are told and corrected, a look-up with proof, a
recall."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

from quanmin import collect, standards
from quanmin.demo_exchange.ministry import MINISTRIES, Ministry
from quanmin.errors import Incomplete
from quanmin.exchange import Terms, delivery
from quanmin.exchange.agreement import copy, remote
from quanmin.exchange.delivery.workflow import DELIVERY
from quanmin.exchange.intake import correction, kept, recall
from quanmin.exchange.log import proof
from quanmin.exchange.node.node import Node
from quanmin.exchange.request import ask
from quanmin.exchange.request.question import Question
from quanmin.exchange.template import template
from quanmin.exchange.template import terms as of_template
from quanmin.ledger import Document
from quanmin.text import Text
from quanmin.trust import local_administrator

PATIENCE = 90.0
RISK = 20
"""The study's item on results of risk assessment: given on one's own initiative, in real time."""
ROWS, SENT = 60, "exchange"
"""Marriages of a month, and the folder beside the agencies' files in which what they send lies."""
ASSESSMENTS = """report_no,title,hazard,hazard_name,food,level,conclusion,issued_on
RA2015-0001,"Lead in preserved eggs",2,"lead",,2,"Low for most consumers",2015-06-01
RA2015-0002,"Aflatoxin in peanut oil",2,"aflatoxin B1",,2,"Low where limits are kept",2015-09-01
"""
"""Two assessments that nobody made."""
Found = TypeVar("Found")


class NothingCame(Incomplete):
    """What was waited for did not happen in time."""

    code = "QM-DEMO-004"
    title = Text("演示中未等到：{what}", "the demo waited in vain for {what}")
    step = Text("见各节点目录中的 node.log。", "See node.log in the folders of the nodes.")


@dataclass
class Story:
    """What happened: agreements with their states, deliveries, the errors told and closed, the proof's verdict, the recall."""

    nodes: dict[str, int] = field(default_factory=dict)
    agreements: list[dict[str, Any]] = field(default_factory=list)
    pushed: dict[str, Any] = field(default_factory=dict)
    corrected: dict[str, Any] = field(default_factory=dict)
    looked_up: dict[str, Any] = field(default_factory=dict)
    recalled: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)


def tell(here: Ministry, files: Path, number: str) -> Story:
    """Run the whole story; `number` is somebody whom the base knows. NothingCame."""
    story = Story(nodes={name: here.processes[name] for name in MINISTRIES})
    marriages, person, risk, register = _agreements(here)
    story.agreements = [
        {"id": one.cited, "item": one.title_en, "provider": one.provider, "consumer": one.consumer, "mode": one.mode}
        for one in (marriages, person, risk, register)
    ]
    _push(here, files, marriages, story)
    _look_up(here, person, register, number, files, story)
    _recall(here, files, risk, story)
    return story


# Agreements


def _agreements(here: Ministry) -> tuple[Terms, Terms, Terms, Terms]:
    starts = here.platform.ledger.now().date()
    until = starts + timedelta(days=365)
    told = _told(starts, until)
    risk = of_template(template(RISK), starts, until, "A-0000-0000").to_dict()
    made = [agree(here, one) for one in (*told, risk)]
    return made[0], made[1], made[3], made[2]


def _told(starts: date, until: date) -> list[dict[str, Any]]:
    """Marriages pushed to the platform; the base asked by social security; the register asked by education, node to node."""
    basis = "《政务数据共享条例》（国务院令第809号）"
    always = {"legal_basis": basis, "starts": starts.isoformat(), "until": until.isoformat(), "purpose": "sharing"}
    marriage = standards.catalogue().dataset("civil_affairs.marriage")
    return [
        {
            "item": "marriage",
            "title_zh": "婚姻登记报送",
            "title_en": "Marriages, reported",
            "provider": "civil_affairs",
            "consumer": "health",
            "dataset": marriage.id,
            "elements": [one.name for one in marriage.elements],
            "mode": "push",
            "content": "file",
            "initiative": "provider",
            "frequency": "monthly",
            **always,
        },
        {
            "item": "person",
            "title_zh": "人口库核查",
            "title_en": "The base, asked of one person",
            "provider": "health",
            "consumer": "social_security",
            "dataset": "linked.person",
            "elements": ["citizen_number", "name", "residence", "death_date"],
            "mode": "request",
            "operations": ["lookup"],
            "initiative": "consumer",
            "frequency": "on_request",
            "case": True,
            **always,
        },
        {
            "item": "household",
            "title_zh": "户籍信息查询",
            "title_en": "Household registration, asked",
            "provider": "public_security",
            "consumer": "education",
            "dataset": "public_security.household_registration",
            "elements": ["citizen_number", "name", "birth_date"],
            "mode": "request",
            "operations": ["lookup"],
            "initiative": "consumer",
            "frequency": "on_request",
            "case": True,
            **always,
        },
    ]


def agree(here: Ministry, told: dict[str, Any]) -> Terms:
    """From draft to force: each step by whom it belongs to, at that member's own node."""
    at = {here.platform.member: here.platform, **here.nodes}
    consumer, provider = at[str(told["consumer"])], at[str(told["provider"])]
    number = remote.draft(consumer, told, request=True).terms.id
    reviewed = remote.step(here.platform, number, "review")
    if reviewed.state == "reviewed":  # what is shared without conditions needs no answer
        remote.step(provider, number, "answer")
    remote.sign(provider, number)
    signed = remote.sign(consumer, number)
    for node in here.nodes.values():
        copy.refresh(node)  # by itself a node asks every ten seconds
    return signed.terms


# A push, its errors, their correction


def _push(here: Ministry, files: Path, terms: Terms, story: Story) -> None:
    node = here.nodes["civil_affairs"]
    place = files / SENT
    place.mkdir(parents=True, exist_ok=True)
    sound, wrong = _months(next(files.glob("civil_affairs.marriage.*")), place)
    (place / "marriages.csv").write_text(wrong, "utf-8")
    sent = delivery.send(node, terms, place / "marriages.csv", "file", file="marriages.csv", dataset=terms.dataset)
    done = _settled(node, sent)
    story.pushed = {"delivery": done.ref, "state": done.state, **_counts(done)}
    told = until("the feedback", lambda: next((one for one in kept.listing(node)), None))
    story.pushed["errors_told"] = told.to_dict()
    (place / "marriages-corrected.csv").write_text(sound, "utf-8")
    again = delivery.send(
        node,
        terms,
        place / "marriages-corrected.csv",
        "correction",
        file="marriages-corrected.csv",
        dataset=terms.dataset,
        answers=told.delivery,
    )
    mended = _settled(node, again)

    def closed() -> correction.Progress | None:
        found = [one for one in correction.progress(here.platform, terms.id) if one.told and one.state == "closed"]
        return found[0] if found else None

    progress = until("the errors to be closed", closed)
    story.corrected = {"delivery": mended.ref, "state": mended.state, **_counts(mended), "errors": progress.to_dict()}


def _months(file: Path, place: Path) -> tuple[str, str]:
    """A month of marriages as they should be, and the same with some dates that no calendar has."""
    rows = list(csv.DictReader(io.StringIO(file.read_text("gb18030"))))[:ROWS]  # as that ministry writes
    names = list(rows[0])
    dataset = standards.catalogue().dataset("civil_affairs.marriage")
    of = {dataset.resolve(name): name for name in names}
    number, day = of["certificate_no"], of["registered_on"]
    fresh = [{**row, number: f"K{row[number][1:]}"} for row in rows]
    (place / "all.csv").write_text(_csv(names, fresh), "utf-8")
    report = collect.check(dataset, place / "all.csv")
    flawed = {row for rule in report.rules for row in rule["rows"]}
    sound = [row for at, row in enumerate(fresh, 1) if at not in flawed]
    wrong = [{**row, day: "2015-02-30"} if at % 40 == 0 else row for at, row in enumerate(sound)]
    return _csv(names, sound), _csv(names, wrong)


def _csv(names: list[str], rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


# Look-ups, with proof


def _look_up(here: Ministry, person: Terms, register: Terms, number: str, files: Path, story: Story) -> None:
    question = Question("lookup", ({"citizen_number": number},))
    node = here.nodes["social_security"]
    asked = ask(node, person, question, "C-2015-0118")
    police = here.nodes["public_security"]
    [file] = files.glob("public_security.household_registration.*")
    collect.collect(police.lake, register.dataset, file, "public_security", local_administrator())
    direct = ask(here.nodes["education"], register, question, "C-2015-0119")
    made = proof.prove(node.ledger, node.settings, node.directory(), asked.message)
    path = node.settings.home / "proof.json"
    path.write_bytes(made)
    story.looked_up = {
        "status": asked.status,
        "fields": sorted(_fields(asked.told)),
        "message": asked.message,
        "proof": str(path),
        "node_to_node": {"status": direct.status, "fields": sorted(_fields(direct.told))},
    }


def _fields(told: dict[str, Any]) -> set[str]:
    """The names of what came back; no value is told on."""
    return {name for record in told.get("records", ()) for row in record["rows"] for name in row}


# A recall


def _recall(here: Ministry, files: Path, terms: Terms, story: Story) -> None:
    platform, place = here.platform, files / SENT
    place.mkdir(parents=True, exist_ok=True)
    (place / "assessments.csv").write_text(ASSESSMENTS, "utf-8")
    collect.collect(platform.lake, terms.dataset, place / "assessments.csv", terms.provider, local_administrator())

    def pushed() -> Document | None:  # in real time: the new snapshot is an event, and the node pushes by itself
        found = platform.ledger.find(DELIVERY.kind, state="acknowledged")
        return next((one for one in found if one.data["manifest"]["agreement"] == terms.cited), None)

    done = until("the push of what was collected", pushed)
    asked = recall.recall(platform, str(done.ref), "wrong_data")

    def confirmed() -> Document | None:
        now = platform.ledger.get(asked.id)
        return now if now.state != "asked" else None

    told = until("the recall to be confirmed", confirmed)
    after = platform.ledger.get(done.id)
    story.recalled = {"delivery": done.ref, "before": done.state, "recall": told.state, "after": after.state}


def _settled(node: Node, document: Document) -> Document:
    """A delivery once its receipt is there."""

    def there() -> Document | None:
        now = node.ledger.get(document.id, kinds=(DELIVERY.kind,))
        return now if now.state in ("acknowledged", "refused", "parked") else None

    return until("a receipt", there)


def _counts(done: Document) -> dict[str, Any]:
    """What a receipt says of the rows."""
    return {name: done.data.get(name) for name in ("accepted", "quarantined")}


def until(what: str, found: Callable[[], Found | None]) -> Found:
    """What there is at last; NothingCame after a minute and a half."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        got = found()
        if got is not None:
            return got
        time.sleep(0.1)
    raise NothingCame(what=what)
