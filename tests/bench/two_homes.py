"""Two members of an exchange for a bench: homes with keys, certificates and addresses, and processes that serve or send."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from quanmin.exchange.member import enrolment
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.opening import Listener, opened
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import local_administrator

SERVE = """
import json, sys
from pathlib import Path
from quanmin.exchange.node.opening import Listener, opened
from quanmin.settings import Settings
given = json.loads(sys.argv[1])
with opened(Settings(**given["settings"])) as node:
    listener = Listener(node, "127.0.0.1", given["port"])
    print("ready", flush=True)
    sys.stdin.readline()
    listener.close()
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
"""


def settings_of(home: Path, member: str, **more: str) -> Settings:
    return Settings(home=home / member, member=member, **more)


class Homes(NamedTuple):
    """Both nodes while they are open, the platform's served; settings and ports for processes that come after."""

    platform: Node
    agency: Node
    there: Settings
    port: int
    here: Settings
    own: int


def joined(stack: ExitStack, home: Path, platform: str, agency: str) -> Homes:
    """A platform and a member of it in folders of `home`, until the stack ends."""
    there, here = settings_of(home, platform), settings_of(home, agency)
    lake, actor = stack.enter_context(Lake.open(there)), local_administrator()
    enrolment.found(lake.ledger, there, actor)
    there, port = addressed(there)
    here = here.model_copy(
        update={"exchange_platform": there.exchange_origin, "exchange_origin": "https://127.0.0.1:1"}
    )
    enrolment.join(here, enrolment.admit(lake.ledger, there, actor, enrolment.asked(here)))
    here, own = addressed(here)
    enrolment.join(here, enrolment.admit(lake.ledger, there, actor, enrolment.asked(here)))
    nodes = [stack.enter_context(opened(one)) for one in (there, here)]
    listener = Listener(nodes[0], "127.0.0.1", port, work=False)
    stack.callback(listener.close)
    return Homes(nodes[0], nodes[1], there, port, here, own)


def addressed(settings: Settings) -> tuple[Settings, int]:
    """The settings with the address of a port that is free."""
    with opened(settings) as node:
        listener = Listener(node, "127.0.0.1", 0, work=False)
        listener.close()
    return settings.model_copy(update={"exchange_origin": listener.origin}), listener.port


def process_of(code: str, settings: Settings, port: int, **more: object) -> subprocess.Popen[str]:
    names = ("home", "member", "exchange_origin", "exchange_platform")
    given = {
        "settings": {name: str(value) for name in names if (value := getattr(settings, name))},
        "port": port,
        **more,
    }
    arguments = [sys.executable, "-c", code, json.dumps(given)]
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def line_of(process: subprocess.Popen[str], said: str | None = None) -> str:
    assert process.stdin is not None and process.stdout is not None
    if said is not None:
        process.stdin.write(said + "\n")
        process.stdin.flush()
    return process.stdout.readline()
