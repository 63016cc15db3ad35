"""What is really so: the true items of every person, whom every row speaks of, and every error that is in the files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.standards import Catalogue
from quanmin.synth.career import LEVELS
from quanmin.synth.column import Digests, Lookup, codes
from quanmin.synth.day import NEVER
from quanmin.synth.injection import Injected
from quanmin.synth.number import as_text, spelled
from quanmin.synth.person import ETHNICITIES, MARITAL
from quanmin.synth.record import Records, Scene
from quanmin.synth.stream import Mask


@dataclass
class Standing:
    """By person: `based` is in the benchmark for good, `misnamed` stands there under a wrong name."""

    based: Mask
    misnamed: Mask


def follow(scene: Scene, records: Records, injected: Injected, standing: Standing, benchmark: bool) -> None:
    """Note the errors that follow by definition: numbers not in the benchmark, shared numbers, wrong names there."""
    people, person = scene.people, records.person
    sound = records.columns["citizen_number"].present() & ~injected.rejected & ~injected.apart
    if benchmark:
        rows = np.flatnonzero(people.contested[person] & sound)
        injected.note(rows, "E06", "citizen_number", "shared_number")
        return
    absent = sound & ~standing.based[person]
    second = sound & (people.twin[person] >= 0) & ~absent
    other = sound & standing.misnamed[person] & ~absent & ~second
    for mask, code, element, kind in (
        (absent, "E02", "citizen_number", "not_in_benchmark"),
        (second, "E06", "citizen_number", "shared_number"),
        (other, "E03", "name", "misnamed_in_benchmark"),
    ):
        rows = np.flatnonzero(mask)
        injected.apart[rows] = True
        injected.note(rows, code, element, kind)


def age(records: Records, injected: Injected) -> None:
    """Note the values that were true once: no rule can see them, so they have no code, and a row may have errors as well."""
    for element, stale in records.stale.items():
        spoilt = injected.spoilt.get(element, np.zeros(len(records), dtype=bool))
        rows = np.flatnonzero(stale & ~spoilt & records.columns[element].present())
        injected.entries.append((rows, None, element, "stale"))


class Knowledge:
    """Which true items some source knows."""

    def __init__(self, catalogue: Catalogue, count: int) -> None:
        self._claims = [(item.id, claim) for item in catalogue.items for claim in item.sources]
        self.known: dict[str, Mask] = {item.id: np.zeros(count, dtype=bool) for item in catalogue.items}

    def learn(self, records: Records, injected: Injected) -> None:
        """What these records tell truly, also those that no number joins to their person."""
        usable = ~injected.rejected
        for item, claim in self._claims:
            column = records.columns.get(claim.element) if claim.dataset == records.dataset else None
            if column is None:
                continue
            true = usable & column.present()
            for wrong in (records.stale.get(claim.element), injected.spoilt.get(claim.element)):
                if wrong is not None:
                    true &= ~wrong
            self.known[item][records.person[true]] = True


def persons(scene: Scene, knowledge: Knowledge, standing: Standing) -> pa.Table:
    """The true persons: an item that no source knows is null; `in_base` says who is in the benchmark for good."""
    people = scene.people
    everybody = np.arange(len(people), dtype=np.int32)
    known = knowledge.known
    for item in ("citizen_number", "name", "sex", "birth_date"):
        known[item] = known[item] | standing.based
    texts = {
        "citizen_number": as_text(spelled(people.key)),
        "name": people.names.full,
        "sex": codes(["1", "2"], people.sex - 1).render(""),
        "ethnicity": codes(ETHNICITIES, people.ethnicity).render(""),
        "birth_date": _dates(people.born),
        "birth_place": scene.region(people.homes.birth_code).render(""),
        "photo": Digests(people.photo).render(""),
        "registered_address": scene.address(people.homes.registered).render(""),
        "education": codes(list(LEVELS), people.careers.education).render(""),
        "marital_status": codes(MARITAL, people.marital).render(""),
        "residence": scene.address(people.homes.residence).render(""),
        "workplace": Lookup(scene.province.pools.employers, people.careers.employer, coded=True).render(""),
        "death_date": _dates(people.died),
    }
    columns = {item: _where(column, known[item]) for item, column in texts.items()}
    return (
        pa.table(
            {
                "person_id": pa.array(people.ids),
                "person_key": pa.array(people.key),
                **columns,
                "in_base": pa.array(standing.based),
            }
        )
        if len(everybody)
        else pa.table({})
    )


def _dates(days: NDArray[np.int32]) -> pa.Array:
    return pa.array(days, mask=days == NEVER).cast(pa.date32())


def _where(column: pa.Array, known: Mask) -> pa.Array:
    flat = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return pc.if_else(pa.array(known), flat, pa.scalar(None, flat.type))


ERRORS = pa.schema(
    [
        ("dataset", pa.string()),
        ("row", pa.int64()),
        ("code", pa.string()),
        ("element", pa.string()),
        ("kind", pa.string()),
    ]
)
RECORDS = pa.schema([("dataset", pa.string()), ("row", pa.int64()), ("person_id", pa.int64())])


def errors(dataset: str, injected: Injected, first: int, originals: int) -> pa.Table:
    """The errors of one dataset's rows; the row before the partition's first is `first`."""
    tables = [
        _error_rows(dataset, rows + first + 1, code, element, kind) for rows, code, element, kind in injected.entries
    ]
    copies = np.arange(len(injected.copies)) + originals + first + 1
    tables.append(_error_rows(dataset, copies, "E07", "", "duplicate"))
    return pa.concat_tables(tables)


def _error_rows(dataset: str, rows: NDArray[np.int64], code: str | None, element: str, kind: str) -> pa.Table:
    count = len(rows)
    texts = [pa.repeat(pa.scalar(text, pa.string()), count) for text in (dataset, code, element or None, kind)]
    return pa.table([texts[0], pa.array(rows, type=pa.int64()), *texts[1:]], schema=ERRORS)
