"""A year of the national register of birth certificates: the files that 31 provinces push, with errors planted at known rows.

Sheets go one by one from a county to an institution and in pairs above it, so that there are about four stock actions a
certificate. Everything is a function of the seed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quanmin.programs.vital.national.address import BALANCE, BIRTH, HOLDER, ISSUE, STOCK

Ints = NDArray[np.int64]
SHARES = {
    11: 1,
    12: 1,
    13: 5,
    14: 3,
    15: 2,
    21: 2,
    22: 1,
    23: 1,
    31: 1,
    32: 5,
    33: 5,
    34: 5,
    35: 4,
    36: 4,
    37: 9,
    41: 10,
}
SHARES |= {42: 4, 43: 5, 44: 12, 45: 6, 46: 1, 50: 3, 51: 7, 52: 6, 53: 6, 54: 1, 61: 4, 62: 3, 63: 1, 64: 1, 65: 3}
"""Provinces by their digits, and their part of the births."""
YEAR = np.datetime64("2024-01-01")
EDITION, LETTER = 7, "V"
NATION = "000000000"
USED = 0.94
"""Part of the sheets that is issued for the first time."""
PLANTS = 16


class Province:
    """The actions of one province as arrays; `expected` is what is wrong with which row (rule, dataset, row)."""

    def __init__(self, digits: int, births: int, institutions: int) -> None:
        self.digits, self.births = digits, births
        self.rng = np.random.default_rng([2024, digits])
        self.expected: set[tuple[str, str, int]] = set()
        self.counties = max(institutions // 14, 2)
        self.codes = self._codes(institutions)
        self.sheets = int(births / USED)
        self.base = digits * 10_000_000
        self._place(institutions)
        self.stock = self._stock()
        self.issue = self._issue()
        self._plant()

    def _codes(self, institutions: int) -> NDArray[Any]:
        """Codes: the province, then cities, counties and institutions, each with the part that its parents share."""
        county = np.arange(self.counties)
        city = np.unique(county // 10)
        self.city_of_county = 1 + county // 10
        self.first_county = 1 + len(city)
        self.first_institution = self.first_county + self.counties
        self.county_of_institution = self.first_county + np.arange(institutions) % self.counties
        made = [f"{self.digits}0000000", *(f"{self.digits}{one + 1:02d}00000" for one in city)]
        made += [f"{self.digits}{one // 10 + 1:02d}{one % 10 + 1:02d}000" for one in county]
        made += [f"{made[at]}"[:6] + f"{n:03d}" for n, at in enumerate_within(self.county_of_institution)]
        return np.array([*made, NATION])

    def _place(self, institutions: int) -> None:
        """Where each sheet goes and when it gets there: eight sheets together."""
        group = np.arange(self.sheets) // 8
        chosen = self.rng.integers(0, institutions, group[-1] + 1)
        self.at = self.first_institution + chosen[group]
        self.county = self.county_of_institution[chosen][group]
        self.city = self.city_of_county[self.county - self.first_county]
        self.day = 15 + (group * 8 * 330) // self.sheets

    def _stock(self) -> dict[str, Ints]:
        """Print, four levels out and in, void sheets; ordered as the register was written."""
        sheet = np.arange(self.sheets)
        pairs = sheet[::2]
        wide = np.minimum(pairs + 1, self.sheets - 1)
        nation, one = len(self.codes) - 1, np.zeros(1, np.int64)
        whole = one, one + self.sheets - 1
        void = self._lot("void", 0.003)
        moves = [
            (1, *whole, one - 1, one + nation, one - 20, None),
            *self._way(*whole, one + nation, one, one - 1),
            *self._way(pairs, wide, 0 * pairs, self.city[pairs], self.day[pairs] - 8),
            *self._way(pairs, wide, self.city[pairs], self.county[pairs], self.day[pairs] - 5),
            *self._way(sheet, sheet, self.county, self.at, self.day - 2),
            (6, void, void, self.at[void], 0 * void - 1, self.day[void] + 4, None),
        ]
        columns: dict[str, list[Ints]] = defaultdict(list)
        starts = np.cumsum([0, *(len(move[1]) for move in moves)])
        for at, (kind, first, last, source, target, day, answers) in enumerate(moves):
            back = len(first) if answers else 0
            values = first, last, source, target, day, np.full(len(first), kind)
            for name, value in zip(("first", "last", "source", "target", "day", "kind"), values, strict=True):
                columns[name].append(value)
            columns["pair"].append(np.arange(starts[at], starts[at + 1]) - back if answers else np.full(len(first), -1))
        made = {name: np.concatenate(parts).astype(np.int64) for name, parts in columns.items()}
        self.delivered = np.arange(starts[-3], starts[-2])
        return self._ordered(made)

    def _way(self, first: Ints, last: Ints, source: Ints, target: Ints, day: Ints) -> Iterator[tuple[Any, ...]]:
        """Out, and in on the same day."""
        yield 3, first, last, source, target, day, None
        yield 2, first, last, source, target, day, True

    def _ordered(self, made: dict[str, Ints]) -> dict[str, Ints]:
        """Rows by day with running numbers; a pair becomes the number of its action."""
        order = np.argsort(made["day"], kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        number = self.digits * 10**10 + rank + 1
        made["pair"] = np.where(made["pair"] >= 0, number[made["pair"]], 0)
        made["action"], made["quantity"], made["reported"] = number, made["last"] - made["first"] + 1, made["day"]
        self.received = rank[self.delivered]
        """Rows at which each sheet came to its institution; it was sent by the action of `pair`."""
        self.sent_at = rank[self.delivered - self.sheets]
        return {name: column[order] for name, column in made.items()}

    def _lot(self, what: str, share: float) -> Ints:
        """Sheets that are not issued first, drawn for a use."""
        if not hasattr(self, "spare"):
            order = self.rng.permutation(self.sheets)
            self.first = np.sort(order[: self.births])
            self.spare = np.sort(order[self.births :])
        count = min(int(self.sheets * share), len(self.spare) // 4)
        chosen = np.sort(self.rng.choice(len(self.spare), count, replace=False))
        found = self.spare[chosen]
        self.spare = np.delete(self.spare, chosen)
        if what == "void":
            self.void = found
        return found

    def _issue(self) -> dict[str, Ints]:
        """First issues, exchanges of sheets that are void then, re-issues after a loss."""
        first, late = self.first, self.spare[self.spare > self.sheets // 2]
        early = first[first < self.sheets // 3]
        count = min(len(late) * 2 // 3, len(early) // 2, self.births // 100)
        new = np.sort(self.rng.choice(late, count, replace=False))
        old = np.sort(self.rng.choice(early, count, replace=False))
        exchange = np.arange(count) % 3 != 0
        day = self.day + 3
        parts = [(first, 1, first, 0 * first - 1, self.at[first], self.day[first] + (first % 3))]
        for which, kind, end in ((exchange, 2, 4), (~exchange, 3, 5)):
            a, b = new[which], old[which]
            ended = (b, end, b, 0 * b - 1, self.at[b], day[a])
            renewed = (a, kind, b, b, self.at[a], day[a])
            parts += [renewed, ended] if kind == 2 else [ended, renewed]
        names = ("sheet", "kind", "baby", "previous", "target", "day")
        made = {
            name: np.concatenate([np.broadcast_to(part[at], part[0].shape) for part in parts]).astype(np.int64)
            for at, name in enumerate(names)
        }
        order = np.argsort(made["day"], kind="stable")
        made = {name: column[order] for name, column in made.items()}
        rows = len(order)
        made["action"], made["edition"] = self.digits * 10**10 + np.arange(rows) + 1, np.full(rows, EDITION)
        made["reported"] = made["day"] + made["sheet"] % 8
        made["reported"][made["kind"] > 3] = made["day"][made["kind"] > 3]
        return made

    def _plant(self) -> None:
        """One error of each kind, each on a sheet of its own in the middle of the year."""
        stock, issue = self.stock, self.issue
        usual = np.flatnonzero(
            (issue["kind"] == 1) & (issue["sheet"] > self.sheets * 0.4) & (issue["sheet"] < self.sheets * 0.5)
        )
        rows = usual[:: max(len(usual) // PLANTS, 1)][:PLANTS]
        if len(rows) < PLANTS:
            raise ValueError(f"too few births in {self.digits}")
        sheet = issue["sheet"][rows]
        out, came = self.sent_at[sheet], self.received[sheet]
        stock["quantity"][out[0]] += 1
        stock["reported"][out[1]] += 1
        stock["reported"][came[2]] -= 1
        issue["reported"][rows[3]] = issue["day"][rows[3]] + 11
        issue["target"][rows[4]] = self.elsewhere(issue["target"][rows[4]])
        issue["day"][rows[5]] = issue["reported"][rows[5]] = self.day[sheet[5]] - 3
        self.again = np.array([rows[6]])
        issue["baby"][rows[8]] = issue["baby"][rows[7]]
        stock["target"][out[9]] = stock["target"][came[9]] = issue["target"][rows[9]] = self.elsewhere(
            self.at[sheet[9]]
        )
        stock["source"][came[10]] = 0
        issue["edition"][rows[11]] = 6
        told = [("stock.quantity", STOCK, out[0]), ("stock.late", STOCK, out[1]), ("date.clock", STOCK, came[2])]
        told += [("card.late", ISSUE, rows[3]), ("issue.holder", ISSUE, rows[4]), ("issue.early", ISSUE, rows[5])]
        told += [("number.spent", STOCK, out[5]), ("newborn.two", ISSUE, rows[8]), ("stock.unrelated", STOCK, out[9])]
        told += [
            ("pair.differs", STOCK, came[10]),
            ("edition.date", ISSUE, rows[11]),
            ("number.edition", ISSUE, rows[11]),
        ]
        self._plant_replacement(told)
        self._plant_more(told, rows, came)
        self.expected = {(rule, dataset, int(row) + 1) for rule, dataset, row in told}

    def elsewhere(self, institution: int) -> int:
        """An institution of another county."""
        count = len(self.county_of_institution)
        return self.first_institution + (int(institution) - self.first_institution + 1) % count

    def _plant_replacement(self, told: list[tuple[str, str, Any]]) -> None:
        """A certificate is exchanged twice."""
        one, other = np.flatnonzero(self.issue["kind"] == 2)[[2, -2]]
        self.issue["previous"][other], self.issue["baby"][other] = self.issue["previous"][one], self.issue["baby"][one]
        told += [("replacement.branch", ISSUE, other), ("newborn.two", ISSUE, other)]

    def _plant_more(self, told: list[tuple[str, str, Any]], rows: Ints, came: Ints) -> None:
        """Rows that should not be there, and one that is missing."""
        issue, stock = self.issue, self.stock
        sheets = np.array([issue["sheet"][rows[6]], self.void[len(self.void) // 2], self.sheets + 5])
        count = len(issue["kind"])
        more = {"sheet": sheets, "kind": 1, "baby": -1 - np.arange(3), "previous": -1, "edition": EDITION}
        more |= {"target": self.at[np.minimum(sheets, self.sheets - 1)], "day": 360, "reported": 361}
        more["action"] = self.digits * 10**10 + count + 1 + np.arange(3)
        self.issue = {name: np.append(column, np.broadcast_to(more[name], 3)) for name, column in issue.items()}
        rules = ("issue.twice", "issue.spent", "number.unprinted")
        told += [(rule, ISSUE, count + at) for at, rule in enumerate(rules)]
        lost = self.received[self.spare_at_rest()]
        twice, total = came[12], len(stock["kind"])
        kept = np.delete(np.arange(total), lost)
        sent = int(self.sent_at[self.spare_at_rest()])
        self.stock = {name: np.append(column, column[twice])[np.append(kept, total)] for name, column in stock.items()}
        self.stock["action"][-1] = self.digits * 10**10 + total + 1
        shifted = {one: one - (one > lost) for one in (*(int(row) for rule, _, row in told if _ == STOCK), sent)}
        told[:] = [(rule, d, shifted[int(row)] if d == STOCK else row) for rule, d, row in told]
        told += [("transit.unanswered", STOCK, shifted[sent]), ("pair.twice", STOCK, total - 1)]

    def spare_at_rest(self) -> int:
        """A sheet that nobody used."""
        return int(np.setdiff1d(self.spare, self.issue["sheet"])[0])

    def holders(self) -> dict[str, list[Any]]:
        """The rows of the holders."""
        parents = [NATION, *self.codes[[0] * (self.first_county - 1)], *self.codes[self.city_of_county]]
        parents += [*self.codes[self.county_of_institution]]
        levels = ["2"] + ["3"] * (self.first_county - 1) + ["4"] * self.counties
        levels += ["5"] * len(self.county_of_institution)
        return {"code": list(self.codes[:-1]), "parent": parents, "level": levels}

    def balances(self) -> pa.Table:
        """Monthly stock as the actions have it."""
        month = np.arange(12)
        flows = {
            name: np.zeros((len(self.codes), 13), np.int64) for name in ("received", "sent", "issued", "voided", "lost")
        }
        size = self.stock["last"] - self.stock["first"] + 1
        booked = {"received": ("target", (1, 2)), "sent": ("source", (3,)), "voided": ("source", (6,))}
        for name, (end, kinds) in booked.items():
            rows = np.isin(self.stock["kind"], kinds)
            np.add.at(flows[name], (self.stock[end][rows], months(self.stock["day"][rows])), size[rows])
        rows = (self.issue["kind"] <= 3) & (self.issue["edition"] == EDITION)
        np.add.at(flows["issued"], (self.issue["target"][rows], months(self.issue["day"][rows])), 1)
        change = flows["received"] - flows["sent"] - flows["issued"] - flows["voided"]
        closing = np.cumsum(change, axis=1)
        before, after = closing[:-1, :-1], closing[:-1, 1:]
        good = (before >= 0).all(axis=1) & (after >= 0).all(axis=1)
        columns = {name: flow[:-1, 1:][good].reshape(-1) for name, flow in flows.items()}
        days = (YEAR.astype("datetime64[M]") + month).astype("datetime64[D]")
        return pa.table(
            {
                "holder": np.repeat(self.codes[:-1][good], 12),
                "edition": np.full(good.sum() * 12, EDITION),
                "month": np.tile(days, good.sum()),
                "opening": before[good].reshape(-1),
                **columns,
                "closing": after[good].reshape(-1),
            }
        )

    def tables(self, births: bool) -> Iterator[tuple[str, pa.Table]]:
        """The files of the province by dataset."""
        stock, issue, codes = self.stock, self.issue, pa.array([*self.codes, None])
        empty = len(self.codes)

        def org(column: Ints) -> pa.Array:
            return codes.take(pa.array(np.where(column < 0, empty, column)))

        yield (
            STOCK,
            pa.table(
                {
                    "action_no": stock["action"],
                    "kind": pa.array(stock["kind"]).cast(pa.string()),
                    "from_org": org(stock["source"]),
                    "to_org": org(stock["target"]),
                    "edition": np.full(len(stock["kind"]), EDITION),
                    "letter": pa.repeat(LETTER, len(stock["kind"])),
                    "first_serial": self.base + stock["first"],
                    "last_serial": self.base + stock["last"],
                    "quantity": stock["quantity"],
                    "occurred_on": dates(stock["day"]),
                    "reported_on": dates(stock["reported"]),
                    "pair": pa.array(stock["pair"], mask=stock["pair"] == 0),
                }
            ),
        )
        number = numbers(self.base + issue["sheet"])
        yield (
            ISSUE,
            pa.table(
                {
                    "action_no": issue["action"],
                    "kind": pa.array(issue["kind"]).cast(pa.string()),
                    "certificate_no": number,
                    "previous_no": numbers(self.base + issue["previous"], issue["previous"] < 0),
                    "newborn": digests(self.digits, issue["baby"]),
                    "edition": issue["edition"],
                    "institution_code": org(issue["target"]),
                    "issued_on": dates(issue["day"]),
                    "reported_on": dates(issue["reported"]),
                }
            ),
        )
        yield BALANCE, self.balances()
        if births:
            rows = np.flatnonzero(issue["kind"] == 1)
            rows = rows[np.unique(issue["sheet"][rows], return_index=True)[1]]
            count = len(rows)
            yield (
                BIRTH,
                pa.table(
                    {
                        "certificate_no": number.take(pa.array(rows)),
                        "issue": pa.repeat("1", count),
                        "name": pa.array(["王小明", "李小红", "张新生", "刘安"]).take(pa.array(rows % 4)),
                        "sex": pa.array(["1", "2"]).take(pa.array(rows % 2)),
                        "birth_date": dates(issue["day"][rows] - rows % 4),
                        "weight": 2500 + rows % 1500,
                        "mother_name": pa.array(["陈静", "杨敏", "赵丽", "黄燕"]).take(pa.array(rows % 4)),
                        "institution_code": org(issue["target"][rows]),
                        "issued_on": dates(issue["day"][rows]),
                    }
                ),
            )


def enumerate_within(groups: Ints) -> Iterator[tuple[int, int]]:
    """For each place its number within its group, from 1, and the group."""
    seen: dict[int, int] = defaultdict(int)
    for group in groups.tolist():
        seen[group] += 1
        yield seen[group], group


def dates(days: Ints) -> pa.Array:
    """Days of the year as dates."""
    return pa.array(YEAR + days)


def months(days: Ints) -> Ints:
    """The month of a day: 1 to 12, 0 before the year."""
    found = (YEAR + days).astype("datetime64[M]").astype(np.int64) - YEAR.astype("datetime64[M]").astype(np.int64) + 1
    return np.clip(found, 0, 12)


def numbers(serials: Ints, missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Printed numbers, all of one width."""
    digits = serials[:, None] // 10 ** np.arange(8, -1, -1) % 10 + ord("0")
    text = np.empty((len(serials), 10), np.uint8)
    text[:, 0], text[:, 1:] = ord(LETTER), digits
    return fixed(text, missing)


_HEX = np.array([int.from_bytes(f"{byte:02x}".encode(), "little") for byte in range(256)], np.uint16)


def digests(digits: int, babies: Ints) -> pa.Array:
    """A digest a newborn: 32 bytes that its number decides, as hexadecimal digits."""
    state = (babies.astype(np.uint64) + np.uint64(digits << 40))[:, None] + np.arange(4, dtype=np.uint64) * np.uint64(
        1 << 50
    )
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 0x9E3779B97F4A7C15)):
        state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
    return fixed(_HEX[state.view(np.uint8).reshape(len(babies), 32)].view(np.uint8), None)


def fixed(text: NDArray[np.uint8], missing: NDArray[np.bool_] | None) -> pa.Array:
    """Texts of one width as a column."""
    rows, width = text.shape
    offsets = pa.py_buffer(np.arange(0, (rows + 1) * width, width, dtype=np.int32))
    made = pa.Array.from_buffers(pa.string(), rows, [None, offsets, pa.py_buffer(np.ascontiguousarray(text))])
    return made if missing is None else pa.compute.if_else(pa.array(missing), None, made)


def write(folder: Path, births: int, institutions: int, with_births: bool = False) -> set[tuple[str, str, str, int]]:
    """The files of the nation: `<dataset>.<province>.parquet`; what is wrong in them (rule, dataset, province, row)."""
    total, expected = sum(SHARES.values()), set()
    everyone: dict[str, list[Any]] = {"code": [NATION], "parent": [None], "level": ["1"]}
    for digits, share in SHARES.items():
        province = Province(digits, max(births * share // total, 2000), max(institutions * share // total, 20))
        for dataset, table in province.tables(with_births):
            pq.write_table(table, folder / f"{dataset}.{digits}.parquet", compression="zstd")
        expected |= {(rule, dataset, str(digits), row) for rule, dataset, row in province.expected}
        for name, values in province.holders().items():
            everyone[name] += values
    codes = everyone["code"]
    regions = [None, *(f"{code[:2]}0000" for code in codes[1:])]
    more = {"name": codes, "region": regions, "valid_from": pa.repeat(pa.scalar(date(2014, 1, 1)), len(codes))}
    pq.write_table(pa.table({**everyone, **more}), folder / f"{HOLDER}.00.parquet")
    return expected
