"""What trust refuses."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from quanmin.text import Text


class AccessDenied(Denied):
    """The decision allows nothing of what was asked."""

    code = "QM-TRUST-001"
    title = Text("不得为“{purpose}”读取 {dataset}：{reason}", "{dataset} may not be read for {purpose}: {reason}")
    step = Text(
        "请选用合适的用途并提供办件号；这次申请已记入审计。",
        "Choose a fitting purpose and give a case number; this request is in the audit log.",
    )


class KeyUnreadable(Unavailable):
    """The key of the pseudonyms cannot be read or made."""

    code = "QM-TRUST-002"
    title = Text("密钥文件不可用：{reason}", "the key file cannot be used: {reason}")
    step = Text("请检查运行目录下 keys 目录的权限。", "Check the permissions of the folder keys in the home.")


class NotYourself(Denied):
    """Somebody who signed in wants to act under another name."""

    code = "QM-TRUST-004"
    title = Text("已登录者只能以本人名义行事", "whoever signed in acts under their own name only")
    step = Text("请由本人登录后办理。", "Let the other person sign in and do it.")


class AuditBroken(Conflict):
    """The audit log does not hold."""

    code = "QM-TRUST-003"
    title = Text(
        "审计日志在第 {sequence} 条处不符（{kind}）", "the audit log does not hold at entry {sequence} ({kind})"
    )
    step = Text("请保全数据库并与备份比对。", "Keep the database as it is and compare it with a backup.")


class PolicyInvalid(Invalid):
    """A set of policies cannot be used."""

    code = "QM-TRUST-005"
    title = Text("策略 {policy} 不可用：{reason}", "policy {policy} cannot be used: {reason}")
    step = Text(
        "请按模式文件 schema.cedarschema 改正；现行策略不变。",
        "Correct it by the schema (schema.cedarschema); the policies in force stay.",
    )


class PolicyDiffers(Conflict):
    """A change does something that its approver did not see."""

    code = "QM-TRUST-006"
    title = Text(
        "策略变更的效果与批准时所见不同：{differences} 处",
        "the change does not do what was approved: {differences} differences",
    )
    step = Text("请重新查看差异并再次批准。", "Look at the differences and approve again.")


class PolicyDuty(Denied):
    """Somebody does with a policy change what is another's to do."""

    code = "QM-TRUST-007"
    title = Text("策略变更的这一步须由他人办理：{work}", "this step of a policy change is another's: {work}")
    step = Text(
        "由安全管理员提出，由另一人批准，再由安全管理员生效。",
        "The security administrator proposes, another person approves, the security administrator activates.",
    )


class UnknownDecision(NotFound):
    """No decision with this number is in the audit."""

    code = "QM-TRUST-008"
    title = Text("审计中没有决定 {decision}", "no decision {decision} is in the audit")
    step = Text("请核对决定编号。", "Check the number of the decision.")


class UnknownSubject(Invalid):
    """A purpose, dataset or fact that does not exist is asked about."""

    code = "QM-TRUST-009"
    title = Text("没有这样的{kind}：{name}", "no such {kind}: {name}")
    step = Text(
        "可用 quanmin trust policies 与 quanmin standards list 查看。", "See quanmin trust policies and standards list."
    )


class NotYourFact(Denied):
    """Somebody records a relation, consent or agreement that he may not record."""

    code = "QM-TRUST-010"
    title = Text("无权登记此事实：{fact}", "you may not record this fact: {fact}")
    step = Text("请由有权的人办理。", "Let somebody do it whose work it is.")


class DayPassed(Invalid):
    """A fact should hold until a day that is past."""

    code = "QM-TRUST-011"
    title = Text("截止日期 {until} 已过", "the day {until} is past")
    step = Text("请给出今天或以后的日期。", "Give today or a later day.")


class CaseMissing(Denied):
    """What is asked for is shown with a case number only."""

    code = "QM-TRUST-014"
    title = Text("用途为{purpose}时须给出案号", "for {purpose} a case number is needed")
    step = Text("请给出办件号（命令行：--case）。", "Give a case number (on the command line: --case).")
