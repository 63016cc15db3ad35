"""What the demographic methods refuse: rows, ages, columns and steps are told, never what somebody counted."""

from __future__ import annotations

from quanmin.errors import Invalid
from quanmin.text import Text


class NoRows(Invalid):
    """There is nothing to compute from."""

    code = "QM-VITAL-060"
    title = Text("{source} 没有数据行", "{source} holds no rows")
    step = Text("请给出每个年龄组一行的数据。", "Give one row for each age group.")


class ColumnsWrong(Invalid):
    """The heading lacks what a life table is made from, or says it twice."""

    code = "QM-VITAL-061"
    title = Text("{file} 缺少或重复的列：{columns}", "{file} lacks, or has twice, the columns: {columns}")
    step = Text(
        "需要“年龄”和“死亡率”，或者“年龄”“死亡数”和“人年数”。",
        "It takes the columns age and mx, or age, deaths and exposure.",
    )


class AgeUnreadable(Invalid):
    """An age that is written in no known way."""

    code = "QM-VITAL-062"
    title = Text("第 {row} 行的年龄无法识别", "the age in row {row} cannot be read")
    step = Text("年龄写作 0、1-4、5-9、85+ 等。", "Write ages as 0, 1-4, 5-9, 85+ and the like.")


class AgesOutOfOrder(Invalid):
    """An age group that does not follow the one before."""

    code = "QM-VITAL-063"
    title = Text(
        "第 {row} 行的年龄不大于上一行（未排序或重复）",
        "the age in row {row} is not above the one before (unsorted, or twice)",
    )
    step = Text("请按年龄从小到大排列，每组一行。", "Sort the rows by age, one row for each group.")


class AgesGap(Invalid):
    """Ages that are in no group."""

    code = "QM-VITAL-064"
    title = Text("第 {row} 行之前缺少年龄 {age}", "age {age} is missing before row {row}")
    step = Text("请补上缺少的年龄组；首组须从 0 岁开始。", "Add the missing group; the first begins at age 0.")


class AgesUnusual(Invalid):
    """Groups that are neither single years nor 0, 1-4, 5-9 and so on."""

    code = "QM-VITAL-065"
    title = Text(
        "第 {row} 行的年龄组既不是单岁，也不是 0、1-4、5-9……",
        "the age group in row {row} fits neither single years nor 0, 1-4, 5-9 and so on",
    )
    step = Text(
        "请改用单岁组（0、1、2……）或标准组（0、1-4、5-9……），末组开口。",
        "Use single years (0, 1, 2 ...) or the standard groups (0, 1-4, 5-9 ...), the last one open.",
    )


class NotANumber(Invalid):
    """A value that is missing, no number, or not finite."""

    code = "QM-VITAL-066"
    title = Text("第 {row} 行的“{column}”为空或不是有限的数", "{column} in row {row} is missing or no finite number")
    step = Text("请填写数；没有死亡写 0。", "Write a number; no deaths are a 0.")


class NegativeNumber(Invalid):
    """A count or a rate below zero."""

    code = "QM-VITAL-067"
    title = Text("第 {row} 行的“{column}”小于 0", "{column} in row {row} is below 0")
    step = Text("请更正为 0 或正数。", "Correct it to 0 or more.")


class NoExposure(Invalid):
    """Nobody lived at an age: its rate has no denominator."""

    code = "QM-VITAL-068"
    title = Text("第 {row} 行的人年数为 0，无法计算死亡率", "the exposure in row {row} is 0: there is no rate")
    step = Text(
        "请补充人年数，或把该组并入更低的开口组。", "Give the person-years, or join the group to a lower open one."
    )


class RateTooHigh(Invalid):
    """A rate that no population has below age 80: per 1,000 perhaps, or two columns mixed up."""

    code = "QM-VITAL-069"
    title = Text("第 {row} 行每人年的死亡多于 1", "row {row} has more than one death for each person-year")
    step = Text(
        "死亡率按每人年计，不是千分率；请核对死亡数与人年数是否颠倒。",
        "Rates are per person-year, not per 1,000; see whether deaths and exposure are exchanged.",
    )


class OpenAgeWithoutDeaths(Invalid):
    """No death in the open age group: the years lived there have no bound."""

    code = "QM-VITAL-070"
    title = Text(
        "第 {row} 行（开口年龄组）的死亡率为 0，无法封闭寿命表",
        "the rate of the open age group in row {row} is 0: the table cannot be closed",
    )
    step = Text("请从更低的年龄起开口，使该组有死亡。", "Open the last group at a lower age, where deaths occurred.")


class FileUnreadable(Invalid):
    """A file that is no text of rows."""

    code = "QM-VITAL-071"
    title = Text("{file} 不是 CSV 文本或过大", "{file} is no CSV text, or too large")
    step = Text(
        "请另存为 UTF-8 或 GB18030 编码的 CSV（逗号或制表符分隔），不超过 {most} MB。",
        "Save it as CSV (commas or tabs) in UTF-8 or GB18030, of at most {most} MB.",
    )


class RowTooShort(Invalid):
    """A row with other columns than the heading."""

    code = "QM-VITAL-072"
    title = Text("第 {row} 行的列数与标题行不同", "row {row} has not as many columns as the heading")
    step = Text("请检查分隔符与引号。", "Look at delimiters and quotation marks.")


class LastAgeClosed(Invalid):
    """The last age group has an end: who lives longer is nowhere."""

    code = "QM-VITAL-073"
    title = Text("第 {row} 行（末组）不是开口组", "the last age group, in row {row}, has an end")
    step = Text("末组写作 85+ 等，包含所有更高年龄。", "Write the last group as 85+ or so, with all who are older.")


class OtherShape(Invalid):
    """Arrays that do not belong together."""

    code = "QM-VITAL-074"
    title = Text("“{name}”应有 {expected} 个值，实有 {found} 个", "{name} must have {expected} values, it has {found}")
    step = Text("请使各数组与年龄组一一对应。", "Give one value for each age group.")


class NoDenominator(Invalid):
    """A ratio over nothing."""

    code = "QM-VITAL-075"
    title = Text("“{name}”的分母为 0", "the denominator of {name} is 0")
    step = Text("没有分母就没有该指标；请合并地区或时期。", "There is no such figure; join areas or periods.")


class CauseAboveAll(Invalid):
    """More deaths of one cause than of all."""

    code = "QM-VITAL-076"
    title = Text("第 {row} 行某死因的死亡数多于全部死亡数", "row {row} has more deaths of the cause than of all causes")
    step = Text("请核对两列的时期与地区是否一致。", "See whether both cover the same period and area.")


class NoLine(Invalid):
    """The points of the growth balance give no line."""

    code = "QM-VITAL-077"
    title = Text("增长平衡法的点无法定线（{rule}）", "the growth balance has no line through its points ({rule})")
    step = Text(
        "两次人口数与其间死亡数须为同一地区、五岁组、各组大于 0。",
        "Both counts and the deaths between must be of one area, in five-year groups, all above 0.",
    )


class MoreLeave(Invalid):
    """Migration takes more people than there are."""

    code = "QM-VITAL-078"
    title = Text(
        "第 {step} 步 {sex} {age} 岁迁出人数多于现有人数",
        "in step {step} more people ({sex}, age {age}) leave than there are",
    )
    step = Text("请减少净迁出。", "Lower the net out-migration.")


class AgesShort(Invalid):
    """A method needs ages that are not there."""

    code = "QM-VITAL-079"
    title = Text("“{name}”需要 {first} 至 {last} 岁的单岁人口", "{name} takes single ages from {first} to {last}")
    step = Text("请提供这些年龄的人口数。", "Give the counts of these ages.")
