"""Rows for the tests, and published tables as mappings."""

import pyarrow as pa
import pytest


def _rows(counts, names=("county", "age"), start=0):
    columns = {"person": [], **{name: [] for name in names}}
    for labels, count in counts.items():
        for _ in range(count):
            columns["person"].append(start + len(columns["person"]))
            for name, label in zip(names, labels, strict=True):
                columns[name].append(label)
    kinds = {"person": pa.int64(), **{name: pa.string() for name in names}}
    return pa.table({name: pa.array(values, kinds[name]) for name, values in columns.items()})


def _grid(table, names=("county", "age"), column="persons"):
    return {tuple(row[name] for name in names): row[column] for row in table.to_pylist()}


@pytest.fixture(scope="session")
def rows_of():
    """Makes one row a person from a mapping of labels to how many people."""
    return _rows


@pytest.fixture(scope="session")
def grid():
    """Makes a mapping of labels to what is shown from a published table."""
    return _grid
