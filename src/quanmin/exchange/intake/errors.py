"""What is refused of files, feedback, corrections, recalls and reconciliations."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound
from quanmin.text import Text


class NotOfAgreement(Denied):
    """The dataset or the direction of a delivery is not what its agreement says."""

    code = "QM-EXCHANGE-105"
    title = Text(
        "协议 {agreement} 不包含由 {sender} 报送 {dataset}", "agreement {agreement} has no {dataset} from {sender}"
    )
    step = Text("请核对协议编号、数据集与报送方向。", "Check the agreement, the dataset and which side of it delivers.")


class AnswersNothing(Invalid):
    """A correction names neither feedback that was told nor a delivery that was recalled."""

    code = "QM-EXCHANGE-106"
    title = Text("更正所答复的交付 {answers} 不存在", "the correction answers {answers}, which is no feedback of ours")
    step = Text(
        "请填写收到的反馈交付编号，或已召回的交付编号。",
        "Name the feedback delivery that was received, or the delivery that was recalled.",
    )


class FeedbackBroken(Invalid):
    """A feedback delivery is not what one must be."""

    code = "QM-EXCHANGE-107"
    title = Text("反馈文件 {file} 有误：{fault}", "the feedback {file} is wrong: {fault}")
    step = Text("请反馈方重新生成反馈。", "The sender has to make the feedback anew.")


class NoSuchFeedback(NotFound):
    """No feedback has this number here."""

    code = "QM-EXCHANGE-108"
    title = Text("没有反馈 {delivery}", "there is no feedback {delivery}")
    step = Text("quanmin exchange feedback list 可列出全部反馈。", "quanmin exchange feedback list lists them.")


class NotTold(Invalid):
    """A dispute names an error that was not told."""

    code = "QM-EXCHANGE-109"
    title = Text(
        "反馈 {delivery} 中没有第 {row} 行 {element} 的错误",
        "feedback {delivery} tells no error of row {row}, {element}",
    )
    step = Text("请按反馈文件逐行填写。", "Take row, element and code from the feedback's file.")


class NoRecallRight(Denied):
    """The agreement gives no right of recall."""

    code = "QM-EXCHANGE-110"
    title = Text("协议 {agreement} 没有约定召回权", "agreement {agreement} gives no right of recall")
    step = Text("请与使用方修订协议。", "Revise the agreement with the consumer.")


class NothingToRecall(NotFound):
    """What is to be recalled was never sent, or never came."""

    code = "QM-EXCHANGE-111"
    title = Text("没有可召回的交付 {delivery}", "there is no delivery {delivery} to recall")
    step = Text("quanmin exchange deliveries 可列出已发出的交付。", "quanmin exchange deliveries lists what was sent.")


class ReasonUnknown(Invalid):
    """The reason is none of the list."""

    code = "QM-EXCHANGE-112"
    title = Text("原因代码不在列表中；可用：{known}", "the reason is none of: {known}")
    step = Text("选择列表中的原因，并以文字补充。", "Choose one of the list and add words.")


class NotTheReceiver(Denied):
    """Somebody confirms the recall of what was sent to another, or disputes what was told another."""

    code = "QM-EXCHANGE-113"
    title = Text("{sender} 不是交付 {delivery} 的接收方", "{sender} is not who received delivery {delivery}")
    step = Text("只有接收方可以答复。", "Only its receiver may answer.")


class RecalledForGood(Conflict):
    """A delivery that was recalled comes again."""

    code = "QM-EXCHANGE-114"
    title = Text("交付 {delivery} 已召回，不再接收", "delivery {delivery} was recalled and is not taken again")
    step = Text("请以新的交付发送更正后的数据。", "Send what is right as a new delivery.")


class SheetBroken(Invalid):
    """A reconciliation sheet or an answer to one that cannot be read."""

    code = "QM-EXCHANGE-115"
    title = Text("对账单有误：{fault}", "the reconciliation sheet is wrong: {fault}")
    step = Text("请对方核对其程序版本。", "The other side should check its program.")


class DayNotOver(Conflict):
    """A day is reconciled when it is over."""

    code = "QM-EXCHANGE-116"
    title = Text("{day} 尚未结束，不能对账", "{day} is not over and cannot be reconciled")
    step = Text("请次日再对账。", "Reconcile it the day after.")


class ConfirmationBroken(Invalid):
    """A confirmation of a recall that does not say what it must."""

    code = "QM-EXCHANGE-117"
    title = Text("召回确认有误：{fault}", "the confirmation of the recall is wrong: {fault}")
    step = Text("召回将继续重复，直到对方正确确认。", "The recall is repeated until it is confirmed as it must be.")
