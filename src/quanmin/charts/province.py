"""The 34 provinces as tiles: GB/T 2260 code, short name, and the column and row of its tile. No boundary is drawn."""

from __future__ import annotations

from typing import NamedTuple

from quanmin.text import Text


class Province(NamedTuple):
    """A tile: the first two digits of its code, its name, its column and row from the upper left."""

    code: str
    name: Text
    column: int
    row: int


def _province(code: str, zh: str, en: str, column: int, row: int) -> Province:
    return Province(code, Text(zh, en), column, row)


PROVINCES: dict[str, Province] = {
    one.code: one
    for one in (
        _province("11", "北京", "Beijing", 4, 2),
        _province("12", "天津", "Tianjin", 5, 2),
        _province("13", "河北", "Hebei", 4, 3),
        _province("14", "山西", "Shanxi", 3, 3),
        _province("15", "内蒙古", "Inner Mongolia", 3, 2),
        _province("21", "辽宁", "Liaoning", 6, 2),
        _province("22", "吉林", "Jilin", 6, 1),
        _province("23", "黑龙江", "Heilongjiang", 6, 0),
        _province("31", "上海", "Shanghai", 5, 4),
        _province("32", "江苏", "Jiangsu", 4, 4),
        _province("33", "浙江", "Zhejiang", 5, 5),
        _province("34", "安徽", "Anhui", 4, 5),
        _province("35", "福建", "Fujian", 5, 6),
        _province("36", "江西", "Jiangxi", 4, 6),
        _province("37", "山东", "Shandong", 5, 3),
        _province("41", "河南", "Henan", 3, 4),
        _province("42", "湖北", "Hubei", 3, 5),
        _province("43", "湖南", "Hunan", 3, 6),
        _province("44", "广东", "Guangdong", 4, 7),
        _province("45", "广西", "Guangxi", 3, 7),
        _province("46", "海南", "Hainan", 3, 8),
        _province("50", "重庆", "Chongqing", 2, 5),
        _province("51", "四川", "Sichuan", 1, 4),
        _province("52", "贵州", "Guizhou", 2, 6),
        _province("53", "云南", "Yunnan", 1, 6),
        _province("54", "西藏", "Xizang", 0, 4),
        _province("61", "陕西", "Shaanxi", 2, 4),
        _province("62", "甘肃", "Gansu", 1, 3),
        _province("63", "青海", "Qinghai", 0, 3),
        _province("64", "宁夏", "Ningxia", 2, 3),
        _province("65", "新疆", "Xinjiang", 0, 2),
        _province("71", "台湾", "Taiwan", 6, 6),
        _province("81", "香港", "Hong Kong", 5, 7),
        _province("82", "澳门", "Macao", 4, 8),
    )
}
COLUMNS, ROWS = 7, 9


def of(code: str) -> Province | None:
    """The province of a code of two digits or more; 83 is that of identity numbers of Taiwan (GB/T 2260 has 71)."""
    return PROVINCES.get("71" if code[:2] == "83" else code[:2])
