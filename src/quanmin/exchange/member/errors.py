"""What is wrong with a member, its keys, or the directory."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid
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


class AgencyUnknown(EnrolmentRefused):
    """Who asks to take part is no agency of the catalogue, neither as a whole nor in a division."""

    code = "QM-EXCHANGE-140"
    title = Text("{member} 不是目录中的机构", "{member} is no agency of the catalogue")
    step = Text(
        "请用目录中的机构代码，或“机构_行政区划代码”（如 health_420000）设置 QUANMIN_MEMBER。",
        "Set QUANMIN_MEMBER to an agency of the catalogue, or to agency and division, such as health_420000.",
    )


class DivisionUnknown(EnrolmentRefused):
    """Who asks to take part is an agency of a division that never was one."""

    code = "QM-EXCHANGE-141"
    title = Text("成员 {member}：从未有过行政区划 {division}", "member {member}: there never was a division {division}")
    step = Text(
        "请核对行政区划代码（GB/T 2260）；全国用不带代码的机构。",
        "Check the code (GB/T 2260); for the nation as a whole it is the agency without one.",
    )


class DivisionEnded(Conflict):
    """A new member is of a division that is none any more; who is a member already stays one."""

    code = "QM-EXCHANGE-142"
    title = Text(
        "成员 {member}：行政区划 {division} 已撤销，由 {successors} 承接",
        "member {member}: division {division} has ended, and {successors} took over",
    )
    step = Text("请由承接的行政区划的机构入网。", "Let the agency of the division that took over be admitted.")
