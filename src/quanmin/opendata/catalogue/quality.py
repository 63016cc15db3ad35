"""How good a record is, from 0 to 1, with the reason for each part.

Nine parts of equal weight, after those by which the national portal of France scores its datasets (udata,
`compute_quality`): licence, time, place, frequency stated, frequency kept, description, an open format, everything
reachable with a checksum, fields documented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from quanmin.opendata.catalogue.record import Record
from quanmin.text import Text

DESCRIPTION = 100  # characters from which a description says something, in either language
GRACE = 1.5  # how many times its period a dataset may take before it counts as late


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score."""

    name: str
    kept: bool
    reason: Text


@dataclass(frozen=True, slots=True)
class Quality:
    """The score and its parts."""

    score: float
    parts: tuple[Part, ...]

    def document(self) -> dict[str, object]:
        """As JSON."""
        parts = [{"name": one.name, "kept": one.kept, "reason": one.reason._asdict()} for one in self.parts]
        return {"score": self.score, "parts": parts}


def assess(record: Record, today: date) -> Quality:
    """The quality of a record as it stands on a day."""
    parts = (
        _licence(record),
        _part(
            "temporal",
            any(one.start or one.end for one in record.periods),
            Text("说明了所涉时间", "says which time it covers"),
            Text("未说明所涉时间", "does not say which time it covers"),
        ),
        _part(
            "spatial",
            bool(record.regions),
            Text("说明了所涉地区", "says which region it covers"),
            Text("未说明所涉地区", "does not say which region it covers"),
        ),
        _stated(record),
        _frequency_kept(record, today),
        _description(record),
        _open_format(record),
        _reachable(record),
        _documented(record),
    )
    return Quality(round(sum(one.kept for one in parts) / len(parts), 3), parts)


def _part(name: str, kept: bool, yes: Text, no: Text) -> Part:
    return Part(name, kept, yes if kept else no)


def _licence(record: Record) -> Part:
    every = bool(record.distributions) and all(one.licence for one in record.distributions)
    return _part(
        "licence",
        every,
        Text("每个文件都有许可", "every distribution has a licence"),
        Text("有文件没有许可", "a distribution has no licence"),
    )


def _stated(record: Record) -> Part:
    stated = record.frequency is not None and record.frequency.code not in ("UNKNOWN", "OTHER")
    return _part(
        "frequency",
        stated,
        Text("说明了更新周期", "says how often it is updated"),
        Text("未说明更新周期", "does not say how often it is updated"),
    )


def _frequency_kept(record: Record, today: date) -> Part:
    if record.frequency is None:
        return Part("punctual", False, Text("没有周期可守", "there is no frequency to keep"))
    owed = due(record)
    if owed is None:
        return Part("punctual", record.frequency.number("days") is None, _undated(record))
    return _part(
        "punctual",
        today <= owed,
        Text(f"按期更新，下次不晚于 {owed}", f"updated in time, next by {owed}"),
        Text(f"逾期：应于 {owed} 前更新", f"late: an update was due by {owed}"),
    )


def _undated(record: Record) -> Text:
    if record.frequency is not None and record.frequency.number("days") is None:
        return Text("这一周期不定期限", "nothing is owed at a set time")
    return Text("未说明何时更新过", "does not say when it was updated")


def due(record: Record) -> date | None:
    """The last day on which an update is in time; None where none is owed or nothing is known."""
    days = record.frequency.number("days") if record.frequency else None
    last = record.modified or record.issued
    if days is None or last is None:
        return None
    try:
        return last + timedelta(days=max(1, round(days * GRACE)))
    except OverflowError:
        return date.max


def _description(record: Record) -> Part:
    length = max(len(record.description.zh), len(record.description.en))
    return _part(
        "description",
        length >= DESCRIPTION,
        Text(f"说明有 {length} 字", f"the description has {length} characters"),
        Text(
            f"说明只有 {length} 字（少于 {DESCRIPTION}）",
            f"the description has {length} characters, fewer than {DESCRIPTION}",
        ),
    )


def _open_format(record: Record) -> Part:
    found = next((one for one in record.formats if one.holds("open")), None)
    if found is None:
        return Part("format", False, Text("没有开放格式的文件", "no distribution is in an open format"))
    return Part("format", True, Text(f"有开放格式：{found.title.zh}", f"an open format: {found.title.en}"))


def _reachable(record: Record) -> Part:
    count = len(record.distributions)
    live = [one for one in record.distributions if one.format is not None and one.format.text("sort") == "api"]
    good = [one for one in record.distributions if one.reachable is not False and (one.checksum or one in live)]
    return _part(
        "reachable",
        bool(count) and len(good) == count,
        Text(f"{count} 个文件都可取并有校验值", f"all {count} distributions can be had and have a checksum"),
        Text(
            f"{count} 个文件中 {count - len(good)} 个不可取或没有校验值",
            f"of {count} distributions {count - len(good)} cannot be had or have no checksum",
        ),
    )


def _documented(record: Record) -> Part:
    titled = [one for one in record.variables if one.title.zh or one.title.en]
    return _part(
        "fields",
        bool(record.variables) and len(titled) == len(record.variables),
        Text(f"{len(titled)} 个字段都有说明", f"all {len(titled)} fields are described"),
        Text("字段没有说明", "the fields are not described"),
    )
