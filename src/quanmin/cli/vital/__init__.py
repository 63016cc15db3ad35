"""`quanmin vital`: births, deaths and their certificates, and the statistics of both; one file per group of verbs."""

from __future__ import annotations

import typer

from quanmin.cli.vital import birth, blank, certificate, death, duty, holder, life_table, national, statistic

app = typer.Typer(
    help="Births and deaths: certificates, blanks, statistics. 出生与死亡：证件、空白证、统计。", no_args_is_help=True
)

app.command("lifetable")(life_table.make_life_table)
app.add_typer(holder.app, name="holder")
app.add_typer(blank.app, name="blank")
duty.register(app)
birth.register(app)
app.add_typer(birth.app, name="birth")
app.add_typer(certificate.app, name="certificate")
app.add_typer(death.app, name="death")
app.add_typer(national.app, name="national")
statistic.register(app)

__all__ = ["app"]
