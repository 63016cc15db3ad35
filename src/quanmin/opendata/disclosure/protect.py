"""Making a table publishable: suppress first, find the partners, round after, totals from rounded cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.opendata.disclosure.axis import addresses, leafy, rolled
from quanmin.opendata.disclosure.cells import Cells
from quanmin.opendata.disclosure.partner import Choice, Field, choose
from quanmin.opendata.disclosure.profile import Counts, Profile
from quanmin.opendata.disclosure.rule import Fate, Mask, primary
from quanmin.text import Text

Floats = NDArray[np.float64]
STAR = "*"


@dataclass(frozen=True, eq=False)
class Protected:
    """A table as it may be published, and what became of its cells (a `Fate` each, in the order of `addresses`).

    `table` has a column a level, `persons`, and `sum` where there is one; a suppressed cell is `*` in both.
    """

    cells: Cells
    profile: Profile
    fate: Counts
    shown: Counts
    table: pa.Table
    note: Text
    stuck: tuple[int, ...] = ()

    @property
    def suppressed(self) -> Mask:
        """Which cells are stars."""
        return np.asarray(self.fate != Fate.PUBLISHED)


def protect(cells: Cells, profile: Profile, harder: Floats | None = None) -> Protected:
    """Suppress, choose partners and round. `harder` (a factor a cell) asks for wider intervals where an audit wanted them."""
    fate = primary(cells, profile)
    shown = _shown(cells, profile)
    fields = [_counts(cells, profile, shown)]
    if cells.sums is not None:
        fields.append(_sums(cells, profile, fate))
    if harder is not None:
        fields = [_harder(field, harder) for field in fields]
    choice = choose(cells.axes, fields, fate != Fate.PUBLISHED) if fate[0] == Fate.PUBLISHED else _hopeless(fate)
    fate[choice.suppressed & (fate == Fate.PUBLISHED)] = Fate.PARTNER
    table = _table(cells, shown, fate)
    return Protected(cells, profile, fate, shown, table, _note(cells, profile, fate), choice.stuck)


def required(values: Floats, profile: Profile, counts: bool) -> Floats:
    """How wide the interval of a suppressed cell must be more than: max(threshold, 20 % of the value) (O10)."""
    return np.maximum(profile.least_width if counts else 0.0, profile.width * np.abs(values))


def _shown(cells: Cells, profile: Profile) -> Counts:
    """Crossed leaves rounded, and their sums."""
    leaf = profile.rounded(cells.entries[leafy(cells.axes)])
    return rolled(cells.axes, leaf).ravel().astype(np.int64)


def _counts(cells: Cells, profile: Profile, shown: Counts) -> Field:
    """Rounded counts in units of the rounding; how far each must rise for the interval of the true count to be wide enough."""
    leaf, step = leafy(cells.axes), float(profile.base if profile.rounding != "none" else 1)
    values = shown.astype(np.float64)
    below, above = (np.where(leaf, each, 0) for each in profile.slack)
    least = np.where(leaf, float(profile.zeros == "shown"), 0.0)
    bottom = np.maximum(values - below, least)
    width = required(cells.entries.astype(np.float64), profile, True)
    wanted = width - (values + above - bottom)
    rise = np.where(wanted >= 0, np.floor(wanted / step + 1e-9) + 1, 0.0)
    low = np.ceil((values + above - width + below) / step - 1e-9) - 1
    sink = np.where(values + above - least > width, np.maximum(values / step - low, 0.0), np.inf)
    fall = (values - np.where(leaf, profile.lowest, 0)) / step
    return Field(values / step, np.maximum(fall, 0.0), _fixed(cells, profile), rise, sink)


def _sums(cells: Cells, profile: Profile, fate: Counts) -> Field:
    """Sums, scaled so that the solver meets numbers about one."""
    assert cells.sums is not None
    values = cells.sums.total
    sizes = np.abs(values[(values != 0) & leafy(cells.axes)])
    step = float(np.median(sizes)) if sizes.size else 1.0
    rise = required(values, profile, False) / step * 1.001
    fall = np.abs(values) / step if not cells.sums.negative.any() else np.full(len(values), np.inf)
    move = np.where(cells.persons > 0, np.maximum(rise, 1e-3), 0.0)
    return Field(values / step, fall, _fixed(cells, profile), move, move)


def _fixed(cells: Cells, profile: Profile) -> Mask:
    """Cells that may not become partners: the grand total, and zeros where zeros are shown."""
    fixed = (cells.persons == 0) if profile.zeros == "shown" else np.zeros(len(cells.persons), np.bool_)
    fixed[0] = True
    return fixed


def _harder(field: Field, factor: Floats) -> Field:
    return Field(field.values, field.fall, field.fixed, field.rise * factor, field.sink * factor)


def _hopeless(fate: Counts) -> Choice:
    """The whole table may not be published: nothing is worth choosing."""
    return Choice(np.ones(len(fate), np.bool_), (0,))


def _table(cells: Cells, shown: Counts, fate: Counts) -> pa.Table:
    names = [level for axis in cells.axes for level in axis.levels]
    labels = zip(*addresses(cells.axes), strict=True)
    columns = {name: pa.array(label, pa.string()) for name, label in zip(names, labels, strict=True)}
    columns["persons"] = _starred([str(n) for n in shown.tolist()], fate)
    if cells.sums is not None:
        columns["sum"] = _starred([repr(n) for n in cells.sums.total.tolist()], fate)
    return pa.table(columns)


def _starred(values: list[str], fate: Counts) -> pa.Array:
    kept = (fate == Fate.PUBLISHED).tolist()
    return pa.array([value if keep else STAR for value, keep in zip(values, kept, strict=True)], pa.string())


def _note(cells: Cells, profile: Profile, fate: Counts) -> Text:
    stars = int((fate != Fate.PUBLISHED).sum())
    zh = [f"人数少于 {profile.smallest} 的单元格及为防推算而一并隐去者以 * 表示（{stars} 格）。"]
    en = [
        f"Cells of fewer than {profile.smallest} people, and others so that these cannot be derived, are shown as * ({stars})."
    ]
    if profile.rounding == "nearest":
        zh.append(f"其余人数取整至最近的 {profile.base} 的倍数，合计为取整后各格之和。")
        en.append(f"Other counts are rounded to the nearest {profile.base}; totals are sums of rounded cells.")
    if profile.rounding == "midpoint":
        zh.append(f"其余人数取 {profile.base} 的区间中点，合计为各格之和。")
        en.append(f"Other counts are midpoints of intervals of {profile.base}; totals are sums of these.")
    if cells.overlapping:
        zh.append("一人可在多格中各计一次。")
        en.append("A person may count in several cells.")
    return Text("".join(zh), " ".join(en))
