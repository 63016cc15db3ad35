"""Reads a catalogue folder into a `Catalogue`.

frame.toml          levels, areas with their subsystems, agencies
error_codes.toml    the codes told back to senders (may be absent)
items.toml          the items of the population base (may be absent)
regions.csv         the dated regions (may be absent; read when first asked)
value_sets/*.toml   one value set a file
datasets/*.toml     one dataset a file, named by its id
indicators/*.toml   dimensions, measures and indicators (may be absent)
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import Any

from quanmin.standards.contents import Catalogue
from quanmin.standards.dataset import Dataset
from quanmin.standards.dataset_reader import Surroundings, read_dataset
from quanmin.standards.errors import (
    BadAlias,
    DuplicateName,
    UnknownName,
    WrongShape,
)
from quanmin.standards.frame import Agency, Area, Level, Subsystem
from quanmin.standards.indicator_reader import Known, read_indicators
from quanmin.standards.item_reader import read_items
from quanmin.standards.region import RegionTable, read_regions
from quanmin.standards.source import Source, Table
from quanmin.standards.value_set import ValueSet
from quanmin.text import Text

BUILT_IN = Path(__file__).with_name("catalogue")


@cache
def catalogue() -> Catalogue:
    """The built-in catalogue, read once."""
    return load(BUILT_IN)


def load(folder: Path | str) -> Catalogue:
    """The catalogue in `folder`; a `CatalogueError` with file and line if anything in it is wrong."""
    root = Path(folder)
    frame = Source(root / "frame.toml", root)
    frame.allow("level", "area", "agency")
    areas, subsystems = _areas(frame)
    regions = root / "regions.csv"
    around = Surroundings(
        areas=areas,
        subsystems=subsystems,
        agencies=_agencies(frame),
        value_sets=_value_sets(root),
        regions=RegionTable(partial(read_regions, regions) if regions.exists() else tuple),
        error_codes=_error_codes(root),
    )
    datasets: dict[str, Dataset] = {}
    for path in sorted((root / "datasets").glob("*.toml")):
        datasets[path.stem] = read_dataset(Source(path, root), around)
    _check_references(root, datasets)
    items = read_items(root, datasets, around.value_sets)
    return Catalogue(
        levels=_levels(frame),
        areas=areas,
        subsystems=subsystems,
        agencies=around.agencies,
        value_sets=around.value_sets,
        regions=around.regions,
        datasets=datasets,
        items=items,
        error_codes=around.error_codes,
        indicators=read_indicators(root, Known(areas, datasets, items, around.value_sets)),
    )


def _levels(frame: Source) -> dict[str, Level]:
    levels: dict[str, Level] = {}
    for table in frame.tables("level"):
        level = Level(_new(table, levels), table.text("title"))
        table.done()
        levels[level.id] = level
    return levels


def _areas(frame: Source) -> tuple[dict[str, Area], dict[str, Subsystem]]:
    """Areas, and the subsystems that stand inside them."""
    areas: dict[str, Area] = {}
    subsystems: dict[str, Subsystem] = {}
    for table in frame.tables("area"):
        area = Area(_new(table, areas), table.text("title"))
        areas[area.id] = area
        for entry in table.take("subsystems", list, []):
            if not isinstance(entry, dict) or set(entry) != {"id", "zh", "en"}:
                raise table.error(WrongShape, "subsystems", expected="a list of { id, zh, en }")
            if entry["id"] in subsystems:
                raise table.error(DuplicateName, "subsystems", word=entry["id"])
            subsystems[entry["id"]] = Subsystem(entry["id"], area.id, Text(entry["zh"], entry["en"]))
        table.done()
    return areas, subsystems


def _agencies(frame: Source) -> dict[str, Agency]:
    agencies: dict[str, Agency] = {}
    for table in frame.tables("agency"):
        agency = Agency(_new(table, agencies), table.text("title"), table.texts("aliases"))
        table.done()
        agencies[agency.id] = agency
    return agencies


def _new(table: Table, known: Iterable[str]) -> str:
    """The table's id, which nobody before it may have."""
    name = table.take("id", str)
    if name in known:
        raise table.error(DuplicateName, "id", word=name)
    return name


def _value_sets(root: Path) -> dict[str, ValueSet]:
    value_sets: dict[str, ValueSet] = {}
    for path in sorted((root / "value_sets").glob("*.toml")):
        top = Source(path, root).top
        found = _value_set(top)
        if found.name in value_sets:
            raise top.error(DuplicateName, "system", word=found.name)
        value_sets[found.name] = found
    return value_sets


def _value_set(top: Table) -> ValueSet:
    """One value set: `[codes]` gives code = [zh, en], `[aliases]` spelling = code."""
    codes = {code: _pair(top, code, titles) for code, titles in top.take("codes", dict).items()}
    aliases = top.take("aliases", dict, {})
    for spelling, code in aliases.items():
        if code not in codes:
            raise top.error(BadAlias, spelling, word=code)
    found = ValueSet(
        system=top.take("system", str),
        version=top.take("version", str),
        title=top.text("title"),
        codes=codes,
        aliases=aliases,
        width=top.take("width", int, 0),
        source=top.take("source", str, ""),
        note=top.take("note", str, ""),
    )
    top.done()
    return found


def _pair(table: Table, key: str, value: Any) -> Text:
    """Titles written `key = ["zh", "en"]`."""
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(word, str) and word for word in value):
        raise table.error(WrongShape, key, expected='["zh", "en"]')
    return Text(*value)


def _error_codes(root: Path) -> dict[str, Text]:
    path = root / "error_codes.toml"
    if not path.exists():
        return {}
    top = Source(path, root).top
    codes = {code: _pair(top, code, titles) for code, titles in top.take("error_codes", dict).items()}
    top.done()
    return codes


def _check_references(root: Path, datasets: dict[str, Dataset]) -> None:
    """Rules that look into another dataset must find it there, with the elements they name."""
    for dataset in datasets.values():
        for rule in dataset.rules:
            if rule.kind != "reference":
                continue
            target = datasets.get(getattr(rule, "dataset", ""))
            names = {element.name for element in target.elements} if target else set()
            if target is None or not names.issuperset(getattr(rule, "to", ())):
                source = Source(root / "datasets" / f"{dataset.id}.toml", root)
                line = next(
                    source.line("rule", index, "dataset")
                    for index, table in enumerate(source.tables("rule"))
                    if table.data.get("kind") == "reference" and rule.elements == table.texts("elements")
                )
                raise UnknownName(file=source.name, line=line, key="dataset", word=getattr(rule, "dataset", ""))
