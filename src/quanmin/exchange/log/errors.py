"""What the log of messages refuses."""

from __future__ import annotations

from quanmin.errors import Conflict, Invalid, NotFound, Unavailable
from quanmin.text import Text


class Replayed(Conflict):
    """A message with this id from this sender has been here before."""

    code = "QM-EXCHANGE-040"
    title = Text("报文 {message} 已收到过", "the message {message} was here before")
    step = Text("请求勿重发；新的请求用新的编号。", "Do not send it again; a new request has a new id.")


class LogClosed(Unavailable):
    """The log takes no entries any more: its process is stopping, or its ledger is away."""

    code = "QM-EXCHANGE-041"
    title = Text("报文日志不可写：{reason}", "the log of messages cannot be written: {reason}")
    step = Text("报文未被受理；请稍后重发。", "The message was not taken; send it again later.")


class StampOverdue(Unavailable):
    """For longer than the limit no time stamp could be had, so no message is taken."""

    code = "QM-EXCHANGE-042"
    title = Text(
        "已 {seconds} 秒没有时间戳，超过上限 {limit} 秒", "there was no time stamp for {seconds} s, more than {limit} s"
    )
    step = Text("时间戳服务恢复后自动继续。", "It goes on by itself once the time stamp authority is back.")


class LogDamaged(Conflict):
    """The log is not what was written: an entry was changed, taken out, put in or moved, or a batch does not fit."""

    code = "QM-EXCHANGE-043"
    title = Text(
        "报文日志第 {sequence} 条起不符：{kind}", "the log of messages does not hold from entry {sequence}: {kind}"
    )
    step = Text(
        "请保全数据库，与备份和另一方的日志比对。",
        "Keep the database as it is; compare it with a backup and the peer's log.",
    )


class NotLogged(NotFound):
    """No message and no delivery of this id is in the log."""

    code = "QM-EXCHANGE-044"
    title = Text("日志中没有报文或批次 {name}", "the log has no message and no delivery {name}")
    step = Text("quanmin exchange log list 列出日志。", "`quanmin exchange log list` shows what it has.")


class ProofUnreadable(Invalid):
    """The file is no proof, or a key that was given with it cannot be read."""

    code = "QM-EXCHANGE-045"
    title = Text("无法作为举证文件读取 {file}：{reason}", "{file} cannot be read as a proof: {reason}")
    step = Text(
        "举证文件由 quanmin exchange proof 生成，须逐字节完整。",
        "`quanmin exchange proof` makes one; it must be there byte for byte.",
    )


class ProofBroken(Conflict):
    """A proof that does not hold: one of its parts is not of the others, or was altered."""

    code = "QM-EXCHANGE-046"
    title = Text("举证不成立：{check}", "the proof does not hold: {check}")
    step = Text("请向出具方索取未经改动的文件。", "Ask whoever made it for the file as it was made.")


class ArchiveBroken(Conflict):
    """An exported day of the log was altered, or does not go on from the day before."""

    code = "QM-EXCHANGE-047"
    title = Text("日志归档 {file} 第 {line} 行不符", "the archived log {file} does not hold at line {line}")
    step = Text("请重新导出该日日志。", "Export that day again.")


class FileRefused(Conflict):
    """A proof or an archive goes into a new file that can be written."""

    code = "QM-EXCHANGE-048"
    title = Text("无法写入 {file}：{reason}", "{file} cannot be written: {reason}")
    step = Text("请给出一个可写目录中的新文件名。", "Name a new file in a folder that can be written to.")
