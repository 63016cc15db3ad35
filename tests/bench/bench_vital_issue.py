"""Twenty clerks issue certificates at once on PostgreSQL: what each step takes, and that no number is used twice.

Needs QUANMIN_TEST_POSTGRES. Each clerk has an approver and a sealer beside him; all three steps are counted. The clerks are
threads of as many processes as the machine has processors, none of them pauses, and the database stands on the same machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

from figure import Figure
from sqlalchemy import create_engine, text

from quanmin.ledger import Ledger
from quanmin.programs.vital import holder, invariant, number
from quanmin.programs.vital.blank import movement
from quanmin.programs.vital.certificate import record
from quanmin.programs.vital.number import Span
from quanmin.programs.vital.office import Office
from quanmin.settings import Settings

CLERKS, EACH = 20, 60
WHAT, TARGET = "vital: a step of an issue, 20 clerks at once, PostgreSQL", "p95 <= 100 ms"
SCHEMA = "bench_vital_issue"
PLACES = (
    ("p37", "province", "370000", None),
    ("c3701", "city", "370100", "p37"),
    ("x370102", "county", "370102", "c3701"),
)
CLERK = """
import json, sys, threading, time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from quanmin.ledger import Ledger
from quanmin.programs.vital import role
from quanmin.programs.vital.certificate import desk
from quanmin.programs.vital.certificate.application import Application, Newborn, Parent, Recipient
from quanmin.programs.vital.office import Office
from quanmin.settings import Settings
from quanmin.standards.identity.citizen_number import check_character
from quanmin.trust import Actor
given = json.loads(sys.argv[1])
settings = Settings(home=Path(given["home"]), ledger=given["ledger"])
today = date.fromisoformat(given["today"])
baby = Newborn("王安", "1", today - timedelta(days=2), "08:15", "370102", "1", 39, 3300, 50.0)
took = {"prepare": [], "approve": [], "seal": [], "whole": []}
with Ledger.open(settings) as ledger:
    offices = {}
    def office(post, of):
        actor = Actor(f"{of} {post}", frozenset({post}), of, kind="staff", assurance=2, mfa=True)
        made = Office(ledger, settings, actor)
        made.digests
        return made
    def asked(serial):
        born = date(1980, 1, 1) + timedelta(days=serial // 500)
        first17 = f"370102{born:%Y%m%d}{2 * (serial % 500):03d}"
        mother = Parent("李梅", "01", first17 + check_character(first17), born)
        father = Parent("王强", "03", f"E{serial:08d}", date(1979, 5, 5))
        return Application(baby, mother, father, Recipient("王强", "father"))
    def shift(clerk):
        of = f"i{clerk % given['institutions']}"
        posts = [office(one, of) for one in (role.CLERK, role.APPROVER, role.SEALER)]
        begin.wait()
        for turn in range(given["each"]):
            at = clerk * given["each"] + turn
            moments = [time.perf_counter()]
            for act in (lambda: desk.prepare(posts[0], of, given["first"] + at, asked(given['serials'] + at)),
                        lambda: desk.approve(posts[1], given["first"] + at), lambda: desk.seal(posts[2], given["first"] + at)):
                act()
                moments.append(time.perf_counter())
            for name, one, other in zip(("prepare", "approve", "seal"), moments, moments[1:]):
                took[name].append(other - one)
            took["whole"].append(moments[-1] - moments[0])
    begin = threading.Barrier(len(given["clerks"]) + 1)
    threads = [threading.Thread(target=shift, args=(clerk,)) for clerk in given["clerks"]]
    for thread in threads: thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    begin.wait()
    for thread in threads: thread.join()
print(json.dumps(took), flush=True)
"""


def measure(scale: float) -> list[Figure]:
    """The steps of an issue; nothing without PostgreSQL."""
    url = os.environ.get("QUANMIN_TEST_POSTGRES")
    if not url:
        return [
            Figure(
                "vital: issue of one certificate, 20 clerks at once",
                "p95 <= 100 ms",
                "not measured",
                None,
                "no PostgreSQL",
            )
        ]
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    try:
        with tempfile.TemporaryDirectory() as folder:
            own = engine.url.update_query_dict({"options": f"-csearch_path={SCHEMA}"})
            settings = Settings(home=Path(folder), ledger=own.render_as_string(hide_password=False))
            return _issued(settings, max(2, int(EACH * scale)))
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))
        engine.dispose()


def _issued(settings: Settings, each: int) -> list[Figure]:
    with Ledger.open(settings) as ledger:
        office = Office(ledger, settings)
        today = office.today()
        spread = _measured(office, each, CLERKS, today, "V")
        one = _measured(office, each, 1, today, "W")
        found = record.listing(office, limit=10 * CLERKS * each)
        sound = len({one.number for one in found}) == len(found) == 2 * CLERKS * each and not invariant.check(office)
    note = "{rate:.0f} a second; p95 of prepare {prepare:.0f}, approve {approve:.0f}, seal {seal:.0f} ms"
    figures = []
    for name, took in (("20 institutions", spread), ("one institution", one)):
        p95 = {step: sorted(times)[int(len(times) * 0.95)] * 1000 for step, times in took.items() if step != "rate"}
        slowest = max(p95[step] for step in ("prepare", "approve", "seal"))
        told = note.format(rate=took["rate"][0], **p95) + f"; all three {p95['whole']:.0f}"
        told += "; no number twice, every invariant holds" if sound else "; NUMBERS USED TWICE"
        figures.append(Figure(f"{WHAT}, {name}", TARGET, f"{slowest:.0f} ms", slowest <= 100 and sound, told))
    return figures


def _measured(office: Office, each: int, institutions: int, today: date, letter: str) -> dict[str, list[float]]:
    first = number.key(f"{letter}370000001")
    _places(office, institutions)
    count = CLERKS * each
    movement.printed(office, "p37", [Span(first, first + count - 1)], 7)
    per = count // institutions
    for one, other in pairwise(("p37", "c3701", "x370102")):
        sent = movement.send(office, movement.OUT, one, other, [Span(first, first + count - 1)])
        movement.receive(office, sent.id)
    for at in range(institutions):
        run = Span(first + at * per, first + (at + 1) * per - 1)
        movement.receive(office, movement.send(office, movement.OUT, "x370102", f"i{at}", [run]).id)
    return _clerks(office.settings, first, each, institutions, today)


def _places(office: Office, institutions: int) -> None:
    known = {one.code for one in holder.listing(office)}
    wanted = [*PLACES, *((f"i{at}", "institution", "370102", "x370102") for at in range(institutions))]
    for code, level, region, parent in wanted:
        if code not in known:
            holder.add(office, code, code, level, region, parent)


def _clerks(settings: Settings, first: int, each: int, institutions: int, today: date) -> dict[str, list[float]]:
    processes = os.cpu_count() or 1
    given = {"home": str(settings.home), "ledger": settings.ledger, "each": each, "first": first}
    given |= {"institutions": institutions, "today": today.isoformat(), "serials": (first // 10**9) * CLERKS * each}
    running = []
    for at in range(processes):
        told = json.dumps(given | {"clerks": list(range(at, CLERKS, processes))})
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", CLERK, told], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        )
    for one in running:
        assert one.stdout is not None and one.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    made: dict[str, list[float]] = {}
    for one in running:
        assert one.stdout is not None
        for step, times in json.loads(one.stdout.readline()).items():
            made.setdefault(step, []).extend(times)
        one.wait()
    return made | {"rate": [CLERKS * each / (time.perf_counter() - began)]}
