"""`quanmin exchange`: agreements, members, deliveries, the log and proofs; one file per group of verbs."""

from __future__ import annotations

import typer

from quanmin.cli.exchange import agreement, delivery, intake, log, member, supply, template

app = typer.Typer(
    help="Share between agencies by agreement, with proof. 部门间按协议共享，并可举证。", no_args_is_help=True
)

app.add_typer(agreement.app, name="agreement")
app.add_typer(member.app, name="member")
app.add_typer(log.app, name="log")
app.command("proof")(log.prove)
app.add_typer(template.app, name="template")
intake.register(app)
supply.register(app)
delivery.register(app)

__all__ = ["app"]
