"""What a node does by itself while it runs: functions that look, work, and say when to look again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from quanmin.errors import QuanminError

if TYPE_CHECKING:
    from quanmin.exchange.node.node import Node

log = logging.getLogger(__name__)
Work = Callable[["Node"], float]
"""Work on a node; seconds until the next look."""

WORKERS: dict[str, Work] = {}
RETRY = 5.0


def worker(name: str, work: Work) -> None:
    """Register work under a name."""
    if WORKERS.setdefault(name, work) is not work:
        raise TypeError(f"there is another worker {name}")


class Workers:
    """A thread for each kind of work. `close` waits for what is being done."""

    def __init__(self, node: Node) -> None:
        self._node, self._stop = node, threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(name, work), name=f"exchange-{name}", daemon=True)
            for name, work in WORKERS.items()
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop after what is being done."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, name: str, work: Work) -> None:
        wait = 0.0
        while not self._stop.wait(wait):
            try:
                wait = work(self._node)
            except QuanminError as error:
                log.warning("%s: %s", name, error)
                wait = RETRY
            except Exception:  # one kind of work that fails must not end the others, nor itself for ever
                log.exception("exchange worker %s", name)
                wait = RETRY
