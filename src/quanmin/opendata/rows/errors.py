"""What the rows of an open table refuse. No message repeats a value that was asked for."""

from __future__ import annotations

from quanmin.errors import Incomplete, Invalid, NotFound, Unavailable
from quanmin.text import Text


class UnknownField(Invalid):
    """A field that the table does not have; its name is not repeated, for it may be a value in the wrong place."""

    code = "QM-ROWS-001"
    title = Text(
        "数据表没有参数 {parameter} 中的字段", "the table has no such field as the parameter {parameter} names"
    )
    step = Text("字段名见数据集的描述；区分大小写。", "The description of the dataset lists the fields; case matters.")


class BadValue(Invalid):
    """A value that the field cannot hold."""

    code = "QM-ROWS-002"
    title = Text("字段 {element} 的值须为{kind}", "a value for the field {element} must be {kind}")
    step = Text('更正该值；代码是文本，例如 "010"。', 'Correct the value; codes are text, as "010".')


class BadOperator(Invalid):
    """A comparison that the field or the grammar does not have."""

    code = "QM-ROWS-003"
    title = Text("字段 {element} 不支持这种比较", "the field {element} cannot be compared in that way")
    step = Text(
        "可用 eq、ne、in、gt、gte、lt、lte、null；文本还可用 prefix 和 contains。",
        "There are eq, ne, in, gt, gte, lt, lte and null, and for text prefix and contains.",
    )


class BadFilter(Invalid):
    """A filter that is not of the grammar."""

    code = "QM-ROWS-004"
    title = Text("筛选条件不合语法：{reason}", "the filter is not of the grammar: {reason}")
    step = Text("语法见手册“数据接口”一页。", "The manual's page on the data API has the grammar.")


class BadParameter(Invalid):
    """A parameter of a query that is out of its range or not of its kind."""

    code = "QM-ROWS-005"
    title = Text("参数 {parameter} 须为{kind}", "the parameter {parameter} must be {kind}")
    step = Text("更正该参数。", "Correct the parameter.")


class BadCursor(Invalid):
    """A cursor that was not made here, or was changed."""

    code = "QM-ROWS-006"
    title = Text("翻页标记无效", "the page cursor is not a valid one")
    step = Text(
        "从第一页重新开始，并原样使用返回的标记。", "Begin at the first page and use the cursor as it was given."
    )


class ForeignCursor(Invalid):
    """A cursor of another file, or of another query."""

    code = "QM-ROWS-007"
    title = Text(
        "翻页标记属于另一个文件版本或另一条查询", "the page cursor belongs to another file or to another query"
    )
    step = Text(
        "数据集可能已更新；用相同的筛选和排序从第一页重新开始。",
        "The dataset may have changed; begin at the first page, with the same filter and order.",
    )


class TooManyRows(Invalid):
    """More rows than one answer gives."""

    code = "QM-ROWS-008"
    title = Text("结果超过 {limit} 行", "the result has more than {limit} rows")
    step = Text("请翻页、增加筛选条件，或申请导出。", "Take it by pages, narrow the filter, or ask for an export.")


class QueryTooSlow(Unavailable):
    """A query was ended at the time that one may take."""

    code = "QM-ROWS-009"
    title = Text("查询超过 {seconds} 秒，已停止", "the query took more than {seconds} seconds and was stopped")
    step = Text("请用更精确的筛选条件，或申请导出。", "Use a narrower filter, or ask for an export.")


class TableNotReady(Unavailable):
    """The index of a large table is still being made."""

    code = "QM-ROWS-010"
    title = Text("数据表的索引正在建立", "the index of the table is being made")
    step = Text(
        "{seconds} 秒后再试；整文件可立即下载。", "Try again in {seconds} seconds; the whole file is there already."
    )


class TableUnsupported(Invalid):
    """A file that is no table, or has columns that rows cannot be asked of."""

    code = "QM-ROWS-011"
    title = Text("文件不能作为数据表查询：{reason}", "rows of this file cannot be asked for: {reason}")
    step = Text("请下载整个文件。", "Download the file whole.")


class NoTable(NotFound):
    """A dataset has no table."""

    code = "QM-ROWS-012"
    title = Text("数据集 {name} 没有可查询的数据表", "the dataset {name} has no table to ask rows of")
    step = Text("请从数据集页面下载其文件。", "Its page has the files to download.")


class SheetTooLong(Invalid):
    """More rows than a worksheet can have, or a cell that one cannot hold."""

    code = "QM-ROWS-013"
    title = Text("结果超出工作表的容量（{limit}）", "the result does not fit a worksheet ({limit})")
    step = Text("请改用 CSV 或 Parquet，或增加筛选条件。", "Take CSV or Parquet, or narrow the filter.")


class IndexFailed(Incomplete):
    """The index of a table could not be made."""

    code = "QM-ROWS-014"
    title = Text("无法建立数据表的索引", "the index of the table could not be made")
    step = Text("检查磁盘空间后重试。", "See that the disk has room, and try again.")
