"""A year of a simulated province: blanks, births, deaths, what is overdue, pushes upward, and the statistics that come of it.

Reads the truth of the province to know who is born and who dies; writes the demo's ledger and lake by the same calls as a
province's own offices. Its clock is that of the year, not today's.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from quanmin.demo_exchange import Ministry
from quanmin.demo_vital import base, statistics
from quanmin.demo_vital.office import Clock, Offices
from quanmin.demo_vital.people import People
from quanmin.demo_vital.upward import NATION, Upward
from quanmin.demo_vital.year import YEAR, Told, Year
from quanmin.lake import Lake
from quanmin.ledger import Ledger

PLACE = "vital"
"""The folder of the year's files, within the agencies'."""
__all__ = ["NATION", "YEAR", "Told", "live"]


def live(lake: Lake, files: Path, seed: int, here: Ministry | None = None) -> Told:
    """Live the year in the demo's home; with the exchange's nodes `here` the months go up to the nation's."""
    clock = Clock(datetime(YEAR, 1, 1, tzinfo=UTC))
    with Ledger.open(lake.settings, now=lambda: clock.moment) as ledger:
        upward = None if here is None else Upward.agreed(here)
        place = files / PLACE  # beside what the agencies sent for the year before
        place.mkdir(parents=True, exist_ok=True)
        year = Year(lake, ledger, clock, People(files / "truth", YEAR, seed), place, upward)
        told = year.live()
        told.checks = base.join(lake, year.offices, place, date(YEAR + 1, 2, 10), seed)
        Offices(lake.ledger, lake.settings, Clock(lake.ledger.now())).equip()
        told.statistics = statistics.count(lake, lake.settings.home, YEAR, lake.settings.language)
    return told
