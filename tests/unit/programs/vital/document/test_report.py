"""Reports: what is in them, page by page, in both languages, and the same bytes each time."""

from __future__ import annotations

from datetime import date

import pytest

from quanmin.charts import COUNT, HIDDEN, NUMBER, Band, Bar, BarChart, Column, PyramidChart, Table
from quanmin.programs.vital.document.errors import CharacterMissing
from quanmin.programs.vital.document.report import report
from quanmin.programs.vital.document.section import Heading, Listing, NewPage, Paragraph, Picture, Section
from quanmin.text import Language, Text

from .reading import fonts, words

DAY = date(2026, 3, 1)
TITLE = Text("山东省 2025 年生命统计年报", "Vital statistics of Shandong, 2025")
AGES = Table(
    (Column(Text("年龄", "Age")), Column(Text("死亡", "Deaths"), COUNT), Column(Text("期望寿命", "e(x)"), NUMBER)),
    tuple((Text(f"{age} 岁", f"age {age}"), 1000 + age, 78.5 - age * 0.7) for age in range(101)),
)
BANDS = tuple(Band(Text(f"{age} 岁组", f"from {age}"), 900 - age, 880 - age) for age in range(90, -1, -5))
PYRAMID = PyramidChart(Text("人口金字塔", "Population pyramid"), BANDS)
BARS = BarChart(
    Text("各市出生", "Births by city"),
    (Bar(Text("济南", "Jinan"), 61000), Bar(Text("青岛", "Qingdao"), HIDDEN)),
    COUNT,
    Text("市", "City"),
    Text("出生", "births"),
)
SECTIONS: list[Section] = [
    Heading(Text("人口", "Population")),
    Paragraph(Text("第一段。\n\n第二段。", "First paragraph.\n\nSecond paragraph.")),
    Picture(PYRAMID, 0.7),
    Heading(Text("出生", "Births")),
    Heading(Text("各市", "By city"), 2),
    Picture(BARS, told=True),
    NewPage(),
    Heading(Text("死亡", "Deaths")),
    Listing(Text("寿命表", "Life table"), AGES, Text("来源：人口库", "Source: the population base")),
]


def made(language: Language, sections: list[Section] = SECTIONS) -> bytes:
    footer = Text("人口基数：常住人口", "Base: residents")
    return report(TITLE, sections, language, day=DAY, footer=footer, contents=True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_section_is_there_in_the_language_and_nothing_in_the_other(language: Language) -> None:
    text = "".join(words(made(language)))
    other: Language = "en" if language == "zh" else "zh"
    for one in (TITLE, BARS.title, PYRAMID.title, Text("第二段。", "Second paragraph.")):
        assert "".join(one.get(language).split()) in text
        assert "".join(one.get(other).split()) not in text
    assert "".join(PYRAMID.sentence(language).split()) in text
    assert "61,000" in text


def test_letters_within_pictures_are_letters() -> None:
    text = "".join(words(made("zh", [Picture(PYRAMID)])))
    assert all(f"{age}岁组" in text for age in range(0, 91, 5))


def test_a_table_goes_over_pages_and_repeats_its_headings() -> None:
    pages = words(made("en"))
    holding = [one for one in pages if "age50" in one or "age51" in one or "age100" in one]
    assert len(holding) >= 2
    assert all("AgeDeathse(x)" in one for one in holding)
    text = "".join(pages)
    assert all(f"age{age}{1000 + age:,}{78.5 - age * 0.7:,.2f}" in text for age in range(101))


def test_pages_are_numbered_and_have_the_footer() -> None:
    pages = words(made("zh"))
    for number, text in enumerate(pages, 1):
        assert f"第{number}页，共{len(pages)}页" in text
        assert "人口基数：常住人口" in text


def test_contents_and_numbers_of_headings() -> None:
    first = words(made("en"))[0]
    assert first.index("Contents") < first.index("2.1Bycity") < first.index("Firstparagraph")


def test_the_same_report_is_the_same_bytes_in_embedded_letters() -> None:
    assert made("zh") == made("zh")
    assert made("zh") != made("en")
    assert all(embedded and "+" in name for name, embedded in fonts(made("zh")))


def test_a_character_without_a_glyph_is_refused_with_its_section() -> None:
    with pytest.raises(CharacterMissing) as refused:
        made("zh", [Heading(Text("人口", "People")), Paragraph(Text("生僻字\U00030000", "rare"))])
    assert refused.value.fields == {"elements": "sections.2.parts.1"}


def test_an_empty_report_is_a_page() -> None:
    assert len(words(made("zh", []))) == 1
