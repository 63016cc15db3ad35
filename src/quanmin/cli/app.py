"""The root of the command line and the one place where errors become lines and exit codes."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Any

import typer
from pydantic import ValidationError
from typer.exceptions import Abort, TyperException
from typer.rich_utils import rich_abort_error

from quanmin.cli import (
    audit,
    collect,
    demo,
    exchange,
    flow,
    harvest,
    home,
    identity,
    keys,
    lake,
    measures,
    node,
    population,
    privacy,
    proof,
    release,
    serve,
    standards,
    trust,
    vital,
)
from quanmin.cli.output import complain
from quanmin.cli.typed import Unexpected, mistyped
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
serve.register(app)
app.add_typer(standards.app, name="standards")
app.add_typer(population.app, name="population")
app.add_typer(population.feedback, name="feedback")
app.add_typer(measures.app, name="measures")
app.add_typer(lake.app, name="lake")
app.add_typer(identity.app, name="identity")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(keys.backup, name="backup")
app.add_typer(trust.app, name="trust")
app.add_typer(exchange.app, name="exchange")
app.add_typer(node.app, name="node")
app.add_typer(proof.app, name="proof")
app.add_typer(harvest.app, name="harvest")
app.add_typer(privacy.app, name="privacy")
app.add_typer(release.app, name="release")
app.add_typer(vital.app, name="vital")


@cache
def _command() -> Any:
    """The tree of commands, which takes a while to make: once a process."""
    return typer.main.get_command(app)


def main() -> None:
    """Run a command; exit 0, 2 when it was typed wrong, the category's code (10-15) on an error, or 130 when interrupted."""
    try:
        sys.exit(_command()(standalone_mode=False) or 0)
    except TyperException as error:
        mistyped(error, sys.argv[1:])
        sys.exit(error.exit_code)
    except Abort:
        rich_abort_error()
        sys.exit(1)
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
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # nobody reads any more: nothing is left to flush
        sys.exit(1)
    except Exception as error:  # the last resort: what a library says may repeat what it was given
        unexpected = Unexpected.of(error)
        complain(unexpected)
        sys.exit(exit_code(unexpected.category))
