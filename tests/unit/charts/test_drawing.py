"""A drawing is SVG text that a notebook shows and a file keeps; words are escaped, control characters are taken out."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from quanmin.charts import Bar, BarChart, Drawing, same
from quanmin.charts.sentence import said
from quanmin.text import Text

CHART = BarChart(same("<a & b>"), (Bar(same("<script>alert('1')</script>"), 1), Bar(same('"onload="x\x00\x1a'), 2)))


def test_what_is_written_is_escaped_and_saved(tmp_path: Path) -> None:
    picture = CHART.drawing("en")
    assert isinstance(picture, Drawing) and "<script" not in picture.svg and "<a &" not in picture.svg
    assert picture.save(tmp_path / "one.svg").read_text("utf-8") == str(picture) == picture._repr_svg_()
    told = [one.text for one in ET.fromstring(picture.svg).iter("{http://www.w3.org/2000/svg}text")]
    assert "<script>alert('1')</script>" in told and '"onload="x  ' in told
    page = CHART.html("en")
    assert "<script" not in page and 'onload="' not in page.replace("&#34;", "'")


def test_control_characters_and_half_characters_are_in_no_document() -> None:
    assert said(Text("一\x00二\ud800三\ufffe", ""), "zh") == "一 二 三 "
    assert said(Text("葛\U00030edd𰻝 a b", ""), "zh") == "葛\U00030edd𰻝 a b"
