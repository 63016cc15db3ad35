"""What a receiver and a sender refuse of each other, and that nothing of it is half done."""

from __future__ import annotations

import errno
import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.exchange.delivery.network import TERMS, Pair, pair
from tests.unit.exchange.delivery.test_transfer import NOISE, arrived, received, sent, state

from quanmin.exchange.delivery import outbox, package, place, receiver, taking, transfer
from quanmin.exchange.delivery.errors import (
    ChunkDiffers,
    ChunksMissing,
    ChunkUnknown,
    ManifestBroken,
    ManifestDiffers,
    NoKeyToSeal,
    NotItsSide,
    NotPushed,
    SourceBroken,
    SpaceShort,
)
from quanmin.exchange.delivery.manifest import Chunk
from quanmin.exchange.delivery.package import BLOCK
from quanmin.exchange.delivery.receipt import sign
from quanmin.exchange.delivery.taking import Result
from quanmin.exchange.member.member import Directory


@pytest.fixture
def offered(two: Pair):
    """A delivery that is offered and of which nothing came."""
    document = sent(two)
    told = outbox.manifest_of(two.provider, document)
    return told, receiver.offered(two.consumer, told, two.terms)


def answer(two: Pair, method: str, path: str, body: bytes = b"", sender: str | None = None, terms=TERMS) -> dict:
    status, text = two.network.handled(
        two.consumer, sender or two.provider.member, method, path, body, terms, "application/json"
    )
    return {"status": status, **json.loads(text)}


def test_the_same_id_with_another_manifest_is_refused(two: Pair, offered) -> None:
    told, _ = offered
    with pytest.raises(ManifestDiffers):
        receiver.offered(two.consumer, replace(told, rows=99), two.terms)
    assert answer(two, "POST", "/deliveries", replace(told, rows=99).text())["code"] == "QM-EXCHANGE-072"
    assert answer(two, "POST", "/deliveries", told.text())["missing"] == [[1, len(told.chunks)]]


def test_a_chunk_with_another_digest_or_number_is_refused(two: Pair, offered) -> None:
    told, _ = offered
    for body, number, kind in ((b"x", 1, ChunkDiffers), (b"x", 99, ChunkUnknown), (b"x", 0, ChunkUnknown)):
        with pytest.raises(kind):
            receiver.keep_chunk(two.consumer, told, number, body, hashlib.sha256(body).hexdigest())
    for number in ("x", "-1", "1e3", "0000001", "２"):
        path = f"/deliveries/{told.id}/chunks/{number}"
        assert answer(two, "PUT", path, b"x")["code"] == "QM-EXCHANGE-073"
    assert place.numbers(place.intake(two.consumer.settings.home, told.id)) == set()


def test_an_incomplete_delivery_is_told_what_is_missing(two: Pair, offered) -> None:
    told, document = offered
    with pytest.raises(ChunksMissing) as caught:
        receiver.complete(two.consumer, document)
    assert (caught.value.fields["count"], caught.value.fields["first"]) == (len(told.chunks), 1)
    assert answer(two, "GET", f"/deliveries/{told.id}/receipt")["code"] == "QM-EXCHANGE-080"


def test_members_that_are_no_side_hear_nothing(two: Pair, offered) -> None:
    told, _ = offered
    assert answer(two, "GET", f"/deliveries/{told.id}", sender="education")["code"] == "QM-EXCHANGE-076"
    assert answer(two, "GET", f"/deliveries/{told.id}", terms=None)["code"] == "QM-EXCHANGE-076"
    assert answer(two, "POST", "/deliveries", told.text(), sender="education")["code"] == "QM-EXCHANGE-076"
    assert answer(two, "GET", "/deliveries/nothing")["code"] == "QM-EXCHANGE-071"
    with pytest.raises(NotItsSide):
        receiver.offered(two.consumer, replace(told, receiver="education"), two.terms)
    with pytest.raises(NotPushed):
        receiver.offered(two.consumer, replace(told, content="feedback"), two.terms)
    with pytest.raises(NotPushed):
        receiver.offered(two.consumer, replace(told, dataset="health.death"), two.terms)


def test_only_the_side_that_delivers_sends_and_only_by_push(two: Pair, tmp_path: Path) -> None:
    with pytest.raises(NotPushed):
        outbox.send(two.consumer, two.terms, iter([b"a"]), "file", file="a")
    with pytest.raises(NotPushed):
        outbox.send(two.provider, two.terms, iter([b"a"]), "feedback", file="a")
    with pytest.raises(NotPushed):
        outbox.send(two.provider, replace(two.terms, mode="request"), iter([b"a"]), "file", file="a")
    assert outbox.send(two.consumer, two.terms, iter([b"a"]), "feedback", file="a").state == "prepared"


def test_without_a_key_nothing_is_sealed_and_nothing_is_left(two: Pair) -> None:
    known = two.provider.directory()
    bare = {name: replace(one, keys=()) for name, one in known.members.items()}
    node = replace(two.provider, directory=lambda: Directory(known.authority, known.at, bare))
    with pytest.raises(NoKeyToSeal):
        outbox.send(node, two.terms, iter([b"a"]), "file", file="a")
    assert [*place.out(node.settings.home, "-").parent.iterdir()] == []


def test_a_source_that_breaks_leaves_nothing(two: Pair) -> None:
    def broken():
        yield NOISE
        raise OSError(errno.EIO, "gone")

    with pytest.raises(SourceBroken):
        outbox.send(two.provider, two.terms, broken(), "file", file="a.csv")
    with pytest.raises(SourceBroken):
        outbox.send(two.provider, two.terms, Path("/nowhere"), "file", file="a.csv")
    assert [*place.out(two.provider.settings.home, "-").parent.iterdir()] == []
    assert two.provider.ledger.find("exchange_delivery") == []


def test_too_many_chunks_are_refused(two: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MOST_CHUNKS", 3)
    with pytest.raises(ManifestBroken):
        sent(two)
    assert [*place.out(two.provider.settings.home, "-").parent.iterdir()] == []


def test_a_full_disk_is_told_and_tried_again(two: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    document = sent(two)
    usage = place.shutil.disk_usage
    monkeypatch.setattr(place.shutil, "disk_usage", lambda path: usage(path)._replace(free=0))
    two.run(rounds=2)
    assert state(two, document) == "sending"
    assert two.provider.ledger.get(document.id).data["error"]["code"] == "QM-EXCHANGE-078"
    assert received(two) == []
    monkeypatch.setattr(place.shutil, "disk_usage", usage)
    two.run()
    assert state(two, document) == "acknowledged"


def test_a_write_that_finds_no_room_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_opened: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(place.os, "fsync", full)
    with pytest.raises(SpaceShort):
        place.put(tmp_path / "000001", b"x")
    assert [*tmp_path.iterdir()] == []


def raw(told, body: bytes, **changed):
    """A delivery whose one chunk is some bytes, whatever the manifest says of what they hold."""
    return replace(
        told,
        sealed=False,
        chunks=(Chunk(1, len(body), hashlib.sha256(body).hexdigest()),),
        **{"compressed": True} | changed,
    )


def taken(two: Pair, told, body: bytes) -> str:
    """The code for which it is refused."""
    document = receiver.offered(two.consumer, told, two.terms)
    receiver.keep_chunk(two.consumer, told, 1, body, hashlib.sha256(body).hexdigest())
    document = taking.take(two.consumer, receiver.complete(two.consumer, document))
    assert document.state == "refused"
    assert not place.intake(two.consumer.settings.home, told.id).exists()
    return str(document.data["error"]["code"])


def test_what_expands_beyond_what_is_told_is_refused(two: Pair) -> None:
    told = outbox.manifest_of(two.provider, sent(two))
    bomb = pa.compress(bytes(64 * BLOCK), "zstd", asbytes=True)
    assert len(bomb) < 100_000
    assert taken(two, raw(told, bomb, bytes=1000), bomb) == "QM-EXCHANGE-077"


def test_what_is_no_zstd_or_another_file_is_refused(two: Pair) -> None:
    for body, more in ((b"nonsense", {}), (b"", {}), (NOISE[:5], {"compressed": False, "bytes": 5})):
        told = outbox.manifest_of(two.provider, sent(two))
        assert taken(two, raw(told, body, **more), body) == "QM-EXCHANGE-077"


def test_rows_are_counted_where_the_form_tells_them(two: Pair) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2, 3]}), sink)
    for form, source in (("parquet", sink.getvalue()), ("ndjson", b"{}\n{}\n{}\n"), ("parquet", b"none")):
        for rows in (3, 4):
            document = sent(two, source=source, form=form, rows=rows)
            two.run()
            good = rows == 3 and source != b"none"
            assert state(two, document) == ("acknowledged" if good else "refused")


def test_counts_that_are_not_all_rows_are_refused(two: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(taking.TAKERS, "file", lambda node, intake, file: Result(accepted=3, quarantined=1))
    documents = [sent(two, rows=4), sent(two, rows=5), sent(two)]
    two.run()
    assert [state(two, one) for one in documents] == ["acknowledged", "refused", "acknowledged"]
    data = [two.provider.ledger.get(one.id).data for one in documents]
    assert [(one["accepted"], one["quarantined"]) for one in data] == [(3, 1), (0, 5), (3, 1)]
    assert data[1]["refusal"] == "QM-EXCHANGE-077"


def test_a_fault_of_this_side_is_tried_again_and_refuses_nothing(two: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [2]

    def taker(node, intake, file):
        left[0] -= 1
        if left[0] >= 0:
            raise ValueError("a mistake of the program")
        return Result(accepted=7)

    monkeypatch.setitem(taking.TAKERS, "file", taker)
    document = sent(two, rows=7)
    transfer.work(two.provider)
    taking.work(two.consumer)
    assert [one.state for one in received(two)] == ["received"]
    two.run()
    assert state(two, document) == "acknowledged"
    assert left == [-1]


def test_after_the_receipt_everything_repeats_it_byte_for_byte(two: Pair) -> None:
    document = sent(two)
    told = outbox.manifest_of(two.provider, document)
    two.run()
    kept = two.provider.ledger.get(document.id).data["receipt"]
    path = f"/deliveries/{told.id}"
    for method, where, body in (
        ("POST", "/deliveries", told.text()),
        ("PUT", f"{path}/chunks/1", b"whatever"),
        ("POST", f"{path}/complete", b""),
        ("GET", path, b""),
        ("GET", f"{path}/receipt", b""),
    ):
        assert answer(two, method, where, body)["receipt"] == kept
    assert len(arrived(two)) == 1


@pytest.mark.parametrize("forged", ["other digest", "other delivery", "stranger", "nonsense"])
def test_a_receipt_that_does_not_count_is_refused_and_the_delivery_goes_on(two: Pair, forged: str) -> None:
    first, document = sent(two), sent(two, source=b"other")
    told = outbox.manifest_of(two.provider, document)
    own = taking.receipted(two.consumer, told, Result())
    lies = {
        "other digest": sign(two.consumer.identity, replace(own, manifest="0" * 64)),
        "other delivery": sign(two.consumer.identity, replace(own, delivery=str(first.ref))),
        "stranger": sign(two.provider.identity, own),
        "nonsense": "a.b.c",
    }
    real = two.network.handled

    def lying(node, sender, method, path, *more):
        status, text = real(node, sender, method, path, *more)
        if status == 200 and str(document.ref) in text.decode():
            text = json.dumps(json.loads(text) | {"receipt": lies[forged]}).encode()
        return status, text

    two.network.handled = lying
    transfer.work(two.provider)
    assert state(two, document) == "sending"
    assert two.provider.ledger.get(document.id).data["error"]["code"] == "QM-EXCHANGE-079"
    two.network.handled = real
    two.run()
    assert state(two, document) == state(two, first) == "acknowledged"


def test_one_that_fetches_cannot_receipt_what_is_not_his(tmp_path: Path) -> None:
    with pair(tmp_path, consumer_address=None) as two:
        document = sent(two)
        told = outbox.manifest_of(two.provider, document)
        own = sign(two.consumer.identity, taking.receipted(two.consumer, told, Result()))

        def post(sender: str, delivery: str, text: object) -> str:
            body = json.dumps({"receipt": text}).encode()
            path = f"/deliveries/{delivery}/receipt"
            status, found = two.network.handled(two.provider, sender, "POST", path, body, TERMS, "")
            assert status >= 400
            return str(json.loads(found)["code"])

        assert post("education", told.id, own) == "QM-EXCHANGE-076"
        assert post("health", "social_security." + "f" * 24, own) == "QM-EXCHANGE-071"
        assert post("health", told.id, own) == "QM-EXCHANGE-080"  # never fetched
        transfer.work(two.provider)
        assert post("health", told.id, "a.b.c") == "QM-EXCHANGE-079"
        assert post("health", told.id, None) == "QM-EXCHANGE-079"
        assert state(two, document) == "sending"
