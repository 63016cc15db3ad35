"""Bills, licences and lists after a death are found and told to their senders; before it, and of namesakes, they are not."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from quanmin import collect, population, standards, synth, trust
from quanmin.lake import Lake
from quanmin.population.errors import NotBuilt
from quanmin.programs.vital.death.activity import activities, look
from quanmin.settings import Settings

SETTLEMENT = "insurance.settlement"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory):
    """A base with some dead people in it."""
    home = tmp_path_factory.mktemp("home")
    synth.write(home / "files", 400, 5, formats="parquet", errors=synth.ErrorRates.none())
    with Lake.open(Settings(home=home, threads=1)) as made:
        for dataset in ("public_security.household_registration", "health.death"):
            collect.collect(
                made, dataset, home / "files" / f"{dataset}.parquet", dataset.split(".")[0], trust.local_administrator()
            )
        population.build(made)
        yield made


def dead(lake: Lake) -> list[tuple[str, str, dt.date]]:
    """Number, name and date of death of some people."""
    with lake.session("deaths") as session:
        query = (
            "SELECT citizen_number, name, death_date FROM {} WHERE death_date IS NOT NULL ORDER BY person_key LIMIT 4"
        )
        return session.connection.execute(query.format(session.relation("linked.person"))).fetchall()


def bill(lake: Lake, path: Path, rows: list[tuple[str, str, dt.date]]) -> collect.Receipt:
    """Settlements of some people on some days."""
    titles = (
        "settlement_no",
        "line_no",
        "citizen_number",
        "name",
        "visit",
        "institution_code",
        "item_name",
        "amount",
        "settled_on",
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(titles)
        for place, (number, name, day) in enumerate(rows, start=1):
            writer.writerow(
                (f"SET{path.stem}{place:05}".upper(), place, number, name, "3", "MA0000001", "阿司匹林", "9.5", day)
            )
    return collect.collect(lake, SETTLEMENT, path, "insurance", trust.local_administrator())


def test_every_activity_is_of_a_dataset_beside_the_base():
    catalogue = standards.catalogue()
    beside = {one.id for one in catalogue.datasets.values() if one.person} - {one.id for one in catalogue.sources}
    assert {one.dataset for one in activities()} == beside
    for one in activities():
        dataset = catalogue.dataset(one.dataset)
        assert dataset.element(one.element).type == "date"
        assert one.grace >= 0


def test_without_a_base_nothing_can_be_looked_for(tmp_path):
    with Lake.open(Settings(home=tmp_path)) as empty, pytest.raises(NotBuilt):
        look(empty)


def test_activity_after_death_is_told_to_its_sender(lake, tmp_path):
    people = dead(lake)
    assert len(people) == 4
    (a, b, c, d), late, soon = people, dt.timedelta(days=91), dt.timedelta(days=90)
    rows = [
        (a[0], a[1], a[2] + late),
        (b[0], b[1], b[2] + soon),
        (c[0], "别人", c[2] + late),
        (d[0], d[1], d[2] - dt.timedelta(days=1)),
    ]
    rows = [(number, name, min(day, dt.date.today())) for number, name, day in rows]
    receipt = bill(lake, tmp_path / "one.csv", rows)
    assert receipt.accepted == 4, receipt
    report = look(lake)
    assert report.found == {SETTLEMENT: 1}
    told = population.export_feedback(lake, "insurance", tmp_path / "feedback")
    assert told.files == {f"{SETTLEMENT}.feedback.csv": 1}
    text = (tmp_path / "feedback" / f"{SETTLEMENT}.feedback.csv").read_text("utf-8-sig")
    assert "E08" in text and "settled_on" in text
    assert a[0] not in text and a[1] not in text


def test_what_was_corrected_is_told_no_more(lake, tmp_path):
    number, name, died = dead(lake)[0]
    bill(lake, tmp_path / "two.csv", [(number, name, died + dt.timedelta(days=200))])
    before = look(lake).found[SETTLEMENT]
    bill(lake, tmp_path / "two.csv", [(number, name, died)])
    assert look(lake).found[SETTLEMENT] == before - 1
