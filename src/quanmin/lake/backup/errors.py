"""What backing up and restoring refuse."""

from __future__ import annotations

from quanmin.errors import Conflict, Incomplete, Invalid, Unavailable
from quanmin.text import Text


class LedgerElsewhere(Invalid):
    """The ledger is a PostgreSQL database, which has its own tools."""

    code = "QM-BACKUP-001"
    title = Text(
        "台账在 {database} 中，本命令不备份它", "the ledger is in {database}, which this command does not back up"
    )
    step = Text(
        "请先用 pg_dump 备份台账数据库，再备份数据湖目录和 keys 目录。",
        "Use pg_dump for the ledger first, then copy the lake's folder and the folder keys.",
    )


class NotABackup(Conflict):
    """The file is no backup, or not a whole one, or was changed."""

    code = "QM-BACKUP-002"
    title = Text("备份不成立：{reason}", "the backup does not hold: {reason}")
    step = Text("请改用另一份备份，并查明这份何时损坏。", "Use another backup, and find out when this one was damaged.")


class PlaceTaken(Conflict):
    """Something is already where the backup or the restored home should go."""

    code = "QM-BACKUP-003"
    title = Text("目标已存在：{place}", "there is already something at {place}")
    step = Text("请给出一个新的位置。", "Give a new place.")


class FileGone(Incomplete):
    """A file that the newest snapshot needs is missing or changed while it was read."""

    code = "QM-BACKUP-004"
    title = Text("缺少或正在变动的文件：{place}", "a file is missing or changing: {place}")
    step = Text(
        "请重试；若仍如此，数据湖已损坏，请从上一份备份恢复。",
        "Try again; if it stays so the lake is damaged: restore the backup before.",
    )


class DiskTrouble(Unavailable):
    """The disk refused."""

    code = "QM-BACKUP-005"
    title = Text("无法读写备份：{reason}", "the backup cannot be read or written: {reason}")
    step = Text("请检查磁盘空间和权限。", "Check space and permissions of the disk.")
