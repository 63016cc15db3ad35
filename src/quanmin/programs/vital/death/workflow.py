"""The life of a certificate of death in the ledger, and of a case in the coder's queue.

What is on a certificate is sealed. A correction is an action with the whole corrected certificate, so that a correction of a
correction keeps all three. Who certifies and who codes are different people (`desk` holds it).
"""

from __future__ import annotations

from quanmin.ledger import Action, Days, Either, Workflow, WorkingDays, register
from quanmin.text import Text

CERTIFIER, CODER, REGISTRAR = "death_certifier", "death_coder", "death_registrar"
ROLES: dict[str, Text] = {
    CERTIFIER: Text("填写医师", "the certifier"),
    CODER: Text("编码员", "the coder"),
    REGISTRAR: Text("登记管理员", "the registrar"),
}
_OPEN = ("issued", "corrected", "coded", "queried")

CERTIFICATE = register(
    Workflow(
        "death_certificate",
        start="issued",
        actions=[
            Action("correct", _OPEN, "corrected", by=CERTIFIER, needs=("certificate", "reason")),
            Action("assign", ("issued", "corrected"), "coded", needs=("code", "steps"), due=Days(30)),
            Action("code", ("issued", "corrected"), "coded", by=CODER, needs=("code", "reason")),
            Action("code", "coded", "coded", by=CODER, needs=("code", "reason")),
            Action("query", ("issued", "corrected", "coded"), "queried", by=CODER, needs=("question",)),
            Action("confirm", "queried", "corrected", by=CERTIFIER, needs=("reason",), due=WorkingDays(5)),
            Action("void", _OPEN, "void", by=Either(CERTIFIER, REGISTRAR), needs=("reason",)),
        ],
        sealed=("certificate", "code", "steps"),
        words=("reason", "question"),
    )
)
"""`ref` is the certificate's number. `assign` is done by the program by rules, `code` by a coder, again where it is coded."""

CASE = register(
    Workflow(
        "death_coding",
        start="waiting",
        actions=[
            Action("take", "waiting", "taken", by=CODER, needs=("coder",)),
            Action("give_back", "taken", "waiting", by=CODER),
            Action("decide", "taken", "decided", by=CODER, needs=("code", "reason"), due=WorkingDays(10)),
            Action("drop", ("waiting", "taken"), "dropped", needs=("reason",)),
        ],
        sealed=("code", "effect", "cause"),
        words=("reason",),
    )
)
"""`ref` is the certificate's number; `drop` when it was corrected, coded or voided meanwhile."""

STATES: dict[str, Text] = {
    "issued": Text("已签发", "issued"),
    "corrected": Text("已更正", "corrected or confirmed"),
    "coded": Text("已编码", "coded"),
    "queried": Text("待填写人答复", "queried"),
    "void": Text("已作废", "void"),
    "waiting": Text("待编码", "waiting for a coder"),
    "taken": Text("编码中", "taken by a coder"),
    "decided": Text("已判定", "decided"),
    "dropped": Text("已撤下", "dropped"),
}
CASE_STATES: dict[str, Text] = {
    "waiting": Text("待领取", "waiting"),
    "taken": Text("编码中", "with a coder"),
    "decided": Text("已编码", "decided"),
    "dropped": Text("已撤销", "dropped"),
}
