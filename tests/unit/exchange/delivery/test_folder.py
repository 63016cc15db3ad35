"""The exchange by files: what is finished is delivered once, what is not is left, and answers lie ready."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.unit.exchange.delivery.network import Pair

from quanmin.exchange.delivery import command, folder, place
from quanmin.exchange.delivery.errors import FolderUnusable


@pytest.fixture
def box(two: Pair, tmp_path: Path) -> Path:
    """The folder of the agreement into which the provider puts files."""
    folder.tend(two.provider, tmp_path / "box")
    return tmp_path / "box" / folder.TO / two.terms.id


def look(two: Pair, box: Path, **more) -> dict[str, int]:
    return folder.tend(two.provider, box.parents[1], **more).to_dict()


def put(box: Path, name: str, content: bytes = b"a\n1\n", done: bool = True) -> None:
    (box / name).write_bytes(content)
    if done:
        (box / f"{name}.done").touch()


def answers(two: Pair, box: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in (box.parents[1] / folder.FROM / two.terms.id).iterdir()}


def test_a_finished_file_is_delivered_and_its_receipt_lies_ready(two: Pair, box: Path) -> None:
    put(box, "births.csv")
    assert look(two, box) == {"sent": 1, "known": 0, "refused": 0, "brought": 0}
    assert sorted(one.name for one in box.iterdir()) == ["taken"]
    two.run()
    assert look(two, box)["brought"] == 1
    told = json.loads(answers(two, box)["000001-births.csv.receipt.json"])
    assert (told["state"], told["file"], told["receipt"].count(".")) == ("acknowledged", "births.csv", 2)
    (box.parents[1] / folder.FROM / two.terms.id / "000001-births.csv.receipt.json").unlink()
    assert look(two, box)["brought"] == 0  # what was taken away does not come again


def test_what_is_not_finished_is_left_alone(two: Pair, box: Path) -> None:
    put(box, "half.csv", done=False)
    put(box, "other.csv.part", done=False)
    assert look(two, box)["sent"] == 0
    assert sorted(one.name for one in box.iterdir()) == ["half.csv", "other.csv.part", "taken"]
    os.replace(box / "other.csv.part", box / "other.csv")
    (box / "half.csv").unlink()
    assert look(two, box)["sent"] == 0
    assert look(two, box, renamed=True)["sent"] == 1


def test_the_same_file_twice_is_one_delivery(two: Pair, box: Path) -> None:
    for name, known in (("births.csv", 0), ("births.csv", 1), ("again.csv", 1)):
        put(box, name)
        assert look(two, box)["known"] == known
    assert len(command.listing(two.provider)) == 1
    put(box, "births.csv", b"a\n2\n")
    look(two, box)
    assert len(command.listing(two.provider)) == 2


def test_a_file_whose_delivery_was_cancelled_may_come_again(two: Pair, box: Path) -> None:
    put(box, "births.csv")
    look(two, box)
    [one] = command.listing(two.provider)
    command.cancel(two.provider, one["delivery"], "wrong", "somebody")
    put(box, "births.csv")
    assert look(two, box)["sent"] == 1


def test_names_with_tricks_links_and_folders_are_not_taken(two: Pair, box: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (box / "link.csv").symlink_to(tmp_path / "secret")
    (box / "link.csv.done").touch()
    (box / "folder.csv").mkdir()
    (box / "folder.csv.done").touch()
    put(box, "a\\b.csv")
    put(box, "\u202egnp.csv")
    assert look(two, box) == {"sent": 0, "known": 0, "refused": 2, "brought": 0}
    told = answers(two, box)
    assert {json.loads(one)["code"] for one in told.values()} == {"QM-EXCHANGE-087"}
    assert all(name.startswith("name-") for name in told)


def test_an_agreement_that_does_not_stand_takes_nothing(two: Pair, box: Path) -> None:
    put(box, "births.csv")
    two.suspend()
    assert look(two, box)["sent"] == 0
    two.suspend(False)
    assert look(two, box)["sent"] == 1


def test_what_came_in_lies_ready_once(two: Pair, box: Path) -> None:
    own = place.kept(two.provider.settings.home, two.terms.id)
    own.mkdir(parents=True)
    (own / "000001-errors.csv").write_bytes(b"row,code\n")
    feedback = two.provider.settings.home / "exchange" / "feedback" / two.terms.id
    feedback.mkdir(parents=True)
    (feedback / "7.zip").write_bytes(b"zip")
    assert look(two, box)["brought"] == 2
    assert look(two, box)["brought"] == 0
    assert set(answers(two, box)) == {"000001-errors.csv", "7.zip"}


def test_a_folder_that_cannot_be_used_is_told(two: Pair, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderUnusable):
        folder.tend(two.provider, tmp_path / "file")
