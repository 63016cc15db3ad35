"""The register: differencing against plain sets, what survives on the disk, and damage."""

import io

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.opendata.disclosure import Register, evaluate, population, profile, protect, register, released
from quanmin.opendata.disclosure import kept as stored
from quanmin.opendata.disclosure.errors import NotAPlace, RegisterDamaged, ReleaseKept, ReleaseUnnamed

HEALTH = profile("health")
PEOPLE = 60


def table(places, kinds, name="kind"):
    return pa.table({"person": pa.array(places, pa.int64()), name: pa.array(kinds, pa.string())})


def made(rows, name="kind"):
    return released(rows, [name])


def expected(new_rows, old_rows, earlier, name, other):
    """The pairs of published cells that leave a few people, by sets of people."""

    def cells(rows, column):
        protected = protect(evaluate(rows, [column]), HEALTH)
        found = {}
        for row in protected.table.to_pylist():
            label = row[column]
            inside = {
                p
                for p, k in zip(rows["person"].to_pylist(), rows[column].to_pylist(), strict=True)
                if label in ("total", k)
            }
            if row["persons"] != "*":
                found[() if label == "total" else (f"{column}={label}",)] = (inside, row["persons"])
        return found

    broken = set()
    for a, (new, shown) in cells(new_rows, name).items():
        for b, (old, told) in cells(old_rows, other).items():
            few = any(0 < len(rest) < HEALTH.smallest for rest in (new - old, old - new))
            if few and shown != told and new & old and (a == b or new <= old or old <= new):
                broken.add(("O9.difference", earlier, a, b))
    return broken


KINDS = st.lists(st.sampled_from(["x", "y", "z", None]), min_size=PEOPLE, max_size=PEOPLE)


def chosen(kinds):
    places = [place for place, kind in enumerate(kinds) if kind is not None]
    return places, [kind for kind in kinds if kind is not None]


WAYS = {"atoms": (300_000, 4), "bits": (0, 9), "one by one": (0, 0)}


@settings(deadline=None, max_examples=20)
@given(
    data=st.lists(st.tuples(st.sampled_from(["kind", "sort"]), KINDS), min_size=1, max_size=3),
    nudges=st.lists(st.integers(0, PEOPLE - 1), max_size=6),
)
def test_differences_are_those_of_plain_sets_by_every_way(tmp_path_factory, data, nudges):
    name, kinds = data[0]
    for place in nudges:  # a release that is another one but for a few people
        kinds = [*kinds[:place], None, *kinds[place + 1 :]]
    tables = [(column, table(*chosen(each), column)) for column, each in data]
    rows = table(*chosen(kinds), name)
    wanted = set()
    for number, (other, old) in enumerate(tables):
        wanted |= expected(rows, old, f"r{number}", name, other)
    held, new = [made(old, column) for column, old in tables], made(rows, name)
    for atoms, bits in WAYS.values():
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(register, "ATOMS", atoms)
            patched.setattr(register, "BITS", bits)
            folder = tmp_path_factory.mktemp("register")
            kept = Register.open(folder)
            for number, one in enumerate(held):
                kept.keep(f"r{number}", one)
            for each in (kept, Register.open(folder)):
                found = each.difference(new, HEALTH.smallest)
                assert {(one.rule, one.earlier, one.cell, one.other) for one in found} == wanted


def test_a_register_opened_again_knows_the_same(tmp_path):
    one = Register.open(tmp_path)
    one.keep("2026-1", made(table(range(100), ["x"] * 60 + ["y"] * 40)))
    new = made(table(range(97), ["x"] * 57 + ["y"] * 40))
    again = Register.open(tmp_path)
    assert list(again.releases) == ["2026-1"]
    assert again.difference(new, 8) == one.difference(new, 8) != []
    assert again.atoms == one.atoms == 3


def test_no_number_of_a_person_is_in_the_folder(tmp_path):
    Register.open(tmp_path).keep("r", made(table([5, 70_001, 70_002] * 4, ["x"] * 12)))
    held = np.load(io.BytesIO((tmp_path / "r.cells").read_bytes()[32:]))
    assert set(held.files) == {"codes", "codes_shape", "codes_kind", "members", "shown", "about"}
    assert stored.read(tmp_path, "r")[0].codes.max() <= 1
    assert stored.read_atoms(tmp_path).atom.max() <= 1


def test_a_citizen_number_is_no_place():
    rows = table([11010119900101001] * 9, ["x"] * 9)
    with pytest.raises(NotAPlace):
        population(rows, ["kind"], protect(evaluate(rows, ["kind"]), HEALTH))
    with pytest.raises(NotAPlace):
        made(table([-1] * 9, ["x"] * 9))


def test_a_release_is_kept_once_and_under_the_name_of_a_file(tmp_path):
    kept, one = Register.open(tmp_path), made(table(range(9), ["x"] * 9))
    kept.keep("r", one)
    with pytest.raises(ReleaseKept):
        kept.keep("r", one)
    for name in ("", "../r", "a/b", ".r", "r" * 101, "发布"):
        with pytest.raises(ReleaseUnnamed):
            kept.keep(name, one)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["atoms", "r.cells"]


@pytest.mark.parametrize("state", ["none", "damaged", "behind", "of another folder"])
def test_atoms_that_do_not_fit_the_releases_are_made_anew(tmp_path, state):
    kept = Register.open(tmp_path)
    kept.keep("b", made(table(range(100), ["x"] * 60 + ["y"] * 40)))
    early = (tmp_path / "atoms").read_bytes()
    kept.keep("a", made(table(range(120), ["x"] * 70 + ["y"] * 50)))
    late = (tmp_path / "atoms").read_bytes()
    other = Register.open(tmp_path / "other")
    other.keep("b", made(table(range(50), ["x"] * 20 + ["y"] * 30)))
    elsewhere = (tmp_path / "other" / "atoms").read_bytes()
    content = {"none": None, "damaged": late[:200] + b"!" + late[201:], "behind": early, "of another folder": elsewhere}
    (tmp_path / "atoms").unlink()
    if (written := content[state]) is not None:
        (tmp_path / "atoms").write_bytes(written)
    again, new = Register.open(tmp_path), made(table(range(97), ["x"] * 57 + ["y"] * 40))
    assert again.atoms == kept.atoms
    told = [sorted(map(str, each.difference(new, 8))) for each in (again, kept)]
    assert told[0] == told[1] != []
    assert stored.read_atoms(tmp_path).releases.keys() == {"a", "b"}


@pytest.mark.parametrize("harm", ["cut", "changed", "gone", "empty"])
def test_a_damaged_file_is_an_error_and_never_an_empty_register(tmp_path, harm):
    Register.open(tmp_path).keep("r", made(table(range(9), ["x"] * 9)))
    file = tmp_path / "r.cells"
    content = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        harmed = {"cut": content[:-20], "changed": content[:90] + b"!!" + content[92:], "empty": b""}
        file.write_bytes(harmed[harm])
    with pytest.raises(RegisterDamaged):
        Register.open(tmp_path, expected=["r"])


def test_what_a_crash_left_half_written_is_no_release(tmp_path):
    (tmp_path / "r.part").write_bytes(b"half")
    kept = Register.open(tmp_path)
    assert not kept.releases
    kept.keep("r", made(table(range(9), ["x"] * 9)))
    assert list(Register.open(tmp_path).releases) == ["r"]


def test_people_in_several_cells_are_told_by_the_cells_together(tmp_path):
    places, kinds = [*range(40), *range(10, 50)], ["x"] * 40 + ["y"] * 40
    kept = Register.open(tmp_path)
    kept.keep("r", made(table(places, kinds)))
    found = kept.difference(made(table(range(37), ["x"] * 37)), 8)
    assert {(one.cell, one.other) for one in found} == {(("kind=x",), ("kind=x",)), ((), ("kind=x",))}


def test_another_rounding_of_the_same_people_is_refused(tmp_path):
    rows = table(range(50), ["x"] * 20 + ["y"] * 30)
    kept = Register.open(tmp_path)
    kept.keep("r", made(rows))
    found = kept.difference(released(rows, ["kind"], rules="health_midpoint6"), 7)
    assert {one.rule for one in found} == {"O9.rounding"} and len(found) == 3
    assert kept.difference(made(rows), 8) == []
