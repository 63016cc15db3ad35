"""`quanmin vital holder|blank|overdue|offline|check`, as a province would use them from the first day."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.errors import QuanminError

HOLDERS = (
    ("p37", "山东省", "province", "370000", None),
    ("c3701", "济南市", "city", "370100", "p37"),
    ("x370102", "历下区", "county", "370102", "c3701"),
    ("i1", "历下医院", "institution", "370102", "x370102"),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUANMIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    monkeypatch.setattr(output.out, "width", 300)
    for code, title, level, region, parent in HOLDERS:
        under = ["--parent", parent] if parent else []
        run("holder", "add", code, title, "--level", level, "--region", region, *under)
    return tmp_path


def run(*words: str, code: int = 0) -> str:
    found = CliRunner().invoke(app, ["vital", *words], catch_exceptions=False, standalone_mode=False)
    assert found.exit_code == code or found.return_value == code, found.output
    return found.output


def told(*words: str, code: int = 0) -> Any:
    return json.loads(run(*words, "--json", code=code))


def down() -> None:
    run("blank", "print", "p37", "V370000001", "V370000100")
    for sender, receiver in (("p37", "c3701"), ("c3701", "x370102"), ("x370102", "i1")):
        [sent] = told("blank", "send", "out", sender, receiver, "V370000001", "V370000050")
        assert told("blank", "receive", str(sent["id"]))[0]["state"] == "received"


def test_blanks_from_the_printer_to_the_institution(home: Path) -> None:
    down()
    stock = {one["holder"]: one["free"] for one in told("blank", "stock")}
    assert stock == {"p37": 50, "i1": 50}
    assert told("blank", "where", "V370000050")["holder"] == "i1"
    assert told("blank", "where", "V370000999") is None
    assert "V370000001-V370000050" in run("blank", "movements", "i1")
    assert "历下医院" in run("holder", "list", "x370102")
    run("blank", "void", "i1", "V370000001")
    assert told("blank", "lose", "i1", "V370000002", "V370000003")["count"] == 2
    assert [one["what"] for one in told("overdue", "--open")] == ["police_report", "written_report", "public_notice"]
    assert told("overdue") == [] and told("check") == []
    assert "holds" in run("check")
    assert told("holder", "stop", "i1", "--reason", "closed")[0]["state"] == "closing"


def test_a_parcel_is_refused_and_errors_have_their_codes(home: Path) -> None:
    run("blank", "print", "p37", "V370000001", "V370000100")
    [sent] = told("blank", "send", "out", "p37", "c3701", "V370000001")
    assert "refused" in run("blank", "refuse", str(sent["id"]), "--reason", "wet")
    for words, code in (
        (("blank", "send", "out", "p37", "i1", "V370000001"), "QM-VITAL-014"),
        (("blank", "print", "p37", "V370000001"), "QM-VITAL-004"),
        (("blank", "print", "p37", "V37000000"), "QM-VITAL-001"),
        (("holder", "close", "p37"), "QM-VITAL-013"),
        (("overdue", "nobody"), "QM-VITAL-009"),
    ):
        with pytest.raises(QuanminError) as refused:
            run(*words)
        assert refused.value.code == code


def test_a_file_of_an_institution_without_a_line(home: Path) -> None:
    down()
    file = home / "acts.jsonl"
    from datetime import UTC, datetime

    today = datetime.now(UTC).date().isoformat()
    good = {"action": "void", "on": today, "by": "李", "number": "V370000001", "reason": "damaged"}
    file.write_text(json.dumps(good) + "\n", "utf-8")
    assert told("offline", "i1", str(file))["done"] == 1
    file.write_text(json.dumps(good) + "\n" + json.dumps(good | {"number": "V370000001", "by": "王"}), "utf-8")
    found = told("offline", "i1", str(file), code=10)
    assert (found["repeated"], [one["code"] for one in found["refused"]]) == (1, ["QM-VITAL-008"])
    assert "1 refused" in run("offline", "i1", str(file), code=10)
