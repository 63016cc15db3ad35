"""The characters of given names by sex and generation, and the names of peoples who write given name · father's name.

The characters and their order within a generation follow what the Ministry of Public Security's national name reports
(2018 to 2020) tell about each decade (the most frequent characters of all living: 英 华 文 玉 秀 明 丽 兰 红 金; 建国 and
建华 after 1949; 军 勇 红 丽 in the sixties and seventies; 伟 磊 静 丽 in the eighties; 杰 浩 婷 雪 in the nineties; 梓 子
宇 辰 涵 since), the rest from general knowledge; frequencies fall by Zipf's law. The share of one-character given names
follows the same reports: it peaked in the eighties at about 27 % and fell to about 6 %.
"""

from __future__ import annotations

from typing import NamedTuple

from quanmin.synth.pyramid import FEMALE, MALE


class Era(NamedTuple):
    """Births before `until` (a year), the share of one-character given names, and the characters by sex."""

    until: int
    single: float
    male: str
    female: str


ERAS: tuple[Era, ...] = (
    Era(
        1950,
        0.09,
        "德文玉明国金华永福生林春清祥长荣忠学海元振宝贵发成世光兴云庆正万志山才义树全凤士安俊开新全友昌有洪仁连廷富顺根喜寿",
        "秀英兰玉桂珍芳淑凤素贞云莲梅花香金翠月琴菊美春爱莉巧文华荣芝桃仙娥彩改瑞银清连枝娣先红妹喜雪素惠婉转引",
    ),
    Era(
        1966,
        0.12,
        "建国华明军平文志新民卫东永生强林伟光海忠德成学红春庆胜荣福金玉根跃援朝和祥利长家保跟立安兴良发清元富贵全正宝",
        "秀英兰玉芳华桂珍丽梅红淑琴凤霞萍莲云爱香素敏金美春月珠菊娟荣翠建燕琼慧惠清芬娥群花巧先芝仙艳文芹平亚瑞",
    ),
    Era(
        1980,
        0.22,
        "军勇伟强建明华平涛波斌峰辉志永刚海文林国杰鹏超东红卫亮兵俊飞春利民宏光学庆新宇江旭成晓安生良兴武忠松立进",
        "丽红霞艳英梅敏娟燕华芳萍玲静琴玉秀兰晓海春云香凤莉小娜慧颖琳翠美桂菊珍淑爱雪莲蓉洁红秋琼利彩文月婷芬",
    ),
    Era(
        1990,
        0.27,
        "伟磊强勇涛鹏超杰波斌军亮峰辉飞刚明龙文俊志浩建凯健海宇帅旭晓晨林阳永东华平彬宁震锋毅翔坤威松琦诚江昊鑫雷",
        "静丽娜敏燕娟艳霞婷芳丹玲莉红雪琳倩晶洁颖慧梅萍媛楠欣瑞蕾玉晓佳琴春蓉海莹云菲娇妍薇小双文璐茜璇双秋晨",
    ),
    Era(
        2000,
        0.20,
        "杰浩伟鹏宇超鑫俊文涛龙明志凯强帅磊嘉旭晨豪翔健斌波峰家飞海子泽辉博阳林建坤成昊晓天康勇宏铭航瑞东耀圣洋",
        "婷雪静欣雨佳丽琳慧敏颖倩文娜梦莹思晓玉燕洁怡嘉丹瑶莉诗芳晨晶雯薇媛蕾艳萍艺云悦秀紫珊宁春钰娟佩璐可月",
    ),
    Era(
        2100,
        0.07,
        "子宇浩轩梓泽睿博俊辰奕然天豪涵铭杰皓文嘉一晨航昊煜佳彬恩鑫晟墨逸瑞宸辉景明熙霖鹏凯哲诚锦成言沐霆翔楷阳",
        "梓涵欣怡雨佳诗子语妍萱可一馨思悦琪熙彤梦瑶诺汐桐紫瑾菲嘉晨若玥婷静依钰雅琳芮艺宁伊昕雪柔歆芯心朵淇韵羽颖",
    ),
)

RARE = "𬱖𬭎𫍽𬀩𫖳䶮㛃㬎犇垚淼燚昪珺翀赟婠"
"""Rare characters, some beyond the basic plane (four bytes in UTF-8 and in GB 18030)."""

PEOPLES: dict[str, dict[int, tuple[str, ...]]] = {
    "维吾尔": {
        MALE: tuple(
            "艾合买提 买买提 阿卜杜拉 玉素甫 艾力 吐尔逊 阿不都热合曼 库尔班 依明 热合曼 吾斯曼 亚森 卡德尔 尼亚孜 伊力哈木 "
            "木拉提 帕尔哈提 艾尼瓦尔 阿里木 塔依尔 麦麦提敏 肉孜 司马义 吾买尔 哈力克 阿迪力 地力木拉提 阿布力孜".split()
        ),
        FEMALE: tuple(
            "阿依古丽 古丽娜尔 热依汗 帕提古丽 阿依努尔 祖丽皮耶 玛依拉 热娜古丽 阿曼古丽 古丽巴哈尔 布威海丽且 阿孜古丽 "
            "米热古丽 努尔比亚 再娜甫 迪丽努尔 茹仙古丽 阿米娜 海日古丽 努尔古丽 吐尔逊古丽 帕丽达 哈丽旦 坎拜尔".split()
        ),
    },
    "哈萨克": {
        MALE: tuple(
            "叶尔兰 努尔兰 巴合提 哈力别克 吐尔汗 阿扎提 木拉提别克 赛力克 加尔恒 叶尔肯 别克 达吾列提 哈布力".split()
        ),
        FEMALE: tuple(
            "阿依江 古丽扎提 努尔古丽 巴合提古丽 沙吾列 加孜拉 阿依达娜 叶尔江 哈依夏 玛依努尔 库丽加娜".split()
        ),
    },
}
"""Given names of two peoples, by sex; the first also serves as the father's name behind the interpunct."""
