"""A map with boundaries, from a reviewed file that the operator supplies; without a whole one there is none.

The file is GeoJSON (a FeatureCollection) with `source`, `licence`, `review_number` and `valid_from` beside its features. A
feature with a six-digit `code` is a division and is filled; any other is drawn as it is (islands and lines that a full map must
show). Everything in the file is drawn, at one scale, and the review number is printed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from quanmin.charts import COUNT, Figure
from quanmin.charts.figure import known
from quanmin.charts.palette import shade
from quanmin.errors import Invalid, QuanminError
from quanmin.settings import Settings
from quanmin.text import Language, Text
from quanmin.web.render import environment

NEEDED = ("source", "licence", "review_number", "valid_from")
MOST_BYTES = 30 << 20
WIDE, HIGH = 720, 620
_REVIEW = re.compile(r"[\w\u4e00-\u9fff]{1,12}[(（]\d{4}[)）]\d{1,6}号?")
_HATCHED = "#f3f4f6"

Point = tuple[float, float]


class MapRefused(Invalid):
    """The file of the boundary map cannot be used; no map is drawn from it."""

    code = "QM-WEB-020"
    title = Text("边界地图文件不可用：{reason}", "the file of the boundary map cannot be used: {reason}")
    step = Text(
        "文件须为 GeoJSON，并注明 source、licence、review_number（审图号）、valid_from。",
        "It must be GeoJSON and state source, licence, review_number and valid_from.",
    )


class Shape(NamedTuple):
    """A feature: its division (none: drawn as it is), its rings or lines, and whether they enclose something."""

    code: str | None
    name: str
    lines: tuple[tuple[Point, ...], ...]
    closed: bool


@dataclass(frozen=True)
class Boundary:
    """A map that may be drawn."""

    about: Mapping[str, str]
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Given:
    """What the setting gives: a map, or why it is refused, or nothing."""

    map: Boundary | None = None
    refused: QuanminError | None = None

    def to_dict(self) -> dict[str, Any] | None:
        """What the twin tells of it."""
        if self.refused is not None:
            return {"refused": self.refused.to_dict()}
        return dict(self.map.about) if self.map else None


_kept: dict[tuple[str, int, int], Given] = {}


def of(settings: Settings) -> Given:
    """The map of the setting `QUANMIN_BOUNDARY_MAP`; read again when the file changes."""
    path = settings.boundary_map
    if path is None:
        return Given()
    try:
        stat = path.stat()
    except OSError as error:
        return Given(refused=MapRefused(reason=error.strerror or "unreadable"))
    place = (str(path), stat.st_mtime_ns, stat.st_size)
    if place not in _kept:
        _kept.clear()
        try:
            _kept[place] = Given(map=read(path))
        except MapRefused as refused:
            _kept[place] = Given(refused=refused)
    return _kept[place]


def read(path: Path) -> Boundary:
    """The map in a file. MapRefused."""
    if path.stat().st_size > MOST_BYTES:
        raise MapRefused(reason=f"> {MOST_BYTES} bytes")
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise MapRefused(reason="not JSON") from None
    if not isinstance(found, dict) or found.get("type") != "FeatureCollection":
        raise MapRefused(reason="type")
    missing = [name for name in NEEDED if not isinstance(found.get(name), str) or not found[name].strip()]
    if missing:
        raise MapRefused(reason=", ".join(missing))
    about = {name: found[name].strip()[:300] for name in NEEDED}
    about["review_number"] = re.sub(r"^审图号\s*[:：]?\s*", "", about["review_number"])
    if not _REVIEW.fullmatch(about["review_number"]):
        raise MapRefused(reason="review_number")
    if _day(about["valid_from"]) > date.today():
        raise MapRefused(reason="valid_from")
    try:
        shapes = tuple(_shape(one) for one in found["features"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError):
        raise MapRefused(reason="features") from None
    if not any(one.code for one in shapes):
        raise MapRefused(reason="features: code")
    return Boundary(about, shapes)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MapRefused(reason="valid_from") from None


def _shape(feature: Mapping[str, Any]) -> Shape:
    told = feature.get("properties") or {}
    code = str(told.get("code", ""))
    kind, given = feature["geometry"]["type"], feature["geometry"]["coordinates"]
    match kind:
        case "MultiPolygon":
            lines = [ring for polygon in given for ring in polygon]
        case "LineString":
            lines = [given]
        case "Polygon" | "MultiLineString":
            lines = list(given)
        case _:
            raise ValueError("geometry")
    name = str(told.get("name", ""))[:60]
    closed = kind.endswith("Polygon")
    return Shape(code if re.fullmatch(r"\d{6}", code) else None, name, tuple(map(_line, lines)), closed)


def _line(points: Any) -> tuple[Point, ...]:
    made = tuple((float(point[0]), float(point[1])) for point in points)
    if len(made) < 2 or any(not (-180 <= x <= 180 and -90 <= y <= 90) for x, y in made):
        raise ValueError("coordinates")
    return made


class Drawn(NamedTuple):
    """A shape on the sheet."""

    path: str
    fill: str
    tip: str


def draw(given: Boundary, provinces: Mapping[str, Figure], cities: Mapping[str, Figure], language: Language) -> Markup:
    """The map as an SVG picture with its review number."""
    counts = {**provinces, **cities}
    values = [v for one in given.shapes if one.code and (v := known(counts.get(one.code))) is not None]
    low, high = min(values, default=0.0), max(values, default=0.0)
    place = _projection(given)
    shapes = [
        Drawn(_path(one, place), _fill(counts.get(one.code or ""), one, low, high), _tip(one, counts, language))
        for one in given.shapes
    ]
    template = environment(language).get_template("portal/boundary.svg")
    return Markup(template.render(shapes=shapes, about=given.about, wide=WIDE, high=HIGH))


def _points(given: Boundary) -> Iterator[Point]:
    return (point for shape in given.shapes for line in shape.lines for point in line)


def _projection(given: Boundary) -> Any:
    """Degrees to pixels, a degree of longitude as broad as in the middle of the sheet."""
    points = list(_points(given))
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = min((WIDE - 20) / max((east - west) * narrow, 1e-6), (HIGH - 20) / max(north - south, 1e-6))
    return lambda point: (10 + (point[0] - west) * narrow * scale, 10 + (north - point[1]) * scale)


def _path(shape: Shape, place: Any) -> str:
    end = "Z" if shape.closed else ""
    return "".join(
        "M" + "L".join("{:.1f} {:.1f}".format(*place(point)) for point in line) + end for line in shape.lines
    )


def _fill(figure: Figure, shape: Shape, low: float, high: float) -> str:
    if not shape.closed or shape.code is None:
        return "none"
    value = known(figure)
    return _HATCHED if value is None else shade((value - low) / (high - low) if high > low else 1.0)[0]


def _tip(shape: Shape, counts: Mapping[str, Figure], language: Language) -> str:
    if shape.code is None:
        return shape.name
    return f"{shape.name or shape.code}: {COUNT.exact(counts.get(shape.code), language)}"
