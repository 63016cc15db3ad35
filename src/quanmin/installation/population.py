"""The population base of an installation: built, linked, asked, explained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from quanmin import population, trust
from quanmin.installation.answer import (
    CARDS,
    CHANGES,
    ITEMS,
    PEOPLE,
    RECORDS,
    RELIABILITY,
    Explained,
    Listed,
    Told,
    believed_row,
    changes,
    person_row,
)
from quanmin.installation.pairs import Progress, verify_file
from quanmin.installation.pictures import Deciding, Pictures
from quanmin.installation.review import Review
from quanmin.lake import Lake
from quanmin.lake.cluster import EngineName
from quanmin.lake.errors import NotReadable
from quanmin.population import calibration, inquiry, linkage
from quanmin.population.aim import Aims, aims
from quanmin.population.find import LIMIT, Sought, search
from quanmin.population.history import history
from quanmin.population.identifiers import Decide, identifiers_of, identify
from quanmin.population.inquiry import COMPARED, Answer
from quanmin.population.lookup import Counter, Desk
from quanmin.population.statement import statements
from quanmin.population.statistics import PARTS, Part, Statistics, statistics
from quanmin.population.verification import verify_table
from quanmin.trust import explanation, work
from quanmin.trust.errors import AccessDenied, CaseMissing
from quanmin.trust.purpose import PURPOSES
from quanmin.trust.question import situation


class Population:
    """The population base of an installation; `desk` is one that is shared with other readers, each with his own decisions."""

    def __init__(self, lake: Lake, decide: Deciding, actor: trust.Actor, desk: Desk | None = None) -> None:
        self._lake = lake
        self._decide = decide
        self._counter: Counter | None = None
        self._shared = desk
        self._actor, self._local = actor, actor == trust.local_administrator()
        self.plots = Pictures(lake, decide)
        self.review = Review(lake, actor)

    def _close(self) -> None:
        if self._counter is not None:
            self._counter.close()

    def build(
        self, full: bool = False, *, calibrate: bool = False, engine: EngineName = "duckdb"
    ) -> population.BuildReport:
        """Overlay, verify and write the golden records; only people in changed batches unless `full`.

        `calibrate` estimates anew how far each source is believed, `engine` is where it is computed: here, or on a cluster.
        """
        work.require(self._lake.ledger, self._actor)
        built = population.build(self._lake, full=full, engine=engine, calibrate=calibrate)
        if self._counter is not None:
            self._counter.refresh()
        return built

    def link(self, train: bool = False) -> linkage.LinkReport:
        """Find the person of the records that were set aside; `train` makes a new model first."""
        work.require(self._lake.ledger, self._actor)
        return linkage.link(self._lake, train=train)

    def explain(
        self, dataset: str, batch: int, row: int, *, purpose: str = "supervision", case: str | None = None
    ) -> Explained:
        """Why a record was attached, left apart or sent to a clerk; a notebook shows it as a waterfall."""
        found = linkage.explain(self._lake, self._deciding(purpose, case), dataset, batch, row)
        return Explained(found, self._lake.settings.language)

    def reliability(self) -> Listed:
        """How far each source is believed about each item, as the base was built; one row a stratum of people."""
        return Listed(population.believed(self._lake), RELIABILITY, believed_row)

    def calibration(self, truth: str | Path) -> pa.Table:
        """How often golden items are right, by the probability that is stated; `truth` is the folder that `synth` wrote."""
        return calibration.table(population.compare_with_truth(self._lake, Path(truth)).calibration)

    def show(self, number: str, purpose: str = "supervision", case: str | None = None) -> Told:
        """The golden record of a number with the source of each item, as the purpose shows it."""
        if self._local:
            return Told(self._desk().show(number, purpose, case), {"items": ITEMS})
        return self.look(number, purpose, case)

    def look(self, number: str, purpose: str = "supervision", case: str | None = None) -> Told:
        """The same under a decision about this very person, with `terms`: under which decision it is shown, and what is owed."""
        inquiry.key_of(number)
        with self._hinted(purpose, case, number):
            decision = self._decision(purpose, case, number)
            shown = (self._shared or self._desk()).shown(decision, number)
            return Told({**shown, "terms": inquiry.terms(decision)}, {"items": ITEMS})

    def statements(self, number: str, purpose: str = "supervision", case: str | None = None) -> Told:
        """What each source says of the person with a number, beside the golden record."""
        with self._hinted(purpose, case, number):
            return Told(statements(self._lake, self._deciding(purpose, case, number), number), {"records": None})

    def standing(self) -> dict[str, Any]:
        """Whether the base is built, and how many people it has."""
        return inquiry.standing(self._lake)

    def aims(self) -> Aims:
        """For which purposes whoever opened the installation could ask of people, look for them, count or verify."""
        return aims(self._lake.ledger, self._actor)

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
    ) -> Listed:
        """The people who fit, each like `show` and with `match`; nobody is found by what the purpose would not show clearly.

        The name may be one borne before, or be typed in letters (`zhang wei`); with `sound` characters that sound alike do.
        """
        sought = Sought(name, birth_date, birth_year, sex, region, address, sound)
        with self._hinted(purpose, case):
            found = search(self._lake, self._deciding(purpose, case), sought, limit)
        return Listed(found, PEOPLE, person_row)

    def identify(
        self,
        dataset: str,
        value: str,
        element: str | None = None,
        *,
        purpose: str = "supervision",
        case: str | None = None,
    ) -> Told:
        """The people whom an identifier of a dataset means, with all their identifiers."""
        found = identify(self._lake, self._deciding(purpose, case), dataset, value, element)
        cards = [{"person": one["person"], **row} for one in found["people"] for row in one["identifiers"]]
        return Told(found, {"identifiers": CARDS, "set_aside": None}, {"identifiers": cards})

    def identifiers(self, number: str, purpose: str = "supervision", case: str | None = None) -> Told:
        """All identifiers of the person with a citizen number."""
        with self._hinted(purpose, case, number):
            found = identifiers_of(self._lake, self._deciding(purpose, case, number), number)
        return Told(found, {"identifiers": CARDS[1:]})

    def history(self, number: str, purpose: str = "supervision", case: str | None = None) -> Told:
        """Every change of a golden record, and every record that spoke of the person."""
        with self._hinted(purpose, case, number):
            found = history(self._lake, self._decision(purpose, case, number), number)
        return Told(found, {"changes": CHANGES, "records": RECORDS, "reviews": None}, {"changes": changes(found)})

    def statistics(
        self, parts: Iterable[Part] = PARTS, purpose: str = "statistics", case: str | None = None
    ) -> Statistics:
        """The base in figures: a table for each part, such as `statistics()["coverage"]`."""
        return statistics(self._lake, self._decision(purpose, case), parts)

    def warm(self) -> int:
        """Make every bucket ready for `show`, so that not even the first look-up in it waits; bytes of disk taken."""
        return self._desk().warm()

    def _desk(self) -> Counter:
        if self._counter is None:
            self._counter = Counter(self._lake, self._decision)
        return self._counter

    def verify(self, number: str, name: str) -> Answer:
        """Whether number and name belong together: agree, differ or unknown."""
        return population.verify(self._lake, self._verification(), number, name)

    def merged(self, number: str) -> bool:
        """Whether a number was given up for another one of the same person; which one is not told."""
        return inquiry.merged(self._lake, number)

    def verify_file(
        self, asked: str | Path, answered: str | Path, told: Progress = lambda _rows, _done, _all: None
    ) -> dict[str, Any]:
        """The same for every row of a file: a CSV of row and answer, and how many of each."""
        return verify_file(self._lake, self._verification(), Path(asked), Path(answered), told)

    def verify_table(self, asked: Any) -> pa.Table:
        """The same for every row of a frame (Arrow, pandas, Polars, a mapping of columns): `row` and `answer`."""
        table = asked if isinstance(asked, pa.Table) else pa.table(asked)
        return verify_table(self._lake, self._verification(), table)

    @contextmanager
    def _hinted(self, purpose: str, case: str | None, number: str | None = None) -> Iterator[None]:
        """A refusal that a case number alone would have spared says so: CaseMissing."""
        try:
            yield
        except (NotReadable, AccessDenied):
            ledger = self._lake.ledger
            if case is None and purpose in PURPOSES:
                known = situation(ledger, self._lake.settings, self._actor, purpose, number)
                if explanation.needs_case(ledger, self._actor, purpose, "linked.person", known):
                    raise CaseMissing(purpose=PURPOSES[purpose].title) from None
            raise

    def _decision(self, purpose: str, case: str | None = None, number: str | None = None) -> trust.Decision:
        return self._decide(purpose, "linked.person", population.PERSON_COLUMNS, case, number)

    def _deciding(self, purpose: str, case: str | None, number: str | None = None) -> Decide:
        return lambda dataset, elements: self._decide(purpose, dataset, elements, case, number)

    def _verification(self) -> trust.Decision:
        return self._decide("verification", "linked.person", COMPARED)
