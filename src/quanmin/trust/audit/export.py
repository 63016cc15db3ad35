"""The log as a file that can be verified elsewhere: NDJSON with a first line about it, the signed heads, then every entry.

{"log":"quanmin audit","version":1,"hash":"sha256","size":2}
{"head":{…},"token":"…"}
{"leaf":"…","at":"…","sequence":1,…}
{"leaf":"…","at":"…","sequence":2,…}
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from quanmin.ledger import Ledger
from quanmin.trust.audit import heads, record
from quanmin.trust.audit.errors import NotAnExport
from quanmin.trust.audit.log import stored
from quanmin.trust.audit.signature import SignedHead
from quanmin.trust.audit.verify import rows

LOG, VERSION = "quanmin audit", 1
_LONGEST = 1 << 16  # a first line or a head is shorter


def export(ledger: Ledger, file: Path) -> int:
    """Write the whole log as it stands into a new file; the number of entries."""
    with ledger.reading() as connection, file.open("xb") as out:
        standing = stored(connection, ledger.audit_hash)
        size = standing.frontier.size
        _put(out, {"log": LOG, "version": VERSION, "hash": standing.hash, "size": size})
        for head, token in heads.stamped(connection, size):
            _put(out, {"head": head.document(), **({"token": base64.b64encode(token).decode()} if token else {})})
        for row in rows(connection):
            event = record.Event._make(row[:-1])
            out.write(record.exported(event.line(), row.leaf) + b"\n")
    return size


def _put(out: IO[bytes], document: object) -> None:
    out.write(json.dumps(document, separators=(",", ":")).encode() + b"\n")


class Start:
    """What stands before the entries of an exported log, and where they begin; NotAnExport."""

    def __init__(self, file: Path) -> None:
        self.stamped: list[tuple[SignedHead, bytes | None]] = []
        try:
            with file.open("rb") as source:
                first = json.loads(source.readline(_LONGEST))
                if first["log"] != LOG or first["version"] != VERSION or first["hash"] not in ("sha256", "sm3"):
                    raise ValueError("another format")
                self.hash, self.size = str(first["hash"]), int(first["size"])
                self.body = source.tell()
                while (line := source.readline(_LONGEST)).startswith(b'{"head":'):
                    self.stamped.append(_head(json.loads(line), file.name))
                    self.body = source.tell()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotAnExport(file=file.name) from error
        self.end = file.stat().st_size

    @property
    def heads(self) -> list[SignedHead]:
        """The signed heads, oldest first."""
        return [head for head, _ in self.stamped]


def _head(line: Mapping[str, Any], where: str) -> tuple[SignedHead, bytes | None]:
    token = line.get("token")
    return SignedHead.read(line["head"], where), None if token is None else base64.b64decode(token, validate=True)
