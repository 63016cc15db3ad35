"""The shapes of a GeoJSON file (RFC 7946) on a sheet.

Areas are drawn only from a file that states its review number (`review_number`, 审图号), as maps of the portal are: how a
border may be shown is not ours to judge. Points and lines are drawn from any file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Point = tuple[float, float]
WIDE, HIGH, EDGE, DOT = 720, 480, 28, 4.0
_DEEP = 8


class Shape(NamedTuple):
    """A feature's part: `kind` is point, line or area; its lines or rings; what it is called."""

    kind: str
    lines: tuple[tuple[Point, ...], ...]
    name: str


@dataclass(frozen=True)
class Map:
    """The shapes of a file; `review` is its review number, `unreviewed` how many areas are not drawn for want of one."""

    shapes: tuple[Shape, ...]
    features: int
    review: str | None
    unreviewed: int = 0


class Drawn(NamedTuple):
    """A shape on the sheet: an outline, whether it is filled, its tip, and for a point where it stands."""

    path: str
    filled: bool
    tip: str
    at: Point | None = None


def shapes(found: Mapping[str, Any], most: int) -> Map | None:
    """The shapes of a document; None where it has more than `most` points. ValueError for what is no GeoJSON."""
    features = found.get("features") if found.get("type") == "FeatureCollection" else [found]
    if not isinstance(features, list):
        raise ValueError("features")
    review = found.get("review_number")
    number = review.strip()[:60] if isinstance(review, str) and review.strip() else None
    made, points, left_out = list[Shape](), 0, 0
    for one in features:
        for shape in _feature(one):
            points += sum(map(len, shape.lines))
            if points > most:
                return None
            if shape.kind == "area" and number is None:
                left_out += 1
            else:
                made.append(shape)
    return Map(tuple(made), len(features), number, left_out)


def _feature(one: Mapping[str, Any]) -> Iterator[Shape]:
    if one.get("type") != "Feature":
        yield from _geometry(one, "", 0)
        return
    told = one.get("properties") or {}
    name = next((str(told[key]) for key in ("name", "title", "label", "code") if told.get(key)), "")
    if one.get("geometry") is not None:
        yield from _geometry(one["geometry"], name[:80], 0)


def _geometry(one: Mapping[str, Any], name: str, deep: int) -> Iterator[Shape]:
    kind, given = one["type"], one.get("coordinates") or ()
    if kind == "GeometryCollection" and deep < _DEEP:
        for part in one["geometries"]:
            yield from _geometry(part, name, deep + 1)
        return
    match kind:
        case "Point":
            yield Shape("point", (_line([given]),), name)
        case "MultiPoint":
            yield from (Shape("point", (_line([point]),), name) for point in given)
        case "LineString":
            yield Shape("line", (_line(given),), name)
        case "MultiLineString":
            yield Shape("line", tuple(map(_line, given)), name)
        case "Polygon":
            yield Shape("area", tuple(map(_line, given)), name)
        case "MultiPolygon":
            yield Shape("area", tuple(_line(ring) for polygon in given for ring in polygon), name)
        case _:
            raise ValueError("geometry")


def _line(points: Sequence[Any]) -> tuple[Point, ...]:
    made = tuple((float(point[0]), float(point[1])) for point in points)
    if not made or any(not (-180 <= x <= 180 and -90 <= y <= 90) for x, y in made):
        raise ValueError("coordinates")
    return made


def drawn(given: Map) -> list[Drawn]:
    """The shapes in pixels of a sheet of `WIDE` by `HIGH`, areas first, so that nothing hides a point."""
    points = [point for shape in given.shapes for line in shape.lines for point in line]
    if not points:
        return []
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    narrow = max(math.cos(math.radians((south + north) / 2)), 1e-3)
    scale = min((WIDE - 2 * EDGE) / max((east - west) * narrow, 1e-3), (HIGH - 2 * EDGE) / max(north - south, 1e-3))
    left, top = WIDE / 2 - (west + east) / 2 * narrow * scale, HIGH / 2 + (south + north) / 2 * scale

    def place(point: Point) -> Point:
        return left + point[0] * narrow * scale, top - point[1] * scale

    order = ("area", "line", "point")
    ranked = sorted(given.shapes, key=lambda one: order.index(one.kind))
    return [_drawn(one, place) for one in ranked]


def _drawn(shape: Shape, place: Callable[[Point], Point]) -> Drawn:
    at = place(shape.lines[0][0]) if shape.kind == "point" else None
    return Drawn(_path(shape, place), shape.kind != "line", shape.name, at)


def _path(shape: Shape, place: Callable[[Point], Point]) -> str:
    if shape.kind == "point":
        x, y = place(shape.lines[0][0])
        return f"M{x - DOT:.1f} {y:.1f}a{DOT} {DOT} 0 1 0 {2 * DOT} 0a{DOT} {DOT} 0 1 0 {-2 * DOT} 0Z"
    end = "Z" if shape.kind == "area" else ""
    return "".join(
        "M" + "L".join("{:.1f} {:.1f}".format(*place(point)) for point in line) + end for line in shape.lines
    )
