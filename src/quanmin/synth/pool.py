"""What a province has besides people: streets and villages, employers, hospitals, schools, funeral homes, offices.

They are made up; their codes are well formed (unified social credit codes, institution codes with sound check characters).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from quanmin.standards.identity.credit_code import credit_check_character, organisation_check_character
from quanmin.synth.stream import Ints, Weighted, stream, zipf
from quanmin.synth.territory import Territory

_ROADS = "建设 人民 中山 解放 和平 新华 胜利 友谊 青年 文化 育才 光明 团结 幸福 朝阳 东风 红旗 长江 黄河 迎宾 学府 工业 开发 滨河 站前".split()
_KINDS = "大街 北路 南路 东路 西路 路 街 巷".split()
_TOWNS = "城关 东王 西李 南张 北刘 大陈 小杨 高庄 马营 石桥 柳林 杏园 槐树 白塔 龙泉 凤山 双河 三岔 五里 十里 新集 老河 青石 黄土".split()
_VILLAGES = "前街 后街 东庄 西庄 南头 北头 大沟 小河 上坡 下湾 张家 李家 王家 赵家 刘家 新村 老庄 桥头".split()
_TRADES = "机械 纺织 化工 食品 建材 电子 医药 物流 商贸 汽车 农牧 印刷 钢铁 陶瓷 家具 服装 通信 能源 环保 旅游".split()
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司")
_BRANDS = "华 盛 恒 达 兴 隆 瑞 丰 泰 和 鑫 源 宏 远 金 鼎 天 成 中 信 永 利 嘉 诚".split()
_OFFICES = (
    "人民医院",
    "实验中学",
    "第一小学",
    "财政局",
    "教育局",
    "自来水公司",
    "供电公司",
    "邮政局",
    "环境卫生管理站",
)


_PRIMARY, _SECONDARY = ("实验小学", "第一小学", "第二小学"), ("第一中学", "第二中学")
PRIMARY, SECONDARY = len(_PRIMARY), len(_SECONDARY)
"""How many schools each county has."""


@dataclass
class Pools:
    """Tables to draw from; `*_county` is the county (by index) of each row.

    `pupil_schools` are the schools of the counties one after another, in each the primary ones first.
    """

    streets: pa.Array
    lanes: pa.Array
    doors: pa.Array
    employers: pa.Array
    employer_codes: pa.Array
    employer_county: Ints
    employer: Weighted
    hospitals: pa.Array
    hospital_codes: pa.Array
    homes: pa.Array
    offices: pa.Array
    schools: pa.Array
    school_codes: pa.Array
    school_county: Ints
    pupil_schools: pa.Array
    pupil_school_codes: pa.Array


def pools(territory: Territory, seed: int) -> Pools:
    """The province's pools: hospitals, funeral homes and offices one a county, in the order of the counties."""
    rng = stream(seed, "pools")
    short, full = territory.short_names(), territory.names().to_pylist()
    count = 400 + 20 * len(short)
    county = rng.integers(0, len(short), count).astype(np.int32)
    employers = _distinct([_employer(rng, short[at], row) for row, at in enumerate(county)])
    schools = [f"{place}{kind}" for place in short[:30] for kind in ("职业技术学院", "师范学院", "大学")]
    return Pools(
        streets=_texts(f"{road}{kind}" for road in _ROADS for kind in _KINDS),
        lanes=_texts(f"{town}{kind}{village}村" for town in _TOWNS for kind in ("镇", "乡") for village in _VILLAGES),
        doors=_texts(f"{number}号" for number in range(1, 1200)),
        employers=_texts(employers),
        employer_codes=_texts(_credit_code(territory.counties[at], row) for row, at in enumerate(county)),
        employer_county=county,
        employer=Weighted(zipf(count, 0.8)),
        hospitals=_texts(f"{place}人民医院" for place in full),
        hospital_codes=_texts(_institution_code(code, row) for row, code in enumerate(territory.counties)),
        homes=_texts(f"{place}殡仪馆" for place in full),
        offices=_texts(f"{place}民政局" for place in full),
        schools=_texts(_distinct(schools)),
        school_codes=_texts(f"{10_000 + 7 * row:05d}" for row in range(len(schools))),
        school_county=np.repeat(np.arange(min(30, len(short))), 3).astype(np.int32),
        pupil_schools=_texts(f"{place}{kind}" for place in full for kind in _PRIMARY + _SECONDARY),
        pupil_school_codes=_texts(
            f"{2 if row < PRIMARY else 3}1{code}{row:02d}"
            for code in territory.counties
            for row in range(PRIMARY + SECONDARY)
        ),
    )


def _texts(texts: object) -> pa.Array:
    return pa.array(list(texts), type=pa.string())  # type: ignore[call-overload]


def _employer(rng: np.random.Generator, place: str, row: int) -> str:
    if row % 4 == 0:
        return f"{place}{_OFFICES[row // 4 % len(_OFFICES)]}"
    brand = _BRANDS[rng.integers(len(_BRANDS))] + _BRANDS[rng.integers(len(_BRANDS))]
    return f"{place}{brand}{_TRADES[rng.integers(len(_TRADES))]}{_FORMS[rng.integers(len(_FORMS))]}"


def _distinct(names: list[str]) -> list[str]:
    """The names, a number put behind those that came before: a table of texts must not hold one twice."""
    seen: dict[str, int] = {}
    for place, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            names[place] = f"{name}第{seen[name]}分部"
    return names


def _organisation(row: int, base: int) -> str:
    first = f"{base + row * 37:08d}"
    return first + organisation_check_character(first)


def _credit_code(region: str, row: int) -> str:
    first = "91" + region + _organisation(row, 10_100_000)
    return first + credit_check_character(first)


def _institution_code(region: str, row: int) -> str:
    return _organisation(row, 40_100_000) + region + "11" + "A100" + "1"
