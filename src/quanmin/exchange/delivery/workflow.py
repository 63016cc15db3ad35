"""The lives of a delivery: as its sender knows it, and as its receiver does. Found in the ledger by their id (`ref`)."""

from __future__ import annotations

from quanmin.ledger import Action, Workflow, register

DELIVERY = register(
    Workflow(
        "exchange_delivery",
        start="prepared",
        actions=[
            Action("send", ("prepared", "parked", "stopped"), "sending"),
            Action("retry", ("sending", "sent"), "sending", needs=("error",)),
            Action("resend", ("sent", "acknowledged"), "sending", needs=("reason",)),
            Action("sent", "sending", "sent"),
            Action("acknowledge", ("sending", "sent"), "acknowledged", needs=("receipt",)),
            Action("refuse", ("sending", "sent"), "refused", needs=("receipt",)),
            Action("park", ("prepared", "sending", "sent"), "parked", needs=("error",)),
            Action("stop", ("prepared", "sending", "sent", "parked"), "stopped", needs=("error",)),
            Action("cancel", ("prepared", "parked", "stopped"), "cancelled", needs=("reason",)),
            Action("recall", ("sending", "sent", "acknowledged", "parked", "stopped"), "recalling", needs=("reason",)),
            Action("recalled", "recalling", "recalled", needs=("receipt",)),
        ],
        words=("reason",),
    )
)
"""Sender's side. `sent`: every chunk is there and the receiver is working; `acknowledged` and `refused` carry its signed
receipt; `parked`: retries are used up, somebody must look; `stopped`: its agreement no longer stands."""

INTAKE = register(
    Workflow(
        "exchange_intake",
        start="offered",
        actions=[
            Action("complete", "offered", "received"),
            Action("accept", "received", "accepted", needs=("receipt",)),
            Action("refuse", ("offered", "received"), "refused", needs=("receipt",)),
            Action("stop", ("offered", "received"), "stopped", needs=("error",)),
            Action("resume", "stopped", "offered"),
            Action("recall", ("offered", "received", "accepted", "stopped"), "recalled", needs=("receipt",)),
        ],
    )
)
"""Receiver's side. `received`: whole and proven by digest; `accepted`: taken in, and receipted."""
