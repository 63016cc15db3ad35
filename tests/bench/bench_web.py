"""The server: how fast it starts, what it holds when idle, cached pages, a person's page for many users, a large upload."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from bench_questions import BUCKETS, fill, numbers
from figure import Figure

from quanmin import demo_people
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import identity
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import roster

PERSONS, UPLOAD = 1_000_000, 1 << 30
CONNECTIONS, SECONDS = 32, 8.0
USERS, LOOK_UPS, PAUSE = 20, 25, 1.0
STARTS = 5
READER, SENDER = "demo-reviewer", "demo-operator"


class Server:
    """`quanmin serve` as a process of its own."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        origin = f"http://localhost:{self.port}"
        more = {"QUANMIN_HOME": str(home), "QUANMIN_ORIGIN": origin, "QUANMIN_LOG_LEVEL": "error"}
        more |= {"QUANMIN_WEB_RATE": "1000000", "QUANMIN_WEB_BURST": "1000000", "QUANMIN_BUCKETS": str(BUCKETS)}
        begun = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "quanmin", "serve", "--port", str(self.port)],
            env={**os.environ, **more},
            stderr=subprocess.DEVNULL,
        )
        self._wait()
        self.seconds = time.perf_counter() - begun

    def _wait(self) -> None:
        while True:
            try:
                assert self.ask("GET", "/health/live")[0] == 200
                return
            except OSError:
                assert self.process.poll() is None
                time.sleep(0.01)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request over a connection of its own."""
        line = http.client.HTTPConnection("localhost", self.port, timeout=120)
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            line.close()

    def memory(self, what: str) -> float:
        """Megabytes that the process holds (VmRSS) or held at most (VmHWM)."""
        text = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        found = re.search(rf"{what}:\s+(\d+)", text)
        assert found is not None
        return int(found.group(1)) / 1024

    def stop(self) -> None:
        """Tell it to stop."""
        self.process.terminate()
        self.process.wait(60)


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """A server, stopped at the end."""
    server = Server(home)
    try:
        yield server
    finally:
        server.stop()


def opened(home: Path) -> list[str]:
    """Accounts on a base that has none; tokens of somebody who may look people up, and of somebody who may send files."""
    settings = Settings(home=home, buckets=BUCKETS)
    with Lake.open(settings) as lake:
        register = replace(identity.Registry.open(lake.ledger, settings), work=demo_people.WORK)
        desk = demo_people.Reception(register)
        desk.found()
        desk.hire()
        desk.close()
        with lake.ledger.writing() as connection:
            tokens = []
            for name in (READER, SENDER):
                place = roster.place_of(register, connection, accounts.get(register, name, connection), None)
                tokens.append(identity.session.begin(register, connection, name, place, "password+totp", 2, True))
    return tokens


async def _client(port: int, path: str, size: int, until: float, taken: list[float]) -> None:
    """One connection that asks again and again for the same page, and knows how long the answer is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode()
    while time.perf_counter() < until:
        begun = time.perf_counter()
        writer.write(request)
        await reader.readexactly(size)
        taken.append(time.perf_counter() - begun)
    writer.close()


def cached(server: Server, path: str) -> tuple[float, float]:
    """Requests a second and the 99th percentile in milliseconds, over some connections that stay open."""
    for _ in range(3):
        assert server.ask("GET", path)[0] == 200
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{server.port}\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += line.recv(1 << 16)
        head, _, _ = answer.partition(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head)
        assert found is not None and b" 200 " in head and b"etag" in head
        size = len(head) + 4 + int(found.group(1))
        while len(answer) < size:
            answer += line.recv(1 << 16)
    taken: list[float] = []

    async def everybody() -> None:
        until = time.perf_counter() + SECONDS
        await asyncio.gather(*(_client(server.port, path, size, until, taken) for _ in range(CONNECTIONS)))

    asyncio.run(everybody())
    taken.sort()
    return len(taken) / SECONDS, taken[int(len(taken) * 0.99)] * 1000


def looked_up(server: Server, token: str, persons: int, scale: float, pause: float = 0.0) -> float:
    """The 95th percentile, in milliseconds, of the page of a person for many users at once; each asks for others.

    Between two people a user reads for `pause` seconds; the users begin at different moments of it.
    """
    taken: list[float] = []

    def user(seed: int, count: int, keep: bool) -> None:
        time.sleep(pause * seed / (10 + USERS) if keep else 0)
        for number in numbers(persons, count, seed):
            body = urlencode({"number": number, "purpose": "supervision", "case": "C-2026-118"}).encode()
            headers = {"cookie": f"quanmin_console={token}", "sec-fetch-site": "same-origin"}
            headers |= {"content-type": "application/x-www-form-urlencoded"}
            begun = time.perf_counter()
            status, _, page = server.ask("POST", "/console/en/population/person", body, headers)
            assert status == 200 and b"/population/person/" in page, status
            if keep:
                taken.append((time.perf_counter() - begun) * 1000)
                time.sleep(pause)

    user(1, 40, False)  # what is made ready by the first look-ups is made ready
    users = [
        threading.Thread(target=user, args=(10 + one, max(int(LOOK_UPS * scale), 5), True)) for one in range(USERS)
    ]
    for one in users:
        one.start()
    for one in users:
        one.join()
    taken.sort()
    return taken[int(len(taken) * 0.95)]


def sent(server: Server, token: str, size: int) -> tuple[float, float]:
    """Seconds to send a file of so many bytes, broken off in the middle and gone on with; megabytes that it cost at most."""
    headers = {"cookie": f"quanmin_console={token}", "sec-fetch-site": "same-origin", "tus-resumable": "1.0.0"}
    before, begun, part = server.memory("VmHWM"), time.perf_counter(), os.urandom(8 << 20)
    name = {"upload-length": str(size), "upload-metadata": "filename bGFyZ2UuY3N2"}
    status, answer, _ = server.ask("POST", "/console/en/uploads/", b"", headers | name)
    assert status == 201, status
    place = answer["location"].split(f":{server.port}")[-1]
    _break_off(server, place, headers, part)
    while True:
        offset = int(server.ask("HEAD", place, None, headers)[1]["upload-offset"])
        if offset == size:
            break
        more = headers | {"upload-offset": str(offset), "content-type": "application/offset+octet-stream"}
        assert server.ask("PATCH", place, part[: size - offset], more)[0] == 204
    seconds = time.perf_counter() - begun
    server.ask("DELETE", place, None, headers)
    return seconds, server.memory("VmHWM") - before


def _break_off(server: Server, place: str, headers: dict[str, str], part: bytes) -> None:
    """Send half of what is announced, and be gone."""
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        lines = {"host": f"localhost:{server.port}", "content-length": str(len(part)), "upload-offset": "0", **headers}
        lines |= {"content-type": "application/offset+octet-stream"}
        text = f"PATCH {place} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
        line.sendall(text.encode() + part[: len(part) // 2])
        time.sleep(0.5)


def measure(scale: float) -> list[Figure]:
    """The lines of the performance table."""
    persons, size = max(int(PERSONS * scale), 10_000), max(int(UPLOAD * scale), 32 << 20)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(home, persons, BUCKETS)
        reader, sender = opened(home)
        starts, idle = [], 0.0
        for _ in range(STARTS):
            with serving(home) as server:
                starts.append(server.seconds)
                server.ask("GET", "/zh/sign-in")
                time.sleep(1)
                idle = max(idle, server.memory("VmRSS"))
        with serving(home / "other") as server:  # an installation of its own: the base that is looked up has no figures
            rate, slow = cached(server, "/zh/about")
        with serving(home) as server:
            calm = looked_up(server, reader, persons, scale, PAUSE)
            page = looked_up(server, reader, persons, scale)
            seconds, memory = sent(server, sender, size)
    start = sorted(starts)[STARTS // 2]
    return [
        Figure(
            "cold start of quanmin serve",
            "≤ 2 s",
            f"{start:.2f} s",
            start <= 2,
            f"median of {STARTS}, to the first answer",
        ),
        Figure(
            "the same: memory when idle", "≤ 250 MB", f"{idle:.0f} MB", idle <= 250, "after the first page, at most"
        ),
        Figure(
            "cached public page, one worker",
            "≥ 2,000/s",
            f"{rate:,.0f}/s",
            rate >= 2_000,
            f"{CONNECTIONS} connections; the client runs beside it",
        ),
        Figure("the same: p99", "≤ 30 ms", f"{slow:.1f} ms", slow <= 30),
        Figure(
            "page of a person, p95",
            "≤ 80 ms",
            f"{calm:.0f} ms",
            calm <= 80,
            f"{persons:,} people, {USERS} users who read each page for {PAUSE:.0f} s",
        ),
        Figure(
            "the same: nobody reads",
            "≤ 80 ms",
            f"{page:.0f} ms",
            page <= 80,
            f"{USERS} users who ask again at once, on one worker",
        ),
        Figure(
            f"upload of {size / 2**30:.2g} GB, broken off and gone on with",
            "constant memory",
            f"{memory:.0f} MB more",
            memory <= 50,
            f"{size / 2**20 / seconds:,.0f} MB/s",
        ),
    ]


if __name__ == "__main__":
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(figure)
