"""What people die of by age and sex, and how it is certified: chains of causes, right ones, vague ones and wrong ones.

The weights are made up in the proportions that Chinese reports of causes of death give roughly (circulatory diseases, cancers
and diseases of the lungs in the old, injuries in the young, conditions of birth in infants); nothing is computed from them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quanmin.synth.column import Column, Lookup, codes
from quanmin.synth.pyramid import FEMALE, MALE
from quanmin.synth.stream import Ints, Weighted

BOTH = 0
_UNIT = {"分钟": "1", "小时": "2", "天": "3", "周": "4", "月": "5", "年": "6"}
_AGES = (28, 365, 15 * 365, 45 * 365, 65 * 365)
"""Days of age below which the bands end; the last band has no end."""


class Line(NamedTuple):
    """A line of a certificate: words, codes, and the interval, such as `3天`."""

    words: str
    code: str
    interval: str = ""


class Pattern(NamedTuple):
    """A way to die: the lines of Part I, Part II, the underlying cause, weights by band of age, sex."""

    lines: tuple[Line, ...]
    underlying: Line
    weights: tuple[float, float, float, float, float, float]
    sex: int = BOTH
    other: Line | None = None
    maternal: bool = False


def _way(
    *lines: Line, at: tuple[float, ...], sex: int = BOTH, other: Line | None = None, means: Line | None = None
) -> Pattern:
    """A pattern whose last line is the underlying cause, unless the rules make it mean another."""
    a, b, c, d, e, f = at
    return Pattern(lines, means or lines[-1], (a, b, c, d, e, f), sex, other, lines[-1].code.startswith("O"))


_PNEUMONIA = Line("支气管肺炎", "J18.0", "5天")
_FAILURE = Line("心力衰竭", "I50.9", "2天")
_BREATH = Line("呼吸衰竭", "J96.0", "1天")
_PRESSURE = Line("高血压", "I10", "12年")
_DIABETES = Line("2型糖尿病", "E11.9", "10年")
_HEAD = Line("颅脑损伤", "S06.9", "3小时")
_MANY = Line("多发伤", "T07", "1小时")

PATTERNS: tuple[Pattern, ...] = (
    _way(_BREATH, Line("新生儿呼吸窘迫综合征", "P22.0", "2天"), Line("早产", "P07.3", "3天"), at=(30, 0, 0, 0, 0, 0)),
    _way(Line("新生儿窒息", "P21.0", "1天"), at=(25, 0, 0, 0, 0, 0)),
    _way(_FAILURE, Line("先天性心脏病", "Q24.9", "2月"), at=(0, 20, 8, 0, 0, 0)),
    _way(Line("新生儿败血症", "P36.9", "4天"), at=(12, 0, 0, 0, 0, 0)),
    _way(_BREATH, Line("肺炎", "J18.9", "6天"), at=(6, 30, 10, 2, 2, 4)),
    _way(Line("脱水", "E86", "1天"), Line("感染性腹泻", "A09", "4天"), at=(2, 10, 4, 0.2, 0.2, 0.3)),
    _way(Line("溺水", "T75.1", "10分钟"), Line("意外溺水", "W74", "10分钟"), at=(0, 2, 28, 3, 1, 0.6)),
    _way(_HEAD, Line("行人被汽车撞伤", "V03.1", "3小时"), at=(0, 2, 14, 14, 6, 1.5)),
    _way(Line("创伤性休克", "T79.4", "1小时"), _MANY, Line("摩托车碰撞", "V29.4", "1小时"), at=(0, 0, 2, 12, 4, 0.4)),
    _way(_HEAD, Line("高处坠落", "W13", "3小时"), at=(0, 1, 4, 7, 4, 0.8)),
    _way(Line("髋部骨折", "S72.0", "3周"), Line("跌倒", "W18", "3周"), at=(0, 0, 0, 0.2, 0.6, 1.6)),
    _way(Line("农药中毒", "T60.0", "1天"), Line("服农药自杀", "X68", "1天"), at=(0, 0, 0.5, 9, 4, 1.2)),
    _way(Line("急性白血病", "C95.0", "8月"), at=(0, 3, 10, 4, 2, 1)),
    _way(Line("脑恶性肿瘤", "C71.9", "10月"), at=(0, 1, 5, 3, 2.5, 1)),
    _way(
        Line("肝衰竭", "K72.9", "1周"),
        Line("肝硬化", "K74.6", "5年"),
        Line("慢性乙型肝炎", "B18.1", "15年"),
        at=(0, 0, 0, 5, 4, 1),
    ),
    _way(Line("肝癌", "C22.0", "8月"), at=(0, 0, 0.4, 8, 11, 5)),
    _way(_BREATH, Line("支气管肺癌", "C34.9", "1年"), at=(0, 0, 0, 4, 14, 9)),
    _way(Line("恶病质", "R64", "1月"), Line("胃恶性肿瘤", "C16.9", "1年"), at=(0, 0, 0, 3, 8, 5)),
    _way(Line("食管恶性肿瘤", "C15.9", "1年"), at=(0, 0, 0, 1, 6, 4)),
    _way(Line("肝转移", "C78.7", "3月"), Line("结肠恶性肿瘤", "C18.9", "2年"), at=(0, 0, 0, 2, 3, 2.5)),
    _way(Line("乳腺恶性肿瘤", "C50.9", "4年"), at=(0, 0, 0, 5, 5, 2), sex=FEMALE),
    _way(Line("宫颈恶性肿瘤", "C53.9", "3年"), at=(0, 0, 0, 3, 4, 1), sex=FEMALE),
    _way(Line("前列腺恶性肿瘤", "C61", "3年"), at=(0, 0, 0, 0, 1, 2), sex=MALE),
    _way(Line("产后出血", "O72.1", "3小时"), at=(0, 0, 0, 1.2, 0, 0), sex=FEMALE),
    _way(Line("子痫", "O15.9", "1天"), at=(0, 0, 0, 0.6, 0, 0), sex=FEMALE),
    _way(Line("急性心肌梗死", "I21.9", "6小时"), at=(0, 0, 0, 9, 14, 14), other=_PRESSURE),
    _way(
        Line("急性心肌梗死", "I21.9", "6小时"),
        Line("冠心病", "I25.1", "8年"),
        at=(0, 0, 0, 3, 8, 10),
        means=Line("急性心肌梗死", "I21.9"),
    ),
    _way(_FAILURE, Line("慢性缺血性心脏病", "I25.9", "9年"), at=(0, 0, 0, 1, 4, 9), other=_DIABETES),
    _way(_FAILURE, Line("高血压性心脏病", "I11.0", "10年"), at=(0, 0, 0, 0.5, 2, 5)),
    _way(
        Line("脑疝", "G93.5", "8小时"),
        Line("脑出血", "I61.9", "1天"),
        _PRESSURE,
        at=(0, 0, 0, 6, 13, 10),
        means=Line("脑出血", "I61.9"),
    ),
    _way(_PNEUMONIA, Line("脑梗死", "I63.9", "3月"), at=(0, 0, 0, 1, 6, 12), other=_PRESSURE),
    _way(Line("脑血管病后遗症", "I69.4", "4年"), at=(0, 0, 0, 0, 2, 5)),
    _way(_BREATH, Line("慢性阻塞性肺疾病", "J44.9", "15年"), at=(0, 0, 0, 1, 4, 12)),
    _way(Line("慢性肺源性心脏病", "I27.9", "5年"), Line("慢性支气管炎", "J42", "20年"), at=(0, 0, 0, 0.3, 2, 4)),
    _way(
        Line("尿毒症", "N18.5", "1年"), _DIABETES, at=(0, 0, 0, 1.5, 3, 3), means=Line("2型糖尿病伴肾并发症", "E11.2")
    ),
    _way(
        Line("酮症酸中毒", "E87.2", "2天"),
        _DIABETES,
        at=(0, 0, 0, 1, 1, 0.8),
        means=Line("2型糖尿病伴酮症酸中毒", "E11.1"),
    ),
    _way(
        Line("上消化道出血", "K92.2", "1天"),
        Line("胃溃疡", "K25.9", "5年"),
        at=(0, 0, 0, 0.6, 1, 1),
        means=Line("胃溃疡伴出血", "K25.4"),
    ),
    _way(Line("阿尔茨海默病", "G30.9", "7年"), at=(0, 0, 0, 0, 0.3, 2.5)),
    _way(Line("肺结核", "A16.9", "2年"), at=(0, 0, 0, 1.2, 1.2, 1)),
    # What says little
    _way(Line("猝死", "R96.0", "1小时"), at=(0.5, 1, 1, 4, 2.5, 1.5)),
    _way(Line("衰老", "R54", "1年"), at=(0, 0, 0, 0, 0, 4)),
    _way(Line("死因不明", "R99"), at=(1, 1.5, 1, 1, 0.8, 0.8)),
    _way(_FAILURE, at=(0, 0, 0.3, 1, 1.5, 3)),
    _way(Line("呼吸循环衰竭", "R09.2", "1天"), at=(1, 1, 0.5, 0.6, 0.8, 1.5)),
    _way(Line("恶性肿瘤", "C80", "1年"), at=(0, 0, 0, 0.4, 0.8, 0.8)),
    # What is wrong: the chain upside down, a gap, an injury without its cause, a code that there is not, an impossible sex
    _way(_PRESSURE, Line("脑出血", "I61.9", "1天"), at=(0, 0, 0, 0.3, 0.6, 0.6)),
    _way(_PNEUMONIA, Line("", ""), Line("脑梗死", "I63.9", "3月"), at=(0, 0, 0, 0.1, 0.3, 0.4)),
    Pattern((_HEAD,), _HEAD, (0, 0, 0.6, 0.8, 0.5, 0.2)),
    _way(Line("心脏病", "I53.9", "2年"), at=(0, 0, 0, 0.1, 0.2, 0.3)),
    _way(Line("卵巢恶性肿瘤", "C56", "2年"), at=(0, 0, 0, 0.05, 0.1, 0.1), sex=MALE),
)


def drawn(rng: np.random.Generator, age: Ints, sex: NDArray[np.int8]) -> Ints:
    """A pattern for each of the dead, by age in days and sex: places in `PATTERNS`."""
    band = np.searchsorted(np.asarray(_AGES), age, side="right")
    made = np.zeros(len(age), dtype=np.int32)
    for own in (MALE, FEMALE):
        for at in range(len(_AGES) + 1):
            weights = [one.weights[at] * (one.sex in (BOTH, own)) for one in PATTERNS]
            rows = np.flatnonzero((band == at) & (sex == own))
            made[rows] = Weighted(weights).draw(rng, len(rows))
    return made


def columns(pattern: Ints) -> dict[str, Column]:
    """The elements of the chain and the underlying cause, for patterns that were drawn."""
    made = dict[str, Column]()
    for place, letter in enumerate("abcd"):
        lines = [one.lines[place] if place < len(one.lines) else None for one in PATTERNS]
        made |= _line(f"cause_{letter}", lines, pattern)
        made |= _interval(f"cause_{letter}", lines, pattern)
    made |= _line("cause_other", [one.other for one in PATTERNS], pattern)
    made |= _line("underlying_cause", [one.underlying for one in PATTERNS], pattern)
    return made


def maternal(pattern: Ints) -> Ints:
    """1 where a pattern is of pregnancy, else 0."""
    return np.asarray([int(one.maternal) for one in PATTERNS], dtype=np.int32)[pattern]


def _line(name: str, lines: list[Line | None], pattern: Ints) -> dict[str, Lookup]:
    words = _column([line.words if line else "" for line in lines], pattern)
    return {name: words, f"{name}_code": _column([line.code if line else "" for line in lines], pattern)}


def _interval(name: str, lines: list[Line | None], pattern: Ints) -> dict[str, Lookup]:
    stated = [line.interval if line else "" for line in lines]
    numbers = [text.rstrip("分钟小时天周月年") for text in stated]
    units = [_UNIT.get(text[len(number) :], "") for text, number in zip(stated, numbers, strict=True)]
    return {f"{name}_interval": _column(numbers, pattern), f"{name}_unit": _column(units, pattern)}


def _column(texts: list[str], pattern: Ints) -> Lookup:
    """A text a pattern; none where it is empty."""
    known = [text for text in dict.fromkeys(texts) if text]
    place = np.asarray([known.index(text) if text else -1 for text in texts], dtype=np.int32)
    return codes(known, place[pattern])
