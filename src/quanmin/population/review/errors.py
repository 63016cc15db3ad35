"""The errors of review."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound
from quanmin.text import Text


class NoSuchReview(NotFound):
    """No review has this number."""

    code = "QM-REVIEW-001"
    title = Text("没有第 {review} 号审核", "there is no review {review}")
    step = Text("查看：quanmin population review list", "see: quanmin population review list")


class UnknownAnswer(Invalid):
    """A decision that the queue does not know."""

    code = "QM-REVIEW-002"
    title = Text("第 {review} 号审核的结论只能是：{known}", "the answer to review {review} is one of: {known}")
    step = Text("给出其中之一", "give one of them")


class ReasonMissing(Invalid):
    """Nothing is decided or undone without a reason."""

    code = "QM-REVIEW-003"
    title = Text("第 {review} 号审核须写明理由", "review {review} needs a reason")
    step = Text("用 --reason 写明理由，不写个人信息", "say why with --reason, without anybody's data")


class SameReviewer(Denied):
    """A second opinion is another person's."""

    code = "QM-REVIEW-004"
    title = Text("第 {review} 号审核已由本人作出结论", "you have already decided on review {review}")
    step = Text("复核须由另一人办理", "the next opinion must be another reviewer's")


class MergedMeanwhile(Conflict):
    """The pair is about a person who is no longer one of their own."""

    code = "QM-REVIEW-005"
    title = Text(
        "第 {review} 号审核所涉人员已由第 {merge} 号审核并入他人，不能再作结论",
        "review {review} is about a person who was merged meanwhile, by review {merge}",
    )
    step = Text(
        "运行 quanmin population review gather，再审核并入后的人员；或先撤销该合并",
        "run quanmin population review gather and decide about the surviving person, or undo the merge first",
    )


class NothingToKeep(Invalid):
    """Which number survives can be said only of two numbers of one person."""

    code = "QM-REVIEW-006"
    title = Text("第 {review} 号审核不能指定保留的号码", "review {review} does not ask which number to keep")
    step = Text(
        "只有“一人两号”且结论为同一人时才用 --keep left 或 right",
        "give --keep left or right only with “same” for one person with two numbers",
    )


class ChangedMeanwhile(Conflict):
    """Somebody did something with an item since the one who answers looked at it."""

    code = "QM-REVIEW-007"
    title = Text(
        "第 {review} 号审核在您查看之后已有变化，未保存",
        "review {review} changed since you looked at it; nothing was kept",
    )
    step = Text("请看现在的状态，再作结论", "look at it as it is now, and answer again if it still waits")
