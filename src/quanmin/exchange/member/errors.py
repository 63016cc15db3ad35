"""What is wrong with a member, its keys, or the directory."""

from __future__ import annotations

from quanmin.errors import Denied, Invalid
from quanmin.text import Text


class DirectoryRefused(Denied):
    """A directory that the platform did not sign, of another platform, or older than the one that is known."""

    code = "QM-EXCHANGE-012"
    title = Text("成员名册不可信：{reason}", "the directory of members is not believed: {reason}")
    step = Text("仍用原有名册；请向平台核实。", "The one before still counts; ask the platform.")


class EnrolmentRefused(Invalid):
    """An enrolment or membership that cannot be believed or does not fit."""

    code = "QM-EXCHANGE-013"
    title = Text("入网材料不可用：{reason}", "the enrolment cannot be used: {reason}")
    step = Text(
        "请在该节点重新运行 quanmin node init 并重新提交。",
        "Run quanmin node init at that node again, and hand it in again.",
    )
