"""A bad catalogue is told with its file, its line and a stable code. The catalogue is the one of library loans."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from quanmin import standards
from quanmin.errors import QuanminError
from quanmin.standards.errors import CatalogueError

LOANS = Path(__file__).parents[2] / "library_loans"
LOAN, READER = "datasets/library.loan.toml", "datasets/library.reader.toml"
COUNTS = "indicators/loans.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the library's catalogue to spoil."""
    return Path(shutil.copytree(LOANS, tmp_path / "catalogue"))


def spoil(folder: Path, file: str, old: str, new: str) -> int:
    """Replace the first `old` in a file; the line (from 1) where it stood."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_library_catalogue_loads_whole():
    catalogue = standards.load(LOANS)
    assert [*catalogue.datasets] == ["library.loan", "library.reader"]
    assert catalogue.benchmark is catalogue.dataset("library.reader")
    loan = catalogue.dataset("library.loan")
    assert loan.senders == ("library", "archive") and catalogue.dataset("library.reader").senders == ("library",)
    assert loan.element("copies").missing == ("-1",)
    assert loan.resolve("题名") == "title"
    assert loan.rule("card.known").kind == "reference"
    assert catalogue.item("card_class").authority == "library.reader"


def test_a_declared_rule_replaces_the_implied_one(folder: Path):
    path = folder / LOAN
    softer = '\n[[rule]]\nkind = "value_set"\nelements = ["shelf"]\nvalues = "Shelf-2"\nseverity = "warn"\n'
    path.write_text(path.read_text(encoding="utf-8") + softer, encoding="utf-8")
    before = standards.load(LOANS).dataset("library.loan").rules
    after = standards.load(folder).dataset("library.loan").rules
    assert [rule.id for rule in before] == [rule.id for rule in after]
    changed = [rule.id for one, rule in zip(before, after, strict=True) if one.severity != rule.severity]
    assert changed == ["shelf.value_set"]


def test_what_decides_an_item_is_read(folder: Path):
    decisions = ['levels = ["01", "02 0"]', 'ended = ["library.loan/lent_on"]', 'confirmed = ["library.loan/name"]']
    spoil(folder, "items.toml", CARD, "\n".join([CARD, *decisions]))
    item = standards.load(folder).item("card_class")
    assert item.levels == (("01",), ("02", "0"))
    assert item.ended == (("library.loan", "lent_on"),) and item.confirmed == (("library.loan", "name"),)


def test_parts_that_a_catalogue_need_not_have(folder: Path):
    for name in ("items.toml", "regions.csv"):
        (folder / name).unlink()
    catalogue = standards.load(folder)
    assert catalogue.items == () and len(catalogue.regions) == 0


CARD = 'values = "Card class-1"'

SPOILT = [
    ("QM-STANDARDS-010", LOAN, 'version = "3"', 'version = "3'),
    ("QM-STANDARDS-011", LOAN, 'share = "unconditional"', 'shaer = "unconditional"'),
    ("QM-STANDARDS-011", LOAN, "max_length = 60", "longest = 60"),
    ("QM-STANDARDS-011", LOAN, 'on = "lent_on"', 'day = "lent_on"'),
    ("QM-STANDARDS-011", "items.toml", 'group = "social"', 'group = "social"\nrank = 1'),
    ("QM-STANDARDS-012", READER, 'version = "1"', ""),
    ("QM-STANDARDS-013", LOAN, "max_length = 60", 'max_length = "60"'),
    ("QM-STANDARDS-013", LOAN, "minimum = 1", "minimum = true"),
    ("QM-STANDARDS-013", LOAN, 'title = { zh = "书名", en = "Book title" }', 'title = { zh = "书名" }'),
    ("QM-STANDARDS-013", LOAN, 'aliases = ["题名"]', "aliases = [1]"),
    ("QM-STANDARDS-013", LOAN, 'name = "fee"', 'name = "The fee"'),
    ("QM-STANDARDS-013", LOAN, 'key = ["loan_no"]', "key = []"),
    ("QM-STANDARDS-013", "value_sets/shelf.toml", 'B = ["科学", "Science"]', 'B = "Science"'),
    ("QM-STANDARDS-013", "items.toml", CARD, CARD + '\nlevels = ["01"]'),
    ("QM-STANDARDS-013", "items.toml", CARD, CARD + '\nended = ["library.loan/card_class"]'),
    ("QM-STANDARDS-014", LOAN, 'open = "aggregated"', 'open = "ajar"'),
    ("QM-STANDARDS-014", LOAN, 'role = "direct"', 'role = "directly"'),
    ("QM-STANDARDS-014", LOAN, 'severity = "warn"', 'severity = "shrug"'),
    ("QM-STANDARDS-015", LOAN, 'type = "integer"', 'type = "number"'),
    ("QM-STANDARDS-016", LOAN, 'values = "Shelf-2"', 'values = "Shelf-1"'),
    ("QM-STANDARDS-016", "items.toml", 'values = "Card class-1"', 'values = "Card class"'),
    ("QM-STANDARDS-017", LOAN, 'key = ["loan_no"]', 'key = ["loan_number"]'),
    ("QM-STANDARDS-017", LOAN, 'person = "reader_number"', 'person = "name"'),
    ("QM-STANDARDS-017", LOAN, 'event_date = "lent_on"', 'event_date = "shelf"'),
    ("QM-STANDARDS-017", LOAN, 'elements = ["shelf", "card_class"]', 'elements = ["shelf", "card_kind"]'),
    ("QM-STANDARDS-017", LOAN, 'when = "renewed"', 'when = "renewal"'),
    ("QM-STANDARDS-017", LOAN, 'on = "lent_on"', 'on = "lent"'),
    ("QM-STANDARDS-023", LOAN, 'expression = "fee <= copies * 100"', 'expression = "fee <= books * 100"'),
    ("QM-STANDARDS-017", "items.toml", '"library.loan/card_class"', '"library.loan/card_kind"'),
    ("QM-STANDARDS-018", LOAN, 'name = "fee"', 'name = "shelf"'),
    ("QM-STANDARDS-018", LOAN, 'title = { zh = "册数", en', 'title = { zh = "题 名", en'),
    ("QM-STANDARDS-019", LOAN, "grade = 4", "grade = 6"),
    ("QM-STANDARDS-019", LOAN, "grade = 5", "grade = 0"),
    ("QM-STANDARDS-020", LOAN, 'id = "library.loan"', 'id = "library.loans"'),
    ("QM-STANDARDS-020", LOAN, 'steward = "library"', 'steward = "archive"'),
    ("QM-STANDARDS-021", LOAN, 'area = "lending"', 'area = "borrowing"'),
    ("QM-STANDARDS-021", LOAN, 'subsystem = "desk"', 'subsystem = "cellar"'),
    ("QM-STANDARDS-021", LOAN, 'senders = ["library", "archive"]', 'senders = ["library", "museum"]'),
    ("QM-STANDARDS-021", LOAN, 'code = "E12"', 'code = "E99"'),
    ("QM-STANDARDS-021", LOAN, 'dataset = "library.reader"', 'dataset = "library.member"'),
    ("QM-STANDARDS-021", "items.toml", '"library.reader/name"', '"library.member/name"'),
    ("QM-STANDARDS-021", "items.toml", CARD, CARD + '\nended = ["library.member/lent_on"]'),
    ("QM-STANDARDS-021", "items.toml", CARD, CARD + '\nconfirmed = ["library.loan/card_colour"]'),
    ("QM-STANDARDS-021", "items.toml", CARD, CARD + '\nconfirmed = ["library.member/name"]'),
    ("QM-STANDARDS-022", LOAN, 'kind = "consistency"', 'kind = "harmony"'),
    ("QM-STANDARDS-023", LOAN, 'expression = "fee <= copies * 100"', 'expression = "fee <= "'),
    ("QM-STANDARDS-024", LOAN, 'id = "town.on_day"', 'id = "fee.of_copies"'),
    ("QM-STANDARDS-024", "frame.toml", 'id = "archive"', 'id = "library"'),
    ("QM-STANDARDS-024", "items.toml", 'id = "name"', 'id = "citizen_number"'),
    (
        "QM-STANDARDS-024",
        "value_sets/shelf.toml",
        'system = "Shelf"\nversion = "2"',
        'system = "Card class"\nversion = "1"',
    ),
    ("QM-STANDARDS-025", LOAN, 'pattern = "[0-9]{4,10}"', 'pattern = "[0-9{4,10}("'),
    ("QM-STANDARDS-026", "value_sets/card_class.toml", '"大人" = "01"', '"大人" = "03"'),
    ("QM-MEASURES-001", COUNTS, "bands = [0, 7, 15, 60]", "bands = [0, 15, 7, 60]"),
    ("QM-MEASURES-001", COUNTS, "bands = [0, 7, 15, 60]", 'bands = [0, 7]\nvalues = "Shelf-2"'),
    ("QM-MEASURES-001", COUNTS, "value >= 'A' and value < 'N'", "value >= 1"),
    ("QM-MEASURES-001", COUNTS, 'code = "N-Z"', 'code = "A-M"'),
    ("QM-MEASURES-001", COUNTS, "renewed == True and", "renewal == True and"),
    ("QM-MEASURES-001", COUNTS, "renewed == True and", "card_class == '08' and"),
    ("QM-MEASURES-001", COUNTS, "renewed == True and", "lent_on < today and"),
    ("QM-MEASURES-001", COUNTS, 'when = "present(title)"', 'when = "length(title)"'),
    ("QM-MEASURES-001", COUNTS, 'element = "fee"\n', ""),
    ("QM-MEASURES-001", COUNTS, 'age = ["birth_date", "joined_on"]', 'age = ["birth_date"]'),
    ("QM-MEASURES-001", COUNTS, 'by = { age = "age" }', 'by = { age = "name" }'),
    ("QM-MEASURES-001", COUNTS, 'plus = ["loans"]', 'plus = ["loans", "movement"]'),
    ("QM-MEASURES-001", COUNTS, 'unit = "per_100"\nfactor = 100', 'unit = "per_100"\nfactor = 1000'),
    ("QM-MEASURES-001", COUNTS, 'unit = "per_100"\nfactor = 100', 'unit = "other"\nfactor = 0'),
    ("QM-MEASURES-001", COUNTS, 'dimensions = ["initial"]', 'dimensions = ["age"]'),
    ("QM-MEASURES-001", COUNTS, 'totals = ["age"]', 'totals = ["shelf"]'),
    ("QM-MEASURES-001", COUNTS, 'kind = "ratio"', 'kind = "count"'),
    ("QM-MEASURES-001", COUNTS, 'calendar = "loans"', ""),
    ("QM-STANDARDS-011", COUNTS, "top = 9", "end = 9"),
    ("QM-STANDARDS-013", COUNTS, 'id = "late_loans"', 'id = "Late loans"'),
    ("QM-STANDARDS-013", COUNTS, 'periods = ["month", "year"]', 'periods = ["week"]'),
    ("QM-STANDARDS-014", COUNTS, 'aggregate = "distinct"', 'aggregate = "median"'),
    ("QM-STANDARDS-014", COUNTS, 'unit = "percent"', 'unit = "per_cent"'),
    ("QM-STANDARDS-016", COUNTS, 'values = "Shelf-2"', 'values = "Shelf-9"'),
    ("QM-STANDARDS-017", COUNTS, 'date = "lent_on"', 'date = "lent"'),
    ("QM-STANDARDS-017", COUNTS, 'region = "town"', 'region = "title"'),
    ("QM-STANDARDS-017", COUNTS, 'element = "fee"', 'element = "title"'),
    ("QM-STANDARDS-021", COUNTS, 'table = "clean.library.loan"', 'table = "clean.library.lending"'),
    ("QM-STANDARDS-021", COUNTS, 'numerator = "new_readers"', 'numerator = "newest_readers"'),
    ("QM-STANDARDS-021", COUNTS, 'minus = ["new_readers"]', 'minus = ["newest_readers"]'),
    ("QM-STANDARDS-021", COUNTS, 'area = "lending"', 'area = "borrowing"'),
    ("QM-STANDARDS-024", COUNTS, 'id = "renewed_loans"', 'id = "loans"'),
]


@pytest.mark.parametrize(("code", "file", "old", "new"), SPOILT)
def test_what_is_wrong_is_told_with_its_place(folder: Path, code: str, file: str, old: str, new: str):
    line = spoil(folder, file, old, new)
    with pytest.raises(CatalogueError) as caught:
        standards.load(folder)
    error = caught.value
    assert error.code == code
    assert error.fields["file"] == file
    told = error.fields["line"]
    table = (folder / file).read_text(encoding="utf-8").splitlines()[:line]
    heading = max((number for number, text in enumerate(table, 1) if text.startswith("[[")), default=1)
    assert told in range(heading, line + 2), "the line itself, or the heading of its table"
    for language in ("zh", "en"):
        assert str(told) in error.message(language) and file in error.message(language)
        assert "{" not in error.next_step(language)


def test_the_line_is_the_very_line(folder: Path):
    line = spoil(folder, LOAN, 'values = "Shelf-2"', 'values = "Shelf-1"')
    with pytest.raises(CatalogueError) as caught:
        standards.load(folder)
    assert caught.value.fields["line"] == line


def test_every_kind_of_catalogue_error_is_tried():
    kinds = {kind.code for kind in CatalogueError.__subclasses__()}
    assert {code for code, *_ in SPOILT} == kinds


def test_a_folder_that_is_no_catalogue(tmp_path: Path):
    with pytest.raises(QuanminError) as caught:
        standards.load(tmp_path)
    assert caught.value.code == "QM-STANDARDS-010"


def test_a_file_in_another_encoding(folder: Path):
    path = folder / LOAN
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    with pytest.raises(CatalogueError) as caught:
        standards.load(folder)
    assert caught.value.code == "QM-STANDARDS-010"
