"""Templates to fill in and the standards of a dataset as files, for those who send data."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path

from quanmin import standards
from quanmin.standards.exports.template import csv_template, xlsx_template
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.areas import OPERATOR
from quanmin.web.console.collect.sending import SUB
from quanmin.web.face import Face
from quanmin.web.view import Answer, Download, View

Kind = Literal["csv", "xlsx", "markdown", "jsonschema", "tableschema"]
FORMS: dict[Kind, tuple[Text, str, str]] = {
    "csv": (Text("CSV 模板", "CSV template"), "csv", "text/csv; charset=utf-8"),
    "xlsx": (
        Text("Excel 模板", "Excel template"),
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "markdown": (Text("数据字典", "Data dictionary"), "md", "text/markdown; charset=utf-8"),
    "jsonschema": (Text("JSON Schema", "JSON Schema"), "schema.json", "application/json"),
    "tableschema": (Text("Table Schema", "Table Schema"), "tableschema.json", "application/json"),
}
"""What can be downloaded of a dataset: its words, the ending of the file, its media type."""


def links(dataset: str) -> list[dict[str, object]]:
    """What can be downloaded of a dataset."""
    return [
        {"form": form, "title": title, "path": f"/standards/files/{dataset}/{form}"}
        for form, (title, _, _) in FORMS.items()
    ]


def install(face: Face) -> None:
    """Register the page and the downloads."""

    @face.page("/collect/templates", "console/collect/templates.html", roles=OPERATOR)
    def templates(ask: Ask) -> Answer:
        """What a sender needs to send each dataset."""
        told = [
            {
                "id": one.id,
                "title": one.title,
                "version": one.version,
                "senders": list(one.senders),
                "files": links(one.id),
            }
            for one in ask.home.standards.datasets.values()
        ]
        return View(Text("模板与数据字典", "Templates and dictionaries"), {"datasets": told}, {"sub": SUB})

    @face.file("/standards/files/{dataset}/{form}", sorted({media.partition(";")[0] for _, _, media in FORMS.values()}))
    def file(ask: Ask, dataset: Annotated[str, Path(max_length=100)], form: Kind) -> Answer:
        """A template or a standard as a file."""
        known = ask.home.standards.dataset(dataset)
        _, ending, media = FORMS[form]
        return Download(f"{known.id}.{ending}", media, [_bytes(known, form)])


def _bytes(dataset: standards.Dataset, form: Kind) -> bytes:
    match form:
        case "csv":
            return csv_template(dataset)
        case "xlsx":
            return xlsx_template(dataset)
        case _:
            return standards.export(dataset, form).encode()
