"""What two agencies agreed on: the words of an agreement, apart from its life in the ledger.

Both sides sign the canonical text of the terms, every message cites their id and version, and a node that stands at an agency
keeps a copy. The terms are what `quanmin.trust` is asked about: a field that they do not name is withheld.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Literal, get_args

from quanmin.exchange.canonical import canonical, digest

Mode = Literal["request", "push", "both"]
"""Request and response, push, or both."""
Operation = Literal["lookup", "query", "verify"]
"""Of a request: one record by its key, many by theirs, or whether what is stated agrees (一致 / 不一致 / 库中无此号)."""
Content = Literal["full", "change", "file"]
"""Of a push: the whole dataset, what changed since the snapshot acknowledged last, or a file as the provider has it."""
Form = Literal["parquet", "ndjson"]
"""Of rows that are pushed: one Parquet file, or lines of JSON (NDJSON) for programs that read nothing else."""
Initiative = Literal["consumer", "provider"]
"""Whether the data is asked for (请求-反馈) or given on one's own initiative (主动提供)."""
Frequency = Literal["realtime", "daily", "weekly", "monthly", "quarterly", "yearly", "on_request"]
MODES: tuple[Mode, ...] = get_args(Mode)
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
CONTENTS: tuple[Content, ...] = get_args(Content)
FORMS: tuple[Form, ...] = get_args(Form)
INITIATIVES: tuple[Initiative, ...] = get_args(Initiative)
FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)


@dataclass(frozen=True)
class Terms:
    """The terms of one agreement.

    `provider`, `consumer` and `authority` are members of the exchange: agencies, or agencies of divisions (`health_420000`).
    `elements` is the projection of `dataset`; `region` a division outside of which no row is given; `where` the codes that a
    row's elements may have. `case`: a case number is asked for with every request. `sealed`: bodies are encrypted to the
    receiver. `bodies`: the log keeps bodies, not digests alone. `recall`: the provider may recall what was sent. `onward`: the
    consumer may pass it on. `quota`: requests a day. `keep_days`: how long the consumer may keep what it received (None: as
    long as the purpose needs). `form`: of rows that are pushed.
    """

    id: str
    version: int
    item: str
    title_zh: str
    title_en: str
    provider: str
    consumer: str
    authority: str
    dataset: str
    elements: tuple[str, ...]
    purpose: str
    legal_basis: str
    mode: Mode
    initiative: Initiative
    frequency: Frequency
    starts: date
    until: date
    operations: tuple[Operation, ...] = ()
    content: Content = "change"
    region: str | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    case: bool = False
    sealed: bool = True
    bodies: bool = False
    recall: bool = True
    onward: bool = False
    quota: int | None = None
    keep_days: int | None = None
    form: Form = "parquet"

    @property
    def cited(self) -> str:
        """How messages cite it: `A-2026-0001;v=2`."""
        return f"{self.id};v={self.version}"

    @property
    def pushes(self) -> bool:
        """Whether it is delivered without being asked for."""
        return self.mode in ("push", "both")

    @property
    def answers(self) -> bool:
        """Whether requests are answered."""
        return self.mode in ("request", "both")

    @property
    def supplies(self) -> bool:
        """Whether rows are pushed, and not files as the provider has them."""
        return self.pushes and self.content != "file"

    def between(self, one: str, other: str) -> bool:
        """Whether these two members are its sides, in either direction."""
        return {one, other} == {self.provider, self.consumer}

    def to_dict(self) -> dict[str, Any]:
        """The JSON document that is signed. A `form` that is the default is left out, as before there was another."""
        told = asdict(self) | {"starts": self.starts.isoformat(), "until": self.until.isoformat()}
        told |= {"elements": list(self.elements), "operations": list(self.operations)}
        if self.form == FORMS[0]:
            del told["form"]
        return told | {"where": {name: sorted(codes) for name, codes in self.where.items()}}

    def text(self) -> bytes:
        """The canonical bytes that both sides sign."""
        return canonical(self.to_dict())

    def digest(self) -> str:
        """SHA-256 of the text, in hex."""
        return digest(self.to_dict())

    def revised(self, **changed: Any) -> Terms:
        """The same under the next version number."""
        return replace(self, version=self.version + 1, **changed)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Terms:
        """From the JSON document; KeyError, TypeError, ValueError where it is none."""
        own = dict(document)
        own |= {"starts": date.fromisoformat(own["starts"]), "until": date.fromisoformat(own["until"])}
        own |= {"elements": tuple(own["elements"]), "operations": tuple(own["operations"])}
        own["where"] = {str(name): tuple(codes) for name, codes in own["where"].items()}
        return cls(**own)
