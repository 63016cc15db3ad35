"""What a template holds is what collecting reads."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from quanmin import collect, standards
from quanmin.collect.errors import NoRows
from quanmin.standards.exports.template import csv_template, xlsx_template

DATASETS = sorted(standards.catalogue().datasets)


@pytest.mark.parametrize("name", DATASETS)
def test_every_title_of_a_template_is_known_and_every_element_is_there(name: str) -> None:
    dataset = standards.catalogue().dataset(name)
    [titles] = csv.reader(io.StringIO(csv_template(dataset).decode("utf-8-sig")))
    assert [dataset.resolve(title) for title in titles] == [element.name for element in dataset.elements]
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_template(dataset))).worksheets[0]
    assert [cell.value for cell in sheet[1]] == titles


def test_a_template_that_was_filled_in_is_read_and_keeps_its_zeros(tmp_path: Path) -> None:
    dataset = standards.catalogue().dataset("cdc.notifiable_disease_monthly")
    book = openpyxl.load_workbook(io.BytesIO(xlsx_template(dataset)))
    for place, value in enumerate(["2026-01", "Plague", "鼠疫", None, None, "007"], 1):
        book.worksheets[0].cell(2, place, value)
    book.save(tmp_path / "filled.xlsx")
    report = collect.check(dataset, tmp_path / "filled.xlsx")
    assert (report.read, report.accepted, report.unknown_columns, report.missing_columns) == (1, 1, [], [])


@pytest.mark.parametrize("make", [csv_template, xlsx_template])
def test_an_empty_template_has_no_rows(tmp_path: Path, make) -> None:
    dataset = standards.catalogue().dataset("health.birth")
    (tmp_path / "empty").write_bytes(make(dataset))
    with pytest.raises(NoRows):
        collect.check(dataset, tmp_path / "empty")
