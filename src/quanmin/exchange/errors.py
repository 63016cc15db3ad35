"""What the exchange refuses, wherever it is met. The parts of the exchange have errors of their own beside them."""

from __future__ import annotations

from quanmin.errors import NotFound
from quanmin.text import Text


class MemberUnknown(NotFound):
    """No member of the exchange has this name."""

    code = "QM-EXCHANGE-001"
    title = Text("交换体系中没有成员“{member}”", "the exchange has no member {member}")
    step = Text(
        "请核对部门代码；新成员须先由平台登记。", "Check the agency's code; the platform registers new members first."
    )
