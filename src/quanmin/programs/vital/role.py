"""Who does what with certificates: whoever keeps blanks keeps no seal, whoever writes one neither approves nor seals it."""

from __future__ import annotations

from quanmin.text import Text

KEEPER = "blank_keeper"
"""Receives, hands out, counts and gives back blanks; reports them void or lost."""
CLERK = "certificate_clerk"
"""Writes certificates on blanks, and reports the card of the birth."""
APPROVER = "certificate_approver"
"""Checks what a clerk wrote against its evidence."""
SEALER = "seal_keeper"
"""Sets the seal, by which a certificate is issued."""
SUPERVISOR = "certificate_supervisor"
"""The authority of a county, city or province: printing, holders, destruction, cancelling, what is overdue below."""
ROLES: dict[str, Text] = {
    KEEPER: Text("空白证保管员", "keeper of blanks"),
    CLERK: Text("签证员", "certificate clerk"),
    APPROVER: Text("审核员", "certificate approver"),
    SEALER: Text("印章保管员", "keeper of the seal"),
    SUPERVISOR: Text("出生证管理员", "certificate supervisor"),
}
