"""Rows as lines of JSON between two members: the same state as by Parquet, and what is refused or quarantined of lines."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from frictionless import Resource, Schema

from quanmin.exchange.canonical import canonical
from quanmin.exchange.delivery import outbox, place
from quanmin.exchange.delivery.manifest import Manifest
from quanmin.exchange.delivery.package import assemble
from quanmin.exchange.delivery.schema import Field, TableSchema
from quanmin.exchange.intake import delivered, recalled
from quanmin.exchange.supply import lines, reader, rows, wrong
from quanmin.exchange.supply.errors import FormUnwritable, LineBroken, NoState
from quanmin.exchange.supply.reader import Reader
from quanmin.ledger import Document

from .supplying import TERMS, Supplying, supplying

SCHEMA = TableSchema(
    (Field("funeral_no", "string", True), Field("disposal", "string"), Field("death_date", "date")), ("funeral_no",)
)
GOOD = '{"funeral_no":"F1","disposal":"1","death_date":"2026-03-03"}'


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Supplying]:
    with supplying(tmp_path, form="ndjson", where={"disposal": ("1", "2")}) as two:
        yield two


def _sent(made: Supplying, tmp: Path, text: bytes | str, **more: Any) -> Document:
    """A delivery of lines that a provider made by itself; both sides' documents are settled."""
    body = text if isinstance(text, bytes) else text.encode()
    (tmp / "own.ndjson").write_bytes(body)
    told = {"form": "ndjson", "rows": body.count(b"\n"), "snapshot": 1, "schema": SCHEMA} | more
    document = outbox.send(made.provider, made.terms, tmp / "own.ndjson", "full", file="own.ndjson", **told)
    return made.settled(document)


def _manifest(made: Supplying, sent: Document) -> Manifest:
    return outbox.manifest_of(made.provider, sent)


def _package(made: Supplying, sent: Document, tmp: Path, name: str) -> dict[str, Any]:
    """Open a package as its receiver does, to a file of lines beside its manifest; the schema."""
    told = _manifest(made, sent)
    folder, opened = place.out(made.provider.settings.home, told.id), tmp / told.id
    opened.mkdir()
    for chunk in told.chunks:
        body = (folder / place.chunk_name(chunk.number)).read_bytes()
        (opened / place.chunk_name(chunk.number)).write_bytes(made.consumer.identity.unseal(body))
    assemble(told, opened, tmp / name)
    (tmp / "manifest.json").write_bytes(told.text())
    return dict(json.loads(told.text())["schema"])


def _courses(tmp: Path, form: str) -> Any:
    """Full rows and three changes by one form: what either side has then, each file kept, the manifests."""
    with supplying(tmp, form=form) as made:
        documents = [made.deliver()]
        for keys in (("F2", "F5"), ("F6", None), ("F1",)):
            made.add(*keys, disposal="2")
            made.pair.tick(86400)
            documents.append(made.deliver())
        made.history.withdraw(2)
        made.pair.tick(86400)
        documents.append(made.deliver())
        kept = []
        for one in documents:
            [intake] = made.consumer.ledger.find("exchange_intake", ref=one.ref)
            path = place.kept(made.consumer.settings.home, made.terms.id) / intake.data["taken"]["kept"]
            with pq.ParquetFile(path) as file:
                kept.append((file.schema_arrow.remove_metadata(), file.read().to_pylist()))
        told = [(one.data["manifest"]["content"], one.data["accepted"], one.data["quarantined"]) for one in documents]
        formats = {one.data["manifest"]["format"] for one in documents}
        return made.theirs(tmp), made.ours(), kept, told, formats


def test_lines_make_the_state_that_parquet_makes(tmp_path: Path) -> None:
    by_lines = _courses(tmp_path / "lines", "ndjson")
    by_parquet = _courses(tmp_path / "parquet", "parquet")
    assert by_lines[:4] == by_parquet[:4] and by_lines[0] == by_lines[1]
    assert (by_lines[4], by_parquet[4]) == ({"ndjson"}, {"parquet"})
    assert [one[0] for one in by_lines[3]] == ["full", "change", "change", "change", "change"]


PAGE = Path(__file__).parents[4] / "docs" / "exchange_api.md"


def _program() -> str:
    """How the manual applies a change."""
    section = PAGE.read_text("utf-8").partition("\n## A package of lines")[2].partition("\n## ")[0]
    [code] = re.findall(r"```python\n(.*?)```", section, re.S)
    return str(code)


@pytest.mark.parametrize("elements", [("funeral_no", "disposal", "death_date"), ("disposal", "death_date")])
def test_a_package_is_read_and_a_change_applied_by_the_program_of_the_manual(tmp_path: Path, elements: Any) -> None:
    """It knows JSON and no more; the schema holds for the lines by the judgement of a library that is not ours."""
    code = _program()
    assert set(re.findall(r"^(?:import|from) (.*)$", code, re.M)) == {"json"}
    with supplying(tmp_path, form="ndjson", elements=elements) as made:
        made.add(None, None, "F1", disposal="2")
        _package(made, made.deliver(), tmp_path, "rows.ndjson")
        made.history.withdraw(2)
        made.add("F2", "F3", None, disposal="2")
        made.pair.tick(86400)
        schema = _package(made, made.deliver(), tmp_path, "change.ndjson")
        ours = made.ours()
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env={})
    state = [json.loads(line) for line in (tmp_path / "state.ndjson").read_text("utf-8").splitlines()]
    assert Counter((*one.values(),) for one in state) == Counter(
        (*row[:-1], row[-1].isoformat()) for row in ours.elements()
    )
    changes = [json.loads(line) for line in (tmp_path / "change.ndjson").read_text("utf-8").splitlines()]
    assert {one["_change"] for one in changes} >= {"insert", "delete"} and schema.get("primaryKey") == (
        ["funeral_no"] if "funeral_no" in elements else None
    )
    assert [one["type"] for one in schema["fields"]][-2:] == ["date", "string"]


def test_a_schema_holds_for_its_lines_by_a_library_that_is_not_ours(tmp_path: Path) -> None:
    with supplying(tmp_path, form="ndjson") as made:
        made.deliver()
        made.add("F2", "F3", disposal="2")
        made.pair.tick(86400)
        schema = _package(made, made.deliver(), tmp_path, "change.ndjson")
    changes = [json.loads(line) for line in (tmp_path / "change.ndjson").read_text("utf-8").splitlines()]
    assert sorted((one["funeral_no"], one["_change"]) for one in changes) == [("F2", "update"), ("F3", "insert")]
    assert schema["primaryKey"] == ["funeral_no"] and schema["fields"][0]["constraints"] == {"required": True}
    report = Resource(data=changes, schema=Schema.from_descriptor(schema)).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type"])
    wrong = [{**changes[0], "funeral_no": None}, {**changes[0], "death_date": "3 March"}]
    report = Resource(data=wrong, schema=Schema.from_descriptor(schema)).validate()
    assert {one[0] for one in report.flatten(["type"])} >= {"constraint-error", "type-error"}


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        (f"{GOOD}\n[]\n", 2, "no object"),
        (f"{GOOD}\n\n", 2, "JSON"),
        (f"{GOOD}\n{GOOD}{GOOD}\n", 2, "JSON"),
        ('{"funeral_no":"F1","disposal":"1"}\n', 1, "no member death_date"),
        (f'{GOOD}\n{GOOD[:-1]},"name":"x"}}\n', 2, "an unknown member"),
        (f'{GOOD}\n{GOOD[:-1]},"disposal":"1"}}\n', 2, "a member twice"),
        (f"{GOOD}\n" + GOOD.replace('"1"', "1") + "\n", 2, "type of disposal"),
        (GOOD.replace('"2026-03-03"', "20260303") + "\n", 1, "type of death_date"),
        (GOOD.replace('"1"', "NaN") + "\n", 1, "JSON"),
        (GOOD.replace("F1", "\\ud800") + "\n", 1, "text of funeral_no"),
        (GOOD.replace("F1", "F\t1") + "\n", 1, "JSON"),
        (f"{GOOD}\n".encode() + b'{"funeral_no":"\xff","disposal":"1","death_date":null}\n', 2, "UTF-8"),
        (f"\ufeff{GOOD}\n", 1, "JSON"),
        (f"{GOOD}\n{GOOD}", 2, "no newline at its end"),
        (f"{GOOD}\n{'[' * 100_000}\n", 2, "JSON"),
        # lines that make as many objects as they are when they are put together
        (f'{GOOD[:-27]}}}\n{{"death_date":null,{GOOD[1:]}\n', 1, "no member death_date"),
        (f'{{"funeral_no":"F1"\n"disposal":"1","death_date":null}}\n{GOOD},{GOOD}\n', 1, "JSON"),
        (f'{{"funeral_no":[{{}}\n{GOOD}\n{{}}],"disposal":"1","death_date":null}},{GOOD},{GOOD}\n', 1, "JSON"),
    ],
)
def test_lines_of_another_form_are_refused_whole_by_their_number(
    made: Supplying, tmp_path: Path, text: bytes | str, line: int, fault: str
) -> None:
    sent = _sent(made, tmp_path, text)
    assert (sent.state, sent.data["refusal"]) == ("refused", "QM-EXCHANGE-124")
    [intake] = made.consumer.ledger.find("exchange_intake", ref=sent.ref)
    assert intake.data["error"]["address"] == {"line": str(line), "fault": fault}
    with pytest.raises(NoState):
        made.theirs(tmp_path)
    assert not list((made.consumer.settings.home / "exchange").rglob("*.parquet"))


def test_values_that_are_none_of_their_field_fail_their_rows_and_no_more(made: Supplying, tmp_path: Path) -> None:
    told = [("F1", "1", "2026-03-03"), ("F2", "1", "2026-02-30"), (None, "1", None), ("F4", "9", "20260303")]
    told += [("F5", "1", None), ("F6", "2", "2026-03-03T00:00:00")]
    names = SCHEMA.names
    text = "".join(json.dumps(dict(zip(names, one, strict=True))) + "\n" for one in told)
    sent = _sent(made, tmp_path, text)
    assert (sent.state, sent.data["accepted"], sent.data["quarantined"]) == ("acknowledged", 2, 4)
    [intake] = made.consumer.ledger.find("exchange_intake", ref=sent.ref)
    assert intake.data["taken"]["faults"] == {"death_date form": 3, "funeral_no required": 1}
    assert sorted(one[0] for one in made.theirs(tmp_path)) == ["F1", "F5"]


def test_what_fails_of_lines_is_told_row_by_row_and_gone_when_it_comes_right(made: Supplying, tmp_path: Path) -> None:
    """The day is read, the code is looked up, the number is there: each row that fails has its place in the file and its key."""
    told = [("F1", "1", "2026-03-03"), ("F2", "1", "2026-02-30"), ("F3", "x", None), (None, "1", None)]
    _sent(made, tmp_path, "".join(json.dumps(dict(zip(SCHEMA.names, one, strict=True))) + "\n" for one in told))
    [stand] = wrong.supplied(made.consumer, made.terms)
    found = stand.errors.select(["row", "element", "code", "key"]).to_pylist()
    assert [(one["row"], one["element"], one["code"]) for one in found] == [
        (2, "death_date", "QM-EXCHANGE-136"),
        (3, "disposal", "QM-EXCHANGE-130"),
        (3, "disposal", "E11"),
        (4, "funeral_no", "E12"),
    ]
    assert [one["key"].partition(":")[0] for one in found] == ["funeral_no", "funeral_no", "funeral_no", "*"]
    assert not re.search("F2|F3|2026-02-30", json.dumps(stand.errors.to_pylist(), default=str))
    right = [("F1", "1", "2026-03-03"), ("F2", "1", "2026-02-28"), ("F3", "1", None), ("F4", "1", None)]
    _sent(made, tmp_path, "".join(json.dumps(dict(zip(SCHEMA.names, one, strict=True))) + "\n" for one in right))
    assert [len(one.errors) for one in wrong.supplied(made.consumer, made.terms)] == []


def test_codes_and_rows_are_checked_as_they_are_of_parquet(made: Supplying, tmp_path: Path) -> None:
    text = "".join(GOOD.replace('"1"', code) + "\n" for code in ('"1"', '"x"', '"3"', "null"))
    sent = _sent(made, tmp_path, text, rows=None)
    assert (sent.state, sent.data["accepted"], sent.data["quarantined"]) == ("acknowledged", 1, 3)
    [intake] = made.consumer.ledger.find("exchange_intake", ref=sent.ref)
    assert intake.data["taken"]["faults"]["disposal not agreed"] == 3
    assert intake.data["taken"]["kept"] == f"000001-{TERMS.dataset}.full.1.parquet"


def test_another_form_or_schema_than_was_agreed_on_is_refused(made: Supplying, tmp_path: Path) -> None:
    pq.write_table(pa.table({"funeral_no": ["F1"]}), tmp_path / "own.parquet")
    file = (tmp_path / "own.parquet").read_bytes()
    assert _sent(made, tmp_path, file, form="parquet", rows=1, schema=None).data["refusal"] == "QM-EXCHANGE-125"
    assert _sent(made, tmp_path, GOOD + "\n", schema=None).data["refusal"] == "QM-EXCHANGE-095"
    fields = TableSchema(SCHEMA.fields[:2])
    assert _sent(made, tmp_path, GOOD + "\n", schema=fields).data["refusal"] == "QM-EXCHANGE-094"
    fields = TableSchema((*SCHEMA.fields[:2], Field("death_date", "boolean")))
    assert _sent(made, tmp_path, GOOD + "\n", schema=fields).data["refusal"] == "QM-EXCHANGE-094"


def test_lines_where_parquet_was_agreed_on_are_refused(tmp_path: Path) -> None:
    with supplying(tmp_path) as made:
        sent = _sent(made, tmp_path, GOOD + "\n")
        assert (sent.state, sent.data["refusal"]) == ("refused", "QM-EXCHANGE-125")


def test_a_recall_takes_lines_back_like_parquet(tmp_path: Path) -> None:
    with supplying(tmp_path, form="ndjson") as made:
        first = made.deliver()
        made.add("F5")
        made.pair.tick(86400)
        second = made.deliver()
        made.provider.ledger.act(second.id, "recall", {"reason": "wrong"})
        kept = place.kept(made.consumer.settings.home, made.terms.id)
        assert len(list(kept.iterdir())) == 2
        asked = {"delivery": second.ref, "digest": second.data["digest"], "reason": "wrong"}
        told = json.loads(recalled.remove(made.consumer, made.terms.provider, canonical(asked)))
        assert (told["files"], told["rows"]) == (1, 1)
        assert [one.name for one in kept.iterdir()] == [
            f"000001-{TERMS.dataset}.full.{first.data['manifest']['snapshot']}.parquet"
        ]
        known = delivered.remembered(second)
        assert known.schema == _manifest(made, second).schema and known.digest() == second.data["digest"]
        assert len(made.theirs(tmp_path)) == 2
        made.add("F6")
        made.pair.tick(86400)
        assert made.deliver().data["manifest"]["since"] == first.data["manifest"]["snapshot"]
        assert made.theirs(tmp_path) == made.ours()


def test_another_form_in_the_next_version_begins_with_full_rows(tmp_path: Path) -> None:
    with supplying(tmp_path) as made:
        base = rows.Link("d", "A-1;v=1", 1, "full", 1, None, f"{TERMS.dataset}.full.1.0123456789abcdef.ndjson")
        assert rows.shape_of(base) == "0123456789abcdef"
        decision = made.provider.lake.read(rows._decided(made.provider, made.terms)).decision
        assert rows.shape(made.terms, decision) != rows.shape(made.terms.revised(form="ndjson"), decision)


def test_a_line_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.ndjson"
    with path.open("wb") as file:
        file.write(GOOD.encode() + b"\n" + b'{"funeral_no":"')
        for _ in range(100):
            file.write(b"x" * (1 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(LineBroken) as caught:
            list(Reader(SCHEMA).batches(path))
        assert tracemalloc.get_traced_memory()[1] < 3 * lines.LONGEST
    finally:
        tracemalloc.stop()
    assert (caught.value.fields["line"], caught.value.fields["fault"]) == (2, "more than 4 MiB")


def test_many_lines_are_read_in_bounded_memory(tmp_path: Path) -> None:
    """Batches are bounded in bytes, too: wide rows are fewer at once."""
    path = tmp_path / "wide.ndjson"
    with path.open("wb") as file:
        for _ in range(60):
            file.write(GOOD.replace("F1", "x" * (1 << 20)).encode() + b"\n")
    sizes = [len(one) for one, _ in Reader(SCHEMA).batches(path)]
    assert sum(sizes) == 60 and max(sizes) * (1 << 20) <= reader.BYTES + lines.LONGEST


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (pa.array([1.0, float("nan")]), "NaN or infinity"),
        (pa.array([1.0, float("-inf")]), "NaN or infinity"),
        (pa.array([2**62, 0, -1], pa.int64()).view(pa.timestamp("us")), "a year before 1 or after 9999"),
        (pa.array([3_000_000], pa.int32()).view(pa.date32()), "a year before 1 or after 9999"),
        (pa.array([1], pa.int64()).view(pa.timestamp("ns")), "a value outside of timestamp[us]"),
        (pa.array([2**64 - 1], pa.uint64()), "a value outside of int64"),
        (pa.array([b"x"]), "binary"),
        (pa.array([0], pa.timestamp("us", "UTC")), "timestamp[us, tz=UTC]"),
        (pa.array(["x" * lines.LONGEST]), None),
    ],
)
def test_what_lines_cannot_tell_is_not_written(tmp_path: Path, values: pa.Array, fault: str | None) -> None:
    batch = pa.RecordBatch.from_arrays([values], ["death_date"])
    some = rows.Rows("full", 1, None, "s", (), (), iter([batch.slice(0, 0), batch]))
    with pytest.raises(FormUnwritable) as caught:
        lines.write(tmp_path / "x", some)
    told = ("-", "a row of more than 4 MiB") if fault is None else ("death_date", fault)
    assert (caught.value.fields["column"], caught.value.fields["fault"]) == told


def test_rows_that_cannot_be_written_leave_nothing(made: Supplying, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 20)
    with pytest.raises(FormUnwritable):
        made.serve()
    assert made.provider.ledger.find("exchange_delivery") == []
    left = [one for one in (made.provider.settings.home / "exchange").rglob("*") if one.is_file()]
    assert [one for one in left if "draft" in one.parts or "out" in one.parts] == []
