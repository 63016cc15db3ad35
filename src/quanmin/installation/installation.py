"""An installation in Python, for notebooks and scripts: the same stages as the command line, frames in and out.

`quanmin.connect(home)` makes one. Each method is one call of the stage that the command of the same name calls, as the local
administrator; what a person's record shows is decided by the purpose, and every read and verification is in the audit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from quanmin import collect as agencies
from quanmin import population, standards, trust
from quanmin.collect import Receipt, Report
from quanmin.lake import Lake
from quanmin.ledger import Lineage
from quanmin.population import linkage
from quanmin.population.find import LIMIT, Sought, search
from quanmin.population.history import history
from quanmin.population.identifiers import Decide, identifiers_of, identify
from quanmin.population.inquiry import COMPARED, Answer
from quanmin.population.lookup import Counter
from quanmin.population.statistics import PARTS, Part, Statistics, statistics
from quanmin.population.verification import verify_table
from quanmin.settings import Settings
from quanmin.standards import Catalogue


class Installation:
    """One home, opened; use it as a context manager or `close` it."""

    def __init__(self, lake: Lake, actor: trust.Actor) -> None:
        self.lake = lake
        self.actor = actor
        self.population = Population(self)

    @classmethod
    def open(cls, home: str | Path | None = None) -> Installation:
        """The installation in a folder (default: the settings'), made if it is not there yet."""
        settings = Settings() if home is None else Settings(home=Path(home))
        return cls(Lake.open(settings), trust.local_administrator())

    def close(self) -> None:
        """Let the ledger's connections go, and what was kept for speed."""
        self.population._close()
        self.lake.close()

    def __enter__(self) -> Installation:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def standards(self) -> Catalogue:
        """The catalogue: datasets, items, value sets, regions."""
        return standards.catalogue()

    def check(self, dataset: str, file: str | Path) -> Report:
        """The conformance test of a file; stores nothing."""
        return agencies.check(self.standards.dataset(dataset), Path(file), settings=self.lake.settings)

    def collect(self, dataset: str, file: str | Path, source: str) -> Receipt:
        """Validate a file that an agency sends, accept or quarantine each row; the receipt."""
        return agencies.collect(self.lake, dataset, Path(file), source, self.actor)

    def receipt(self, batch: int) -> Receipt:
        """The receipt of one batch."""
        return agencies.receipt(self.lake, batch)

    def receipts(self) -> list[Receipt]:
        """The receipts of all batches, oldest first."""
        return agencies.receipts(self.lake)

    def withdraw(self, batch: int, reason: str) -> None:
        """Take a batch back: its rows leave the lake, what it superseded returns."""
        agencies.withdraw(self.lake, batch, self.actor, reason)

    def feedback(self, source: str, directory: str | Path) -> population.Feedback:
        """Write the errors found in an agency's files, and the summary."""
        return population.export_feedback(self.lake, source, Path(directory))

    def lineage(self, table: str | None = None) -> list[Lineage]:
        """Who wrote a table (or every one), and from what."""
        return self.lake.lineage(table)

    def read(self, dataset: str, elements: Sequence[str], purpose: str, case: str | None = None) -> pa.Table:
        """The rows of a dataset or of `linked.person`, each column as the purpose shows it; withheld ones are left out."""
        return self.lake.read(self.decide(purpose, dataset, elements, case)).fetch()

    def decide(self, purpose: str, dataset: str, elements: Sequence[str], case: str | None = None) -> trust.Decision:
        """What the policy says to a read, column by column, with its reasons."""
        return trust.decide(self.lake.ledger, self.actor, purpose, dataset, tuple(elements), case=case)


class Population:
    """The population base of an installation."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._counter: Counter | None = None

    def _close(self) -> None:
        if self._counter is not None:
            self._counter.close()

    def build(self, full: bool = False) -> population.BuildReport:
        """Overlay, verify and write the golden records; only people in changed batches unless `full`."""
        built = population.build(self._installation.lake, full=full)
        if self._counter is not None:
            self._counter.refresh()
        return built

    def link(self, train: bool = False) -> linkage.LinkReport:
        """Find the person of the records that were set aside; `train` makes a new model first."""
        return linkage.link(self._installation.lake, train=train)

    def show(self, number: str, purpose: str = "supervision", case: str | None = None) -> dict[str, Any]:
        """The golden record of a number with the source of each item, as the purpose shows it."""
        return self._desk().show(number, purpose, case)

    def find(
        self,
        name: str | None = None,
        birth_date: dt.date | None = None,
        birth_year: int | None = None,
        sex: str | None = None,
        region: str | None = None,
        *,
        address: str | None = None,
        sound: bool = False,
        limit: int = LIMIT,
        purpose: str = "supervision",
        case: str | None = None,
    ) -> list[dict[str, Any]]:
        """The people who fit, each like `show` and with `match`; nobody is found by what the purpose would not show clearly.

        The name may be one borne before, or be typed in letters (`zhang wei`); with `sound` characters that sound alike do.
        """
        sought = Sought(name, birth_date, birth_year, sex, region, address, sound)
        return search(self._installation.lake, self._deciding(purpose, case), sought, limit)

    def identify(
        self,
        dataset: str,
        value: str,
        element: str | None = None,
        *,
        purpose: str = "supervision",
        case: str | None = None,
    ) -> dict[str, list[dict[str, Any]]]:
        """The people whom an identifier of a dataset means, with all their identifiers."""
        return identify(self._installation.lake, self._deciding(purpose, case), dataset, value, element)

    def identifiers(self, number: str, purpose: str = "supervision", case: str | None = None) -> dict[str, Any]:
        """All identifiers of the person with a citizen number."""
        return identifiers_of(self._installation.lake, self._deciding(purpose, case), number)

    def history(self, number: str, purpose: str = "supervision", case: str | None = None) -> dict[str, Any]:
        """Every change of a golden record, and every record that spoke of the person."""
        return history(self._installation.lake, self._decision(purpose, case), number)

    def statistics(
        self, parts: Iterable[Part] = PARTS, purpose: str = "statistics", case: str | None = None
    ) -> Statistics:
        """The base in figures: a table for each part, such as `statistics()["coverage"]`."""
        return statistics(self._installation.lake, self._decision(purpose, case), parts)

    def warm(self) -> int:
        """Make every bucket ready for `show`, so that not even the first look-up in it waits; bytes of disk taken."""
        return self._desk().warm()

    def _desk(self) -> Counter:
        if self._counter is None:
            self._counter = Counter(self._installation.lake, self._decision)
        return self._counter

    def verify(self, number: str, name: str) -> Answer:
        """Whether number and name belong together: agree, differ or unknown."""
        return population.verify(self._installation.lake, self._verification(), number, name)

    def verify_table(self, asked: Any) -> pa.Table:
        """The same for every row of a frame (Arrow, pandas, Polars, a mapping of columns): `row` and `answer`."""
        table = asked if isinstance(asked, pa.Table) else pa.table(asked)
        return verify_table(self._installation.lake, self._verification(), table)

    def _decision(self, purpose: str, case: str | None = None) -> trust.Decision:
        return self._installation.decide(purpose, "linked.person", population.PERSON_COLUMNS, case)

    def _deciding(self, purpose: str, case: str | None) -> Decide:
        return lambda dataset, elements: self._installation.decide(purpose, dataset, elements, case)

    def _verification(self) -> trust.Decision:
        return self._installation.decide("verification", "linked.person", COMPARED)
