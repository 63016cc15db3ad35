"""What holds of every kind of chart in both languages: whole, safe, nothing cut off, nothing hidden shown as a number."""

from __future__ import annotations

import importlib.util
import re
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

import quanmin.charts
from quanmin.charts import HIDDEN, Chart, known
from quanmin.charts.breadth import breadth
from quanmin.charts.palette import COLOURS, contrast
from quanmin.text import LANGUAGES, Language, Text

_spec = importlib.util.spec_from_file_location("gallery", Path(__file__).with_name("gallery.py"))
assert _spec is not None and _spec.loader is not None
gallery = importlib.util.module_from_spec(_spec)
sys.modules["gallery"] = gallery
_spec.loader.exec_module(gallery)

SVG = "{http://www.w3.org/2000/svg}"
CHARTS: dict[str, Chart] = {
    **{f"{name}": chart for name, chart in gallery.ordinary().items()},
    **{f"empty {name}": chart for name, chart in gallery.empty().items()},
    **{
        f"{hard}, {name}": chart
        for hard, (labels, figures) in gallery.HARD.items()
        for name, chart in gallery.of(labels, figures).items()
    },
}
EVERY = pytest.mark.parametrize("name", CHARTS)


def drawn(name: str, language: Language) -> ET.Element:
    return ET.fromstring(str(CHARTS[name].svg(language)))


def test_every_kind_of_chart_is_in_the_gallery() -> None:
    exported = {one for one in vars(quanmin.charts).values() if isinstance(one, type) and issubclass(one, Chart)} - {
        Chart
    }
    for charts in (gallery.ordinary(), gallery.empty(), gallery.of(*gallery.HARD["one row"])):
        assert {type(chart) for chart in charts.values()} == exported


@EVERY
def test_a_picture_has_a_title_a_sentence_and_only_shapes(name: str) -> None:
    for language in LANGUAGES:
        root = drawn(name, language)
        title, sentence = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None and sentence is not None and title.text and sentence.text
        assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {sentence.attrib['id']}"
        assert root.attrib["role"] == "img"
        assert sentence.text[-1] in ("。" if language == "zh" else ".")
        tags = {one.tag.removeprefix(SVG) for one in root.iter()}
        assert tags <= {"svg", "title", "desc", "defs", "pattern", "g", "rect", "path", "circle", "text"}


@EVERY
def test_nothing_needs_an_unsafe_policy_or_another_place(name: str) -> None:
    for text in (str(CHARTS[name].svg("zh")), str(CHARTS[name].html("en"))):
        assert not re.search(r"<(style|script|image|use|a|foreignObject)\b|\sstyle=|\son\w+=|href|javascript:", text)
        assert set(re.findall(r"\w+://[^\"]*", text)) == {"http://www.w3.org/2000/svg"}
        assert "\x1a" not in text


@EVERY
def test_no_words_and_no_marks_leave_the_sheet(name: str) -> None:
    for language in LANGUAGES:
        root = drawn(name, language)
        left, top, wide, high = map(float, root.attrib["viewBox"].split())
        assert left == 0 and 0 < wide < 2200, "a chart stays about as broad as a page"
        for one in root.iter(f"{SVG}text"):
            x, y, broad = float(one.attrib["x"]), float(one.attrib["y"]), breadth(str(one.text or ""))
            assert top <= y - 9 and y <= top + high, one.text
            if "transform" in one.attrib:
                turn = float(re.match(r"rotate\((-?\d+)", one.attrib["transform"])[1])
                end = (x + broad * 0.7071, y - broad * 0.7071) if turn == -45 else (x, y - broad / 2)
                assert x >= 0 and end[0] <= wide and end[1] >= top, one.text
                continue
            start = {"end": x - broad, "middle": x - broad / 2}.get(anchor(root, one), x)
            assert start >= -0.1 and start + broad <= wide + 0.1, one.text
        for one in root.iter(f"{SVG}rect"):
            x, y = float(one.attrib["x"]), float(one.attrib["y"])
            assert x >= 0 and x + float(one.attrib["width"]) <= wide + 0.1 and float(one.attrib["width"]) >= 0
            assert y >= top and y + float(one.attrib["height"]) <= top + high
        for one in root.iter(f"{SVG}circle"):
            assert 0 <= float(one.attrib["cx"]) <= wide and top <= float(one.attrib["cy"]) - float(one.attrib["r"])


def anchor(root: ET.Element, text: ET.Element) -> str:
    """How a text is aligned: by itself or by the group around it."""
    if "text-anchor" in text.attrib:
        return text.attrib["text-anchor"]
    groups = [group for group in root.iter(f"{SVG}g") if text in list(group)]
    return next((group.attrib["text-anchor"] for group in groups if "text-anchor" in group.attrib), "start")


@EVERY
def test_numbers_of_the_drawing_are_numbers(name: str) -> None:
    text = re.sub(r"<(title|desc|text)[^>]*>[^<]*", "", str(CHARTS[name].svg("zh", name="x")))
    assert not re.search(r"\b(nan|inf|None|True|False)\b|(?<![#\w.])-?[\d.]+e[+-]?\d", text)


@EVERY
def test_each_language_says_its_own_words(name: str) -> None:
    if "hostile" in name:
        return
    chart = CHARTS[name]
    assert re.search("[\u4e00-\u9fff]", chart.description.zh)
    english = re.sub("一", "", chart.description.en + str(chart.svg("en")))
    assert not re.search("[\u4e00-\u9fff]", english)
    assert str(chart.svg("en")) != str(chart.svg("zh"))


@EVERY
def test_the_table_is_the_data(name: str) -> None:
    chart = CHARTS[name]
    table = chart.table()
    assert table.headings and all(len(row) == len(table.headings) for row in table.rows)
    for row in table.rows:
        for cell in row:
            assert isinstance(cell, Text) or cell in (None, HIDDEN) or known(cell) is not None
    page = Rows()
    page.feed(str(chart.html("en")))
    assert page.rows == [table.head("en"), *table.body("en")]
    assert page.scopes == ["col"] * len(table.headings) + ["row"] * len(table.rows)
    assert page.captions == [chart.title.en]


class Rows(HTMLParser):
    """The cells of a page's table, row by row, the scopes of its headings, and its caption."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.scopes: list[str] = []
        self.captions: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.scopes += [dict(attrs)["scope"]] if tag == "th" else []
        elif tag == "caption":
            self.captions.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside in ("td", "th"):
            self.rows[-1][-1] += data
        elif self.inside == "caption":
            self.captions[-1] += data


@pytest.mark.parametrize("name", [one for one in CHARTS if one.startswith("hidden, ")])
def test_what_is_hidden_is_said_and_drawn_as_hidden_and_never_as_a_number(name: str) -> None:
    chart = CHARTS[name]
    if name == "hidden, calibration":
        assert "not told · not told" in str(chart.svg("en"))
        return
    assert "不公布" in chart.description.zh and "not told" in chart.description.en
    text = str(chart.svg("en"))
    assert "not told" in re.sub(r"<desc.*?</desc>", "", text)
    signs = re.findall(r'fill="url\(#\w+-hidden\)"|class="chart-hidden"', text)
    assert signs or name == "hidden, flow"
    figures = [cell for row in chart.table().rows for cell in row if not isinstance(cell, Text)]
    assert 0 not in figures


def test_ids_are_of_one_picture() -> None:
    ids = [
        one
        for chart in CHARTS.values()
        for lang in LANGUAGES
        for one in re.findall(r' id="([^"]+)"', str(chart.html(lang)))
    ]
    ordinary = [
        one
        for chart in gallery.ordinary().values()
        for lang in LANGUAGES
        for one in re.findall(r' id="([^"]+)"', str(chart.html(lang)))
    ]
    assert len(ordinary) == len(set(ordinary)) and len(ids) > 1000
    one = gallery.ordinary()["stack"]
    assert str(one.svg("zh")) == str(one.svg("zh")), "the same chart is the same text"
    twice = [set(re.findall(r' id="([^"]+)"', str(one.html("zh", name=name)))) for name in ("left", "right")]
    assert 'id="a-b--x--title"' in str(one.svg("zh", name='a b">x<')), "a name is made fit to be an id"
    assert not twice[0] & twice[1] and all(found.startswith("left") for found in twice[0])


def test_every_pattern_that_is_used_is_defined() -> None:
    for chart in CHARTS.values():
        text = str(chart.svg("zh"))
        assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(re.findall(r'<pattern id="([^"]+)"', text))


def test_colours_of_marks_and_words_stand_out_on_white() -> None:
    marks, words = set(), set()
    for chart in CHARTS.values():
        root = ET.fromstring(str(chart.svg("zh")))
        for one in root.iter():
            for name in ("fill", "stroke"):
                colour = one.attrib.get(name, "none")
                if one.tag in (f"{SVG}text", f"{SVG}g") and colour.startswith("#"):
                    words.add(colour)
                elif one.tag != f"{SVG}text" and "chart-fill" in one.attrib.get("class", "") and colour.startswith("#"):
                    marks.add(colour)
    assert marks and all(contrast(colour, "#fff") >= 3 for colour in (*marks, *COLOURS))
    on_cells = {"#fff", "#000"}
    assert all(contrast(colour, "#fff") >= 4.5 for colour in words - on_cells)


def test_the_whole_class_list_is_in_the_header() -> None:
    used = {
        one
        for chart in CHARTS.values()
        for names in re.findall(r'class="([^"]+)"', str(chart.html("zh")))
        for one in names.split()
    }
    kinds = {f"chart-{chart.kind}" for chart in CHARTS.values()}
    listed = set(re.findall(r"`(chart[\w-]*)`", quanmin.charts.__doc__ or ""))
    named = {re.sub(r"\d$", "N", one) for one in used - kinds}
    assert named <= listed, sorted(named - listed)
    assert {one for one in listed if not one.endswith("-N")} <= used | {"chart-bar", "chart-heading"}, (
        "no class is listed that nothing has"
    )
