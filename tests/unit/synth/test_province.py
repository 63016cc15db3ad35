"""Files without errors pass every rule; files with errors fail exactly where the truth says; the same seed, the same bytes."""

import hashlib
import json
import subprocess
import sys
import textwrap
from collections import Counter
from dataclasses import fields
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanmin import standards, synth
from quanmin.standards import kernels
from quanmin.standards.conformance import check_chunk
from quanmin.synth.errors import FolderTaken, PersonsOutOfRange, UnknownFormats, UnknownProvince
from quanmin.synth.pool import pools
from quanmin.synth.territory import Territory

PERSONS = 6_000
RATES = synth.ErrorRates(
    benchmark=1.0,
    impossible_date=0.002,
    future_date=0.002,
    bad_code=0.003,
    wrong_region=0.003,
    abolished_region=0.003,
    after_death=0.2,
    other_death_date=0.1,
)
BY_ROW = ("E01", "E04", "E05", "E10", "E11", "E12", "E14")


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    directory = tmp_path_factory.mktemp("clean")
    synth.write(directory, PERSONS, 3, formats="parquet", errors=synth.ErrorRates.none())
    return directory


@pytest.fixture(scope="module")
def dirty(tmp_path_factory):
    directory = tmp_path_factory.mktemp("dirty")
    synth.write(directory, PERSONS, 3, formats="parquet", errors=RATES)
    return directory


def checked(file):
    dataset = standards.catalogue().dataset(file.name.removesuffix(".parquet"))
    table = pq.read_table(file)
    named = {dataset.resolve(title): table[title].combine_chunks() for title in table.column_names}
    columns = {e.name: named.get(e.name, pa.nulls(table.num_rows, pa.string())) for e in dataset.elements}
    return dataset, check_chunk(dataset, pa.table(columns))


def files(directory):
    found = sorted(directory.glob("*.parquet"))
    assert len(found) == 14
    return found


def test_clean_files_pass_every_rule(clean):
    for file in files(clean):
        dataset, result = checked(file)
        assert result.failing == {}, dataset.id
        assert result.typed.num_rows > 0


def test_errors_are_found_exactly_where_the_truth_says(dirty):
    truth = pq.read_table(dirty / "truth" / "errors.parquet").to_pylist()
    seen = Counter()
    for file in files(dirty):
        dataset, result = checked(file)
        found = {
            (int(row) + 1, dataset.rule(rule).code)
            for rule, mask in result.failing.items()
            for row in np.flatnonzero(mask)
            if dataset.rule(rule).code
        }
        expected = {(e["row"], e["code"]) for e in truth if e["dataset"] == dataset.id and e["code"] in BY_ROW}
        assert found == expected, dataset.id
        seen.update(code for _, code in expected)
    assert set(seen) == set(BY_ROW)


def test_a_copy_comes_after_its_original_and_has_its_key(dirty):
    copies = [e for e in pq.read_table(dirty / "truth" / "errors.parquet").to_pylist() if e["code"] == "E07"]
    assert copies
    for entry in copies:
        dataset = standards.catalogue().dataset(entry["dataset"])
        table = pq.read_table(dirty / f"{dataset.id}.parquet").select(
            [dataset.element(k).title.zh for k in dataset.key]
        )
        rows = table.to_pylist()
        assert rows[entry["row"] - 1] in rows[: entry["row"] - 1]


def test_a_row_has_at_most_one_error(dirty):
    truth = [e for e in errors(dirty) if e["kind"] != "stale"]
    assert max(Counter((e["dataset"], e["row"]) for e in truth).values()) == 1


KINDS = {
    "mistyped_number": "E01",
    "transposed_number": "E01",
    "old_number": None,
    "lower_case": None,
    "full_width": None,
    "not_in_benchmark": "E02",
    "wrong_character": "E03",
    "misnamed_in_benchmark": "E03",
    "wrong_name_in_benchmark": None,
    "former_name": None,
    "variant_character": "E13",
    "wrong_sex": "E04",
    "swapped_birth_date": "E05",
    "shared_number": "E06",
    "duplicate": "E07",
    "after_death": "E08",
    "other_death_date": "E09",
    "wrong_region": "E10",
    "abolished_region": "E10",
    "bad_code": "E11",
    "missing_value": "E12",
    "missing_number": "E12",
    "impossible_date": "E14",
    "future_date": "E14",
    "stale": None,
}


def test_every_kind_of_error_and_every_code_is_made(dirty):
    assert {(e["kind"], e["code"]) for e in errors(dirty)} == set(KINDS.items())
    assert {code for code in KINDS.values() if code} == set(standards.catalogue().error_codes)
    rates = {field.name for field in fields(synth.ErrorRates)} - {"benchmark"}
    assert rates <= set(KINDS), "a rate that names no kind puts nothing in"


def test_an_abolished_region_was_one_and_only_its_day_is_wrong(dirty):
    catalogue = standards.catalogue()
    entries = [e for e in errors(dirty) if e["kind"] == "abolished_region"]
    assert len({e["dataset"] for e in entries}) > 5
    for entry in entries:
        dataset = catalogue.dataset(entry["dataset"])
        row = stated(dirty, dataset.id)[entry["row"] - 1]
        code, day = row[entry["element"]], date.fromisoformat(row[dataset.rule(f"{entry['element']}.region").on])
        assert catalogue.regions.ever_valid(code) and not catalogue.regions.valid_on(code, day)
        assert max(region.valid_to for region in catalogue.regions.history(code)) < day


def test_a_stale_value_is_not_the_present_one(dirty):
    """Registered addresses, residences, levels of education and workplaces that agencies keep from earlier."""
    records = pq.read_table(dirty / "truth" / "records.parquet").to_pylist()
    person = {(r["dataset"], r["row"]): r["person_id"] for r in records}
    truth = {p["person_id"]: p for p in pq.read_table(dirty / "truth" / "persons.parquet").to_pylist()}
    items = {"employer_name": "workplace", "residence_address": "residence", "address": "residence"}
    seen = Counter()
    for entry in (e for e in errors(dirty) if e["kind"] == "stale"):
        row = stated(dirty, entry["dataset"])[entry["row"] - 1]
        true = truth[person[entry["dataset"], entry["row"]]][items.get(entry["element"], entry["element"])]
        assert row[entry["element"]] is not None and row[entry["element"]] != true, entry
        seen[entry["element"]] += true is not None
    assert set(seen) == {*items, "registered_address", "education", "workplace", "marital_status"}
    assert min(seen.values()) > 0


def errors(directory):
    return pq.read_table(directory / "truth" / "errors.parquet").to_pylist()


@cache
def stated(directory, name):
    """The rows of a file by element."""
    dataset = standards.catalogue().dataset(name)
    table = pq.read_table(directory / f"{dataset.id}.parquet")
    return table.rename_columns([dataset.resolve(title) for title in table.column_names]).to_pylist()


def test_pupils_are_the_children_of_nine_forms(clean):
    """Entered at six or seven on 1 September, as many as nationally; double, temporary and missing numbers are there."""
    rows = stated(clean, "education.pupil")
    persons = pq.read_table(clean / "truth" / "persons.parquet").to_pylist()
    records = pq.read_table(clean / "truth" / "records.parquet").to_pylist()
    who = [r["person_id"] for r in records if r["dataset"] == "education.pupil"]
    age = Counter(
        entered.year - born.year - ((born.month, born.day) > (8, 31))
        for born, entered in ((day(row["birth_date"]), day(row["enrolled_on"])) for row in rows)
    )
    assert set(age) == {6, 7} and 0.01 < age[7] / len(rows) < 0.08
    assert {(day(row["enrolled_on"]).month, day(row["enrolled_on"]).day) for row in rows} == {(9, 1)}
    assert {int(row["form"]) for row in rows} == set(range(1, 10))
    school_age = {
        p["person_id"]
        for p in persons
        if date(2001, 9, 1) <= p["birth_date"] <= date(2008, 8, 31) and not p["death_date"]
    }
    assert len(school_age) > 400 and len(school_age - set(who)) <= 0.005 * len(school_age)
    kinds = Counter(row["pupil_number"][0] for row in rows)
    assert kinds["G"] > 0.8 * len(rows) and kinds["L"] > 0.05 * len(rows) and kinds["J"] > 0
    assert all(row["pupil_number"][1:] == row["citizen_number"] for row in rows if row["pupil_number"][0] == "G")
    assert all((row["citizen_number"] is None) == (row["pupil_number"][0] == "J") for row in rows)
    assert len({row["pupil_number"] for row in rows}) == len(rows) and max(Counter(who).values()) == 2
    assert {"1", "3", "8"} <= {row["status"] for row in rows}


def day(text):
    return date.fromisoformat(text)


def test_numbers_are_unique_but_for_the_shared_ones(clean, dirty):
    keys = pq.read_table(clean / "truth" / "persons.parquet")["person_key"].to_numpy()
    assert len(np.unique(keys)) == PERSONS
    keys = pq.read_table(dirty / "truth" / "persons.parquet")["person_key"].to_numpy()
    assert len(np.unique(keys)) == PERSONS - round(PERSONS * RATES.shared_number)


def test_numbers_are_unique_across_partitions(tmp_path, monkeypatch):
    monkeypatch.setattr("quanmin.synth.province.PARTITION", 500)
    synth.write(tmp_path, 3_000, 9, formats="parquet", errors=synth.ErrorRates.none())
    persons = pq.read_table(tmp_path / "truth" / "persons.parquet")
    assert len(np.unique(persons["person_key"].to_numpy())) == 3_000
    partition = dict(zip(persons["citizen_number"].to_pylist(), np.arange(3_000) // 500, strict=True))
    rows = stated(tmp_path, "public_security.household_registration")
    assert max(Counter((row["household_no"], row["member_no"]) for row in rows).values()) == 1
    homes = {}
    for row in rows:
        homes.setdefault(row["household_no"], set()).add(partition[row["citizen_number"]])
    assert len(homes) > 600 and all(len(partitions) == 1 for partitions in homes.values())
    assert len({partition for partitions in homes.values() for partition in partitions}) == 6


def test_memory_does_not_grow_with_the_people(tmp_path):
    """The peak of a process that writes six times the people in partitions of one size, in MiB.

    What may grow is the register of numbers, until every page of it (65 MiB) is in use.
    """
    code = """
        import resource, sys
        from pathlib import Path
        from quanmin.synth import province, sink
        province.PARTITION, sink.ROW_GROUP = 2_000, 4_000
        province.write(sys.argv[1], int(sys.argv[2]), 3, formats="parquet")
        status = Path("/proc/self/status")  # ru_maxrss of a child begins with what its parent had
        lines = status.read_text().splitlines() if status.exists() else []
        peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
        print((peaks[0] if peaks else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) // 1024)
    """
    peaks = [
        int(subprocess.check_output([sys.executable, "-c", textwrap.dedent(code), str(tmp_path / str(n)), str(n)]))
        for n in (16_000, 96_000)
    ]
    assert peaks[1] - peaks[0] < 50, peaks


def test_the_truth_covers_every_row_and_its_numbers_are_sound(dirty):
    records = Counter(pq.read_table(dirty / "truth" / "records.parquet")["dataset"].to_pylist())
    for file in files(dirty):
        assert records[file.name.removesuffix(".parquet")] == pq.read_metadata(file).num_rows
    persons = pq.read_table(dirty / "truth" / "persons.parquet")
    number = persons["citizen_number"].combine_chunks().drop_null()
    assert len(number) > 0.95 * PERSONS
    key = persons.filter(persons["citizen_number"].is_valid())["person_key"].combine_chunks()
    assert kernels.encode(number).equals(key)


def test_no_sign_of_life_after_death_without_an_error(clean):
    persons = pq.read_table(clean / "truth" / "persons.parquet")
    died = dict(zip(persons["person_key"].to_pylist(), persons["death_date"].to_pylist(), strict=True))
    for name in ("health.ncms_enrolment", "social_security.employment", "health.whole_population"):
        dataset, result = checked(clean / f"{name}.parquet")
        days = result.typed[dataset.event_date].to_pylist()
        for key, day in zip(result.person_key.to_pylist(), days, strict=True):
            assert died.get(key) is None or day <= died[key]


def digests(directory):
    found = sorted(path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_threads(tmp_path, monkeypatch):
    monkeypatch.setattr("quanmin.synth.province.PARTITION", 700)
    for threads in (1, 3):
        synth.write(tmp_path / str(threads), 2_000, 5, threads=threads)
    assert digests(tmp_path / "1") == digests(tmp_path / "3")
    synth.write(tmp_path / "other", 2_000, 6)
    assert digests(tmp_path / "other") != digests(tmp_path / "1")


def test_native_files_can_be_read_in_their_formats(tmp_path):
    report = synth.write(tmp_path, 1_500, 4)
    csv = (tmp_path / report.files["public_security.household_registration"]).read_bytes().decode("gb18030")
    assert len(csv.splitlines()) == report.records["public_security.household_registration"] + 1
    assert csv.startswith("户号,户内序号")
    lines = (tmp_path / report.files["health.death"]).read_text("utf-8").splitlines()
    assert [json.loads(line)["死亡证明编号"][0] for line in lines] == ["S"] * report.records["health.death"]
    assert {name.split(".", 2)[2] for name in report.files.values()} >= {
        "csv",
        "xlsx",
        "ndjson",
        "ndjson.gz",
        "parquet",
    }


def test_another_province(tmp_path):
    synth.write(tmp_path, 500, 1, formats="parquet", province="42")
    table = pq.read_table(tmp_path / "public_security.household_registration.parquet")
    assert {code[:2] for code in table["户籍地行政区划"].to_pylist()} == {"42"}


def test_what_cannot_be_simulated_is_refused(tmp_path):
    with pytest.raises(PersonsOutOfRange):
        synth.write(tmp_path, 0, 1)
    with pytest.raises(UnknownFormats):
        synth.write(tmp_path, 10, 1, formats="pdf")
    with pytest.raises(UnknownProvince):
        synth.write(tmp_path, 10, 1, province="99")
    (tmp_path / "letter.txt").write_text("somebody's")
    (tmp_path / "truth").rmdir()
    with pytest.raises(FolderTaken):
        synth.write(tmp_path, 10, 1)


def test_no_table_of_texts_holds_one_twice():
    """Arrow writes a dictionary with a repeated text one way or another: the bytes would depend on chance."""
    territory = Territory(standards.catalogue().regions, "13", 5)
    tables = [table for table in vars(pools(territory, 5)).values() if isinstance(table, pa.Array)]
    assert len(tables) == 13
    for table in tables:
        assert len(set(table.to_pylist())) == len(table)


def test_the_second_bearer_of_a_shared_number_stands_later_in_the_benchmark(tmp_path):
    synth.write(tmp_path, 3_000, 8, formats="parquet", errors=synth.ErrorRates(shared_number=0.02))
    table = pq.read_table(tmp_path / "public_security.household_registration.parquet")
    numbers, names = table["公民身份号码"].to_pylist(), table["姓名"].to_pylist()
    shared = [number for number, count in Counter(numbers).items() if number and count == 2]
    assert len(shared) > 40
    second = {number: names[len(names) - 1 - numbers[::-1].index(number)] for number in shared}
    errors = {e["row"] for e in pq.read_table(tmp_path / "truth" / "errors.parquet").to_pylist() if is_second(e)}
    people = pq.read_table(tmp_path / "health.whole_population.parquet").select(["公民身份号码", "姓名"]).to_pylist()
    told = [(p["公民身份号码"], p["姓名"]) for row, p in enumerate(people, start=1) if row in errors]
    assert len(told) > 40
    assert all(second.get(number) == name for number, name in told)


def is_second(entry):
    return entry["dataset"] == "health.whole_population" and entry["code"] == "E06"
