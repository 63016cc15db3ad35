"""Deaths of the year: certified with their chain of causes; the underlying cause is selected by rule or left to a coder."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from quanmin import collect
from quanmin.demo_vital.office import DEMO, Offices
from quanmin.demo_vital.people import People, Person, on
from quanmin.lake import Lake
from quanmin.programs.vital.death.certificate import Certificate
from quanmin.programs.vital.death.desk import Desk
from quanmin.programs.vital.death.errors import CertificateUnfit
from quanmin.programs.vital.death.workflow import CERTIFIER, CODER
from quanmin.trust import Actor, local_administrator

DATASET, SOURCE = "health.death", "health"
Line = tuple[str, str, int, str]
"""A line of Part I: what it says, its code, and for how long: a number with the code of its unit."""
CAUSES: dict[str, list[list[Line]]] = {
    "young": [
        [("颅脑损伤", "S06.9", 2, "2"), ("行人与汽车碰撞", "V03.1", 2, "2")],
        [("溺水窒息", "T75.1", 1, "2"), ("落入自然水域淹溺", "W70", 1, "2")],
        [("急性白血病", "C95.0", 8, "5")],
    ],
    "middle": [
        [("肝性脑病", "K72.9", 3, "3"), ("肝硬化", "K74.6", 4, "6")],
        [("支气管和肺恶性肿瘤", "C34.9", 14, "5")],
        [("脑疝", "G93.5", 5, "2"), ("脑内出血", "I61.9", 1, "3"), ("原发性高血压", "I10", 9, "6")],
    ],
    "old": [
        [("急性心肌梗死", "I21.9", 6, "2"), ("冠状动脉粥样硬化性心脏病", "I25.1", 11, "6")],
        [("肺炎", "J18.9", 7, "3"), ("脑梗死", "I63.9", 3, "6")],
        [("呼吸衰竭", "J96.9", 2, "3"), ("慢性阻塞性肺病", "J44.9", 12, "6")],
        [("衰老", "R54", 1, "6")],
        [("慢性肾衰竭", "N18.9", 3, "6"), ("老年性白内障", "H25.9", 5, "6")],
        [("心力衰竭", "I50.9", 4, "3")],
    ],
}


class Deaths:
    """The certificates of the year; `rows` are collected at the end of each month."""

    def __init__(self, lake: Lake, desk: Desk, offices: Offices, people: People) -> None:
        self._lake, self._desk, self._offices, self._people = lake, desk, offices, people
        self.rows: list[dict[str, Any]] = []
        self.count: Counter[str] = Counter()

    def certify(self, number: int, died: date, one: Person) -> None:
        """A certificate by whoever was there, selected at once; one that no rule decides waits for a coder."""
        old = one.age(died)
        lines = self._people.among(CAUSES["young" if old < 40 else "middle" if old < 65 else "old"])
        row = _row(f"D13{died.year}{number:06d}", died, one, lines)
        certifier = Actor(f"{DEMO}certifier", frozenset({CERTIFIER}), kind="staff", assurance=2, mfa=True)
        try:
            self._desk.issue(Certificate.read(row), certifier.id, certifier)
        except CertificateUnfit:
            self.count["refused"] += 1
            return
        chosen = self._desk.select(row["certificate_no"])
        self.count["certified"] += 1
        if chosen.code is None:
            self.count["queued"] += 1
            row["underlying_cause_code"] = self._coded(row["certificate_no"], lines[-1][1])
        else:
            self.count["selected"] += 1
            row["underlying_cause_code"] = chosen.code
        self.rows.append(row)

    def _coded(self, number: str, code: str) -> str:
        """A coder decides what the rules left open."""
        coder = Actor(f"{DEMO}coder", frozenset({CODER}), kind="staff", assurance=2, mfa=True)
        self._desk.take(number, coder.id, coder)
        self._desk.code(number, code, "病历", coder.id, coder)
        self.count["coded"] += 1
        return code

    def collect(self, folder: Path, month: str) -> int:
        """What was certified goes into the lake; how many rows were taken."""
        if not self.rows:
            return 0
        file = folder / f"{DATASET}.{month}.ndjson"
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows), "utf-8")
        self.rows = []
        return collect.collect(self._lake, DATASET, file, SOURCE, local_administrator()).accepted


def _row(number: str, died: date, one: Person, lines: list[Line]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "certificate_no": number,
        "form_version": "2013",
        "document_type": "01",
        "citizen_number": one.number,
        "name": one.name,
        "sex": one.sex,
        "ethnicity": one.ethnicity,
        "nationality": "156",
        "birth_date": one.born.isoformat(),
        "death_date": died.isoformat(),
        "death_place": "1" if len(lines) > 1 else "3",
        "residence_address": one.address,
        "region": on(one.region, died),
        "diagnosis_basis": "4",
        "filled_on": (died + timedelta(days=1)).isoformat(),
    }
    for name, (said, code, length, unit) in zip("abcd", lines, strict=False):
        row |= {f"cause_{name}": said, f"cause_{name}_code": code}
        row |= {f"cause_{name}_interval": str(length), f"cause_{name}_unit": unit}
    return row
