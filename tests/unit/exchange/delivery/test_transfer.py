"""A delivery from its package to its receipt, over a network that loses, repeats and delays."""

from __future__ import annotations

import hashlib
import os
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.exchange.delivery.network import TERMS, Lost, Pair, pair

from quanmin.exchange.delivery import command, outbox, place, taking, transfer
from quanmin.exchange.delivery.receipt import read
from quanmin.trust import audit

NOISE = random.Random(7).randbytes(9000)


def sent(two: Pair, content: str = "file", source: bytes = NOISE, name: str = "births.csv", **more):
    return outbox.send(two.provider, two.terms, iter([source]), content, file=name, **more)


def state(two: Pair, document) -> str:
    return two.provider.ledger.get(document.id).state


def arrived(two: Pair) -> list[bytes]:
    folder = place.kept(two.consumer.settings.home, two.terms.id)
    return [one.read_bytes() for one in sorted(folder.iterdir())] if folder.is_dir() else []


def received(two: Pair):
    return two.consumer.ledger.find("exchange_intake")


def test_a_delivery_arrives_and_is_receipted(two: Pair) -> None:
    document = sent(two, rows=7)
    assert document.state == "prepared"
    two.run()
    document = two.provider.ledger.get(document.id)
    assert (document.state, document.data["accepted"], document.data["quarantined"]) == ("acknowledged", 7, 0)
    assert arrived(two) == [NOISE]
    [intake] = received(two)
    assert intake.data["receipt"] == document.data["receipt"]
    told = read(document.data["receipt"])
    assert (told.delivery, told.manifest) == (document.ref, document.data["digest"])
    assert not place.intake(two.consumer.settings.home, document.ref).exists()


@pytest.mark.parametrize("opens", [True, False])
@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("name", ["a.csv", "a.gz"])
@pytest.mark.parametrize("size", [0, 1024, 5000])
def test_any_size_arrives_sealed_or_open_pressed_or_not(tmp_path: Path, opens, sealed, name, size) -> None:
    with pair(tmp_path, replace(TERMS, sealed=sealed)) as two:
        two.network.opens = opens
        document = sent(two, source=NOISE[:size], name=name)
        two.run()
        assert state(two, document) == "acknowledged"
        assert arrived(two) == [NOISE[:size]]


def test_a_name_as_long_as_it_may_be_is_kept(two: Pair) -> None:
    name = f"{'数' * 78}12.csv"
    assert len(name.encode()) == 240
    document = sent(two, name=name)
    two.run()
    assert state(two, document) == "acknowledged"
    folder = place.kept(two.consumer.settings.home, two.terms.id)
    assert [one.name for one in folder.iterdir()] == [f"000001-{name}"]


def test_what_travels_sealed_holds_nothing_of_the_file(two: Pair) -> None:
    document = sent(two, source=b"110101199003070011" * 200, name="a.gz")
    folder = place.out(two.provider.settings.home, document.ref)
    assert all(b"110101199003070011" not in one.read_bytes() for one in folder.iterdir())


def test_event_numbers_have_no_gaps_and_belong_to_the_agreement(two: Pair) -> None:
    made = [sent(two).data["manifest"]["event"] for _ in range(3)]
    with pytest.raises(ValueError, match="on purpose"):
        outbox.send(two.provider, two.terms, broken(), "file", file="x.csv")
    assert [*made, sent(two).data["manifest"]["event"]] == [1, 2, 3, 4]


def broken():
    yield b"a" * 5000
    raise ValueError("on purpose")


def test_what_is_not_a_delivery_is_swept_and_what_is_stays(two: Pair) -> None:
    document = sent(two)
    root = place.out(two.provider.settings.home, "-").parent
    (root / ".social_security.0123").mkdir()
    (root / "social_security.0123").mkdir()
    (root / ".gone.x").mkdir()
    with place.held(root / "social_security.0123") as free:
        assert free
        assert outbox.sweep(two.provider) == 1
    assert outbox.sweep(two.provider) == 1
    assert [one.name for one in root.iterdir()] == [document.ref]
    two.run()
    assert outbox.sweep(two.provider) == 0
    two.tick(31 * 86_400)
    assert outbox.sweep(two.provider) == 1


def test_what_a_killed_receiver_did_not_clear_is_swept(two: Pair) -> None:
    document = sent(two)
    two.run()
    root = place.intake(two.consumer.settings.home, "-").parent
    for name in (document.ref, "social_security.old", "social_security.new", ".gone.x"):
        (root / name).mkdir()
    os.utime(root / "social_security.old", (0, 0))
    waiting = sent(two)
    transfer.work(two.provider)
    assert taking.sweep(two.consumer) == 2
    assert sorted(one.name for one in root.iterdir()) == sorted((waiting.ref, "social_security.new"))


def test_a_delivery_without_its_package_is_parked(two: Pair) -> None:
    document = sent(two)
    place.clear(place.out(two.provider.settings.home, document.ref))
    two.run()
    document = two.provider.ledger.get(document.id)
    assert (document.state, document.data["error"]["code"]) == ("parked", "QM-EXCHANGE-083")
    told = [one.fields for one in audit.entries(two.provider.ledger) if one.fields["event"] == "delivery_parked"]
    assert [(one["delivery"], one["code"]) for one in told] == [(document.ref, "QM-EXCHANGE-083")]
    now = two.provider.ledger.now()
    raised = audit.alarms(two.provider.ledger, now - timedelta(days=1), now + timedelta(days=1))
    assert [one.rule for one in raised].count("parked") == 1


def test_an_altered_package_is_parked_and_not_sent(two: Pair) -> None:
    document = sent(two)
    path = place.out(two.provider.settings.home, document.ref) / "000002"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    two.run()
    assert two.provider.ledger.get(document.id).data["error"]["code"] == "QM-EXCHANGE-083"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), share=st.floats(0.05, 0.6), count=st.integers(1, 3))
def test_a_network_that_loses_and_repeats_delivers_everything_once(tmp_path_factory, seed, share, count) -> None:
    dice = random.Random(seed)

    def lose(_method: str, _path: str) -> None:
        if dice.random() < share:
            raise Lost()

    with pair(tmp_path_factory.mktemp("lossy"), exchange_attempts=200) as two:
        again = []

        def repeated(sender, to, method, path, body, terms, media):
            if again and dice.random() < 0.3:  # one of before comes again, late
                old = dice.choice(again)
                two.network.handled(two.network.nodes[old[1]], old[0], *old[2:])
            again.append((sender, to, method, path, body, terms, media))
            return carry(sender, to, method, path, body, terms, media)

        carry = two.network.carry
        two.network.before, two.network.after, two.network.carry = lose, lose, repeated
        sources = [dice.randbytes(dice.randrange(0, 6000)) for _ in range(count)]
        documents = [sent(two, source=one) for one in sources]
        two.run(rounds=400)
        assert [state(two, one) for one in documents] == ["acknowledged"] * count
        assert arrived(two) == sources
        assert (
            sorted(len(one.actions) for one in received(two)) == [3] * count
        )  # offered, received, accepted: once each
        receipts = {one.ref: one.data["receipt"] for one in received(two)}
        assert receipts == {one.ref: two.provider.ledger.get(one.id).data["receipt"] for one in documents}


def test_attempts_end_and_wait_longer_each_time(two: Pair) -> None:
    def dead(_method: str, _path: str) -> None:
        raise Lost()

    document = sent(two)
    two.network.before = dead
    waits = []
    for _ in range(100):
        transfer.work(two.provider)
        document = two.provider.ledger.get(document.id)
        if document.state == "parked":
            break
        following = transfer.next_attempt(document, two.provider.settings.exchange_backoff)
        waits.append((following - two.clock[0]).total_seconds())
        before = len(document.actions)
        transfer.work(two.provider)  # too early
        assert len(two.provider.ledger.get(document.id).actions) == before
        two.tick(waits[-1])
    assert document.state == "parked"
    assert document.data["error"]["code"] == "QM-EXCHANGE-086"
    assert document.data["error"]["cause"]["code"] == Lost.code
    assert len(waits) == two.provider.settings.exchange_attempts - 1
    assert all(1.5 * 2**n <= one <= 2 * 2**n for n, one in enumerate(waits))
    two.network.before = lambda method, path: None
    command.retry(two.provider, document.ref, "somebody")
    two.run()
    assert state(two, document) == "acknowledged"


def test_the_wait_is_an_hour_at_most(two: Pair) -> None:
    document = two.provider.ledger.act(sent(two).id, "send")
    for _ in range(40):
        document = two.provider.ledger.act(document.id, "retry", {"error": {"code": "x"}, "there": 0})
    wait = (transfer.next_attempt(document, 2.0) - two.clock[0]).total_seconds()
    assert 2700 <= wait <= 3600


def test_an_attempt_that_got_further_starts_counting_anew(two: Pair) -> None:
    document = two.provider.ledger.act(sent(two).id, "send")
    for there in (0, 0, 0, 5, 5):
        document = two.provider.ledger.act(document.id, "retry", {"error": {"code": "x"}, "there": there})
    assert transfer._tried(document) == 2


def test_only_what_is_missing_is_sent_again(two: Pair) -> None:
    document = sent(two)
    left = [4]

    def cut(method: str, _path: str) -> None:
        if method == "PUT":
            left[0] -= 1
            if left[0] < 0:
                raise Lost()

    two.network.before = cut
    transfer.work(two.provider)
    two.network.before = lambda method, path: None
    before = len([one for one in two.network.said if one[1] == "PUT"])
    two.run()
    puts = [one for one in two.network.said if one[1] == "PUT"]
    chunks = document.data["manifest"]["chunks"]
    assert state(two, document) == "acknowledged"
    assert len(puts) - before == chunks - 4


def test_a_suspended_agreement_stops_both_sides_and_a_resumed_one_goes_on(two: Pair) -> None:
    document = sent(two)

    def suspend(method: str, path: str) -> None:
        if path.endswith("/chunks/3"):
            two.suspend()

    two.network.after = suspend
    transfer.work(two.provider)
    two.network.after = lambda method, path: None
    assert state(two, document) == "stopped"
    taking.work(two.consumer)
    assert [one.state for one in received(two)] == ["stopped"]
    puts = len([one for one in two.network.said if one[1] == "PUT"])
    two.tick(100)
    transfer.work(two.provider)
    assert state(two, document) == "stopped"
    assert len([one for one in two.network.said if one[1] == "PUT"]) == puts
    two.suspend(False)
    two.run()
    assert state(two, document) == "acknowledged"
    assert arrived(two) == [NOISE]


def test_an_agreement_that_ends_before_it_is_taken_in_takes_nothing_in(two: Pair) -> None:
    document = sent(two)
    transfer.work(two.provider)
    assert state(two, document) == "sent"
    two.suspend()
    taking.work(two.consumer)
    assert [one.state for one in received(two)] == ["stopped"]
    assert arrived(two) == []
    two.suspend(False)
    two.run()
    assert arrived(two) == [NOISE]
    assert state(two, document) == "acknowledged"


def test_two_processes_do_not_send_one_delivery_at_once(two: Pair) -> None:
    from quanmin.ledger import Leases

    document = sent(two)
    with Leases(two.provider.ledger) as lease:
        lease.take(f"exchange delivery {document.ref}")
        transfer.work(two.provider)
        assert two.network.said == []
    transfer.work(two.provider)
    assert state(two, document) == "sent"


def test_a_member_without_an_address_fetches(tmp_path: Path) -> None:
    with pair(tmp_path, consumer_address=None) as two:
        documents = [sent(two, rows=3), sent(two, source=b"x")]
        two.run()
        assert [state(two, one) for one in documents] == ["acknowledged"] * 2
        assert arrived(two) == [NOISE, b"x"]
        assert {sender for sender, *_ in two.network.said} == {"health"}


def test_by_hand_deliveries_are_listed_parked_resent_and_cancelled(two: Pair) -> None:
    document = sent(two, rows=2)
    command.park(two.provider, document.ref, "wait", "somebody")
    two.run()
    assert state(two, document) == "parked"
    command.retry(two.provider, document.ref, "somebody")
    two.run()
    command.resend(two.provider, document.ref, "lost there", "somebody")
    two.run()
    assert state(two, document) == "acknowledged"
    assert len(arrived(two)) == 1
    other = sent(two)
    command.park(two.provider, other.ref, "wait", "somebody")
    command.cancel(two.provider, other.ref, "wrong file", "somebody")
    assert not place.out(two.provider.settings.home, other.ref).exists()
    rows = command.listing(two.provider, agreement=two.terms.id)
    assert [(one["delivery"], one["state"]) for one in rows] == [
        (document.ref, "acknowledged"),
        (other.ref, "cancelled"),
    ]
    assert [one["direction"] for one in command.listing(two.consumer)] == ["in"]
    assert "resend" in [one["action"] for one in command.timeline(two.provider.ledger.get(document.id))]
    assert command.listing(two.provider, state="cancelled")[0]["delivery"] == other.ref


def test_the_file_that_arrives_has_the_digest_of_the_manifest(two: Pair) -> None:
    document = sent(two, source=b"a,b\n" * 100_000)
    two.run()
    assert hashlib.sha256(arrived(two)[0]).hexdigest() == document.data["manifest"]["sha256"]
    assert document.data["manifest"]["chunks"] < 20  # compressed
