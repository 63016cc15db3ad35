"""`quanmin serve`: the portal and the console, until it is told to stop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer

from quanmin.cli.output import err, say
from quanmin.loading import loading
from quanmin.settings import Settings
from quanmin.text import Text


class Which(StrEnum):
    """What is served."""

    BOTH = "both"
    PORTAL = "portal"
    CONSOLE = "console"


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at. 监听地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen at. 端口。")] = 8000,
    face: Annotated[Which, typer.Option(help="The portal, the console or both. 门户、控制台或两者。")] = Which.BOTH,
) -> None:
    """Serve the portal and the console. 启动门户与控制台。"""
    with loading():
        from quanmin import web  # heavy, and no other command needs it

    settings = Settings()

    def told() -> None:
        base = settings.origin
        if face != Which.CONSOLE:
            err.print(say(Text(f"门户：{base}/zh/", f"Portal: {base}/en/")))
        if face != Which.PORTAL:
            err.print(say(Text(f"控制台：{base}/console/zh/", f"Console: {base}/console/en/")))

    with _exchange(settings):
        web.serve(settings, host, port, face.value, told)


@contextmanager
def _exchange(settings: Settings) -> Iterator[None]:
    """The listener of the exchange beside the pages, where the settings ask for one. NotJoined, ListenUnsafe."""
    if settings.exchange_listen is None:
        yield
        return
    from quanmin.exchange.node.opening import Listener, opened

    host, _, port = settings.exchange_listen.rpartition(":")
    with opened(settings) as node:
        listener = Listener(node, host, int(port))
        err.print(say(Text(f"交换：{listener.origin}", f"Exchange: {listener.origin}")))
        try:
            yield
        finally:
            listener.close()


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command()(serve)
