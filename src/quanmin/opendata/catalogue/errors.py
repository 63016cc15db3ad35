"""What the catalogue refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from quanmin.errors import Conflict, Incomplete, Invalid, NotFound, Unavailable
from quanmin.text import Text

if TYPE_CHECKING:
    from quanmin.opendata.catalogue.validation import Problem


class RecordInvalid(Invalid):
    """A record breaks rules; `problems` of it says every one with its place, the fields of the message the first."""

    problems: Sequence[Problem] = ()
    code = "QM-CATALOGUE-001"
    title = Text(
        "记录 {record} 不合规，共 {count} 处；首处在 {path}（{rule}）",
        "record {record} breaks {count} rules, the first at {path} ({rule})",
    )
    step = Text("请按所列位置改正后再提交。", "Correct the places that are listed and send it again.")


class UnknownRecord(NotFound):
    """No record has this id or name."""

    code = "QM-CATALOGUE-002"
    title = Text("目录中没有 {name}", "the catalogue has no {name}")
    step = Text("请核对标识或名称，或用搜索查找。", "Check the id or name, or search for it.")


class NameTaken(Conflict):
    """Another record has, or once had, this name."""

    code = "QM-CATALOGUE-003"
    title = Text("名称 {name} 已属于记录 {record}", "the name {name} belongs to the record {record}")
    step = Text(
        "请另取名称；用过的名称不再分配，旧链接因此不会指向别处。",
        "Choose another name; names once used are not given again, so that old links lead nowhere else.",
    )


class StateForbids(Conflict):
    """The state of the record does not allow the action."""

    code = "QM-CATALOGUE-004"
    title = Text("记录 {record} 处于 {state}，不能 {action}", "record {record} is {state}; it cannot {action}")
    step = Text("请查看该记录的历史。", "Look at the history of the record.")


class ReasonMissing(Invalid):
    """A withdrawal says no reason."""

    code = "QM-CATALOGUE-005"
    title = Text("撤回记录 {record} 须说明理由", "a reason is needed to withdraw the record {record}")
    step = Text("理由将公布在该记录的原址。", "It is published where the record was.")


class QueryTooLong(Invalid):
    """A search is longer than anything that could be meant."""

    code = "QM-CATALOGUE-006"
    title = Text(
        "检索词过长：{length} 字，上限 {limit}", "the query is too long: {length} characters of at most {limit}"
    )
    step = Text("请缩短检索词。", "Shorten the query.")


class QueryInvalid(Invalid):
    """A part of a query other than its text is wrong."""

    code = "QM-CATALOGUE-007"
    title = Text("检索参数 {part} 有误：应为 {allowed}", "the part {part} of the query is wrong: allowed are {allowed}")
    step = Text("请更正该参数。", "Correct that part.")


class IndexUnusable(Incomplete):
    """The files of the search index are not whole."""

    code = "QM-CATALOGUE-008"
    title = Text("检索索引不完整：{file}", "the search index is not whole: {file}")
    step = Text(
        "索引可随时由记录重建；打开目录时会自动重建。", "It is made anew from the records when the catalogue opens."
    )


class CountersInvalid(Invalid):
    """Counters that were handed in are not numbers of 0 or more."""

    code = "QM-CATALOGUE-009"
    title = Text("记录 {record} 的计数 {counter} 有误", "the counter {counter} of the record {record} is wrong")
    step = Text(
        "计数须为不小于 0 的整数；原有计数不变。", "It must be a whole number of 0 or more; those that stood stay."
    )


class CatalogueFull(Unavailable):
    """There are more published records than one index can hold."""

    code = "QM-CATALOGUE-010"
    title = Text(
        "已发布的记录超过检索索引的上限 {limit}",
        "more than {limit} records are published; the search index holds no more",
    )
    step = Text("请把目录分到几个安装上。", "Divide the catalogue among several installations.")
