"""What can go wrong in the ledger."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from quanmin.text import Text


class LedgerNewer(Conflict):
    """The database was migrated by a newer program."""

    code = "QM-LEDGER-001"
    title = Text(
        "台账的结构版本（{revision}）比本程序新", "the ledger's schema ({revision}) is newer than this program"
    )
    step = Text("请升级程序后再打开这个台账。", "Upgrade the program, then open this ledger again.")


class LedgerUnreachable(Unavailable):
    """The database cannot be opened."""

    code = "QM-LEDGER-002"
    title = Text("打不开台账数据库：{reason}", "the ledger's database cannot be opened: {reason}")
    step = Text(
        "请检查 QUANMIN_LEDGER 的地址、数据库是否在运行，以及目录是否可写。",
        "Check the address in QUANMIN_LEDGER, that the database is running and that the folder can be written.",
    )


class UnknownWorkflow(Invalid):
    """No workflow is registered for a kind of document."""

    code = "QM-LEDGER-003"
    title = Text("没有登记“{kind}”类文书的流程", "no workflow is registered for documents of kind {kind}")
    step = Text("请先登记这一类文书的流程。", "Register the workflow of this kind first.")


class UnknownDocument(NotFound):
    """No document has this number."""

    code = "QM-LEDGER-004"
    title = Text("台账中没有第 {document} 号文书", "the ledger has no document {document}")
    step = Text("请核对编号。", "Check the number.")


class IllegalAction(Conflict):
    """The state of the document does not allow the action."""

    code = "QM-LEDGER-005"
    title = Text(
        "第 {document} 号文书处于“{state}”状态，不能“{action}”",
        "document {document} is in state {state}, which does not allow {action}",
    )
    step = Text("此时可以做的是：{allowed}。", "What can be done now: {allowed}.")


class MissingField(Invalid):
    """The action needs fields that were not given."""

    code = "QM-LEDGER-006"
    title = Text(
        "第 {document} 号文书的“{action}”缺少：{fields}", "action {action} on document {document} lacks: {fields}"
    )
    step = Text("请补上缺少的各项。", "Give the missing fields.")


class NotYours(Denied):
    """The actor does not hold the role that the action asks for."""

    code = "QM-LEDGER-007"
    title = Text(
        "第 {document} 号文书的“{action}”须由“{roles}”办理", "action {action} on document {document} is for {roles}"
    )
    step = Text("请由具备该角色的人办理。", "Ask somebody who holds that role.")


class LeaseBusy(Conflict):
    """Somebody else holds the lease and did not let go in time."""

    code = "QM-LEDGER-008"
    title = Text("“{name}”正被 {owner} 占用", "{name} is in use by {owner}")
    step = Text("请等对方完成后重试。", "Try again when the other side has finished.")


class LeaseLost(Conflict):
    """The lease was taken over while the work went on."""

    code = "QM-LEDGER-009"
    title = Text("“{name}”的占用已失效，被他人接管", "the lease on {name} was lost to somebody else")
    step = Text("本次写入没有生效，请重新执行。", "Nothing was written; run it again.")


class UnknownSnapshot(NotFound):
    """No snapshot has this number."""

    code = "QM-LEDGER-010"
    title = Text("没有第 {snapshot} 号快照", "there is no snapshot {snapshot}")
    step = Text("请用 history 查看现有的快照。", "List the snapshots with the history.")
