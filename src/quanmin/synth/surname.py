"""Family names and their shares of the people.

Source: order of the first hundred family names and the shares of the first three (王 7.25 %, 李 7.19 %, 张 6.83 %) and of
all hundred together (84.77 %): Ministry of Public Security, Bureau of Public Order, statistics of the registered
population, released 24 April 2007. Ranks 4 to 10: the survey of Yuan Yida, Chinese Academy of Sciences, 2006 (刘 5.38 %,
陈 4.53 %, 杨 3.08 %, 赵 2.29 %, 黄 2.23 %, 周 2.12 %, 吴 2.05 %). The shares of ranks 11 to 100 were not found one by
one: they fall by rank so that the published sum holds. The rarer names share the rest, double ones among them.
"""

from __future__ import annotations

import numpy as np

from quanmin.synth.stream import Floats

_FIRST = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_KNOWN = {
    "王": 7.25,
    "李": 7.19,
    "张": 6.83,
    "刘": 5.38,
    "陈": 4.53,
    "杨": 3.08,
    "赵": 2.29,
    "黄": 2.23,
    "周": 2.12,
    "吴": 2.05,
}
_HUNDRED = 84.77
_RARE = (
    "常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂"
    "成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费"
    "卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆"
)
_DOUBLE = (
    "欧阳",
    "上官",
    "皇甫",
    "令狐",
    "诸葛",
    "司徒",
    "司马",
    "申屠",
    "夏侯",
    "贺兰",
    "完颜",
    "慕容",
    "尉迟",
    "长孙",
)


def _shares() -> Floats:
    fitted = [name for name in _FIRST if name not in _KNOWN]
    falling = np.exp(-np.arange(len(fitted)) * 0.0205)
    falling *= (_HUNDRED - sum(_KNOWN.values())) / falling.sum()
    by_name = dict(zip(fitted, falling, strict=True)) | _KNOWN
    rest = 1.0 / np.arange(8, 8 + len(_RARE)) ** 0.9
    double = np.full(len(_DOUBLE), 0.012)
    rest *= (100 - _HUNDRED - double.sum()) / rest.sum()
    return np.concatenate([[by_name[name] for name in _FIRST], rest, double])


SURNAMES: tuple[str, ...] = (*_FIRST, *_RARE, *_DOUBLE)
SHARES: Floats = _shares()
"""Per cent of the people, in the order of `SURNAMES`."""
