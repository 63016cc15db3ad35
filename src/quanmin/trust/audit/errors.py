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


class StampUnavailable(Unavailable):
    """The authority of time stamps does not answer."""

    code = "QM-AUDIT-006"
    title = Text(
        "时间戳机构没有答复（{reason}）；树头已签发并保存，尚无时间戳",
        "the time stamp authority does not answer ({reason}); the head is signed and kept, without a time stamp",
    )
    step = Text(
        "稍后再运行 quanmin audit head --stamp；地址由 QUANMIN_TIMESTAMP_AUTHORITY 给出。",
        "Run `quanmin audit head --stamp` again later; the address is QUANMIN_TIMESTAMP_AUTHORITY.",
    )


class StampRefused(Conflict):
    """A time stamp does not hold."""

    code = "QM-AUDIT-007"
    title = Text("时间戳不成立（{reason}），未予保存", "the time stamp does not hold ({reason}) and is not kept")
    step = Text(
        "请核对时间戳机构与 QUANMIN_TIMESTAMP_ROOTS 中的根证书。",
        "Look at the authority, and at the root certificates in QUANMIN_TIMESTAMP_ROOTS.",
    )


class NoAuthority(Invalid):
    """Time stamps are asked for, and what is needed for them is not set or cannot be read."""

    code = "QM-AUDIT-008"
    title = Text("没有可用的时间戳设置：{reason}", "time stamps cannot be used: {reason}")
    step = Text(
        "请设置时间戳机构的地址和根证书文件（PEM）。",
        "Set the address of the authority and the file of its root certificates (PEM).",
    )
