"""The installation itself: its home, and the stages that a file goes through."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from quanmin import collect as agencies
from quanmin import population, standards, trust
from quanmin.collect import Receipt, Report
from quanmin.collect.listing import Listing, listing
from quanmin.collect.quality import Course, course
from quanmin.collect.refused import Refused, refused
from quanmin.installation.letters import Letters
from quanmin.installation.population import Population
from quanmin.lake import Lake
from quanmin.ledger import Lineage
from quanmin.opendata.participation import feedback as portal_feedback
from quanmin.population.lookup import Desk
from quanmin.settings import Settings
from quanmin.standards import Catalogue
from quanmin.trust import identity, work
from quanmin.trust.identity import founding
from quanmin.trust.identity.errors import SessionOver
from quanmin.trust.question import situation


class Installation:
    """One home, opened; use it as a context manager or `close` it."""

    def __init__(self, lake: Lake, actor: trust.Actor, desk: Desk | None = None) -> None:
        self.lake = lake
        self.actor = actor
        self.population = Population(lake, self.decide, actor, desk)
        self.letters = Letters(lake, actor)

    @classmethod
    def open(cls, home: str | Path | None = None, session: str | None = None) -> Installation:
        """The installation in a folder (default: the settings'), made if it is not there yet.

        Once there are accounts, `session` must be the token of a sign-in: SessionOver.
        """
        settings = Settings() if home is None else Settings(home=Path(home))
        lake = Lake.open(settings)
        try:
            return cls(lake, _actor(lake, session))
        except BaseException:
            lake.close()
            raise

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
        """Validate a file that an agency sends, accept or quarantine each row; the receipt. RoleMissing."""
        self._work()
        return agencies.collect(self.lake, dataset, Path(file), source, self.actor)

    def receipt(self, batch: int) -> Receipt:
        """The receipt of one batch."""
        return agencies.receipt(self.lake, batch)

    def receipts(self) -> list[Receipt]:
        """The receipts of all batches, oldest first."""
        return agencies.receipts(self.lake)

    def batches(
        self, dataset: str | None = None, source: str | None = None, state: str | None = None, page: int = 1
    ) -> Listing:
        """A page of the receipts, the newest first, narrowed by dataset, source and state."""
        return listing(self.lake, dataset, source, state, page)

    def refused(self, batch: int, rule: str | None = None, page: int = 1) -> Refused:
        """A page of the rows of a batch that were refused: where they stand in its file, and the rules broken. RoleMissing."""
        self._work()
        return refused(self.lake, batch, rule, page)

    def quality(self, source: str, dataset: str) -> Course:
        """The last batches that a source sent of a dataset: shares of refused rows, and the rules that rows broke."""
        return course(self.lake, self.standards.agency(source).id, self.standards.dataset(dataset).id)

    def withdraw(self, batch: int, reason: str) -> None:
        """Take a batch back: its rows leave the lake, what it superseded returns. RoleMissing."""
        self._work()
        agencies.withdraw(self.lake, batch, self.actor, reason)

    def feedback(self, source: str, directory: str | Path) -> population.Feedback:
        """Write the errors found in an agency's files, and the summary. RoleMissing."""
        self._work()
        return portal_feedback.export(self.lake, source, Path(directory))

    def lineage(self, table: str | None = None) -> list[Lineage]:
        """Who wrote a table (or every one), and from what."""
        return self.lake.lineage(table)

    def read(self, dataset: str, elements: Sequence[str], purpose: str, case: str | None = None) -> pa.Table:
        """The rows of a dataset or of `linked.person`, each column as the purpose shows it; withheld ones are left out."""
        return self.lake.read(self.decide(purpose, dataset, elements, case)).fetch()

    def _work(self) -> None:
        work.require(self.lake.ledger, self.actor)

    def decide(
        self,
        purpose: str,
        dataset: str,
        elements: Sequence[str],
        case: str | None = None,
        number: str | None = None,
    ) -> trust.Decision:
        """What the policy says to a read, column by column, with its reasons; with `number` about that person only."""
        known = situation(self.lake.ledger, self.lake.settings, self.actor, purpose, number, dataset)
        return trust.decide(self.lake.ledger, self.actor, purpose, dataset, tuple(elements), case, known)


def _actor(lake: Lake, session: str | None) -> trust.Actor:
    """Who opens the installation: whoever signed in, or the local administrator while there are no accounts."""
    registry = identity.Registry.open(lake.ledger, lake.settings)
    if not founding.founded(registry):
        return trust.local_administrator()
    if session is None:
        raise SessionOver()
    return identity.authenticate(registry, session)
