"""`quanmin audit flag`: people whose reads are always looked at; two administrators set a flag, either ends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from quanmin.cli.output import AsJson
from quanmin.cli.register import Number, Until, Why, here, listed, secret, tell
from quanmin.cli.workplace import open_register
from quanmin.ledger import Document
from quanmin.population import inquiry
from quanmin.settings import Settings
from quanmin.trust import Actor
from quanmin.trust.flag import Flags

app = typer.Typer(help="Flagged persons, whose reads always alarm. 重点人员标记。", no_args_is_help=True)


@contextmanager
def _flags() -> Iterator[tuple[Flags, Actor]]:
    settings = Settings()
    with open_register(settings) as register:
        yield Flags(register, settings), here(register)


def _tell(made: Document, json: bool) -> None:
    tell({"document": made.id, "until": made.data["until"], "state": made.state}, json)


@app.command()
def add(until: Until, reason: Why, json: AsJson = False) -> None:
    """Propose to flag a person; asks for the number. The security administrator. 提出标记。"""
    key = inquiry.key_of(secret("证件号", "identity number"))
    with _flags() as (flags, actor):
        _tell(flags.propose(actor, key, reason, until.date()), json)


@app.command()
def confirm(number: Number, json: AsJson = False) -> None:
    """Confirm a flag: from now on every read alarms. The audit administrator. 确认标记。"""
    with _flags() as (flags, actor):
        _tell(flags.confirm(actor, number), json)


@app.command()
def end(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; without anybody's data. 理由，不写个人信息。")],
    json: AsJson = False,
) -> None:
    """End a flag, or take a proposal away; either of the two. 解除标记。"""
    with _flags() as (flags, actor):
        _tell(flags.end(actor, number, reason), json)


@app.command("list")
def list_flags(json: AsJson = False) -> None:
    """List the flags; people by pseudonym. 标记清单。"""
    with _flags() as (flags, actor):
        rows = flags.listing(actor)
    listed(rows, ("document", "person", "reason", "owner", "at", "until", "state"), json)
