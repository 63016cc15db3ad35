"""A file sent by a CKAN client: looked at, kept in the storage by its checksum, and described as part of a distribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from quanmin.opendata.catalogue import vocabulary
from quanmin.opendata.ckan import content, tabular
from quanmin.opendata.ckan.errors import FileRefused, ValuesWrong
from quanmin.opendata.ckan.package import TABLE
from quanmin.opendata.ckan.scan import holds_numbers
from quanmin.opendata.ckan.site import Site
from quanmin.text import Text

ENDINGS = {"jpg": "jpeg", "text": "txt", "jsonl": "ndjson"}


@dataclass(frozen=True)
class Upload:
    """A file as it came: where it lies for now, and how its sender calls it."""

    file: Path
    name: str


def kept(site: Site, upload: Upload, values: Mapping[str, Any]) -> dict[str, Any]:
    """Look at a file and keep it; the parts of the distribution that it makes. FileRefused, ValuesWrong."""
    size, most = upload.file.stat().st_size, site.settings.open_upload_bytes
    if size > most:
        raise FileRefused(reason=Text(f"超过 {most} 字节", f"it is larger than {most} bytes"))
    found = content.kind(upload.file, _declared(upload.name, values.get("format")))
    if holds_numbers(content.texts(upload.file, found)):
        raise FileRefused(
            reason=Text(
                "含有公民身份号码；个人数据只能经发布流程开放",
                "it holds citizen numbers: data of persons are opened by a release only",
            )
        )
    stored = site.portal.storage.keep(upload.file)
    table = tabular.kept(site.portal.storage, upload.file, found).sha256 if found in tabular.SEPARATORS else None
    if table is not None or found == "parquet":
        site.portal.tables.prepare(table or stored.sha256)
    today = site.portal.ledger.now().date().isoformat()
    return {
        "dcat:downloadURL": f"/files/{stored.sha256}.{found}",
        "dct:format": found,
        "dcat:byteSize": stored.size,
        "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": stored.sha256},
        "dct:modified": today,
        TABLE: table,
    }


def _declared(name: str, said: Any) -> str | None:
    """The format that the sender says, or that the ending of the name says."""
    if said not in (None, ""):
        term = vocabulary("file_type").find(said.strip().lstrip(".")) if isinstance(said, str) else None
        if term is None:
            raise ValuesWrong.at("format", "代码不在值域内", "Not a code of the value set")
        return term.code
    ending = PurePath(name.replace("\\", "/")).suffix.lstrip(".").lower()
    term = vocabulary("file_type").find(ENDINGS.get(ending, ending))
    return term.code if term else None
