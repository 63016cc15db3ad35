"""The model: how a pair is compared, level by level, and what each level weighs (Fellegi and Sunter, computed by Splink).

The weight of a level is log2(m/u): m is its share among pairs of one person, u among pairs of strangers. Where nothing was
counted yet, the shares below stand, each with its reason; `training` puts counted ones in their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import splink.comparison_level_library as cl
import splink.comparison_library as compare
from splink import SettingsCreator, block_on

from quanmin.population.linkage import setting
from quanmin.text import Text


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison: what it is called, how Splink tests it, and the expected shares."""

    title: Text
    test: Any
    m: float
    u: float
    frequent: bool = False


@dataclass(frozen=True)
class Compared:
    """One comparison with its levels, the closest first; where either side lacks `column`, it weighs nothing."""

    name: str
    title: Text
    column: str
    levels: tuple[Level, ...]


def comparisons(people: int = 1) -> tuple[Compared, ...]:
    """All comparisons for a base of so many people."""
    return (name(), birth(), number(people), sex(), region(), household())


def name() -> Compared:
    """Names by text, former name, variant characters, order and interpunct, sound, and single characters."""
    former = ("name_l = former_r", "former_l = name_r", "folded_l = folded_former_r", "folded_former_l = folded_r")
    one = cl.ArrayIntersectLevel("masked")
    long = cl.And(one, cl.CustomLevel("length(folded_l) >= 3"))
    return Compared(
        "name",
        Text("姓名", "name"),
        "name",
        (
            Level(Text("相同", "the same"), cl.ExactMatchLevel("name"), 0.895, 0.00002, frequent=True),
            Level(Text("与曾用名相同", "the former name"), cl.CustomLevel(" OR ".join(former)), 0.02, 0.00002),
            Level(Text("仅异体字不同", "the same but for variants"), cl.ExactMatchLevel("folded"), 0.01, 0.00002),
            Level(
                Text("用字相同，次序或间隔号不同", "the same characters in another order"),
                cl.ExactMatchLevel("arranged"),
                0.005,
                0.00002,
            ),
            Level(Text("同音", "the same sound"), cl.ExactMatchLevel("sound"), 0.01, 0.0003),
            Level(Text("三字以上差一字", "one of three or more characters differs"), long, 0.03, 0.0005),
            Level(Text("两字差一字", "one of two characters differs"), one, 0.02, 0.01),
            Level(Text("不同", "different"), cl.ElseLevel(), 0.01, 0.98914),
        ),
    )


def birth() -> Compared:
    """Birth dates by day, by exchange of day and month, by the lunar calendar, by digits, by year."""
    lunar = "lunar_l = birth_r OR birth_l = lunar_r"
    reversed_ = cl.ColumnsReversedLevel("birth", "swapped", symmetrical=True)
    return Compared(
        "birth",
        Text("出生日期", "birth date"),
        "birth",
        (
            Level(Text("相同", "the same"), cl.ExactMatchLevel("birth"), 0.967, 0.00004),
            Level(Text("月日颠倒", "day and month swapped"), reversed_, 0.005, 0.00002),
            Level(Text("一为农历", "one by the lunar calendar"), cl.CustomLevel(lunar), 0.003, 0.00006),
            Level(Text("差一位", "one digit differs"), cl.DamerauLevenshteinLevel("birth", 1), 0.01, 0.0012),
            Level(Text("同年", "the same year"), cl.ExactMatchLevel("year"), 0.005, 0.012),
            Level(Text("不同", "different"), cl.ElseLevel(), 0.01, 0.98668),
        ),
    )


def number(people: int) -> Compared:
    """Numbers by slips; what strangers agree on by chance depends on how many strangers there are."""
    shared = min(setting.SHARED_NUMBER * setting.DAYS_AND_SEXES / max(people, 1), 0.001)
    return Compared(
        "number",
        Text("公民身份号码", "citizen number"),
        "number",
        (
            Level(Text("相同", "the same"), cl.ExactMatchLevel("number"), 0.35, shared),
            Level(Text("差一处", "one slip"), cl.DamerauLevenshteinLevel("number", 1), 0.60, 0.00001),
            Level(Text("差两处", "two slips"), cl.DamerauLevenshteinLevel("number", 2), 0.04, 0.001),
            Level(Text("不同", "different"), cl.ElseLevel(), 0.01, 0.99899 - shared),
        ),
    )


def sex() -> Compared:
    """Sex, the same or not."""
    return Compared(
        "sex",
        Text("性别", "sex"),
        "sex",
        (
            Level(Text("相同", "the same"), cl.ExactMatchLevel("sex"), 0.99, 0.5),
            Level(Text("不同", "different"), cl.ElseLevel(), 0.01, 0.5),
        ),
    )


def region() -> Compared:
    """Regions by hierarchy: the closest that any region of the record and any of the person have in common."""
    return Compared(
        "region",
        Text("行政区划", "region"),
        "county",
        (
            Level(Text("同县", "one county"), cl.ArrayIntersectLevel("county"), 0.90, 0.01),
            Level(Text("同市", "one prefecture"), cl.ArrayIntersectLevel("prefecture"), 0.05, 0.08),
            Level(Text("同省", "one province"), cl.ArrayIntersectLevel("province"), 0.03, 0.3),
            Level(Text("不同", "different"), cl.ElseLevel(), 0.02, 0.61),
        ),
    )


def household() -> Compared:
    """Whether the relatives that a record names are registered in the person's household."""
    return Compared(
        "household",
        Text("户与亲属", "household and relatives"),
        "household",
        (
            Level(Text("同户", "one household"), cl.ArrayIntersectLevel("household"), 0.85, 0.00001),
            Level(Text("不同户", "different households"), cl.ElseLevel(), 0.15, 0.99999),
        ),
    )


class Equality(NamedTuple):
    """A level that holds where any of these columns of the person and of the record are equal, beyond those of closer levels."""

    either: tuple[tuple[str, str], ...]
    beyond: tuple[tuple[str, str], ...] = ()


EQUALITIES = {
    "name": (
        Equality((("name", "name"),)),
        Equality((("folded", "folded_former"), ("folded_former", "folded"))),
        Equality((("folded", "folded"),), (("name", "name"),)),
        Equality((("arranged", "arranged"),), (("folded", "folded"),)),
        Equality((("sound", "sound"),), (("folded", "folded"),)),
    ),
    "birth": (
        Equality((("birth", "birth"),)),
        Equality((("birth", "swapped"),)),
        Equality((("lunar", "birth"), ("birth", "lunar"))),
    ),
}
"""The first levels of these comparisons as equalities of columns: such pairs are counted without being compared."""

FIXED_U = ("number", "household")
"""Not counted among strangers. A number holds birth date and sex, which are compared already: what it adds is its region and
order among people of one birthday and sex. Counted among strangers at large the same evidence would weigh twice. Households
agree too rarely to be counted in a sample."""


def settings(people: int) -> dict[str, Any]:
    """The model with the expected shares for a base of so many people, as Splink's settings."""
    made: list[Any] = []
    for each in comparisons(people):
        levels: list[Any] = [cl.NullLevel(each.column)]
        for level in each.levels:
            named = level.test.configure(label_for_charts=level.title.en, m_probability=level.m, u_probability=level.u)
            levels.append(named.configure(tf_adjustment_column=each.name) if level.frequent else named)
        made.append(compare.CustomComparison(levels, output_column_name=each.name))
    creator = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="id",
        comparisons=made,
        blocking_rules_to_generate_predictions=[block_on("folded", "birth")],
        probability_two_random_records_match=setting.HAVE_A_PERSON / max(people, 1),
        retain_intermediate_calculation_columns=True,
    )
    return dict(creator.create_settings_dict("duckdb"))
