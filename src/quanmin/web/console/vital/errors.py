"""What the pages of vital events refuse of themselves; everything else is refused by the programme."""

from __future__ import annotations

from quanmin.errors import Conflict, Denied
from quanmin.text import Text


class NoHolder(Denied):
    """Whoever asks belongs to no authority or institution that holds blanks."""

    code = "QM-VITAL-100"
    title = Text(
        "您所在的机构未登记为出生证管理或签发机构", "your organisation is not registered as a holder of blanks"
    )
    step = Text(
        "由上级在“机构”页登记，代码与机构账号一致。",
        "The authority above registers it on the page of holders, under the code of the organisation.",
    )


class TooManySheets(Conflict):
    """More numbers than a page counts anew while somebody waits."""

    code = "QM-VITAL-101"
    title = Text("共有 {count} 个用过的编号，不在页面上核查", "{count} numbers were used, too many to check on a page")
    step = Text("请运行 quanmin vital check。", "Run quanmin vital check.")
