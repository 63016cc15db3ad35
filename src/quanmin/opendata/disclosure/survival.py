"""Survival curves (O8): steps of too few events are joined, counts rounded, and the curve is computed from what is published.

A Kaplan-Meier curve steps down on the very day of each event, and its at-risk numbers say when each person left. Published is
a life table instead: on a declared grid of times, neighbouring intervals are joined until each has enough events, and either
nobody who left without one or enough people. The end of the table is declared, too, for the longest time is one person's own
(O6).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.opendata.disclosure.errors import RowsUnfit
from quanmin.opendata.disclosure.finding import Finding, found
from quanmin.opendata.disclosure.profile import Counts, Profile, profile
from quanmin.opendata.disclosure.protect import STAR
from quanmin.opendata.disclosure.verdict import VERSION, Verdict, digest
from quanmin.text import Text

COLUMNS = ("from", "until", "at_risk", "events", "censored", "survival")
MOST = 100_000
"""Intervals of the grid."""


class Step(NamedTuple):
    """One published interval: its end on the grid, the events in it, and who left in it without one."""

    end: int
    events: int
    censored: int


class Curve(NamedTuple):
    """The curve of one group; no steps where it is withheld."""

    labels: tuple[str, ...]
    steps: tuple[Step, ...]


def survival(
    rows: pa.Table,
    until: int,
    every: int = 1,
    groups: Sequence[str] = (),
    time: str = "time",
    event: str = "event",
    person: str = "person",
    rules: Profile | str = "health",
) -> Verdict:
    """Judge the survival curves of groups of people, one row a person, and make the table that may be published.

    `time` is whole units from the beginning, `event` whether it ended with the event (otherwise the person left, is censored).
    Told is what happened up to `until`, on a grid of `every` units: beyond, everybody is censored. Survival at the end of an
    interval is that of a life table, the product of 1 - d / (n - c / 2) of what is published (Cutler and Ederer 1958). A group
    with too few events has one line of stars; where all have, the table is refused. RowsUnfit.
    """
    chosen = profile(rules) if isinstance(rules, str) else rules
    if not (0 < every <= until <= every * MOST and until % every == 0):
        raise RowsUnfit(column="until", reason=Text("须为步长的整数倍", f"whole intervals, {MOST} at most"))
    kept, missing = _known(rows, [*groups, time, event, person])
    end, happened = _places(kept, time, until, every), _happened(kept, event)
    happened &= np.asarray(kept[time].to_numpy() <= until)
    curves = [
        Curve(labels, _steps(end[own], happened[own], until // every, chosen))
        for labels, own in _groups(kept, groups, person)
    ]
    table = _table(curves, groups, until, every, chosen)
    return _verdict(curves, table, missing, chosen, {"groups": list(groups), "until": until, "every": every})


def _known(rows: pa.Table, names: Sequence[str]) -> tuple[pa.Table, int]:
    """The rows in which nothing is missing, and how many are left out."""
    for name in names:
        if rows.column_names.count(name) != 1:
            raise RowsUnfit(column=name, reason=Text("缺少该列", "there is no such column"))
    kept = rows.select(names).drop_null()
    return kept, rows.num_rows - kept.num_rows


def _places(rows: pa.Table, time: str, until: int, every: int) -> Counts:
    """The interval of the grid in which each person's time ends, from 1: those that begin after one and end with the next."""
    if not pa.types.is_integer(rows[time].type):
        raise RowsUnfit(column=time, reason=Text("须为整数", "it must be whole numbers"))
    taken = np.asarray(rows[time].to_numpy(), np.int64)
    if (taken < 0).any():
        raise RowsUnfit(column=time, reason=Text("不得为负", "it must not be negative"))
    return np.asarray(np.maximum(1, -(-np.minimum(taken, until) // every)))


def _happened(rows: pa.Table, event: str) -> NDArray[np.bool_]:
    column = rows[event]
    if not (pa.types.is_boolean(column.type) or pa.types.is_integer(column.type)):
        raise RowsUnfit(column=event, reason=Text("须为是否或 0、1", "it must be yes or no, or 0 and 1"))
    numbers = np.asarray(column.cast(pa.int64()).to_numpy())
    if len(numbers) and not np.isin(numbers, (0, 1)).all():
        raise RowsUnfit(column=event, reason=Text("须为是否或 0、1", "it must be yes or no, or 0 and 1"))
    return np.asarray(numbers == 1)


def _groups(rows: pa.Table, groups: Sequence[str], person: str) -> Iterator[tuple[tuple[str, ...], NDArray[np.int64]]]:
    """Each group's labels and the places of its rows, by label; nobody is in a group twice."""
    numbered = rows.append_column("_place", pa.array(np.arange(rows.num_rows)))
    if not groups:
        listed = [{"_place_list": numbered["_place"].to_pylist()}] if rows.num_rows else []
    else:
        texts = [pc.cast(numbered[name], pa.string()) for name in groups]
        named = pa.table([*texts, numbered["_place"]], names=[*groups, "_place"])
        listed = named.group_by(list(groups)).aggregate([("_place", "list")]).to_pylist()
    for row in sorted(listed, key=lambda one: [one[name] for name in groups]):
        own = np.array(row["_place_list"], np.int64)
        if pc.count_distinct(rows[person].take(pa.array(own))).as_py() < len(own):
            raise RowsUnfit(column=person, reason=Text("同一组内有人重复", "somebody is in a group twice"))
        yield tuple(row[name] for name in groups), own


def _steps(ends: Counts, happened: NDArray[np.bool_], last: int, chosen: Profile) -> tuple[Step, ...]:
    """The intervals joined until each may be published; none where even the whole may not."""
    events = np.bincount(ends[happened], minlength=last + 1)
    left = np.bincount(ends[~happened], minlength=last + 1)
    steps, open_ = list[Step](), Step(0, 0, 0)
    for end in np.flatnonzero(events + left).tolist():
        open_ = Step(end, open_.events + int(events[end]), open_.censored + int(left[end]))
        if _enough(open_, chosen):
            steps.append(open_)
            open_ = Step(0, 0, 0)
    while steps and (open_.events or open_.censored):
        before = steps.pop()
        open_ = Step(last, before.events + open_.events, before.censored + open_.censored)
        if _enough(open_, chosen):
            steps.append(open_)
            break
    return (*steps[:-1], steps[-1]._replace(end=last)) if steps else ()


def _enough(step: Step, chosen: Profile) -> bool:
    """O8 for the events; of those who left without one, nobody or as many as a cell must have (O1)."""
    fewest = max(chosen.events, chosen.smallest)
    return step.events >= fewest and (step.censored == 0 or step.censored >= chosen.smallest)


def _table(curves: Sequence[Curve], groups: Sequence[str], until: int, every: int, chosen: Profile) -> pa.Table:
    rows: list[dict[str, str]] = []
    for curve in curves:
        labels = dict(zip(groups, curve.labels, strict=True))
        hidden = {"from": "0", "until": str(until), **dict.fromkeys(COLUMNS[2:], STAR)}
        rows += [{**labels, **line} for line in (_lines(curve.steps, every, chosen) if curve.steps else [hidden])]
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in (*groups, *COLUMNS)]))


def _lines(steps: Sequence[Step], every: int, chosen: Profile) -> Iterator[dict[str, str]]:
    """The lines of a curve. Rounded are the sums up to each time, so that errors do not add up; all else follows from them."""
    events, censored = (
        np.diff(chosen.rounded(np.cumsum([getattr(one, name) for one in steps], dtype=np.int64)), prepend=0)
        for name in ("events", "censored")
    )
    at_risk = int(events.sum() + censored.sum())
    share, begin = 1.0, 0
    for step, died, gone in zip(steps, events.tolist(), censored.tolist(), strict=True):
        share *= 1 - died / (at_risk - gone / 2)
        counts = {"at_risk": at_risk, "events": died, "censored": gone}
        times = {"from": str(begin), "until": str(step.end * every)}
        yield {**times, **{name: str(value) for name, value in counts.items()}, "survival": f"{share:.4f}"}
        at_risk, begin = at_risk - died - gone, step.end * every


def _verdict(curves: Sequence[Curve], table: pa.Table, missing: int, chosen: Profile, about: dict[str, Any]) -> Verdict:
    withheld = [one.labels for one in curves if not one.steps]
    all_of_them = len(withheld) == len(curves)
    findings = found("O8.few", "refused" if all_of_them else "treated", withheld or ([()] if all_of_them else []))
    findings += [Finding("O16.missing", "noted", missing)] if missing else []
    steps = [step for one in curves for step in one.steps]
    evidence = {
        "version": VERSION,
        "profile": chosen.to_dict(),
        **about,
        "curves": len(curves),
        "withheld": len(withheld),
        "steps": len(steps),
        "fewest_events": min((one.events for one in steps), default=None),
        "fewest_censored": min((one.censored for one in steps if one.censored), default=None),
        "table_sha256": digest(table),
    }
    fewest = max(chosen.events, chosen.smallest)
    note = Text(
        f"各时段至少 {fewest} 例事件，人数按规则集取整，生存率由公布的数按寿命表法算得；* 为事件过少",
        f"each interval has at least {fewest} events; counts are rounded by the profile, survival is that of a life table of "
        "what is published; * stands for too few events",
    )
    return Verdict(not all_of_them, tuple(findings), None if all_of_them else table, note, evidence)
