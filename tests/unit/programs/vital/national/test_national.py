"""The check of the national register over files that came by collect: addresses, periods, corrections, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from quanmin import collect, trust
from quanmin.cli.vital import national as command
from quanmin.lake import Lake
from quanmin.programs.vital import national
from quanmin.programs.vital.national.address import DATASETS, HOLDER, ISSUE, STOCK, Address, address
from quanmin.programs.vital.national.replacement import circular
from quanmin.programs.vital.national.span import BLOCK, Span, plan
from quanmin.settings import Settings

TODAY = date(2024, 6, 1)
HOLDERS = """code,name,parent,level,region,valid_from,valid_to
00,Nation,,1,,2014-01-01,
440000,Province,00,2,440000,2014-01-01,
440100,City,440000,3,440100,2014-01-01,
440106,County,440100,4,440106,2014-01-01,
44010601,Hospital,440106,5,440106,2014-01-01,
44010602,Closed hospital,440106,5,440106,2014-01-01,2024-03-31
"""
STOCKS = """action_no,kind,from_org,to_org,edition,letter,first_serial,last_serial,quantity,occurred_on,reported_on,pair
440000000001,1,,440106,7,V,440000001,440000100,100,2024-01-02,2024-01-02,
440000000002,3,440106,44010601,7,V,440000001,440000010,10,2024-01-03,2024-01-03,
440000000003,2,440106,44010601,7,V,440000001,440000010,10,2024-01-03,2024-01-03,440000000002
440000000004,3,440106,44010602,7,V,440000011,440000012,2,2024-01-03,2024-01-03,
440000000005,2,440106,44010602,7,V,440000011,440000012,2,2024-01-03,2024-01-04,440000000004
"""
ISSUES = """action_no,kind,certificate_no,previous_no,newborn,edition,institution_code,issued_on,reported_on
440000000001,1,V440000001,,{0},7,44010601,2024-02-28,2024-03-01
440000000002,1,V440000002,,{1},7,44010601,2024-02-29,2024-03-31
440000000003,1,V440000002,,{2},7,44010601,2024-03-02,2024-03-02
"""
DIGESTS = [letter * 64 for letter in "abc"]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(Settings(home=tmp_path / "home")) as opened:
        yield opened


def send(lake: Lake, dataset: str, text: str) -> int:
    """Collect a file; its batch. No row is refused."""
    file = lake.settings.home / f"{dataset}.csv"
    file.write_text(text.format(*DIGESTS), "utf-8")
    receipt = collect.collect(lake, dataset, file, "health", trust.local_administrator())
    assert receipt.quarantined == 0
    return receipt.batch


@pytest.fixture
def sent(lake: Lake) -> dict[str, int]:
    return {
        dataset: send(lake, dataset, text) for dataset, text in ((HOLDER, HOLDERS), (STOCK, STOCKS), (ISSUE, ISSUES))
    }


def broken(found: national.Findings) -> dict[str, int]:
    return {rule: count for rule, count in found.counts.items() if count}


def test_each_finding_has_the_address_of_its_row(lake: Lake, sent: dict[str, int]) -> None:
    found = national.check(lake, today=TODAY)
    assert broken(found) == {"stock.late": 1, "card.late": 1, "org.stranded": 1, "issue.twice": 1}
    [twice], [stranded] = found.examples["issue.twice"], found.examples["org.stranded"]
    assert twice.address == Address(ISSUE, sent[ISSUE], 3)
    assert twice.beside == Address(ISSUE, sent[ISSUE], 2)
    assert (stranded.address, stranded.numbers) == (Address(STOCK, sent[STOCK], 5), 2)
    assert found.provinces == {"44": broken(found)}
    assert found.certificates == 3 and found.read == {HOLDER: 6, STOCK: 5, ISSUE: 3}


def test_the_findings_stand_in_the_lake_and_the_next_check_replaces_them(lake: Lake, sent: dict[str, int]) -> None:
    found = [national.check(lake, today=TODAY) for _ in range(2)][-1]
    with lake.session("certificates") as session:
        rows = session.connection.execute(
            f"SELECT rule, dataset, batch, row, province, day, beside_row FROM {session.relation('measured.certificate_finding')}"
        ).fetchall()
    assert len(rows) == found.total
    assert ("issue.twice", ISSUE, sent[ISSUE], 3, "44", date(2024, 3, 2), 2) in rows


@pytest.mark.parametrize(
    ("asked", "rules"),
    [
        ("2024-01", {"stock.late"}),
        ("2024-02", {"card.late"}),
        ("2024-03", {"issue.twice"}),
        ("2023", set()),
    ],
)
def test_a_period_speaks_of_what_happened_in_it(lake: Lake, sent: dict[str, int], asked: str, rules: set[str]) -> None:
    """In March the hospital was still open on the last day: nothing was stranded."""
    assert set(broken(national.check(lake, national.period(asked), TODAY))) == rules


def test_a_correction_takes_the_place_of_the_row(lake: Lake, sent: dict[str, int]) -> None:
    header, *_, last = ISSUES.strip().split("\n")
    send(lake, ISSUE, f"{header}\n{last.replace('V440000002', 'V440000003')}\n")
    assert "issue.twice" not in broken(national.check(lake, today=TODAY))


def test_small_spans_find_the_same(lake: Lake, sent: dict[str, int]) -> None:
    whole, cut = national.check(lake, today=TODAY), national.check(lake, today=TODAY, rows=1)
    assert (whole.counts, whole.examples) == (cut.counts, cut.examples)


def test_nothing_is_checked_before_it_is_there(lake: Lake) -> None:
    with pytest.raises(national.NothingToCheck):
        national.check(lake)
    assert "measured.certificate_finding" not in lake.snapshot().tables


@pytest.mark.parametrize("text", ["", "24", "2024-13", "2024-00", "0000", "2024-1", "2024-05-01", "may"])
def test_a_period_is_a_year_or_a_month(text: str) -> None:
    with pytest.raises(national.BadPeriod):
        national.period(text)


def test_a_period_ends_with_its_last_day() -> None:
    assert national.period("2024-02") == (date(2024, 2, 1), date(2024, 2, 29))
    assert national.period("2024-12").last == date(2024, 12, 31)
    assert national.period("2024") == (date(2024, 1, 1), date(2024, 12, 31))


@pytest.mark.parametrize("dataset", DATASETS)
def test_an_address_is_an_integer_and_back(dataset: str) -> None:
    one = Address(dataset, (1 << 28) - 1, (1 << 32) - 1)
    assert address(one.number) == one and one.number < 1 << 63


def test_circles_are_found_however_long() -> None:
    ring = [(str(at), str((at + 1) % 50)) for at in range(50)]
    tail = [("49", "x"), ("x", "y"), ("y", "y"), ("z", "0")]
    assert circular([*ring, *tail]) == [True] * 50 + [False, False, True, False]
    assert circular([]) == []


def test_spans_cover_every_number_of_a_letter_once() -> None:
    import duckdb

    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE s AS SELECT 'B' AS letter, 110000000 + 7 * i AS first_serial FROM range(1000) AS t(i)"
    )
    connection.execute("CREATE TABLE i AS SELECT 'D650000001' AS certificate_no")
    spans = plan(connection, "s", "i", 100)
    assert len(spans) >= 10 and spans[-1] == Span(3 * BLOCK, 4 * BLOCK - 1)
    assert [one.low for one in spans[:-1]] == [BLOCK, *(one.high + 1 for one in spans[:-2])]
    assert spans[-2].high == 2 * BLOCK - 1


def test_the_command_tells_rules_counts_and_addresses(
    lake: Lake, sent: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANMIN_HOME", str(lake.settings.home))
    monkeypatch.setenv("QUANMIN_LANGUAGE", "en")
    root = typer.Typer()
    root.add_typer(command.app, name="national")
    told = CliRunner().invoke(root, ["national", "check", "--period", "2024", "--json"])
    assert told.exit_code == 0, told.output
    document = json.loads(told.stdout)
    [twice] = [rule for rule in document["rules"] if rule["rule"] == "issue.twice"]
    assert twice["count"] == 1 and twice["examples"][0]["row"] == 3
    assert document["total"] == sum(rule["count"] for rule in document["rules"])
    said = CliRunner().invoke(root, ["national", "check"])
    assert said.exit_code == 0 and "issue.twice" in said.stdout
    listed = json.loads(CliRunner().invoke(root, ["national", "rules", "--json"]).stdout)
    assert [one["rule"] for one in listed] == [rule.id for rule in national.RULES]
