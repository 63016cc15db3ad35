"""A simulated province, from people to files: partitions are made at the same time and written in their order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from quanmin import standards
from quanmin.synth import person, truth
from quanmin.synth.agency import RECIPES, health, public_security
from quanmin.synth.errors import FolderTaken, MissingElement, PersonsOutOfRange, UnknownFormats
from quanmin.synth.injection import Injected, Injector
from quanmin.synth.number import Keys, Register
from quanmin.synth.person import Newcomers, arrive, grown
from quanmin.synth.pool import pools
from quanmin.synth.rate import ErrorRates
from quanmin.synth.record import Province, Records, Scene
from quanmin.synth.sink import ParquetSink, Sink, form_of, open_sink
from quanmin.synth.spelling import misnamed
from quanmin.synth.stream import Mask
from quanmin.synth.territory import Territory

Formats = Literal["native", "parquet"]

PARTITION = 50_000
"""People made at a time. Part of the outcome: another size is another province."""

MOST_PERSONS = 50_000_000

_FIRST = (public_security.household_registration, health.death)
_ORDER = (*_FIRST, *(recipe for recipe in RECIPES if recipe not in _FIRST))


@dataclass(frozen=True)
class SynthReport:
    """What was written: rows and file by dataset, errors by code, and how long it took."""

    directory: str
    persons: int
    seed: int
    records: dict[str, int]
    files: dict[str, str]
    errors: dict[str, int]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)


@dataclass
class Sheet:
    """One dataset's share of a partition: the rows as they will be written, whom they speak of, and the errors in them."""

    dataset: str
    table: pa.Table
    person_id: np.ndarray[Any, np.dtype[np.int64]]
    injected: Injected
    originals: int


def write(
    directory: Path | str,
    persons: int,
    seed: int,
    *,
    formats: Formats = "native",
    errors: ErrorRates | None = None,
    threads: int = 2,
    province: str = "13",
) -> SynthReport:
    """Write a simulated province of `persons` people: a file per dataset under `directory`, and `truth/`.

    The same arguments give the same bytes, whatever `threads` is. `province` is the two-digit code of GB/T 2260.
    """
    began = time.perf_counter()
    if not 1 <= persons <= MOST_PERSONS:
        raise PersonsOutOfRange(persons=persons, limit=MOST_PERSONS)
    if formats not in ("native", "parquet"):
        raise UnknownFormats(formats=formats)
    root = _folder(Path(directory))
    territory = Territory(standards.catalogue().regions, province, seed)
    shared = Province(standards.catalogue(), territory, pools(territory, seed))
    writer = _Writer(root, formats)
    for people, sheets in _partitions(shared, persons, seed, formats, errors or ErrorRates(), threads):
        writer.add(people, sheets)
    files = writer.close()
    return SynthReport(
        str(root), persons, seed, writer.rows, files, writer.codes, round(time.perf_counter() - began, 3)
    )


def _folder(root: Path) -> Path:
    if root.exists() and any(root.iterdir()) and not (root / "truth").is_dir():
        raise FolderTaken(directory=root)
    (root / "truth").mkdir(parents=True, exist_ok=True)
    for old in (*root.glob("*.*"), *(root / "truth").glob("*.parquet")):
        old.unlink()
    return root


def _partitions(
    province: Province, persons: int, seed: int, formats: str, rates: ErrorRates, threads: int
) -> Iterator[tuple[pa.Table, list[Sheet]]]:
    """The partitions in order; at most two for each thread are in memory."""
    register = Register(province.territory.known)
    _warm(province.territory)
    sizes = [min(PARTITION, persons - first) for first in range(0, persons, PARTITION)]
    arrivals: deque[Future[Newcomers]] = deque()
    ready: deque[Future[tuple[pa.Table, list[Sheet]]]] = deque()
    with ThreadPoolExecutor(max(1, threads)) as crew:
        for number in range(len(sizes) + 1):
            if number < len(sizes):
                arguments = (province.territory, province.pools, seed, number, number * PARTITION, sizes[number])
                arrivals.append(crew.submit(arrive, *arguments, rates.shared_number))
            while len(arrivals) > threads or (number == len(sizes) and arrivals):
                newcomers = arrivals.popleft().result()
                key = register.allot(newcomers.homes.number_code, newcomers.born, newcomers.sex)
                ready.append(crew.submit(_partition, province, newcomers, key, formats, rates))
                if len(ready) > threads:
                    yield ready.popleft().result()
        while ready:
            yield ready.popleft().result()


def _warm(territory: Territory) -> None:
    """Make the lazy tables before threads ask for them."""
    _ = (territory.known_texts, territory.elsewhere, territory.names(), territory.abolished)


def _partition(
    province: Province, newcomers: Newcomers, key: Keys, formats: str, rates: ErrorRates
) -> tuple[pa.Table, list[Sheet]]:
    people = grown(newcomers, key, province.pools)
    scene = Scene(province, people, person.membership(people))
    standing = truth.Standing(np.zeros(len(people), dtype=bool), np.zeros(len(people), dtype=bool))
    certified = np.zeros(len(people), dtype=bool)
    knowledge = truth.Knowledge(province.catalogue, len(people))
    sheets = []
    for recipe in _ORDER:
        records = recipe(scene)
        injected = _inject(scene, records, rates, standing, certified)
        if recipe is _FIRST[0]:
            standing.based[records.person[~injected.rejected]] = True
        if recipe is _FIRST[1]:
            good = ~injected.rejected & ~injected.apart
            certified[records.person[good]] = True
        knowledge.learn(records, injected)
        sheets.append(_sheet(scene, records, injected, formats))
    return truth.persons(scene, knowledge, standing), sheets


def _inject(scene: Scene, records: Records, rates: ErrorRates, standing: truth.Standing, certified: Mask) -> Injected:
    benchmark = scene.province.catalogue.dataset(records.dataset).benchmark
    free = ~scene.people.contested[records.person]
    if not benchmark:
        free &= standing.based[records.person] & ~standing.misnamed[records.person]
    injected = Injector(scene, records, rates, free, certified).run()
    if benchmark:
        _misname(scene, records, injected, rates, standing)
    truth.follow(scene, records, injected, standing, benchmark)
    truth.age(records, injected)
    return injected


def _misname(scene: Scene, records: Records, injected: Injected, rates: ErrorRates, standing: truth.Standing) -> None:
    """A few names are wrong in the benchmark itself: no rule can see it, and every other source will contradict."""
    rng, name = scene.people.rng("misname"), records.columns["name"]
    plain = scene.people.names.former.is_null().to_numpy(zero_copy_only=False)[records.person]
    rows = np.flatnonzero(
        ~injected.taken & plain & (rng.random(len(records)) < rates.wrong_character * rates.benchmark)
    )
    texts = [misnamed(rng, name.text(int(row)) or "", "wrong_character") for row in rows]  # type: ignore[attr-defined]
    good = np.array([text is not None for text in texts], dtype=bool)
    rows = rows[good]
    name.put(rows, [text for text in texts if text is not None])  # type: ignore[attr-defined]
    standing.misnamed[records.person[rows]] = True
    injected.spoil(rows, "name")
    injected.note(rows, None, "name", "wrong_name_in_benchmark")


def _sheet(scene: Scene, records: Records, injected: Injected, formats: str) -> Sheet:
    """The rows of a dataset under the titles that the catalogue gives, with the copies at the end."""
    dataset = scene.province.catalogue.dataset(records.dataset)
    _, form = form_of(records.dataset, formats)
    columns: dict[str, pa.Array] = {}
    for element in dataset.elements:
        column = records.columns.get(element.name)
        if column is None and element.required:
            raise MissingElement(dataset=dataset.id, element=element.name)
        if column is not None:
            columns[element.title.zh] = column.render(form)
    table = pa.table(columns)
    if len(injected.copies):
        table = pa.concat_tables([table, table.take(pa.array(injected.copies))])
    person_id = scene.people.ids[np.concatenate([records.person, records.person[injected.copies]])]
    return Sheet(dataset.id, table, person_id, injected, len(records))


class _Writer:
    """The open files."""

    def __init__(self, root: Path, formats: str) -> None:
        self._root, self._formats = root, formats
        self._sinks: dict[str, Sink] = {}
        self._truth: dict[str, ParquetSink] = {}
        self._crew = ThreadPoolExecutor(2)
        self.rows: dict[str, int] = {}
        self.codes: dict[str, int] = {}

    def add(self, people: pa.Table, sheets: list[Sheet]) -> None:
        """Append one partition; the files are written side by side."""
        writing = []
        self._note("persons", people)
        for sheet in sheets:
            kind, _ = form_of(sheet.dataset, self._formats)
            if sheet.dataset not in self._sinks:
                self._sinks[sheet.dataset] = open_sink(self._root, sheet.dataset, kind, sheet.table.schema)
            first = self.rows.get(sheet.dataset, 0)
            writing.append(self._crew.submit(self._sinks[sheet.dataset].write, sheet.table))
            self._note("records", _record_rows(sheet, first))
            found = truth.errors(sheet.dataset, sheet.injected, first, sheet.originals)
            self._note("errors", found)
            for count in found["code"].value_counts().to_pylist():
                if count["values"] is not None:
                    self.codes[count["values"]] = self.codes.get(count["values"], 0) + count["counts"]
            self.rows[sheet.dataset] = first + sheet.table.num_rows
        for written in writing:
            written.result()

    def _note(self, name: str, table: pa.Table) -> None:
        if name not in self._truth:
            self._truth[name] = ParquetSink(self._root / "truth" / f"{name}.parquet", table.schema)
        self._truth[name].write(table)

    def close(self) -> dict[str, str]:
        """Finish all files; the file of each dataset."""
        self._crew.shutdown()
        for sink in self._truth.values():
            sink.close()
        self.codes = dict(sorted(self.codes.items()))
        return {dataset: sink.close().name for dataset, sink in self._sinks.items()}


def _record_rows(sheet: Sheet, first: int) -> pa.Table:
    count = sheet.table.num_rows
    dataset = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([sheet.dataset]))
    return pa.table(
        {
            "dataset": dataset,
            "row": pa.array(np.arange(first + 1, first + count + 1)),
            "person_id": pa.array(sheet.person_id),
        }
    )
