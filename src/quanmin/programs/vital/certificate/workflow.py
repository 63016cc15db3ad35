"""The life of a certificate, from the sheet that was written on to what took its place."""

from __future__ import annotations

from quanmin.ledger import Action, Either, Workflow, register
from quanmin.programs.vital.role import APPROVER, CLERK, SEALER, SUPERVISOR
from quanmin.text import Text

PREPARED, RETURNED, APPROVED, ISSUED, SPOILED = "prepared", "returned", "approved", "issued", "spoiled"
LOST, REPLACING, REPLACED, CANCELLED = "lost", "replacing", "replaced", "cancelled"
FIRST, EXCHANGE, REISSUE = "first", "exchange", "reissue"
KINDS: dict[str, Text] = {
    FIRST: Text("首次签发", "first issue"),
    EXCHANGE: Text("换发", "exchange"),
    REISSUE: Text("补发", "re-issue"),
}
CODES = {FIRST: "1", EXCHANGE: "2", REISSUE: "3"}
"""Their codes in the value set of `health.birth`."""
CERTIFICATE = register(
    Workflow(
        "birth_certificate",
        start=PREPARED,
        actions=[
            Action("amend", (PREPARED, RETURNED), PREPARED, by=CLERK, needs=("application",)),
            Action("return", PREPARED, RETURNED, by=APPROVER, needs=("reason",)),
            Action("approve", PREPARED, APPROVED, by=APPROVER),
            Action("seal", APPROVED, ISSUED, by=SEALER),
            Action("spoil", (PREPARED, RETURNED, APPROVED), SPOILED, by=CLERK, needs=("reason",)),
            Action("card", ISSUED, ISSUED, by=CLERK),
            Action("card", LOST, LOST, by=CLERK),
            Action("card", REPLACING, REPLACING, by=CLERK),
            Action("card", REPLACED, REPLACED, by=CLERK),
            Action("lose", ISSUED, LOST, by=Either(CLERK, SUPERVISOR), needs=("declaration",)),
            Action("supersede", (ISSUED, LOST), REPLACING, by=CLERK),
            Action("restore", REPLACING, ISSUED, by=CLERK),
            Action("restore_lost", REPLACING, LOST, by=CLERK),
            Action("replace", REPLACING, REPLACED, by=SEALER),
            Action("cancel", (ISSUED, LOST), CANCELLED, by=SUPERVISOR, needs=("reason",)),
        ],
        sealed=("application",),
        words=("reason", "declaration"),
    )
)
STATES: dict[str, Text] = {
    PREPARED: Text("待审核", "to be approved"),
    RETURNED: Text("退回修改", "sent back"),
    APPROVED: Text("待用章", "to be sealed"),
    ISSUED: Text("已签发", "issued"),
    SPOILED: Text("废证", "spoiled"),
    LOST: Text("已报失", "reported lost"),
    REPLACING: Text("换补发办理中", "being replaced"),
    REPLACED: Text("已换补发", "replaced"),
    CANCELLED: Text("已撤销", "cancelled"),
}
VALID = (PREPARED, RETURNED, APPROVED, ISSUED)
"""States in which a newborn has its certificate, or will have this one; of each newborn at most one is in them."""
EXCHANGE_REASONS: dict[str, Text] = {
    "issuer_error": Text("签发机构填写错误", "the issuer's mistake"),
    "altered": Text("证件被涂改", "altered"),
    "sub_page_torn": Text("持证人自行拆切副页", "the second page torn off by the holder"),
    "damaged": Text("严重损坏无法辨认", "damaged beyond reading"),
    "parentage_changed": Text("亲子鉴定变更父母信息", "a test of parentage changes a parent"),
}
SPOIL_REASONS: dict[str, Text] = {
    "misprinted": Text("打印错误", "misprinted"),
    "damaged": Text("污损", "damaged"),
    "withdrawn": Text("申请撤回", "the application was withdrawn"),
    "refused": Text("审核不通过", "not approved"),
}
CANCEL_REASONS: dict[str, Text] = {
    "fraud": Text("伪造材料骗取", "got by false evidence"),
    "no_birth": Text("查无此次分娩", "there was no such birth"),
    "double": Text("重复签发", "issued twice"),
}
