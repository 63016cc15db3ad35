"""What trust refuses."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Unavailable
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
