"""The ministries: homes of their own, admitted by the platform, each served by a process of its own while the demo runs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from quanmin.errors import Incomplete
from quanmin.exchange.member import enrolment
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.opening import Listener, opened
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import local_administrator

MINISTRIES = ("public_security", "education", "civil_affairs", "social_security", "food_drug")
START_SECONDS = 150.0
STOP_SECONDS = 20.0


class NodeSilent(Incomplete):
    """A ministry's process did not come up in time."""

    code = "QM-DEMO-003"
    title = Text("演示节点 {member} 未能启动", "the demo's node {member} did not come up")
    step = Text("见该节点目录中的 node.log。", "See node.log in the folder of that node.")


@dataclass(frozen=True)
class Ministry:
    """The platform, and by its side the homes of the ministries: what their clerks would do is done on them."""

    platform: Node
    nodes: dict[str, Node]
    processes: dict[str, int]


@contextmanager
def ministries(lake: Lake, folder: Path, also: Sequence[str] = ()) -> Iterator[Ministry]:
    """Admit the five and who else is named, start their processes, serve the platform; it ends with the context. NodeSilent."""
    with ExitStack() as stack:
        settings = lake.settings.model_copy(update={"exchange_origin": _origin()})
        enrolment.found(lake.ledger, settings, local_administrator())
        platform = stack.enter_context(opened(settings, lake))
        homes = {name: _settings(settings, name, folder / name) for name in (*MINISTRIES, *also)}
        for own in homes.values():
            asked = enrolment.asked(own)
            enrolment.join(own, enrolment.admit(lake.ledger, settings, local_administrator(), asked))
        host, port = (
            settings.exchange_origin.removeprefix("https://").split(":") if settings.exchange_origin else ("", "0")
        )
        listener = Listener(platform, host, int(port))
        stack.callback(listener.close)
        running = {name: stack.enter_context(_process(own)) for name, own in homes.items()}
        nodes = {name: stack.enter_context(opened(own)) for name, own in homes.items()}
        for name, node in nodes.items():
            _wait(node, running[name])
        yield Ministry(platform, nodes, {name: one.pid for name, one in running.items()})


def _settings(of: Settings, member: str, home: Path) -> Settings:
    """A ministry's own: a home in the demo's folder, an address of its own, and the platform's."""
    own = {"home": home, "member": member, "exchange_origin": _origin(), "exchange_platform": of.exchange_origin}
    return of.model_copy(update={**own, "ledger": None, "lake": None, "buckets": 4, "exchange_backoff": 0.5})


def _origin() -> str:
    """An address on this machine that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"https://127.0.0.1:{free.getsockname()[1]}"


@contextmanager
def _process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """`quanmin node serve` in the home of a ministry."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("QUANMIN_")}
    assert settings.exchange_origin is not None and settings.exchange_platform is not None
    told = {
        "QUANMIN_HOME": str(settings.home),
        "QUANMIN_MEMBER": settings.member,
        "QUANMIN_BUCKETS": str(settings.buckets),
        "QUANMIN_EXCHANGE_ORIGIN": settings.exchange_origin,
        "QUANMIN_EXCHANGE_LISTEN": settings.exchange_origin.removeprefix("https://"),
        "QUANMIN_EXCHANGE_PLATFORM": settings.exchange_platform,
        "QUANMIN_EXCHANGE_BACKOFF": str(settings.exchange_backoff),
    }
    command = [sys.executable, "-m", "quanmin", "node", "serve"]
    with (settings.home / "node.log").open("ab") as log:
        running = subprocess.Popen(command, env={**own, **told}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _wait(node: Node, running: subprocess.Popen[bytes]) -> None:
    """Until its process listens; NodeSilent."""
    address = (node.settings.exchange_origin or "").removeprefix("https://").split(":")
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and running.poll() is None:
        try:
            socket.create_connection((address[0], int(address[1])), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise NodeSilent(member=node.member)
