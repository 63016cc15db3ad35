"""The base built on a cluster is the base built here, row for row; a cluster that fails leaves nothing half written."""

from __future__ import annotations

import hashlib
import os
import pickle
import socket
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import SecretStr

from quanmin import collect, population, standards, synth, trust
from quanmin.lake import Lake
from quanmin.lake.cluster import Outpost, spread, without_secrets
from quanmin.lake.errors import ClusterFailed, ClusterUnreachable, NoCluster
from quanmin.population import linkage
from quanmin.population.review import merge
from quanmin.settings import Settings
from quanmin.trust.actor import ADMINISTRATOR
from quanmin.trust.policy import expected
from quanmin.trust.policy.role import typical

SPARK = "QUANMIN_TEST_SPARK"
TABLES = ("linked.person", "linked.statement", "linked.discrepancy")
PEOPLE = 600


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small province."""
    folder = tmp_path_factory.mktemp("province")
    synth.write(folder, PEOPLE, 7, formats="parquet")
    return folder


def collected(home: Path, files: Path, spark: str | None) -> Lake:
    lake = Lake.open(Settings(home=home, spark=spark, buckets=4))
    for dataset in standards.catalogue().datasets.values():
        for file in files.glob(f"{dataset.id}.*"):
            collect.collect(lake, dataset.id, file, dataset.steward, trust.local_administrator())
    return lake


def digests(lake: Lake) -> dict[str, str]:
    """Each table of the base as the digest of its rows in order."""
    found = {}
    with lake.session("population") as session:
        for table in TABLES:
            rows = session.connection.sql(f"SELECT * FROM {session.relation(table)} ORDER BY ALL").to_arrow_table()
            assert rows.num_rows
            found[table] = hashlib.sha256(str(rows.to_pylist()).encode()).hexdigest()
    return found


def withdrawn(lake: Lake) -> None:
    """Take the deaths that hospitals reported back, which concerns some people."""
    batch = next(b for b in lake.ledger.find("batch") if b.data["dataset"] == "health.death")
    collect.withdraw(lake, batch.id, trust.local_administrator(), "sent by mistake")


def test_a_cluster_builds_the_same_base(tmp_path: Path, files: Path, cluster: str) -> None:
    with collected(tmp_path / "home", files, cluster) as lake:
        population.build(lake, full=True)
        assert linkage.link(lake).attach
        here = population.build(lake, full=True)
        assert here.linked
        expected = digests(lake)
        there = population.build(lake, full=True, engine="spark")
        assert digests(lake) == expected
        assert (there.records, there.people, there.errors) == (here.records, here.people, here.errors)
        assert there.linked == here.linked
        withdrawn(lake)
        part = population.build(lake, engine="spark")
        assert not part.full and 0 < part.computed < there.computed
        changed = digests(lake)
        assert changed != expected
        population.build(lake, full=True)
        assert digests(lake) == changed


def test_merged_numbers_are_one_person_on_a_cluster_too(tmp_path: Path, files: Path, sail: str) -> None:
    """Also where only part of the base is built."""
    with collected(tmp_path / "home", files, sail) as lake:
        population.build(lake)
        before = digests(lake)
        with lake.session("linkage") as session:
            query = f"SELECT person_key FROM {session.relation('linked.person')} ORDER BY hash(person_key) LIMIT 6"
            keys = [key for (key,) in session.connection.execute(query).fetchall()]
        with lake.ledger.writing() as connection:
            for old, surviving in zip(keys[::2], keys[1::2], strict=True):
                merge.make(lake, connection, old, surviving, 0, "reviewer")
        assert not population.build(lake, engine="spark").full
        merged = digests(lake)
        assert merged != before
        population.build(lake, full=True)
        assert digests(lake) == merged
        population.build(lake, full=True, engine="spark")
        assert digests(lake) == merged


def test_superseded_rows_are_superseded_on_a_cluster_too(tmp_path: Path, files: Path, sail: str) -> None:
    with collected(tmp_path / "home", files, sail) as lake:
        again = tmp_path / "again.parquet"
        dataset = standards.catalogue().dataset("social_security.employment")
        rows = pa.parquet.read_table(next(files.glob(f"{dataset.id}.*")))
        titles = {dataset.resolve(title): title for title in rows.column_names}
        place = rows.column_names.index(titles["employer_name"])
        renamed = rows.set_column(place, titles["employer_name"], pa.array(["新单位"] * rows.num_rows))
        pa.parquet.write_table(renamed, again)
        receipt = collect.collect(lake, dataset.id, again, dataset.steward, trust.local_administrator())
        assert receipt.supersedes
        population.build(lake, full=True)
        expected = digests(lake)
        population.build(lake, full=True, engine="spark")
        assert digests(lake) == expected


DECISIONS = (
    (ADMINISTRATOR, "supervision", "linked.person"),  # masked
    ("researcher", "research", "linked.person"),  # pseudonyms and coarser forms
    ("supervisor", "supervision", "linked.person"),  # rows of one division
    ("clinician", "treatment", "health.birth"),  # rows of one person
    (ADMINISTRATOR, "supervision", "social_security.employment"),  # superseded rows
    ("statistician", "statistics", "health.whole_population"),
)


def _told(table: pa.Table) -> tuple[pa.Schema, str]:
    rows = sorted(map(str, table.to_pylist()))
    return table.schema, hashlib.sha256("\n".join(rows).encode()).hexdigest()


def test_the_gate_shows_the_same_on_a_cluster(tmp_path: Path, files: Path, cluster: str) -> None:
    with collected(tmp_path / "home", files, cluster) as lake:
        again = tmp_path / "again.parquet"
        pa.parquet.write_table(pa.parquet.read_table(next(files.glob("social_security.employment.*"))), again)
        assert collect.collect(
            lake, "social_security.employment", again, "social_security", trust.local_administrator()
        ).supersedes
        population.build(lake)
        withdrawn(lake)
        population.build(lake)  # in layers
        with lake.session("population") as session:
            query = f"SELECT min(person_key) FROM {session.live('health.birth')}"
            [(somebody,)] = session.connection.execute(query).fetchall()
        division = f"{str(somebody)[:4]}00"
        few = DECISIONS if cluster != os.environ.get(SPARK) else DECISIONS[:2]  # a session there takes seconds
        for role, purpose, dataset in few:
            context = replace(expected.situation_of("full", purpose), person=somebody if role == "clinician" else None)
            actor = typical(role, region=division)
            made = trust.decide(lake.ledger, actor, purpose, dataset, expected.columns_of(dataset), "C-1", context)
            reading = lake.read(made)
            here, there = reading.fetch(), reading.fetch("spark")
            assert here.num_rows and _told(there) == _told(here), (role, dataset)
            clear = [c.name for c in made.columns if c.outcome == "clear" and here[c.name][0].as_py() is not None]
            if clear:
                narrow = reading.where(**{clear[0]: here[clear[0]][0].as_py()})
                assert narrow.fetch().num_rows and _told(narrow.fetch("spark")) == _told(narrow.fetch())
        reads = [one.fields["rows"] for one in trust.audit.entries(lake.ledger, "read")]
        assert len(reads) >= 2 * len(few)
        begun = [one.sequence for one in trust.audit.entries(lake.ledger, trust.audit.BEGUN)]
        ended = [one.fields for one in trust.audit.entries(lake.ledger, "read")]
        assert [one["begun"] for one in ended] == begun and {one["ended"] for one in ended} == {"whole"}
    with Lake.open(Settings(home=tmp_path / "home", buckets=4)) as alone, pytest.raises(NoCluster):
        made = trust.decide(alone.ledger, trust.local_administrator(), "supervision", "linked.person", ("sex",), "C-1")
        alone.read(made).fetch("spark")


def test_no_secret_travels_to_a_cluster() -> None:
    settings = Settings(passphrase=SecretStr("correct horse"), ledger="postgresql://u:word@db/x", spark="sc://x")
    sent = pickle.dumps(without_secrets(settings))
    assert b"correct horse" not in sent and b"word" not in sent


def test_no_cluster_and_one_that_nobody_runs(tmp_path: Path, files: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    for address, error in ((None, NoCluster), (f"sc://127.0.0.1:{port}", ClusterUnreachable)):
        with collected(tmp_path / str(address is None), files, address) as lake:
            population.build(lake)
            before, snapshot = digests(lake), lake.snapshot().id
            with pytest.raises(error):
                population.build(lake, full=True, engine="spark")
            assert (digests(lake), lake.snapshot().id) == (before, snapshot)
            population.build(lake, full=True)
            assert digests(lake) == before


def test_answers_come_in_the_order_of_the_pieces(cluster: str) -> None:
    def squared(piece: int) -> int:  # defined here, so that it travels by value: workers do not have the tests
        return piece * piece

    settings = Settings(spark=cluster)
    assert spread(settings, squared, list(range(20))) == [n * n for n in range(20)]
    assert spread(settings, squared, []) == []


def test_a_piece_that_fails_fails_the_whole_and_tells_no_value(cluster: str) -> None:
    def failing(piece: int) -> int:
        if piece == 3:
            raise ValueError("a value that must not be told")
        return piece

    with pytest.raises(ClusterFailed) as caught:
        spread(Settings(spark=cluster), failing, list(range(5)))
    assert "must not be told" not in str(caught.value)


def test_an_outpost_that_fails_takes_its_files_along(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    rows = pa.table({"bucket": pa.array([0, 0, 0], pa.int32()), "a": [1, 2, 3]})
    with pytest.raises(RuntimeError), Outpost(settings) as outpost:
        writer = outpost.writer("linked.person", rows.schema, None)
        writer.write(rows)
        writer.close()
        assert len(list((tmp_path / "home").rglob("*.parquet"))) == 1
        raise RuntimeError
    assert not list((tmp_path / "home").rglob("*.parquet"))
