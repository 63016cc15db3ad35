"""`quanmin identity passkeys`: one's own passkeys. A browser makes them; here its answer is pasted as one line of JSON."""

from __future__ import annotations

import json as js
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from quanmin.cli.output import AsJson, out, say
from quanmin.cli.register import here, listed, secret
from quanmin.cli.workplace import open_register
from quanmin.text import Text
from quanmin.trust import identity

passkeys = typer.Typer(help="One's own passkeys. 本人的通行密钥。", no_args_is_help=True)


def asked(options: Mapping[str, Any]) -> str:
    """What the browser answers to these options: they are printed as one line, its answer is the next line of input."""
    sys.stdout.write(js.dumps(options, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return secret("浏览器的应答（JSON，一行）", "answer of the browser (JSON, one line)")


@passkeys.command("register")
def register_passkey() -> None:
    """Keep a passkey: prints what the browser is asked, reads what it answers. 登记通行密钥。"""
    with open_register() as register:
        actor = here(register)
        identity.passkey.register(register, actor, asked(identity.passkey.registration_options(register, actor)))
    out.print(say(Text("已登记", "Kept")))


@passkeys.command("list")
def list_passkeys(json: AsJson = False) -> None:
    """List one's passkeys. 通行密钥清单。"""
    with open_register() as register:
        rows = identity.passkey.listing(register, here(register))
    listed(rows, ("number", "at"), json)


@passkeys.command("remove")
def remove_passkey(number: Annotated[int, typer.Argument(help="As listed. 清单中的编号。")]) -> None:
    """Give up a passkey: it opens nothing any more. 移除通行密钥。"""
    with open_register() as register:
        identity.passkey.remove(register, here(register), number)
    out.print(say(Text("已移除", "Removed")))
