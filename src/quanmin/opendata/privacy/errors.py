"""What statistics with differential privacy refuse."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Incomplete, Invalid, NotFound, Unavailable
from quanmin.text import Text


class LossInvalid(Invalid):
    """An epsilon or delta that cannot be spent."""

    code = "QM-PRIVACY-001"
    title = Text("{name} 不可用：须为 {allowed}", "{name} cannot be used: it must be {allowed}")
    step = Text("请给出有限的正数。", "Give a finite positive number.")


class BoundsInvalid(Invalid):
    """Bounds or a step that are no numbers, the wrong way round or too far apart."""

    code = "QM-PRIVACY-002"
    title = Text("上下界或步长不成立：{allowed}", "bounds or step do not hold: {allowed}")
    step = Text(
        "请按常识（而非按数据）声明上下界；越界的值按界计。",
        "Declare bounds from what is known without the data; values beyond count as the bound.",
    )


class ContributionsInvalid(Invalid):
    """A bound of rows a person that is none."""

    code = "QM-PRIVACY-003"
    title = Text("每人行数上限须为 1 到 {most} 的整数", "rows a person must be a whole number from 1 to {most}")
    step = Text("多出的行按人截去；上限越小，噪声越小。", "What a person has more is cut; the smaller, the less noise.")


class CategoriesInvalid(Invalid):
    """Categories that are none, too many, twice the same, or look like somebody's number."""

    code = "QM-PRIVACY-004"
    title = Text("类别不成立：{reason}", "the categories do not hold: {reason}")
    step = Text(
        "请列出公开的类别；未列的归入“其他”。", "List categories that are public; what is not listed counts as other."
    )


class DirectIdentifier(Denied):
    """A statistic about a column that tells who somebody is."""

    code = "QM-PRIVACY-005"
    title = Text("直接标识符 {element} 不得用于统计", "the direct identifier {element} may not be counted by")
    step = Text("请换用其他列。", "Use another column.")


class ColumnUnfit(Invalid):
    """A column is missing, or is not of the kind that the statistic needs."""

    code = "QM-PRIVACY-006"
    title = Text("列 {element} 不能用于{statistic}", "the column {element} cannot be used for {statistic}")
    step = Text("请核对列名及其类型与读取权限。", "Check its name, its type, and that it may be read.")


class QueryInvalid(Invalid):
    """A query that asks for no statistic, or says what its statistic does not take."""

    code = "QM-PRIVACY-007"
    title = Text("查询不成立：{reason}", "the query does not hold: {reason}")
    step = Text("手册“差分隐私统计”一页列出各项。", "The manual's page on private statistics lists what there is.")


class BudgetMissing(NotFound):
    """A dataset without a budget that is in force."""

    code = "QM-PRIVACY-008"
    title = Text("{dataset} 当前没有有效的隐私预算", "{dataset} has no privacy budget that is in force")
    step = Text(
        "由发布专员提出、另一人确认后方可查询。", "A release officer proposes one and another person confirms it."
    )


class BudgetExhausted(Conflict):
    """The budget does not cover the query; nothing was spent."""

    code = "QM-PRIVACY-009"
    title = Text(
        "{dataset} 的隐私预算不足：还剩 ε {left}、δ {left_delta}，所需 ε {asked}、δ {asked_delta}",
        "the privacy budget of {dataset} does not cover it: epsilon {left} and delta {left_delta} are left, "
        "epsilon {asked} and delta {asked_delta} are asked",
    )
    step = Text(
        "可减小 ε，或重放已有的查询；预算不退还，新的期限须另行批准。",
        "Ask with less, or repeat an answered query; nothing is refunded, and a new period needs two people.",
    )


class BeingAnswered(Conflict):
    """The same query is being answered for somebody else, and takes long."""

    code = "QM-PRIVACY-010"
    title = Text("同一查询正在计算", "the same query is being answered")
    step = Text("请稍后再问，届时不再消耗预算。", "Ask again later; it then costs nothing.")


class WorkerFailed(Incomplete):
    """The worker ended without an answer; what was spent stays spent."""

    code = "QM-PRIVACY-011"
    title = Text(
        "隐私计算未完成（{reason}）；已用的预算不退还", "the worker ended ({reason}); what was spent stays spent"
    )
    step = Text("请检查内存与时间限制后再试。", "Look at its limits of memory and time, and try again.")


class WorkerMissing(Unavailable):
    """No interpreter with OpenDP; nothing was spent."""

    code = "QM-PRIVACY-012"
    title = Text("没有可用的 OpenDP 环境（{reason}）", "there is no environment with OpenDP ({reason})")
    step = Text(
        "请安装 opendp，或用 QUANMIN_OPENDP 指明装有它的解释器。",
        "Install opendp, or name an interpreter that has it by QUANMIN_OPENDP.",
    )


class BudgetInvalid(Invalid):
    """A proposed budget that cannot be meant."""

    code = "QM-PRIVACY-013"
    title = Text("预算不成立：{fields}", "the budget does not hold: {fields}")
    step = Text(
        "须有数据集、ε（大于 0）、δ、起止日期与理由。",
        "It needs a dataset, an epsilon, a delta, a period and a reason.",
    )


class BudgetOverlaps(Conflict):
    """A dataset has one budget at a time."""

    code = "QM-PRIVACY-014"
    title = Text("{dataset} 已有期限重叠的预算 {document}", "{dataset} has budget {document}, whose period overlaps")
    step = Text("请先终止原预算，或改用其后的期限。", "End that budget first, or choose a later period.")


class UnknownBudget(NotFound):
    """No budget or answer with this number."""

    code = "QM-PRIVACY-015"
    title = Text("没有编号为 {number} 的预算或答案", "there is no budget or answer {number}")
    step = Text("可用 quanmin privacy budget list 查看。", "See quanmin privacy budget list.")


class PersonMissing(Invalid):
    """Rows are about people, and the query does not say which column tells them apart."""

    code = "QM-PRIVACY-016"
    title = Text(
        "{dataset} 的行属于个人，须指明区分个人的列", "rows of {dataset} are people's: name the column of persons"
    )
    step = Text("请用 person 指明该列。", "Name it as person.")


class OwnProposal(Denied):
    """Somebody signs what he proposed himself."""

    code = "QM-PRIVACY-017"
    title = Text("第 {document} 号预算须由另一人确认", "budget {document} is confirmed by another person")
    step = Text(
        "请由另一名发布专员或安全管理员确认。", "Another release officer or the security administrator does it."
    )
