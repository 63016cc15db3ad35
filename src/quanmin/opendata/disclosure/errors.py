"""What the control of tables refuses to work on. What it finds in a table is a `Finding`, not an error."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound
from quanmin.text import Text


class ProfileUnsound(Invalid):
    """A profile whose parameters undo each other."""

    code = "QM-DISCLOSURE-001"
    title = Text("规则集 {profile} 不可用：{reason}", "the rule profile {profile} cannot be used: {reason}")
    step = Text(
        "请改正参数；理由见手册“表格的披露控制”。", "Correct the parameters; the manual's page disclosure says why."
    )


class UnknownProfile(NotFound):
    """No profile has this name."""

    code = "QM-DISCLOSURE-002"
    title = Text("没有规则集 {profile}", "there is no rule profile {profile}")
    step = Text("可用的有：{known}。", "There are: {known}.")


class RowsUnfit(Invalid):
    """The rows cannot be counted."""

    code = "QM-DISCLOSURE-003"
    title = Text("列 {column} 不可用：{reason}", "column {column} cannot be used: {reason}")
    step = Text("请改正后再提交。", "Correct it and hand the rows in again.")


class ConnectionAltered(Denied):
    """The connection that rows should come from has macros or views of somebody's own."""

    code = "QM-DISCLOSURE-004"
    title = Text(
        "数据连接中有自定义的函数或视图，不予审查（{count} 个）",
        "the connection has {count} macros or views of its own: nothing is read through it",
    )
    step = Text("请用新的连接。", "Use a fresh connection.")


class StatisticRefused(Denied):
    """Minimum, maximum and the like are single people's values."""

    code = "QM-DISCLOSURE-005"
    title = Text("不得公开统计量“{statistic}”", "the statistic {statistic} may not be published")
    step = Text(
        "请改用计数、总和，或两侧各有足够人数的百分位数。",
        "Use counts, sums, or percentiles with enough people on either side.",
    )


class TableTooLarge(Invalid):
    """More cells than can be proven."""

    code = "QM-DISCLOSURE-006"
    title = Text("该表有 {cells} 个单元格，上限 {limit}", "the table has {cells} cells; {limit} can be proven")
    step = Text("请采用更粗的分类，或分成几张表。", "Take coarser dimensions, or make several tables.")


class NotAPlace(Invalid):
    """A person is named by something that is not a place in the register."""

    code = "QM-DISCLOSURE-007"
    title = Text(
        "登记簿只记位置（0 至 {limit}），不记证件号码",
        "the register knows places (0 to {limit}), not numbers of people",
    )
    step = Text("请以人员的序号代替。", "Give each person's place instead.")


class ReleaseKept(Conflict):
    """A release is registered once."""

    code = "QM-DISCLOSURE-008"
    title = Text("发布 {release} 已登记", "release {release} is registered already")
    step = Text("更正须用新的版本号。", "A correction has a number of its own.")


class RegisterDamaged(Conflict):
    """A file of the register is not what was written."""

    code = "QM-DISCLOSURE-009"
    title = Text("登记簿中发布 {release} 的文件有损", "the register's file of release {release} is damaged")
    step = Text("请从备份恢复；此前不得发布。", "Restore it from the backup; nothing may be released before.")


class ReleaseUnnamed(Invalid):
    """A release's name cannot be that of a file."""

    code = "QM-DISCLOSURE-010"
    title = Text("发布编号不可用", "the name of the release cannot be used")
    step = Text(
        "请用字母、数字、点、连字符与下划线，至多 100 个。",
        "Use letters, digits, dots, hyphens and underscores, 100 at most.",
    )
