"""A whole chunk against its rows one by one, on the built-in datasets, with texts as odd as they come."""

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin import standards
from quanmin.standards.conformance import check_chunk, check_row
from quanmin.standards.element import Element

TODAY = date(2024, 2, 29)
ODD = [
    "\x00",
    "😀",
    "a\x00b",
    "\u3000",
    "1.1E+05",
    "2.0e3",
    "-1",
    "-1.0",
    "1900-02-29",
    "２０２０－０１－０１",
    "９" * 20,
    "x" * 5000,
    "·",
    '"',
    "\n",
]
GOOD = {
    "citizen_number": ["11010519491231002X", "11010519491231002x", "110105194912310021", "610104620927690"],
    "date": ["1949-12-31", "19491231", "2020/1/5", "2030-01-01", "2020-01"],
    "datetime": ["2020-01-01 10:00:00", "2020-01-01"],
    "region": ["110105", "110000", "999999", "１１０１０５"],
    "integer": ["1", "353.0", "-5", "999999999999999999999"],
    "decimal": ["1.5", "1e-05", "nan"],
    "boolean": ["是", "0", "maybe"],
}


def texts(element: Element) -> st.SearchStrategy[str | None]:
    """Texts for one element: right, nearly right and strange."""
    values = standards.catalogue().value_sets[element.values].codes if element.values else {}
    known = [*GOOD.get(element.type, ["李明", "A1234567"]), *list(values)[:4], *element.missing]
    return st.one_of(st.none(), st.sampled_from(known), st.sampled_from(ODD), st.text(max_size=8))


@pytest.mark.parametrize("dataset_id", sorted(standards.catalogue().datasets))
def test_a_chunk_is_its_rows(dataset_id: str) -> None:
    dataset = standards.catalogue().dataset(dataset_id)
    row = st.fixed_dictionaries({element.name: texts(element) for element in dataset.elements})

    @settings(max_examples=25, deadline=None)
    @given(st.lists(row, max_size=6))
    def agree(rows: list[dict[str, str | None]]) -> None:
        table = pa.table(
            {element.name: pa.array([one[element.name] for one in rows], pa.string()) for element in dataset.elements}
        )
        checked = check_chunk(dataset, table, TODAY)
        plain = [check_row(dataset, one, TODAY) for one in rows]
        assert checked.typed.num_rows == len(rows)
        assert checked.rejected.tolist() == [one.rejected for one in plain]
        for place, one in enumerate(plain):
            failing = {rule for rule, mask in checked.failing.items() if mask[place]}
            assert failing == set(one.failing)
            for name, value in one.row.items():
                found = checked.typed.column(name)[place].as_py()
                assert found == (value if not isinstance(value, datetime) else value + timedelta(0))
        if checked.person_key is not None:
            assert checked.person_key.to_pylist() == [one.person_key for one in plain]

    agree()


def test_a_chunk_without_columns_or_rows_is_judged() -> None:
    dataset = standards.catalogue().dataset("health.birth")
    assert check_chunk(dataset, pa.table({}), TODAY).typed.num_rows == 0
    one = dataset.elements[0].name
    nothing = check_chunk(dataset, pa.table({one: pa.nulls(3, pa.string())}), TODAY)
    assert nothing.rejected.all()
    assert nothing.typed.schema.names == [element.name for element in dataset.elements]


def test_a_number_that_a_spreadsheet_rounded_is_told_in_a_code_column() -> None:
    dataset = standards.catalogue().dataset("public_security.household_registration")
    table = pa.table({"registered_region": ["1.10105E+05", "110105"], "sex": ["1", "1"]})
    checked = check_chunk(dataset, table, TODAY)
    assert checked.failing["registered_region.type"].tolist() == [True, False]
    assert "registered_region.required" not in checked.failing
