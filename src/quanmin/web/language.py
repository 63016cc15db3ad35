"""The words of the interface in the language of the address, and numbers and days as that language writes them."""

from __future__ import annotations

import gettext
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

from quanmin.ledger.due import last_day
from quanmin.text import LANGUAGES, Language, Text

_LOCALES = {"zh": Locale.parse("zh_Hans_CN"), "en": Locale.parse("en_GB")}
NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}


@cache
def words(language: Language) -> gettext.NullTranslations:
    """The catalogue of a language; its keys are English."""
    place = Path(__file__).parent / "locale"
    return gettext.translation("quanmin", place, [language], fallback=language == "en")


def said(value: object, language: Language) -> str:
    """A value as a page writes it: a text in its language, a number with separators, a day, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, Text):
        return value.get(language)
    if isinstance(value, bool):
        return words(language).gettext("yes") if value else words(language).gettext("no")
    if isinstance(value, int):
        return str(numbers.format_decimal(value, locale=_LOCALES[language]))
    if isinstance(value, float):
        return str(numbers.format_decimal(value, "#,##0.####", locale=_LOCALES[language]))
    return str(value)


def share(value: float | None, language: Language) -> str:
    """A share as a percentage."""
    return "" if value is None else str(numbers.format_percent(value, "#,##0.##%", locale=_LOCALES[language]))


def day(value: date | str | None, language: Language) -> str:
    """A day as it is written in a language; texts in ISO form, too."""
    if not value:
        return ""
    found = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return str(dates.format_date(found, "yyyy-MM-dd" if language == "zh" else "d MMM y", locale=_LOCALES[language]))


def moment(value: datetime | str | None, zone: str, language: Language) -> str:
    """A time of UTC in the zone of the installation."""
    if not value:
        return ""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    at = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(ZoneInfo(zone))
    return f"{day(at.date(), language)} {at:%H:%M:%S}"


def deadline(value: datetime | str | None, zone: str, language: Language) -> str:
    """The end of a time: the last day where it ends as that day does (which 00:00 of the next one would hide), else the time."""
    if not value:
        return ""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    last = last_day(found if found.tzinfo else found.replace(tzinfo=UTC), zone)
    return day(last, language) if last is not None else moment(found, zone, language)


def chosen(accepted: str | None) -> Language:
    """The language of the first page, by what the browser prefers; Chinese where it does not say."""
    wanted = []
    for part in (accepted or "")[:200].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        wanted.append((-weight, tag.split("-")[0].lower()))
    for _, tag in sorted(wanted, key=lambda one: one[0]):
        if tag in LANGUAGES:
            return tag
    return "zh"
