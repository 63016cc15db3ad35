"""The forms of the certificate and the time within which it has to be filled in.

The form of 2013 is that of notice 国卫规划发〔2013〕57号, in force from 2014-01-01. From 2026-07-01 the form of
国卫规划发〔2026〕5号 holds, on paper and electronic. Both are for citizens, residents of Hong Kong, Macao and Taiwan, and
foreigners who die in the mainland; that of 2026 names stateless people, too. The certificate of 2026 has the citizen number as
its own; without one, that of another document; and for a newborn or a body without any document `无` as name and kind of document
and a number of its own (so the notice, part one). `needs` holds what the edits rest on: which items the form of 2026 marks as
necessary was not at hand.

The deadline: that the notice of 2013 sets 15 days for the report over the network, and a secondary source 7, was not found in a
text of it. Here it is 15 calendar days from the death unless somebody says otherwise (`Deadline`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from quanmin.programs.vital.death.certificate import Certificate
from quanmin.programs.vital.death.errors import FormUnknown
from quanmin.text import Text

_OF_CITIZENS = frozenset(("", "01", "1", "居民身份证", "身份证", "02", "2", "居民户口簿", "户口簿"))
"""Kinds of document that have the citizen number; nothing stated is taken as the first."""
_CORE = ("certificate_no", "name", "sex", "birth_date", "death_date", "death_place", "cause_a", "filled_on")
_SHARED = (
    *_CORE,
    "document_type",
    "citizen_number",
    "ethnicity",
    "nationality",
    "marital_status",
    "education",
    "personal_status",
    "pregnancy",
    "workplace",
    "registered_address",
    "residence_address",
    "region",
    *(f"cause_{letter}{ending}" for letter in "abcd" for ending in ("", "_code", "_interval", "_unit")),
    "cause_other",
    "cause_other_code",
    "underlying_cause",
    "underlying_cause_code",
    "diagnosis_basis",
    "institution_code",
    "institution_name",
)


@dataclass(frozen=True)
class Form:
    """One version: from which day of filling in it holds and until when, which elements it has and which it needs."""

    version: str
    title: Text
    basis: str
    begins: dt.date
    ends: dt.date | None
    has: tuple[str, ...]
    needs: tuple[str, ...]
    electronic: bool

    def holds(self, day: dt.date) -> bool:
        """Whether it is the form of a day."""
        return self.begins <= day and (self.ends is None or day <= self.ends)

    def lacks(self, texts: Mapping[str, str | None]) -> Iterator[str]:
        """The items that it needs and that are not filled in; a citizen number only of somebody whose document has one."""
        stated = {name: (texts.get(name) or "").strip() for name in (*self.needs, "document_type")}
        citizen = stated["document_type"] in _OF_CITIZENS
        yield from (name for name in self.needs if not stated[name] and (citizen or name != "citizen_number"))


FORMS: tuple[Form, ...] = (
    Form(
        "2013",
        Text("居民死亡医学证明（推断）书（2013版）", "medical certificate of death (inference), form of 2013"),
        "国卫规划发〔2013〕57号",
        dt.date(2014, 1, 1),
        dt.date(2026, 6, 30),
        _SHARED,
        _CORE,
        electronic=False,
    ),
    Form(
        "2026",
        Text("居民死亡医学证明（2026版，电子证照）", "medical certificate of death, electronic form of 2026"),
        "国卫规划发〔2026〕5号",
        dt.date(2026, 7, 1),
        None,
        (*_SHARED, "form_version", "death_day_unknown", "certifier_code"),
        (*_CORE, "document_type", "citizen_number", "nationality", "institution_code"),
        electronic=True,
    ),
)
LATEST = FORMS[-1]


def form(version: str) -> Form:
    """The form of a version. FormUnknown."""
    for one in FORMS:
        if one.version == version:
            return one
    raise FormUnknown(version=version[:20])


def demanded(filled: dt.date) -> Form | None:
    """The form that has to be used on a day; None before the first."""
    return next((one for one in FORMS if one.holds(filled)), None)


@dataclass(frozen=True)
class Deadline:
    """Days from the death within which the certificate has to be filled in and reported; `working` days are Monday to Friday."""

    days: int = 15
    working: bool = False

    def last(self, death: dt.date) -> dt.date:
        """The last day in time; the day of death itself does not count."""
        if not self.working:
            return death + dt.timedelta(days=self.days)
        day, left = death, self.days
        while left:
            day += dt.timedelta(days=1)
            left -= day.weekday() < 5
        return day


USUAL = Deadline()


def late(certificate: Certificate, deadline: Deadline = USUAL) -> int | None:
    """Days that a certificate was filled in after its deadline, 0 when in time; None without both dates.

    Of an unknown day the last of the month counts, so that nobody is called late who may not have been.
    """
    if certificate.death is None or certificate.filled is None:
        return None
    return max(0, (certificate.filled - deadline.last(certificate.death.last)).days)
