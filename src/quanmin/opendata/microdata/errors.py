"""What the anonymisation of microdata refuses."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid
from quanmin.text import Text


class IdentifierInRecipe(Denied):
    """A table for release has a direct identifier."""

    code = "QM-MICRODATA-001"
    title = Text(
        "直接标识符 {element} 不得进入公开微数据", "the direct identifier {element} may not be in open microdata"
    )
    step = Text("请从方案和数据表中去掉该列。", "Take the column out of the recipe and out of the table.")


class UndeclaredColumn(Invalid):
    """A column of the table has no place in the recipe."""

    code = "QM-MICRODATA-002"
    title = Text("有 {count} 列未在方案中声明：{element}", "{count} columns are not declared in the recipe: {element}")
    step = Text(
        "请声明为准标识符、敏感列或无害列，或从表中去掉。",
        "Declare them quasi-identifying, sensitive or harmless, or take them out of the table.",
    )


class MissingColumn(Invalid):
    """The recipe names a column that the table does not have."""

    code = "QM-MICRODATA-003"
    title = Text("表中没有方案所列的列 {element}", "the table has no column {element}, which the recipe names")
    step = Text("请核对方案与数据表。", "Compare the recipe with the table.")


class RecipeInvalid(Invalid):
    """A recipe that cannot be meant."""

    code = "QM-MICRODATA-004"
    title = Text("方案不成立：{reason}", "the recipe does not hold: {reason}")
    step = Text("请更正方案。", "Correct the recipe.")


class HierarchyInvalid(Invalid):
    """A hierarchy is not functional or its levels are not nested."""

    code = "QM-MICRODATA-005"
    title = Text(
        "泛化层次 {name} 第 {level} 层有 {count} 处不成立：{reason}",
        "the hierarchy {name} does not hold at level {level}, {count} times: {reason}",
    )
    step = Text(
        "每个值在每一层只能有一个上级，且层层嵌套。", "Each value has one parent at each level, and levels are nested."
    )


class NotCovered(Invalid):
    """A column has values that its hierarchy does not know."""

    code = "QM-MICRODATA-006"
    title = Text(
        "列 {element} 有 {values} 个不同的值（{rows} 行）不在泛化层次 {name} 中",
        "column {element} has {values} distinct values, in {rows} rows, that its hierarchy {name} does not cover",
    )
    step = Text("请补全层次，或先改正数据。", "Complete the hierarchy, or put the data right first.")


class TooFewPersons(Conflict):
    """No generalisation can hold the rule: there are too few persons."""

    code = "QM-MICRODATA-007"
    title = Text(
        "全表只有 {persons} 人，不足以满足 k={k}", "the whole table is about {persons} persons, too few for k={k}"
    )
    step = Text("请扩大数据范围；这张表不能公开。", "Widen the data; this table cannot be opened.")


class NothingHolds(Conflict):
    """Even the coarsest form breaks the rule or loses more rows than the recipe allows."""

    code = "QM-MICRODATA-008"
    title = Text(
        "没有一种泛化能在至多隐去 {limit} 的条件下满足规则（最粗的一层须隐去 {least} 行，共 {rows} 行）",
        "no generalisation holds the rule with at most {limit} of the rows left out "
        "(the coarsest must leave out {least} of {rows} rows)",
    )
    step = Text(
        "请放宽隐去上限、减少敏感列，或扩大数据范围；不会放行。",
        "Raise the limit, take out a sensitive column, or widen the data; nothing is released.",
    )


class PersonUnknown(Invalid):
    """Rows do not say whose they are."""

    code = "QM-MICRODATA-009"
    title = Text(
        "列 {element} 有 {rows} 行没有说明是谁的记录", "{rows} rows do not say in column {element} whose they are"
    )
    step = Text("k 以人计，请补全或去掉这些行。", "k counts persons: complete these rows or take them out.")


class ValueUnfit(Invalid):
    """A column cannot be used as the recipe wants."""

    code = "QM-MICRODATA-010"
    title = Text("列 {element} 不可用：{reason}", "column {element} cannot be used: {reason}")
    step = Text("请改正数据或方案。", "Correct the data or the recipe.")


class TooManyCombinations(Invalid):
    """A search would be larger than one machine can hold."""

    code = "QM-MICRODATA-011"
    title = Text("组合过多：{count}，上限 {limit}", "too many combinations: {count}, the limit is {limit}")
    step = Text("请减少准标识符或层数。", "Take fewer quasi-identifiers, or hierarchies with fewer levels.")
