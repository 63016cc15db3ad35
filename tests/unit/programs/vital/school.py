"""A county whose register, certificates and schools a test fills by files, through the validation that every file meets."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from quanmin import collect, population, standards, trust
from quanmin.collect.receipt import Receipt
from quanmin.lake import Lake
from quanmin.programs.vital.birth import newborn
from quanmin.programs.vital.pupil import COLUMNS, DATASET, Record
from quanmin.settings import Settings

from .birth.hospital import COUNTY, citizen

REGISTER, BIRTH = "public_security.household_registration", "health.birth"
TODAY = dt.date(2016, 1, 31)


def record(born: dt.date, order: int, **more: Any) -> dict[str, Any]:
    """A pupil as the national system would have it at the end of 2015, with a number of 2013 or later; `more` differs."""
    entry = born.year + 6 + (born >= dt.date(born.year, 9, 1))
    number = citizen(born, order)
    usual = {
        "pupil_number": f"G{number}",
        "citizen_number": number,
        "name": "王小明",
        "sex": "1" if order % 2 else "2",
        "birth_date": born,
        "school_code": "2137010201",
        "region": COUNTY,
        "enrolled_on": dt.date(entry, 9, 1),
        "school_year": 2015,
        "form": 2015 - entry + 1,
        "status": "1",
        "updated_on": dt.date(2015, 10, 8),
    }
    return usual | more


class Country:
    """A lake, and what three agencies sent to it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.lake = Lake.open(Settings(home=home / "home", buckets=4, threads=1))

    def send(self, dataset: str, rows: Iterable[dict[str, Any]]) -> Receipt:
        """One file of a dataset."""
        made = list(rows)
        path = self.home / f"{dataset}.{len(list(self.home.glob('*.csv')))}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(made[0]))
            writer.writeheader()
            writer.writerows(made)
        source = standards.catalogue().dataset(dataset).steward
        return collect.collect(self.lake, dataset, path, source, trust.local_administrator())

    def pupils(self, *rows: dict[str, Any]) -> Receipt:
        """One file of the schools."""
        return self.send(DATASET, rows)

    def base(self, people: Iterable[tuple[dt.date, int]], certified: Iterable[tuple[dt.date, int]]) -> None:
        """Children of the register, and those with a certificate; the base is built, and newborns are joined by their number."""
        self.send(
            REGISTER,
            (
                {
                    "household_no": "370102000001",
                    "member_no": place,
                    "citizen_number": citizen(born, order),
                    "name": "王小明",
                    "sex": "1" if order % 2 else "2",
                    "birth_date": born,
                    "registered_region": COUNTY,
                }
                for place, (born, order) in enumerate(people, start=1)
            ),
        )
        self.send(
            BIRTH,
            (
                {
                    "certificate_no": f"N{place:09}",
                    "citizen_number": citizen(born, order),
                    "name": "王小明",
                    "sex": "1" if order % 2 else "2",
                    "birth_date": born,
                    "birth_place": COUNTY,
                    "mother_name": "李梅",
                    "issued_on": born + dt.timedelta(days=3),
                }
                for place, (born, order) in enumerate(certified, start=1)
            ),
        )
        population.build(self.lake)
        newborn.join(self.lake, TODAY)

    def refused(self) -> dict[int, str]:
        """The rules for which rows of the schools' files were refused, by row."""
        with self.lake.session("feedback") as session:
            rows = session.connection.execute(
                f"SELECT _row, reasons FROM {session.relation(f'quarantine.{DATASET}')} AS q"
            )
            return dict(rows.fetchall())

    def records(self) -> list[Record]:
        """The live rows of pupils."""
        with self.lake.session("vital") as session:
            query = f"SELECT {', '.join(COLUMNS)} FROM {session.live(DATASET)} AS r"
            return [Record(*row) for row in session.connection.execute(query).fetchall()]
