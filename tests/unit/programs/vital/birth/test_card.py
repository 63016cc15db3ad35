"""Cards: each becomes one live row, whatever is killed meanwhile, and tells how its certificate stands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from tests.unit.programs.vital.birth.hospital import Desk

from quanmin import collect
from quanmin.programs.vital import number
from quanmin.programs.vital.birth import card
from quanmin.programs.vital.certificate import desk, replacement
from quanmin.programs.vital.certificate.application import Application, Parent
from quanmin.programs.vital.push import package, read_package


def test_a_reported_card_is_one_row_and_the_second_time_nothing_is_new(place):
    one = place.issue()
    receipt = place.collect()
    assert (receipt.read, receipt.accepted, receipt.quarantined) == (1, 1, 0)
    assert place.collect() is None
    [(key, row)] = place.rows().items()
    assert key == number.text(one)
    said = {
        "name": "王小明",
        "standing": "1",
        "issue": "1",
        "plurality_count": 1,
        "parity": 1,
        "mother_residence": "370102",
    }
    assert {name: row[name] for name in said} == said
    assert row["issued_on"] == row["reported_on"] == dt.date(2026, 10, 10)
    assert row["_flags"] is None or "institution_code" in row["_flags"]


def test_what_was_sealed_without_a_card_waits(place):
    place.issue(card=False)
    assert place.collect() is None


def test_a_kill_between_collecting_and_marking_counts_once(place, monkeypatch):
    place.issue()

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(card, "_mark", killed)
        with pytest.raises(KeyboardInterrupt):
            place.collect()
    place.issue(place.application(order=4, name="王二明"))
    first = place.collect()
    assert first.read == 1  # the gathering that was left, the same bytes, the same batch
    assert place.collect().read == 1
    assert [one.state for one in collect.receipts(place.lake)] == ["accepted", "accepted"]
    assert len(place.rows()) == 2


def test_an_exchange_takes_the_place_of_the_first_once_its_own_card_is_there(place):
    old = place.issue()
    place.collect()
    new = place.exchange(old, place.application(name="王晓明"), card=False)
    assert place.collect() is None
    assert place.rows()[number.text(old)]["standing"] == "1"
    desk.card(place.office, new)
    assert place.collect().read == 2
    rows = place.rows()
    assert (rows[number.text(old)]["standing"], rows[number.text(new)]["standing"]) == ("3", "1")
    assert rows[number.text(new)]["previous_certificate_no"] == number.text(old)
    assert place.collect() is None


def test_lost_and_cancelled_certificates_are_told_again(place):
    one, other = place.issue(), place.issue(place.application(order=4))
    place.collect()
    replacement.lose(place.office, one, "齐鲁晚报")
    replacement.cancel(place.office, other, "no_birth")
    assert place.collect().supersedes == 2
    assert {key: row["standing"] for key, row in place.rows().items()} == {
        number.text(one): "2",
        number.text(other): "4",
    }


def test_a_mother_with_a_passport_and_no_father_stated(place):
    born = dt.date(1995, 1, 2)
    says = place.application()
    mother = Parent("MARIA SILVA", "03", "P1234567", born, nationality="076")
    given = {"no_father_declaration": "1"}
    recipient = type(says.recipient)("MARIA SILVA", "mother")
    place.issue(Application(says.newborn, mother, None, recipient, evidence=given))
    assert place.collect().accepted == 1
    [row] = place.rows().values()
    assert (row["mother_number"], row["mother_document_no"], row["mother_document_type"]) == (None, "P1234567", "03")
    assert (row["father_name"], row["father_number"]) == (None, None)


def test_on_either_kind_of_ledger(either_lake):
    place = Desk(Path(), either_lake)
    old = place.issue()
    assert place.collect().accepted == 1
    place.exchange(old, place.application(name="王晓明"))
    assert (place.collect().read, place.collect()) == (2, None)
    assert {row["standing"] for row in place.rows().values()} == {"1", "3"}
    place.at = dt.datetime(2026, 11, 3, 4, tzinfo=dt.UTC)
    assert [part.rows for part in read_package(package(place.office, "2026-10")).parts] == [4, 7, 3, 2, 4]
