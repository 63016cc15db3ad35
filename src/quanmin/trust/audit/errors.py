"""What the audit log refuses."""

from __future__ import annotations

from quanmin.errors import Conflict, Invalid, NotFound, Unavailable
from quanmin.text import Text


class AuditKeyUnusable(Unavailable):
    """The key that signs heads, or the file of its public half, cannot be read or made."""

    code = "QM-AUDIT-001"
    title = Text("审计签名密钥不可用：{reason}", "the audit's signing key cannot be used: {reason}")
    step = Text(
        "请检查运行目录下 keys 目录的内容与权限。",
        "Check the content and the permissions of the folder keys in the home.",
    )


class NotAnExport(Invalid):
    """The file is not an exported audit log."""

    code = "QM-AUDIT-002"
    title = Text("{file} 不是审计日志的导出文件", "{file} is not an exported audit log")
    step = Text("请用 quanmin audit export 导出。", "Make one by `quanmin audit export`.")


class HeadUnreadable(Invalid):
    """A head or a public key cannot be read."""

    code = "QM-AUDIT-003"
    title = Text("无法读取 {file}：{reason}", "{file} cannot be read: {reason}")
    step = Text(
        "树头由 quanmin audit head 给出；公钥在运行目录的 keys/audit.pub。",
        "A head is what `quanmin audit head` prints; the public key is keys/audit.pub in the home.",
    )


class UnknownEntry(NotFound):
    """No entry of that number."""

    code = "QM-AUDIT-004"
    title = Text("审计日志没有第 {sequence} 条（共 {size} 条）", "the audit has no entry {sequence} (it has {size})")
    step = Text("编号自 1 起。", "Entries are numbered from 1.")


class RolledBack(Conflict):
    """The log does not go on from the head that was noted outside of the database."""

    code = "QM-AUDIT-005"
    title = Text(
        "审计日志与先前记下的树头（第 {sequence} 条）不相接：疑似回退或被替换",
        "the audit does not go on from the head that was noted at entry {sequence}: rolled back or replaced",
    )
    step = Text(
        "请保全数据库与 keys/audit.head，并与备份比对；查明之前不再签发树头。",
        "Keep the database and keys/audit.head as they are and compare them with a backup; no head is signed before.",
    )
