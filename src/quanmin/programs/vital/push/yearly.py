"""The yearly corrections: every month of the year before that is no longer what was pushed, until 20 February."""

from __future__ import annotations

from pathlib import Path

from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push import bundle
from quanmin.programs.vital.push.errors import NothingChanged
from quanmin.programs.vital.push.month import Month


def yearly(office: Office, year: int) -> list[Path]:
    """Make a correction of each month of a year that was sent and says something else now. MonthClosed, RoleMissing."""
    made = []
    for number in range(1, 13):
        sent = [one for one in bundle.listing(office, Month(year, number)) if one.state == "sent"]
        if not sent:
            continue
        try:
            made.append(bundle.package(office, str(Month(year, number)), str(sent[-1].ref)))
        except NothingChanged:
            continue
    return made
