"""The root of the command line and the one place where errors become lines and exit codes."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError

from quanmin.cli import audit, collect, demo, flow, home, identity, keys, lake, population, standards, trust
from quanmin.cli.output import complain
from quanmin.errors import QuanminError, exit_code
from quanmin.settings import BadSetting

app = typer.Typer(
    name="quanmin",
    help="Quanmin (全民): collect, prove, link and verify health data. 采集、校验、关联与核实健康数据。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

home.register(app)
flow.register(app)
collect.register(app)
demo.register(app)
app.add_typer(standards.app, name="standards")
app.add_typer(population.app, name="population")
app.add_typer(population.feedback, name="feedback")
app.add_typer(lake.app, name="lake")
app.add_typer(identity.app, name="identity")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(keys.backup, name="backup")
app.add_typer(trust.app, name="trust")


def main() -> None:
    """Run a command; exit 0, the category's code (10-15) on a user's error, or 130 when interrupted."""
    try:
        app()
    except QuanminError as error:
        complain(error)
        sys.exit(exit_code(error.category))
    except ValidationError as error:
        wrong = BadSetting(
            names=", ".join(f"QUANMIN_{str(one['loc'][0]).upper()}" for one in error.errors() if one["loc"])
        )
        complain(wrong)
        sys.exit(exit_code(wrong.category))
    except KeyboardInterrupt:
        sys.exit(130)
