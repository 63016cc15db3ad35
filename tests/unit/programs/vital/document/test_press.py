"""The press: which characters there are, what it refuses, and that threads do not disturb one another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from quanmin.programs.vital.document import press
from quanmin.programs.vital.document.errors import CharacterMissing

DAY = date(2026, 1, 1)
BASE = {
    "language": "zh",
    "title": "报告",
    "subtitle": "",
    "publisher": "",
    "footer": "",
    "day": "2026年1月1日",
    "page": "第 {page} 页，共 {pages} 页",
    "contents": "",
    "figure": "图",
    "table": "表",
}
GB_2312 = [
    bytes((row, cell)).decode("gb2312")
    for row in range(0xB0, 0xF8)
    for cell in range(0xA1, 0xFF)
    if not (row == 0xD7 and cell > 0xF9)
]
SUPPLEMENTARY = (
    "𠅤𠙶𠳐𡎚𡐓𣗋𣲗𣲘𣸣𤧛𤩽𤫉𥔲𥕢𥖨𥻗𦈡𦒍𦙶𦝼𦭜𦰡𧿹𨐈𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌𪟝𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀"
    "𫍣𫍯𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶𫖮𫖯𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬𫚕𫚖𫚭𫛭𫞩𫟅𫟦𫟹𫟼𫠆𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷"
    "𫸩𬀩𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗𬕂𬘓𬘘𬘡𬘩𬘫𬘬𬘭𬘯𬙂𬙊𬙋𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮"
    "𬬱𬬸𬬹𬬻𬬿𬭁𬭊𬭎𬭚𬭛𬭤𬭩𬭬𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱖𬱟𬳵𬳶𬳽𬳿𬴂𬴃𬴊𬶋𬶍𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓"
)
"""Characters of the Table of General Standard Chinese Characters (2013) beyond the Basic Plane."""


def content(**changes: object) -> dict[str, object]:
    return {**BASE, "sections": [], **changes}


def test_all_of_gb_2312_and_the_basic_planes_ideographs_are_shown() -> None:
    assert len(GB_2312) == 6763
    assert press.shown("".join(GB_2312))
    assert press.shown("".join(chr(code) for code in range(0x4E00, 0x9FF0, 7)))
    assert press.shown("".join(chr(code) for code in range(0x3400, 0x4DB6, 5)))
    assert not press.shown("\U00030000")


def test_standard_characters_beyond_the_basic_plane_are_shown() -> None:
    assert len(set(SUPPLEMENTARY)) == len(SUPPLEMENTARY) == 196
    assert press.shown(SUPPLEMENTARY)


@pytest.mark.parametrize(
    ("changes", "element"),
    [
        ({"title": "\U00030000"}, "title"),
        ({"footer": "a\u202eb"}, "footer"),
        ({"sections": [{"kind": "heading", "level": 1, "text": "\ue000"}]}, "sections.1.text"),
        ({"sections": [{"element": "mother.name", "kind": "heading", "level": 1, "text": "🙂"}]}, "mother.name"),
    ],
)
def test_what_cannot_be_shown_is_named_by_its_place(changes: dict[str, object], element: str) -> None:
    with pytest.raises(CharacterMissing) as refused:
        press.pressed("report", content(**changes), DAY)
    assert refused.value.fields == {"elements": element}


def test_a_line_end_is_a_line_end() -> None:
    assert press.pressed("report", content(title="一\n二"), DAY).startswith(b"%PDF")


def test_many_threads_make_what_one_makes() -> None:
    alone = [press.pressed("report", content(title=f"报告 {number}"), DAY) for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda n: press.pressed("report", content(title=f"报告 {n}"), DAY), range(4)))
    assert together == alone


def test_the_day_is_in_the_file_and_the_clock_is_not() -> None:
    one = press.pressed("report", content(), DAY)
    assert one == press.pressed("report", content(), DAY)
    assert b"2026-01-01" in one
    assert one != press.pressed("report", content(), date(2026, 1, 2))
