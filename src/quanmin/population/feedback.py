"""The errors found, back to whoever sent them: one file a dataset, with addresses, reasons and due dates, and a summary.

Four places hold errors: the quarantine (rows refused), the flags of clean rows of datasets that are not about persons, the
base's discrepancies, and what programmes found. No value of a row leaves with them: the sender looks the row up in its own file.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from quanmin import standards
from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.population import correction
from quanmin.population.build import due_dates
from quanmin.population.errors import UnknownSource
from quanmin.population.review import lead, split
from quanmin.population.tables import ACTIVITY, BIRTH_FINDING, DISCREPANCY
from quanmin.standards import Dataset, division
from quanmin.text import Text

STAGE = "feedback"

EXPECTED: dict[str, Text] = {
    "E01": Text("核对证件，更正号码后重报", "check the document and send the corrected number"),
    "E02": Text(
        "核对号码；确认无误的注明未落户或外省户籍", "check the number; if right, say why it is not registered here"
    ),
    "E03": Text("核对号码与姓名是否属于同一人", "check that number and name belong to one person"),
    "E04": Text("以号码第17位为准更正性别", "correct the sex by the 17th digit of the number"),
    "E05": Text("以号码中的出生日期为准更正", "correct the birth date by the number"),
    "E06": Text("重号：与公安机关核实该人的号码", "one number, two people: settle with public security"),
    "E07": Text("删除重复上报的记录", "delete the record that was sent twice"),
    "E08": Text(
        "核实该人是否已死亡，注销死亡后的业务记录", "check whether the person had died; cancel what came after"
    ),
    "E09": Text("核对死亡日期", "check the date of death"),
    "E10": Text("更正行政区划代码", "correct the region code"),
    "E11": Text("使用值域内的代码", "use a code of the value set"),
    "E12": Text("补齐必填项", "fill in the required element"),
    "E13": Text("以户籍用字为准更正姓名用字", "write the name with the characters of the household register"),
    "E14": Text("核对日期先后与是否为未来日期", "check the order of dates and dates in the future"),
}

CANCEL = Text(
    "删除重复登记；经审核为一人两号的，注销此号",
    "delete the second row; where a review found two numbers, cancel this one",
)
"""What the keeper of the register is told of a second row of one person (E07)."""
PARTED = Text(
    "重号：经审核确为两人，登记在先者保留此号，请为另一人另赋新号",
    "a review found two people: who was registered first keeps the number, give the other a new one",
)
NOT_THEIRS = Text(
    "重号：经审核确认此号属另一人，待公安机关另赋新号后以新号重报",
    "a review found that the number is another person's: send the record again under the number that public security gives",
)
"""What the keeper of the register, and other senders, are told of a number (E06) that a review found to be two people's."""

SHAPES: dict[str, Text] = {
    "row.width": Text("列数与标题行不符", "the row has more or fewer cells than the titles"),
    "row.nul": Text("含有空字符（NUL）", "the row holds a NUL character"),
    "row.syntax": Text("无法解析的行", "the row cannot be parsed"),
}


@dataclass(frozen=True)
class Feedback:
    """What was written for a source: errors per file, and the name of the summary beside them."""

    source: str
    files: dict[str, int]
    summary: str

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)

    def read(self, directory: Path) -> dict[str, Any]:
        """The summary that was written to a folder."""
        return dict(json.loads((directory / self.summary).read_text("utf-8")))


def export_feedback(lake: Lake, source: str, directory: Path, snapshot: int | None = None) -> Feedback:
    """Write `<dataset>.feedback.csv` (UTF-8 with BOM) for each dataset in which `source` has errors, and the summary.

    Corrections that people asked for are in `<source>.corrections.csv`, and are with the source from then on. The summary
    `<source>.feedback.json` is written even when there is no error; only the files that it lists are part of this export.
    With an earlier `snapshot` its errors are told, without what people asked for. Raises UnknownSource.
    """
    catalogue = standards.catalogue()
    if catalogue.body(source) is None:
        raise UnknownSource(source=source)
    directory.mkdir(parents=True, exist_ok=True)
    written: list[dict[str, Any]] = []
    with lake.session(STAGE, snapshot=snapshot) as session:
        reference_tables(session, lake)
        for dataset in catalogue.datasets.values():
            found = errors(session, dataset, source)
            if found is not None and found.num_rows:
                name = f"{dataset.id}.feedback.csv"
                digest = write(directory / name, found)
                written.append({"dataset": dataset.id, "file": name, "sha256": digest, **summary_of(found)})
        whole = {
            "source": source,
            "snapshot": session.snapshot.id,
            "at": lake.ledger.now().isoformat(timespec="seconds"),
        }
    asked = correction.export(lake, source, directory) if snapshot is None else {}
    name = f"{source}.feedback.json"
    text = json.dumps(
        {**whole, **total_of(written), "files": written, "corrections": asked}, ensure_ascii=False, indent=1
    )
    (directory / name).write_text(text + "\n", "utf-8")
    return Feedback(source, {one["file"]: one["errors"] for one in written} | asked, name)


def summary_of(found: pa.Table) -> dict[str, Any]:
    """The lines of one file in numbers: errors, records that have any, errors by code (`uncoded`: without one), first due
    date."""
    codes = Counter(found.column("code").to_pylist())
    due = pc.min(found.column("due_on")).as_py()
    return {
        "errors": found.num_rows,
        "rows": found.group_by(["batch", "row"]).aggregate([]).num_rows,
        "codes": {code: codes[code] for code in sorted(code for code in codes if code)},
        "uncoded": codes[None],
        "due_on": due and due.isoformat(),
    }


def total_of(files: list[dict[str, Any]]) -> dict[str, Any]:
    """The same over all files of a source."""
    codes = sum((Counter(file["codes"]) for file in files), Counter[str]())
    return {
        **{name: sum(file[name] for file in files) for name in ("errors", "rows", "uncoded")},
        "codes": dict(sorted(codes.items())),
        "due_on": min((file["due_on"] for file in files if file["due_on"]), default=None),
    }


def reference_tables(session: Session, lake: Lake) -> None:
    """Batches with their file and due date, rules with their words, codes with theirs."""
    batches = [document for document in lake.ledger.find("batch") if "file" in document.data]
    names = {"batch": [one.id for one in batches], "file": [one.data["file"] for one in batches]}
    session.connection.register("sent", pa.table(names, pa.schema([("batch", pa.int64()), ("file", pa.string())])))
    session.connection.register("due", due_dates(lake))
    session.connection.register("told", pa.Table.from_pylist(list(_rules()), _TOLD))
    codes = standards.catalogue().error_codes
    session.connection.register(
        "codes",
        pa.table(
            {
                "code": list(codes),
                "title_zh": [title.zh for title in codes.values()],
                "title_en": [title.en for title in codes.values()],
                "expected_zh": [EXPECTED[code].zh for code in codes],
                "expected_en": [EXPECTED[code].en for code in codes],
            }
        ),
    )


_TOLD = pa.schema([(name, pa.string()) for name in ("dataset", "rule", "element", "code", "zh", "en")])


def _rules() -> Iterator[dict[str, str | None]]:
    """Every rule of every dataset in words, and what can be wrong with the shape of a row."""
    for dataset in standards.catalogue().datasets.values():
        for rule in (*dataset.rules, *division.rules_of(dataset)):
            words = {"zh": rule.title.zh, "en": rule.title.en}
            yield {"dataset": dataset.id, "rule": rule.id, "element": rule.element, "code": rule.code, **words}
        for shape, title in SHAPES.items():
            yield {"dataset": dataset.id, "rule": shape, "element": None, "code": None, "zh": title.zh, "en": title.en}


def _rulings(session: Session, dataset: Dataset) -> str:
    """SQL of the words of a code where a review has decided: `ruled_code`, the person (null: anybody), and the words."""
    leads = lead.everyone(session.lake)
    shared = sorted({leads.get(key, key) for key in split.everyone(session.lake.ledger)})
    rows: list[tuple[str, int | None, Text]] = [
        ("E06", key, PARTED if dataset.benchmark else NOT_THEIRS) for key in shared
    ]
    rows += [("E07", None, CANCEL)] if dataset.benchmark else []
    columns = {"ruled_code": pa.array([code for code, _, _ in rows], pa.string())}
    columns |= {"ruled_person": pa.array([key for _, key, _ in rows], pa.int64())}
    columns |= {
        f"ruled_{tongue}": pa.array([getattr(words, tongue) for *_, words in rows], pa.string())
        for tongue in ("zh", "en")
    }
    session.connection.register("rulings", pa.table(columns))
    return "rulings ON ruled_code = code AND coalesce(ruled_person = person_key, true)"


def errors(session: Session, dataset: Dataset, source: str) -> pa.Table | None:
    """All errors of a source in a dataset, by batch and row."""
    found = every(session, dataset)
    if found is None:
        return None
    query = f"SELECT {', '.join(COLUMNS)} FROM {found} WHERE _source = ? ORDER BY ALL"
    return session.connection.sql(query, params=[source]).to_arrow_table()


COLUMNS = ("batch", "file", "row", "element", "code", "title_zh", "title_en", "expected_zh", "expected_en", "due_on")
"""What is told of an error."""


def every(session: Session, dataset: Dataset) -> str | None:
    """SQL of all errors of a dataset, with the source of each (`_source`); good until that of another dataset is made.

    `reference_tables` come before. None where nothing can be told of the dataset.
    """
    parts = [_broken(session, f"quarantine.{dataset.id}", "reasons", dataset)]
    if dataset.person is None:
        parts.append(_broken(session, f"clean.{dataset.id}", "_flags", dataset))
    else:
        parts += [_found(session, table, dataset) for table in (DISCREPANCY, ACTIVITY, BIRTH_FINDING)]
    parts = [part for part in parts if part]
    if not parts:
        return None
    return (
        "(SELECT _batch AS batch, file, _row AS row, _source, element, code, title_zh, title_en, expected_zh, expected_en, "
        f"due_on FROM ({' UNION ALL '.join(parts)}) LEFT JOIN sent ON sent.batch = _batch)"
    )


def _found(session: Session, table: str, dataset: Dataset) -> str:
    """SQL of what was found out about the rows of a dataset when they were compared; nothing where the table is not there."""
    if not session.exists(table):
        return ""
    return (
        f"SELECT _batch, _row, _source, element, code, title_zh, title_en, coalesce(ruled_zh, expected_zh) AS expected_zh, "
        f"coalesce(ruled_en, expected_en) AS expected_en, due_on FROM {session.relation(table)} "
        f"JOIN codes USING (code) LEFT JOIN {_rulings(session, dataset)} WHERE dataset = '{dataset.id}'"
    )


def _broken(session: Session, table: str, column: str, dataset: Dataset) -> str:
    """SQL of the rules that the rows of a table broke, one row a rule; nothing where the table is not there."""
    if not session.exists(table):
        return ""
    return (
        f"SELECT _batch, _row, _source, element, told.code, zh AS title_zh, en AS title_en, "
        f"coalesce(expected_zh, zh) AS expected_zh, coalesce(expected_en, en) AS expected_en, due_on "
        f"FROM (SELECT _batch, _row, _source, unnest(string_split({column}, ' ')) AS rule "
        f"FROM {session.relation(table)} WHERE {column} IS NOT NULL) AS broken "
        f"JOIN told ON told.rule = broken.rule AND told.dataset = '{dataset.id}' "
        f"LEFT JOIN codes ON codes.code = told.code LEFT JOIN due ON due.due_batch = _batch"
    )


FORMULA = "^([=+\\-@\\t\\r\\n＝＋－＠])"
"""How a cell begins that a spreadsheet takes for a formula (OWASP, *CSV Injection*); an apostrophe before it makes it text."""


def harmless(table: pa.Table) -> pa.Table:
    """The table without cells of text that a spreadsheet would compute."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            plain = pc.replace_substring_regex(table.column(place), FORMULA, r"'\1")
            table = table.set_column(place, field, plain)
    return table


def write(path: Path, table: pa.Table) -> str:
    """A CSV that spreadsheets open with the right characters and compute nothing of; its SHA-256."""
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        pyarrow.csv.write_csv(harmless(table), file)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def error_title(code: str) -> Text:
    """What a feedback code means."""
    return standards.catalogue().error_codes[code]
