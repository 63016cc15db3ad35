"""The months go upward: packages under agreements with the nation's node, taken in there, answered, corrected once more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from quanmin import standards
from quanmin.demo_exchange import Ministry, agree, until
from quanmin.exchange.terms import Terms
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push import answers, bundle, package, send
from quanmin.programs.vital.push.errors import NothingChanged

NATION = "nation"
BASIS = "国卫办妇幼函〔2015〕279号"


@dataclass
class Upward:
    """The way from the province to the nation; `sent` are the packages by name, in order."""

    here: Ministry
    terms: list[Terms]
    sent: list[str] = field(default_factory=list)

    @classmethod
    def agreed(cls, here: Ministry) -> Upward:
        """With an agreement on each part of a package."""
        return cls(here, [agree(here, _told(here, dataset)) for dataset in bundle.PARTS])

    def send(self, office: Office, month: str) -> str:
        """The package of a month that is over; its name."""
        return self._send(office, package(office, month))

    def correct(self, office: Office, month: str, first: str) -> str | None:
        """Send a month again, with what came late; None where nothing did."""
        try:
            return self._send(office, package(office, month, correction_of=first))
        except NothingChanged:
            return None

    def _send(self, office: Office, path: Path) -> str:
        send(self.here.platform, office, self.terms, path)
        self.sent.append(path.stem)
        return path.stem

    def answered(self, office: Office) -> list[dict[str, Any]]:
        """What the nation made of each package, once it answered to all of them."""

        def settled() -> list[dict[str, Any]] | None:
            found = [(name, answers(self.here.platform, office, name)) for name in self.sent]
            if any(one.state not in ("acknowledged", "empty", "refused") for _, parts in found for one in parts):
                return None
            return [_sums(name, [one.to_dict() for one in parts]) for name, parts in found]

        return until("the nation's answers", settled)


def _sums(name: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    counts = {key: sum(int(one[key] or 0) for one in parts) for key in ("rows", "accepted", "quarantined", "told")}
    return {"package": name, "parts": len(parts), **counts, "refused": sum(one["state"] == "refused" for one in parts)}


def _told(here: Ministry, dataset: str) -> dict[str, Any]:
    known = standards.catalogue().dataset(dataset)
    starts = here.platform.ledger.now().date()
    return {
        "item": dataset.partition(".")[2],
        "title_zh": f"{known.title.zh}上报",
        "title_en": f"{known.title.en}, pushed upward",
        "provider": here.platform.member,
        "consumer": NATION,
        "dataset": dataset,
        "elements": [one.name for one in known.elements],
        "mode": "push",
        "content": "file",
        "initiative": "provider",
        "frequency": "monthly",
        "legal_basis": BASIS,
        "starts": starts.isoformat(),
        "until": (starts + timedelta(days=365)).isoformat(),
        "purpose": "sharing",
    }
