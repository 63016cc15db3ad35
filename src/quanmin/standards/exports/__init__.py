"""A dataset's standard in the languages of other tools. Reads the typed model; writes text.

Promises that every format is made from the catalogue alone, so that it can never disagree with what is enforced.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from quanmin.standards.dataset import Dataset
from quanmin.standards.errors import UnknownFormat
from quanmin.standards.exports.description import describe
from quanmin.standards.exports.json_schema import json_schema
from quanmin.standards.exports.markdown import markdown
from quanmin.standards.exports.table_schema import table_schema

FORMATS: dict[str, Callable[[Dataset], str]] = {
    "jsonschema": lambda dataset: _json(json_schema(dataset)),
    "tableschema": lambda dataset: _json(table_schema(dataset)),
    "markdown": markdown,
}


def export(dataset: Dataset, format: str) -> str:  # noqa: A002 - the word users type
    """The standard of `dataset` as text: JSON Schema 2020-12, Frictionless Table Schema, or a data dictionary."""
    maker = FORMATS.get(format)
    if maker is None:
        raise UnknownFormat(format=format, known=", ".join(FORMATS))
    return maker(dataset)


def _json(content: dict[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


__all__ = ["FORMATS", "describe", "export", "json_schema", "markdown", "table_schema"]
