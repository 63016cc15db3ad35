"""An exported log is verified with the file, the public key and an earlier head alone; every kind of damage is found there."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.audit import record, scan, tree
from quanmin.trust.audit.errors import HeadUnreadable, NotAnExport

COUNT = 60


class Case:
    """An exported log with heads over 20, 40 and 60 entries; its lines can be spoiled and verified again."""

    def __init__(self, home: Settings, file: Path) -> None:
        self.file, self.home = file, home
        self.signer = audit.StoreSigner.open(home)
        self.public = self.signer.public
        with Ledger.open(home) as ledger:
            self.early = self._fill(ledger)
            audit.export(ledger, file)
        self.lines = file.read_bytes().splitlines()
        self.first = next(n for n, line in enumerate(self.lines) if line.startswith(b'{"leaf"'))

    def _fill(self, ledger: Ledger) -> audit.SignedHead:
        heads = []
        for start in range(0, COUNT, 20):
            work = [("read", "desk", {"purpose": "treatment", "rows": n, "名": "字"}) for n in range(start, start + 20)]
            audit.append_all(ledger, work)
            heads.append(audit.sign(ledger, self.home))
        return heads[0]

    def at(self, sequence: int) -> int:
        """Where an entry's line is."""
        return self.first + sequence - 1

    def check(self, noted: audit.SignedHead | None = None) -> audit.Report:
        """Verify what the lines are now."""
        self.file.write_bytes(b"".join(line + b"\n" for line in self.lines))
        return audit.check(self.file, self.public, noted)

    def verdict(self, noted: audit.SignedHead | None = None) -> audit.Verdict:
        """The same, the verdict only."""
        return self.check(noted).verdict

    def sealed(self, sequence: int, change: Callable[[bytes], bytes]) -> None:
        """Change an entry and give it the hash that fits."""
        line = b"{" + change(self.lines[self.at(sequence)][record.REST :])
        self.lines[self.at(sequence)] = record.exported(line, tree.leaf(tree.HASHES["sha256"], line))

    def forge_heads(self, signer: audit.Ed25519Signer, sizes: list[int]) -> None:
        """Replace the heads by others that fit the lines, signed by somebody."""
        frontier, heads = tree.Frontier(tree.HASHES["sha256"]), []
        for line in self.lines[self.first :]:
            frontier.push(bytes.fromhex(line[record.LEAF].decode()))
            if frontier.size in sizes:
                public = signer.public
                at = datetime(2026, 1, 1, tzinfo=UTC)
                head = audit.SignedHead(at, frontier.size, frontier.root(), "sha256", public.algorithm, public.key, b"")
                head = head._replace(signature=signer.sign(head.message()))
                heads.append(json.dumps({"head": head.document()}, separators=(",", ":")).encode())
        self.lines[1 : self.first] = heads
        self.first = 1 + len(heads)


@pytest.fixture(params=["one part", "many parts"])
def case(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A log of 60 entries, read in one part or in many."""
    if request.param == "many parts":
        monkeypatch.setattr(scan, "PART", 1000)
        monkeypatch.setattr("quanmin.trust.audit.reading._ALONE", 10**9)  # in this process
    return Case(settings, tmp_path / "log.ndjson")


def test_an_untouched_export_holds(case: Case) -> None:
    found = case.check(case.early)
    assert found == audit.Report(audit.Verdict(COUNT), "sha256", found.root, 3, COUNT)
    assert case.check(found and audit.noted(case.home)).verdict.sound
    assert json.loads(case.lines[case.at(7)])["fields"] == {"rows": 6, "名": "字"}


def test_every_single_byte_counts(case: Case) -> None:
    chance = random.Random(1)
    places = [(n, p) for n in range(case.first, len(case.lines)) for p in range(len(case.lines[n]))]
    for n, place in chance.sample(places, 60):
        line = case.lines[n]
        case.lines[n] = line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :]
        found = case.verdict()
        assert found.sequence == n - case.first + 1 and found.damage == "changed", (n, place)
        case.lines[n] = line


def test_a_removed_entry_is_located(case: Case) -> None:
    del case.lines[case.at(33)]
    assert case.verdict() == audit.Verdict(32, 33, "removed")


def test_the_first_entry_removed_is_located(case: Case) -> None:
    del case.lines[case.at(1)]
    assert case.verdict() == audit.Verdict(0, 1, "removed")


def test_entries_in_another_order_are_located(case: Case) -> None:
    one, two = case.at(12), case.at(51)
    case.lines[one], case.lines[two] = case.lines[two], case.lines[one]
    assert case.verdict() == audit.Verdict(11, 12, "reordered")


def test_an_entry_twice_is_located(case: Case) -> None:
    case.lines.insert(case.at(31), case.lines[case.at(5)])
    assert case.verdict() == audit.Verdict(30, 31, "added")


def test_a_cut_tail_is_found_by_the_heads(case: Case) -> None:
    del case.lines[case.at(50) :]
    assert case.verdict() == audit.Verdict(49, 50, "removed", 60)


def test_a_cut_tail_with_its_heads_and_size_is_found_by_the_noted_head(case: Case) -> None:
    del case.lines[case.at(21) :]
    del case.lines[2:4]
    case.lines[0] = case.lines[0].replace(b"60", b"20")
    case.first = 2
    assert case.check(case.early).verdict.sound  # it was so once
    assert case.verdict(audit.noted(case.home)) == audit.Verdict(20, 21, "removed", 60)


def test_a_file_that_ends_within_a_line_is_located(case: Case) -> None:
    case.lines[-1] = case.lines[-1][:150]
    found = case.verdict()
    assert found.sequence == 60 and not found.sound


def test_a_change_with_its_hash_is_found_between_two_heads(case: Case) -> None:
    case.sealed(25, lambda line: line.replace(b'"rows":24', b'"rows":99'))
    assert case.verdict() == audit.Verdict(60, 21, "changed", 40)


def test_a_removal_with_numbers_made_anew_is_found(case: Case) -> None:
    del case.lines[case.at(25)]
    for n in range(25, 60):
        case.sealed(n, lambda line, n=n: line.replace(b'"sequence":%d' % (n + 1), b'"sequence":%d' % n))
    found = case.verdict()
    assert (found.sequence, found.damage, found.until) == (21, "changed", 40)


def test_log_and_heads_replaced_together_are_found_by_the_key(case: Case) -> None:
    case.sealed(5, lambda line: line.replace(b"desk", b"dusk"))
    case.forge_heads(audit.Ed25519Signer(Ed25519PrivateKey.generate()), [20, 40, 60])
    assert case.verdict() == audit.Verdict(0, 20, "forged")


def test_log_and_heads_replaced_by_whoever_has_the_key_are_found_by_the_noted_head(case: Case) -> None:
    case.sealed(5, lambda line: line.replace(b"desk", b"dusk"))
    case.forge_heads(case.signer, [40, 60])
    assert case.verdict().sound  # key and log agree: only a head kept elsewhere knows better
    assert case.verdict(case.early) == audit.Verdict(60, 1, "forked", 20)


def test_a_fork_shows_by_two_heads_of_one_size(case: Case) -> None:
    kept = case.lines[1 : case.first]
    case.sealed(25, lambda line: line.replace(b"desk", b"dusk"))
    case.forge_heads(case.signer, [40])
    case.lines[1:1] = kept
    case.first += len(kept)
    found = case.verdict()
    assert (found.sequence, found.damage, found.until) == (21, "forked", 40)


def test_without_a_key_the_heads_are_compared_but_cover_nothing(case: Case) -> None:
    assert case.check().covered == 60
    assert audit.check(case.file).covered == 0 and audit.check(case.file).verdict.sound


def test_without_heads_nothing_is_covered(case: Case) -> None:
    del case.lines[1 : case.first]
    assert case.check().covered == 0


def test_times_that_run_backwards_are_told(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in (0, 1, 2, 1, 3, 3, 0, 4)]
    with Ledger.open(settings, lambda: times.pop(0)) as ledger:
        for _ in range(8):
            audit.append(ledger, "read", "desk", {})
        audit.export(ledger, tmp_path / "log.ndjson")
    for size in (1 << 20, 200):
        monkeypatch.setattr(scan, "PART", size)
        found = audit.check(tmp_path / "log.ndjson", workers=1).verdict
        assert found.sound and found.backwards == (4, 7)


def test_processes_find_the_same(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(settings, tmp_path / "log.ndjson")
    monkeypatch.setattr(scan, "PART", 200)  # enough parts for two processes
    del case.lines[case.at(33)]
    assert case.verdict(case.early) == audit.Verdict(32, 33, "removed")


def test_the_other_hash_is_verified_too(settings: Settings, tmp_path: Path) -> None:
    with Ledger.open(settings) as ledger:
        ledger.audit_hash = "sm3"
        audit.append_all(ledger, [("read", "desk", {"n": n}) for n in range(300)])
        audit.sign(ledger, settings)
        audit.export(ledger, tmp_path / "log.ndjson")
    found = audit.check(tmp_path / "log.ndjson", audit.StoreSigner.open(settings).public)
    assert found.verdict == audit.Verdict(300) and found.hash == "sm3" and found.covered == 300


def test_other_files_are_refused(tmp_path: Path) -> None:
    for number, content in enumerate(
        [b"", b"{}\n", b"\xff\n", b'{"log":"other","version":1,"hash":"sha256","size":1}\n']
    ):
        file = tmp_path / f"{number}.ndjson"
        file.write_bytes(content)
        with pytest.raises(NotAnExport):
            audit.check(file)
    with pytest.raises(HeadUnreadable):
        audit.Ed25519Public.read(tmp_path / "0.ndjson")
