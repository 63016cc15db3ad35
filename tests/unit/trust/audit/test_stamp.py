"""Time stamps: asked for, checked, kept, exported, and checked again with the file and the roots alone."""

from __future__ import annotations

import base64
import importlib.util
import json
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from typer.testing import CliRunner

from quanmin.cli import app
from quanmin.errors import QuanminError
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.audit import post
from quanmin.trust.audit.errors import NoAuthority, StampRefused, StampUnavailable
from quanmin.trust.errors import AuditBroken

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the answers")


def _authority() -> Any:
    """The module beside this one, which is no package."""
    place = Path(__file__).with_name("authority.py")
    found = importlib.util.spec_from_file_location("stamp_authority", place)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


AUTHORITY = _authority()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One authority for all tests here."""
    with AUTHORITY.served(AUTHORITY.Authority(tmp_path_factory.mktemp("tsa") / "first")) as made:
        yield made


@pytest.fixture
def tsa(served: Any) -> Any:
    """It, with its manners."""
    served.answer = served.stamp
    return served


def known(settings: Settings, tsa: Any, **more: Any) -> Settings:
    """The settings with this authority."""
    given = {"timestamp_authority": tsa.address, "timestamp_roots": tsa.roots, **more}
    return settings.model_copy(update=given)


def heads(ledger: Ledger, settings: Settings, count: int = 1) -> list[audit.SignedHead]:
    """Heads over 3, 6, … entries."""
    found = []
    for _ in range(count):
        audit.append_all(ledger, [("read", "desk", {"rows": 1})] * 3)
        found.append(audit.sign(ledger, settings))
    return found


def stamped(ledger: Ledger, settings: Settings, tsa: Any, count: int = 1) -> list[audit.SignedHead]:
    """The same, each stamped and kept."""
    found = heads(ledger, settings, count)
    for one in found:
        audit.keep_token(ledger, one, audit.ask(one, known(settings, tsa))[0])
    return found


def found_in(ledger: Ledger, file: Path, roots: audit.Roots | None) -> audit.Report:
    """The log in the ledger and its export say the same of their stamps."""
    file.unlink(missing_ok=True)
    audit.export(ledger, file)
    report = audit.check(file, roots=roots)
    assert report.stamps == audit.stamps(ledger, roots)
    here = audit.verify(ledger, roots=roots)
    assert (here.damage, here.sequence) == (report.verdict.damage, report.verdict.sequence)
    return report


def test_a_time_stamp_proves_when_a_head_existed(
    ledger: Ledger, either_settings: Settings, tsa: Any, tmp_path: Path
) -> None:
    [head] = heads(ledger, either_settings)
    answer, told = audit.ask(head, known(either_settings, tsa))
    assert abs(told.at - datetime.now(UTC)) < timedelta(seconds=30) and told.policy == AUTHORITY.POLICY
    audit.keep_token(ledger, head, answer)
    assert audit.token(ledger, head) == answer
    report = found_in(ledger, tmp_path / "log", audit.Roots.read(tsa.roots))
    assert report.verdict.sound and report.stamps == (audit.Stamped(3, head.at, told.at, None),)
    told_of = audit.check(tmp_path / "log")
    assert told_of.verdict.sound and [one.flaw for one in told_of.stamps] == ["unchecked"]


def test_a_log_without_stamps_has_none(ledger: Ledger, either_settings: Settings, tsa: Any, tmp_path: Path) -> None:
    heads(ledger, either_settings)
    assert found_in(ledger, tmp_path / "log", audit.Roots.read(tsa.roots)).stamps == ()


def test_a_stamp_of_another_head_is_found_at_the_head_that_it_is_kept_with(
    ledger: Ledger, either_settings: Settings, tsa: Any, tmp_path: Path
) -> None:
    first, second, _ = stamped(ledger, either_settings, tsa, 3)
    audit.keep_token(ledger, second, audit.token(ledger, first) or b"")
    report = found_in(ledger, tmp_path / "log", audit.Roots.read(tsa.roots))
    assert report.verdict == audit.Verdict(9, second.size, "stamp")
    assert [one.flaw for one in report.stamps] == [None, "imprint", None]


def _signature(answer: bytes) -> bytes:
    return answer[:-1] + bytes([answer[-1] ^ 1])


def _time(answer: bytes) -> bytes:
    """Another year."""
    place = answer.index(b"\x18\x0f20") + 4
    return answer[:place] + b"19" + answer[place + 2 :]


SPOILT: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "signature": (_signature, "untrusted"),
    "time": (_time, "untrusted"),
    "cut": (lambda answer: answer[:-40], "format"),
    "none": (lambda _: b"token", "format"),
    "empty": (lambda _: b"0\x00", "format"),
    "rejected": (lambda _: bytes.fromhex("30053003020102"), "status"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_forged_stamp_is_found(
    ledger: Ledger, either_settings: Settings, tsa: Any, tmp_path: Path, name: str
) -> None:
    spoil, flaw = SPOILT[name]
    [head] = stamped(ledger, either_settings, tsa)
    audit.keep_token(ledger, head, spoil(audit.token(ledger, head) or b""))
    report = found_in(ledger, tmp_path / "log", audit.Roots.read(tsa.roots))
    assert report.verdict == audit.Verdict(3, 3, "stamp") and [one.flaw for one in report.stamps] == [flaw]


def test_whatever_is_done_to_an_answer_it_proves_the_same_or_is_refused(
    ledger: Ledger, settings: Settings, tsa: Any
) -> None:
    [head] = heads(ledger, settings)
    answer, told = audit.ask(head, known(settings, tsa))
    roots, chance, refused = audit.Roots.read(tsa.roots), random.Random(7), 0
    for _ in range(600):
        spoilt, place = bytearray(answer), chance.randrange(len(answer))
        spoilt[place] = chance.randrange(256)
        cut = bytes(spoilt[: chance.choice((len(answer), len(answer), place))])
        try:
            assert roots.check(cut, head.message()) == told
        except StampRefused:
            refused += 1
    assert refused > 500


def test_damage_of_the_log_goes_before_its_stamps(
    ledger: Ledger, either_settings: Settings, tsa: Any, tmp_path: Path
) -> None:
    [head] = stamped(ledger, either_settings, tsa)
    audit.keep_token(ledger, head, b"none")
    audit.export(ledger, tmp_path / "log")
    lines = (tmp_path / "log").read_bytes().replace(b'"rows":1', b'"rows":2', 1)
    (tmp_path / "log").write_bytes(lines)
    report = audit.check(tmp_path / "log", roots=audit.Roots.read(tsa.roots))
    assert (report.verdict.damage, report.verdict.sequence) == ("changed", 1)


def test_an_authority_of_other_roots_proves_nothing(
    ledger: Ledger, either_settings: Settings, tsa: Any, tmp_path: Path
) -> None:
    foreign = AUTHORITY.Authority(tmp_path / "foreign")
    [head] = heads(ledger, either_settings)
    tsa.answer = foreign.stamp
    with pytest.raises(StampRefused) as caught:
        audit.ask(head, known(either_settings, tsa))
    assert caught.value.fields["reason"] == "untrusted"
    audit.keep_token(ledger, head, audit.ask(head, known(either_settings, tsa, timestamp_roots=foreign.roots))[0])
    report = found_in(ledger, tmp_path / "log", audit.Roots.read(tsa.roots))
    assert report.verdict == audit.Verdict(3, 3, "stamp") and report.stamps[0].flaw == "untrusted"
    both = tmp_path / "both.pem"
    both.write_bytes(tsa.roots.read_bytes() + foreign.roots.read_bytes())
    assert found_in(ledger, tmp_path / "log", audit.Roots.read(both)).verdict.sound


@pytest.mark.parametrize("purpose", [None, ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.TIME_STAMPING])
def test_only_a_certificate_for_time_stamps_stamps(
    ledger: Ledger, settings: Settings, tsa: Any, purpose: x509.ObjectIdentifier | None
) -> None:
    use = x509.ExtendedKeyUsage([purpose]) if purpose else None
    other = AUTHORITY.Holder("other", tsa.middle, purpose=use)
    [head] = heads(ledger, settings)
    tsa.answer = lambda question: tsa.signed_by(other, tsa.stamp(question))
    if purpose == ExtendedKeyUsageOID.TIME_STAMPING:  # what the others fail by is their purpose
        assert audit.ask(head, known(settings, tsa))[1].policy == AUTHORITY.POLICY
        return
    with pytest.raises(StampRefused) as caught:
        audit.ask(head, known(settings, tsa))
    assert caught.value.fields["reason"] == "untrusted"


def test_a_certificate_must_have_been_valid_then_not_now(ledger: Ledger, settings: Settings, tmp_path: Path) -> None:
    [head] = heads(ledger, settings)
    over = AUTHORITY.Authority(tmp_path / "over", ends=timedelta(days=-1))
    soon = AUTHORITY.Authority(tmp_path / "soon", ends=timedelta(seconds=2))
    with AUTHORITY.served(soon), AUTHORITY.served(over):
        answer, told = audit.ask(head, known(settings, soon))
        with pytest.raises(StampRefused):
            audit.ask(head, known(settings, over))
    time.sleep(3)
    assert soon.stamper.certificate.not_valid_after_utc < datetime.now(UTC)
    assert audit.Roots.read(soon.roots).check(answer, head.message()) == told


def test_an_answer_to_another_question_is_refused(ledger: Ledger, settings: Settings, tsa: Any) -> None:
    first, second = heads(ledger, settings, 2)
    old, _ = audit.ask(first, known(settings, tsa))
    tsa.answer = lambda _: old
    for head in (first, second):
        with pytest.raises(StampRefused) as caught:
            audit.ask(head, known(settings, tsa))
        assert caught.value.fields["reason"] == "nonce"


def test_only_the_policy_that_was_set_is_accepted(ledger: Ledger, settings: Settings, tsa: Any) -> None:
    [head] = heads(ledger, settings)
    assert audit.ask(head, known(settings, tsa, timestamp_policy=AUTHORITY.POLICY))
    with pytest.raises(StampRefused) as caught:
        audit.ask(head, known(settings, tsa, timestamp_policy="1.2.3.4"))
    assert caught.value.fields["reason"] == "policy"


def _fails(code: int) -> Callable[[bytes], bytes]:
    def answer(_question: bytes) -> bytes:
        raise LookupError(code)

    return answer


AWAY: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "fault": (_fails(500), "HTTP 500"),
    "elsewhere": (_fails(302), "HTTP 302"),
    "large": (lambda _: b"x" * (post.MOST + 1), "too large"),
    "slow": (lambda _: b"drip", "too slow"),
}


@pytest.mark.parametrize("name", AWAY)
def test_an_authority_that_does_not_answer_well_is_away(
    ledger: Ledger, settings: Settings, tsa: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tsa.answer, reason = AWAY[name]
    monkeypatch.setattr(post, "SECONDS", 0.5 if name == "slow" else 5.0)
    [head] = heads(ledger, settings)
    begun, asked = time.monotonic(), tsa.asked
    with pytest.raises(StampUnavailable) as caught:
        audit.ask(head, known(settings, tsa))
    assert (caught.value.fields["reason"], caught.value.category) == (reason, "unavailable")
    assert time.monotonic() - begun < 4 and tsa.asked == asked + 1


def test_nobody_there_and_nothing_set(ledger: Ledger, settings: Settings, tsa: Any, tmp_path: Path) -> None:
    [head] = heads(ledger, settings)
    with pytest.raises(StampUnavailable):
        audit.ask(head, known(settings, tsa, timestamp_authority="http://127.0.0.1:9/"))
    (tmp_path / "none.pem").write_text("none")
    for wrong in (
        {"timestamp_authority": None},
        {"timestamp_roots": None},
        {"timestamp_roots": tmp_path / "none.pem"},
        {"timestamp_roots": tmp_path / "absent.pem"},
        {"timestamp_policy": "no policy"},
        {"timestamp_authority": f"file://{tmp_path}"},
    ):
        with pytest.raises(NoAuthority):
            audit.ask(head, known(settings, tsa, **wrong))


@pytest.fixture
def home(tmp_path: Path, tsa: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose settings name the authority."""
    for name, value in (("HOME", tmp_path / "home"), ("TIMESTAMP_AUTHORITY", tsa.address), ("LANGUAGE", "en")):
        monkeypatch.setenv(f"QUANMIN_{name}", str(value))
    monkeypatch.setenv("QUANMIN_TIMESTAMP_ROOTS", str(tsa.roots))
    return tmp_path


def run(*words: str) -> Any:
    """A command."""
    return CliRunner().invoke(app, ["audit", *words])


def test_the_commands_stamp_and_verify(home: Path, tsa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("head", "--stamp", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    asked, at = tsa.asked, datetime.fromisoformat(told["stamped"])
    assert told["policy"] == AUTHORITY.POLICY and base64.b64decode(told["token"])
    again = json.loads(run("head", "--stamp", "--every", "60", "--json").stdout)
    assert again == told and tsa.asked == asked  # it is stamped already
    assert run("export", str(home / "log")).exit_code == 0
    told = json.loads(run("verify", "--export", str(home / "log"), "--json").stdout)
    assert told["sound"] and [one["at"] for one in told["stamps"]] == [at.isoformat()]
    assert f"{at:%Y-%m-%d %H:%M:%S} UTC" in run("verify").stdout
    for name in ("AUTHORITY", "ROOTS"):
        monkeypatch.delenv(f"QUANMIN_TIMESTAMP_{name}")
    assert "not checked" in run("verify").stdout
    assert f"{at:%H:%M:%S}" in run("verify", "--export", str(home / "log"), "--roots", str(tsa.roots)).stdout
    done = run("head", "--stamp")
    assert isinstance(done.exception, NoAuthority)
    foreign = AUTHORITY.Authority(home / "foreign")
    done = run("verify", "--export", str(home / "log"), "--roots", str(foreign.roots))
    assert isinstance(done.exception, AuditBroken) and done.exception.fields == {"sequence": 0, "kind": "stamp"}
    assert "does not hold (untrusted)" in done.stdout


@pytest.mark.parametrize(("answer", "kind"), [(_fails(503), StampUnavailable), (lambda _: b"none", StampRefused)])
def test_without_an_answer_the_head_is_kept_and_said_so(
    home: Path, tsa: Any, answer: Callable[[bytes], bytes], kind: type[QuanminError]
) -> None:
    tsa.answer = answer
    done = run("head", "--stamp", "--json")
    told = json.loads(done.stdout)
    assert isinstance(done.exception, kind) and "stamped" not in told
    kept = audit.noted(Settings())
    assert kept is not None and kept.signature.hex() == told["signature"]
    with Ledger.open(Settings()) as ledger:
        assert audit.token(ledger, kept) is None and audit.stamps(ledger) == ()
    tsa.answer = tsa.stamp
    later = json.loads(run("head", "--stamp", "--every", "60", "--json").stdout)
    assert later["signature"] == told["signature"] and "stamped" in later
