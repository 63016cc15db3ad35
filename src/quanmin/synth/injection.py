"""Errors put into the records of one dataset, each kind where the rules of the standard are sure to find it and nothing else.

A row is taken by at most one kind. A row of somebody who is not in the benchmark, or whose number is shared, is left alone:
what follows from that is an error of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from quanmin.standards import Dataset, Rule
from quanmin.synth import day as calendar
from quanmin.synth.column import Days, Lookup, Numbers
from quanmin.synth.number import spelled
from quanmin.synth.pyramid import AS_OF
from quanmin.synth.rate import ErrorRates
from quanmin.synth.record import Records, Scene
from quanmin.synth.spelling import misnamed, mistyped, respelled, transposed
from quanmin.synth.stream import Ints, Mask

Rows = NDArray[np.int64]


@dataclass
class Injected:
    """What was put in: for every error its row, code (None: not an error), element and kind.

    `rejected` marks rows that a standard refuses, `apart` rows that cannot be attached, `spoilt` per element the values
    that are wrong; `copies` are rows that are sent twice.
    """

    size: int
    entries: list[tuple[Rows, str | None, str, str]] = field(default_factory=list)
    taken: Mask = field(init=False)
    rejected: Mask = field(init=False)
    apart: Mask = field(init=False)
    spoilt: dict[str, Mask] = field(default_factory=dict)
    copies: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        self.taken, self.rejected, self.apart = (np.zeros(self.size, dtype=bool) for _ in range(3))

    def note(self, rows: Rows, code: str | None, element: str, kind: str) -> None:
        """Remember errors."""
        self.taken[rows] = True
        if len(rows):
            self.entries.append((rows, code, element, kind))

    def spoil(self, rows: Rows, element: str) -> None:
        """The element's values in these rows are not true."""
        self.spoilt.setdefault(element, np.zeros(self.size, dtype=bool))[rows] = True


class Injector:
    """Puts errors into one dataset's records."""

    def __init__(self, scene: Scene, records: Records, rates: ErrorRates, free: Mask, certified: Mask) -> None:
        """`free` marks rows that may get errors; `certified` people whose death certificate is sure to count."""
        self.scene, self.records, self.certified = scene, records, certified
        self.dataset: Dataset = scene.province.catalogue.dataset(records.dataset)
        self.rng = scene.people.rng("errors " + records.dataset)
        self.factor = rates.benchmark if self.dataset.benchmark else 1.0
        self.rates = rates
        self.done = Injected(len(records))
        self.done.taken |= ~free

    def run(self) -> Injected:
        """Every kind, in a fixed order."""
        self._numbers()
        self._names()
        self._contradictions()
        self._values()
        self._dates()
        self._future()
        self._deaths()
        self.done.copies = self._pick("duplicate")
        return self.done

    def _pick(self, kind: str, where: Mask | None = None) -> Rows:
        """Free rows for a kind at its rate."""
        share = getattr(self.rates, kind) * (1.0 if kind in ("lower_case", "full_width") else self.factor)
        fits = ~self.done.taken if where is None else where & ~self.done.taken
        rows = np.flatnonzero(fits & (self.rng.random(self.done.size) < share))
        self.done.taken[rows] = True
        return rows

    def _numbers(self) -> None:
        number = self.records.columns["citizen_number"]
        assert isinstance(number, Numbers)
        held = number.present()
        last = spelled(number.keys)[:, 17] if len(self.records) else np.zeros(0, dtype=np.uint8)
        born = self.scene.people.born[self.records.person]
        for kind, change in (("mistyped_number", mistyped), ("transposed_number", transposed)):
            rows = self._pick(kind, held)
            number.put(rows, change(self.rng, spelled(number.keys[rows])))
            self._set_apart(rows, "E01", "citizen_number", kind)
        old = held & (born < calendar.day_of(2000)) & ~np.bool_(self.dataset.benchmark)
        for kind, where in (("lower_case", held & (last == ord("X"))), ("old_number", old), ("full_width", held)):
            rows = self._pick(kind, where)
            number.put(rows, respelled(kind, spelled(number.keys[rows])))
            self.done.note(rows, None, "citizen_number", kind)
        if self.dataset.element("citizen_number").required:
            rows = self._pick("missing_number", held)
            number.blank(rows)
            self._set_apart(rows, "E12", "citizen_number", "missing_number")

    def _set_apart(self, rows: Rows, code: str, element: str, kind: str) -> None:
        (self.done.rejected if self.dataset.benchmark else self.done.apart)[rows] = True
        self.done.note(rows, code, element, kind)

    def _names(self) -> None:
        name = self.records.columns["name"]
        assert isinstance(name, Lookup)
        if self.dataset.benchmark:
            return
        people, person = self.scene.people, self.records.person
        numbered = self.records.columns["citizen_number"].present()
        former = ~people.names.former.is_null().to_numpy(zero_copy_only=False)[person]
        rows = self._pick("former_name", former & numbered)
        name.put(rows, people.names.former.take(person[rows]).to_pylist())
        self.done.spoil(rows, "name")
        self.done.note(rows, None, "name", "former_name")
        for kind, code in (("variant_character", "E13"), ("wrong_character", "E03")):
            boost = 4.0 if kind == "variant_character" else 1.0
            rows = np.flatnonzero(
                ~self.done.taken
                & numbered
                & ~former
                & (self.rng.random(self.done.size) < getattr(self.rates, kind) * boost)
            )
            texts = [misnamed(self.rng, name.text(int(row)) or "", kind) for row in rows]
            good = np.array([text is not None for text in texts], dtype=bool)
            rows = rows[good]
            name.put(rows, [text for text in texts if text is not None])
            self.done.spoil(rows, "name")
            self.done.apart[rows] |= code == "E03"
            self.done.note(rows, code, "name", kind)

    def _contradictions(self) -> None:
        people, person = self.scene.people, self.records.person
        numbered = self.records.columns["citizen_number"].present()
        sex, born = self.records.columns["sex"], self.records.columns["birth_date"]
        assert isinstance(sex, Lookup) and isinstance(born, Days)
        rows = self._pick("wrong_sex", numbered)
        sex.put(rows, ["2" if people.sex[person[row]] == 1 else "1" for row in rows])
        self.done.spoil(rows, "sex")
        self.done.note(rows, "E04", "sex", "wrong_sex")
        other = calendar.swapped(born.days)
        possible = numbered & people.alive[person] & (other != calendar.NEVER) & self._in_order("birth_date", other)
        rows = self._pick("swapped_birth_date", possible & (born.days != calendar.NEVER))
        rows = rows[self._in_force("birth_date", rows, other[rows])]
        born.move(rows, other[rows])
        self.done.spoil(rows, "birth_date")
        self.done.note(rows, "E05", "birth_date", "swapped_birth_date")

    def _in_order(self, element: str, days: Ints) -> Mask:
        """Where the element could have these days without breaking any order of dates."""
        fine = days <= AS_OF
        for rule in self.dataset.rules:
            if rule.kind != "date_order" or element not in rule.elements:
                continue
            earlier, later = (self._days(name) if name != element else days for name in rule.elements)
            if earlier is None or later is None:
                continue
            limit = calendar.anniversary(earlier, getattr(rule, "least_years", 0) + 1)
            absent = (earlier == calendar.NEVER) | (later == calendar.NEVER)
            strict = limit if getattr(rule, "least_years", 0) else earlier
            fine &= absent | (later >= strict)
        return np.asarray(fine)

    def _in_force(self, element: str, rows: Rows, days: Ints) -> Mask:
        """Which of the rows could have these days in the element: the region codes that it dates were valid then."""
        fine = np.ones(len(rows), dtype=bool)
        for rule in self.dataset.rules:
            column = self.records.columns.get(rule.elements[0])
            if getattr(rule, "on", None) == element and isinstance(column, Lookup):
                fine &= ~column.present()[rows] | self._valid(column, rows, days)
        return fine

    def _valid(self, column: Lookup, rows: Rows, days: Ints) -> Mask:
        texts = [column.text(int(row)) or "0" for row in rows]
        regions = self.scene.province.catalogue.regions
        return regions.valid_on_mask(
            np.array([int(text) for text in texts], dtype=np.int64), days.astype("datetime64[D]")
        )

    def _days(self, element: str) -> Ints | None:
        column = self.records.columns.get(element)
        return column.days if isinstance(column, Days) else None

    def _values(self) -> None:
        columns = self.records.columns
        protected = {"status", "event", "citizen_number", *self.dataset.key}
        coded = [e.name for e in self.dataset.elements if e.values and e.name in columns and e.name not in protected]
        regions = [e.name for e in self.dataset.elements if e.type == "region" and e.name in columns]
        needed = [e.name for e in self.dataset.elements if e.required and e.name not in protected and e.name in columns]
        for kind, code, names in (
            ("wrong_region", "E10", regions),
            ("bad_code", "E11", coded),
            ("missing_value", "E12", needed),
        ):
            if not names:
                continue
            rows = self._pick(kind)
            choice = self.rng.integers(0, len(names), len(rows))
            for place, element in enumerate(names):
                self._spoil_value(rows[choice == place], element, code, kind)
        self._abolish()

    def _abolish(self) -> None:
        """Codes of counties that had been abolished before the day for which the row states them."""
        dated = [(rule.elements[0], days) for rule in self.dataset.rules if (days := self._dating(rule)) is not None]
        codes, last = self.scene.province.territory.abolished
        if not dated or not len(codes):
            return
        rows = self._pick("abolished_region")
        choice, code = self.rng.integers(0, len(dated), len(rows)), self.rng.integers(0, len(codes), len(rows))
        for place, (element, days) in enumerate(dated):
            column = self.records.columns[element]
            assert isinstance(column, Lookup)
            late = (choice == place) & column.present()[rows] & (last[code] < days[rows])
            column.put(rows[late], [f"{number:06d}" for number in codes[code[late]]])
            self.done.spoil(rows[late], element)
            self.done.note(rows[late], "E10", element, "abolished_region")

    def _dating(self, rule: Rule) -> Ints | None:
        """The days on which the codes of a rule about regions must have been valid."""
        on = getattr(rule, "on", None)
        return self._days(on) if on is not None and rule.elements[0] in self.records.columns else None

    def _spoil_value(self, rows: Rows, element: str, code: str, kind: str) -> None:
        column = self.records.columns[element]
        if code == "E12":
            column.blank(rows)
        else:
            assert isinstance(column, Lookup)
            rows = rows[column.present()[rows]]
            wrong = self._never_a_region() if code == "E10" else self._outside(element)
            column.put(rows, [wrong] * len(rows))
        self.done.spoil(rows, element)
        if code != "E10":
            self.done.rejected[rows] = True
        self.done.note(rows, code, element, kind)

    def _never_a_region(self) -> str:
        province, regions = self.scene.province.territory.province, self.scene.province.catalogue.regions
        return next(
            code for code in (f"{province}{rest}" for rest in range(9999, 9000, -1)) if not regions.ever_valid(code)
        )

    def _outside(self, element: str) -> str:
        name = self.dataset.element(element).values
        values = self.scene.province.catalogue.value_sets[str(name)]
        return next(code for code in ("77", "Q", "~") if values.normalise(code) is None)

    def _dates(self) -> None:
        orders = [
            rule
            for rule in self.dataset.rules
            if rule.kind == "date_order" and rule.severity == "reject" and self._days(rule.elements[0]) is not None
        ]
        orders = [
            rule for rule in orders if self._days(rule.elements[1]) is not None and rule.elements[1] != "birth_date"
        ]
        if not orders:
            return
        earlier, later = orders[0].elements
        first, column = self._days(earlier), self.records.columns[later]
        assert first is not None and isinstance(column, Days)
        rows = self._pick(
            "impossible_date", (first != calendar.NEVER) & column.present() & (first > calendar.day_of(1902))
        )
        self._misdate(
            rows, later, first[rows] - self.rng.integers(1, 400, len(rows)).astype(np.int32), "impossible_date"
        )

    def _future(self) -> None:
        """Two digits of the year have changed places (2015 and 2105): the event is still to come."""
        element = self.dataset.event_date
        days = self._days(str(element))
        if days is None or element == "birth_date":
            return
        rows = self._pick("future_date", (days != calendar.NEVER) & (days > calendar.day_of(2000)))
        self._misdate(rows, str(element), calendar.anniversary(days[rows], 90), "future_date")

    def _misdate(self, rows: Rows, element: str, days: Ints, kind: str) -> None:
        """Days that no event can have had: the standard refuses the rows."""
        fine = self._in_force(element, rows, days)
        column = self.records.columns[element]
        assert isinstance(column, Days)
        column.move(rows[fine], days[fine])
        self.done.spoil(rows[fine], element)
        self.done.rejected[rows[fine]] = True
        self.done.note(rows[fine], "E14", element, kind)

    def _deaths(self) -> None:
        people, person = self.scene.people, self.records.person
        numbered = self.records.columns["citizen_number"].present()
        died = people.died[person]
        sure = self.certified[person] & numbered
        if self.records.dataset in LIVING:
            element = str(self.dataset.event_date)
            column = self.records.columns[element]
            assert isinstance(column, Days)
            rows = self._pick("after_death", sure & (died != calendar.NEVER) & (died < AS_OF - 40) & column.present())
            room = np.minimum(AS_OF - died[rows], 300)
            later = (died[rows] + 1 + (self.rng.random(len(rows)) * (room - 1)).astype(np.int32)).astype(np.int32)
            fine = self._in_force(element, rows, later)
            rows = rows[fine]
            column.move(rows, later[fine])
            self.done.note(rows, "E08", element, "after_death")
        if self.records.dataset in DEATHS:
            column = self.records.columns["death_date"]
            assert isinstance(column, Days)
            early = died - self.rng.integers(1, 30, len(died)).astype(np.int32)
            rows = self._pick("other_death_date", sure & (early > people.born[person] + 1))
            column.move(rows, early[rows])
            self.done.spoil(rows, "death_date")
            self.done.note(rows, "E09", "death_date", "other_death_date")


LIVING = ("health.ncms_enrolment", "social_security.employment", "social_security.residence", "health.whole_population")
DEATHS = ("civil_affairs.funeral", "social_security.death")
