"""What a consumer takes, refuses and quarantines, and what it has then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanmin.exchange.delivery import outbox
from quanmin.exchange.supply import inbox
from quanmin.exchange.supply.errors import NoState
from quanmin.exchange.supply.validation import Check
from quanmin.ledger import Document

from .supplying import DAY, TERMS, Supplying, supplying


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Supplying]:
    with supplying(tmp_path, where={"disposal": ("1", "2")}) as two:
        yield two


def _sent(made: Supplying, tmp: Path, columns: dict[str, Any], content: Any = "full", **more: Any) -> Document:
    """A delivery that a provider made by itself; both sides' documents are settled."""
    table = pa.table(columns)
    pq.write_table(table, tmp / "own.parquet")
    told = {"rows": len(table), "snapshot": 1} | more
    document = outbox.send(
        made.provider, made.terms, tmp / "own.parquet", content, file="own.parquet", form="parquet", **told
    )
    return made.settled(document)


def test_rows_that_fail_a_check_are_counted_kept_out_and_receipted(made: Supplying, tmp_path: Path) -> None:
    columns = {"funeral_no": ["F1", "F2", "F3"], "disposal": ["1", "x", "3"], "death_date": [DAY, DAY, None]}
    sent = _sent(made, tmp_path, columns)
    assert (sent.state, sent.data["accepted"], sent.data["quarantined"]) == ("acknowledged", 1, 2)
    [taken] = made.consumer.ledger.find("exchange_intake", ref=sent.ref)
    assert taken.data["taken"]["faults"]["disposal not agreed"] == 2
    kept = made.consumer.settings.home / "exchange" / "in" / made.terms.id / taken.data["taken"]["kept"]
    with pq.ParquetFile(kept) as file:
        assert file.read().column("funeral_no").to_pylist() == ["F1"]


@pytest.mark.parametrize(
    "columns",
    [
        {"funeral_no": ["F1"], "disposal": ["1"]},
        {"funeral_no": ["F1"], "disposal": ["1"], "death_date": [DAY], "name": ["x"]},
        {"funeral_no": ["F1"], "disposal": ["1"], "death_date": [True]},
    ],
)
def test_other_columns_than_were_agreed_on_are_refused_whole(made: Supplying, tmp_path: Path, columns: Any) -> None:
    sent = _sent(made, tmp_path, columns)
    assert (sent.state, sent.data["refusal"]) == ("refused", "QM-EXCHANGE-094")
    with pytest.raises(NoState):
        inbox.write(made.consumer, made.terms.id, tmp_path / "none.parquet")
    assert not list(tmp_path.glob("*none*"))


def test_what_is_no_parquet_or_no_change_is_refused(made: Supplying, tmp_path: Path) -> None:
    (tmp_path / "own.parquet").write_bytes(b"PAR1 but not really")
    sent = outbox.send(made.provider, made.terms, tmp_path / "own.parquet", "full", file="own.parquet", snapshot=1)
    refused = made.settled(sent)
    assert (refused.state, refused.data["refusal"]) == ("refused", "QM-EXCHANGE-095")
    columns = {"funeral_no": ["F1"], "disposal": ["1"], "death_date": [DAY], "_change": ["insert"]}
    assert _sent(made, tmp_path, columns, "change").data["refusal"] == "QM-EXCHANGE-095"
    assert _sent(made, tmp_path, columns, "change", since=7).data["refusal"] == "QM-EXCHANGE-096"


def test_what_a_change_does_is_a_plain_word() -> None:
    """A value may be masked; whether a row came or went may not."""
    check = Check(TERMS.revised(elements=("disposal",), where={}), "change")
    batch = pa.RecordBatch.from_pydict({"disposal": ["1", "*", "1"], "_change": ["insert", "update", "dele*e"]})
    good = check.good(batch)
    assert good is not None and good.to_pylist() == [True, True, False]
    assert check.faults == {"_change value": 1}


def test_rows_outside_the_region_are_quarantined() -> None:
    terms = TERMS.revised(elements=("citizen_number",), region="370000")
    check = Check(terms, "full")
    batch = pa.RecordBatch.from_pydict({"citizen_number": ["370101198001010012", "110101198001010012", None]})
    good = check.good(batch)
    assert good is not None and good.to_pylist() == [True, False, False]
    assert list(check.faults.values()) == [2]


def test_a_recall_takes_the_state_back_and_the_next_change_starts_before_it(made: Supplying, tmp_path: Path) -> None:
    first = made.deliver()
    made.add("F5")
    made.pair.tick(86400)
    second = made.deliver()
    made.provider.ledger.act(second.id, "recall", {"reason": "wrong"})
    [intake] = made.consumer.ledger.find("exchange_intake", ref=second.ref)
    made.consumer.ledger.act(intake.id, "recall", {"receipt": "r"})
    assert len(made.theirs(tmp_path)) == 2
    made.add("F6")
    made.pair.tick(86400)
    assert made.deliver().data["manifest"]["since"] == first.data["manifest"]["snapshot"]
    assert made.theirs(tmp_path) == made.ours()


def test_rows_without_a_key_are_put_together_by_their_values(tmp_path: Path) -> None:
    with supplying(tmp_path, elements=("disposal", "death_date")) as made:
        made.add(None, None, "F1", disposal="2")
        made.deliver()
        made.history.withdraw(2)
        made.add(None, "F1", "F2", disposal="2")
        made.pair.tick(86400)
        made.deliver()
        assert made.theirs(tmp_path) == made.ours()
        assert sum(made.ours().values()) == 3


def test_rows_of_another_division_than_the_providers_own_are_quarantined() -> None:
    """Also where the agreement names no division, since the dataset tells it by a number."""
    terms = TERMS.revised(provider="health_420000", dataset="health.certificate_stock", elements=("action_no", "kind"))
    batch = pa.RecordBatch.from_pydict({"action_no": [420000010001, 370000010001, None], "kind": ["1", "1", "1"]})
    check = Check(terms, "full")
    good = check.good(batch)
    assert good is not None and good.to_pylist() == [True, False, False]
    assert check.faults == {"action_no of another division": 2}
    births = terms.revised(dataset="health.birth", elements=("certificate_no",), provider="health_371200")
    batch = pa.RecordBatch.from_pydict({"certificate_no": ["Q370000001", "Q420000001", None]})
    good = Check(births, "full").good(batch)  # two digits tell the province, and no more
    assert good is not None and good.to_pylist() == [True, False, False]
    assert Check(births.revised(provider="health"), "full").good(batch) is None
