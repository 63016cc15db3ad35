"""The map with boundaries: drawn only from a file that is whole, refused with one code for everything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from quanmin.charts import HIDDEN
from quanmin.settings import Settings
from quanmin.web.portal import boundary
from quanmin.web.portal.boundary import MapRefused

from .conftest import Browser

RING = [[115, 36], [119, 36], [119, 40], [115, 40], [115, 36]]
WHOLE: dict[str, Any] = {
    "type": "FeatureCollection",
    "source": "invented for a test",
    "licence": "none",
    "review_number": "审图号：GS(2024)0000号",
    "valid_from": "2024-01-01",
    "features": [
        {
            "properties": {"code": "130000", "name": "河北省 <b>"},
            "geometry": {"type": "Polygon", "coordinates": [RING]},
        },
        {"properties": {"code": 370000}, "geometry": {"type": "MultiPolygon", "coordinates": [[RING], [RING]]}},
        {"properties": None, "geometry": {"type": "LineString", "coordinates": [[110, 3], [111, 4, 0]]}},
    ],
}


def written(folder: Path, content: Any) -> Path:
    path = folder / "map.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def test_a_whole_file_is_a_map(tmp_path: Path) -> None:
    found = boundary.read(written(tmp_path, WHOLE))
    assert [one.code for one in found.shapes] == ["130000", "370000", None]
    assert found.about["review_number"] == "GS(2024)0000号"
    picture = boundary.draw(found, {"130000": 30, "370000": HIDDEN}, {}, "en")
    assert picture.count("<path") == 3 and picture.count("GS(2024)0000号") == 1
    assert "河北省 &lt;b&gt;: 30" in picture and "370000: not told" in picture
    assert "style" not in picture and "nan" not in picture.lower()


def with_feature(geometry: Any) -> dict[str, Any]:
    return {**WHOLE, "features": [{"properties": {"code": "130000"}, "geometry": geometry}]}


@pytest.mark.parametrize(
    "content",
    [
        *({name: value for name, value in WHOLE.items() if name != left} for left in WHOLE),
        *({**WHOLE, name: value} for name in boundary.NEEDED for value in ("", "  ", 7, None)),
        {**WHOLE, "review_number": "none"},
        {**WHOLE, "valid_from": "soon"},
        {**WHOLE, "valid_from": (date.today() + timedelta(days=2)).isoformat()},
        {**WHOLE, "features": []},
        {**WHOLE, "features": WHOLE["features"][2:]},
        {**WHOLE, "features": 7},
        with_feature(None),
        with_feature({"type": "Point", "coordinates": [1, 2]}),
        with_feature({"type": "Polygon", "coordinates": [[[115, 36], [500, 36]]]}),
        with_feature({"type": "Polygon", "coordinates": [[["a", 36], [1, 2]]]}),
        with_feature({"type": "Polygon", "coordinates": [[[float("nan"), 36], [1, 2]]]}),
        with_feature({"type": "Polygon", "coordinates": 5}),
        [],
        "not JSON",
        "[" * 100_000,
        "",
    ],
)
def test_whatever_else_is_refused_with_its_code(tmp_path: Path, content: Any) -> None:
    path = written(tmp_path, content)
    with pytest.raises(MapRefused) as refused:
        boundary.read(path)
    assert refused.value.code == "QM-WEB-020"
    given = boundary.of(Settings(home=tmp_path, boundary_map=path))
    assert given.map is None and given.refused is not None


def test_no_file_no_map_and_a_lost_one_is_told(tmp_path: Path) -> None:
    assert boundary.of(Settings(home=tmp_path)) == boundary.Given()
    assert boundary.of(Settings(home=tmp_path, boundary_map=tmp_path / "gone.json")).refused is not None
    assert boundary.of(Settings(home=tmp_path, boundary_map=tmp_path)).refused is not None, "a folder"


def test_the_page_draws_it_on_request_and_prints_its_number(
    made: Path, tmp_path: Path, browse: Callable[..., Browser]
) -> None:
    browser = browse(made, boundary_map=written(tmp_path, WHOLE))
    assert "以审定地图显示" in browser.get("/zh/statistics/map").text
    page = browser.get("/zh/statistics/map?kind=boundary").text
    assert page.count("GS(2024)0000号") == 2 and page.count("<svg") == 1
    assert browser.get("/zh/statistics/map.json").json()["boundary"]["licence"] == "none"


def test_the_page_says_why_it_draws_none(made: Path, tmp_path: Path, browse: Callable[..., Browser]) -> None:
    browser = browse(made, boundary_map=written(tmp_path, {**WHOLE, "licence": ""}))
    page = browser.get("/en/statistics/map?kind=boundary")
    assert page.status_code == 200 and "QM-WEB-020" in page.text and "licence" in page.text
    assert "Show on the reviewed map" not in page.text and page.text.count("<svg") == 1, "the tiles are there"
