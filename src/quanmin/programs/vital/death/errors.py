"""What deaths refuse."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied, Invalid, NotFound
from quanmin.text import Text


class FormUnknown(Invalid):
    """There is no such version of the certificate."""

    code = "QM-VITAL-040"
    title = Text("死亡证明没有“{version}”版", "there is no form {version} of the certificate of death")
    step = Text("可用版本：2013、2026。", "The forms are 2013 and 2026.")


class CertificateTaken(Conflict):
    """A certificate with this number stands already."""

    code = "QM-VITAL-041"
    title = Text("编号为此的死亡证明已在册", "a certificate of this number is already kept")
    step = Text(
        "请核对编号；内容有误的，对原证明办理更正。",
        "Check the number; what is wrong in a certificate is corrected there.",
    )


class CertificateUnknown(NotFound):
    """No certificate has this number."""

    code = "QM-VITAL-042"
    title = Text("没有这样的死亡证明", "there is no such certificate of death")
    step = Text("请核对编号。", "Check the number.")


class CertificateUnfit(Invalid):
    """The certificate breaks an edit that refuses it."""

    code = "QM-VITAL-043"
    title = Text("死亡证明未通过检查：{rules}", "the certificate fails these edits: {rules}")
    step = Text("请按规则更正后重新提交。", "Correct what the rules name and hand it in again.")


class SamePerson(Denied):
    """Who certified a death may not code it."""

    code = "QM-VITAL-044"
    title = Text("填写人不得为同一证明编码", "whoever filled in a certificate may not code it")
    step = Text("请由另一名编码员办理。", "Let another coder do it.")


class CodeUnfit(Invalid):
    """A code that cannot be an underlying cause."""

    code = "QM-VITAL-045"
    title = Text("该编码不能作为根本死因：{reason}", "this code cannot be an underlying cause: {reason}")
    step = Text("请改用 ICD-10 中有效、可作根本死因的编码。", "Use a code of ICD-10 that may be an underlying cause.")


class QueueEmpty(NotFound):
    """There is no such case in the coder's queue."""

    code = "QM-VITAL-046"
    title = Text("编码队列中没有此案", "the coder's queue has no such case")
    step = Text("用 list 查看待编码的案件。", "List the cases that wait.")


class CaseTaken(Conflict):
    """Another coder has taken the case."""

    code = "QM-VITAL-047"
    title = Text("此案已由另一名编码员领取", "another coder has taken this case")
    step = Text("请领取其他案件。", "Take another case.")


class ByUnknown(Invalid):
    """Shares are not told by this element."""

    code = "QM-VITAL-048"
    title = Text("不能按“{element}”统计", "shares are not told by {element}")
    step = Text("可用：{known}。", "There are {known}.")
