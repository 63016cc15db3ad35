"""Proofs: made from the log, held with public keys alone, and refused whatever else they are."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from typer.testing import CliRunner

from quanmin.cli import app
from quanmin.exchange.canonical import canonical, digest
from quanmin.exchange.delivery import manifest as manifests
from quanmin.exchange.delivery import place
from quanmin.exchange.delivery import receipt as receipts
from quanmin.exchange.delivery.workflow import INTAKE
from quanmin.exchange.log import keeper, proof, verify
from quanmin.exchange.log.errors import NotLogged, ProofBroken, ProofUnreadable
from quanmin.exchange.log.journal import LedgerJournal
from quanmin.exchange.member import directory as directories
from quanmin.exchange.member.member import Member
from quanmin.trust import audit

Change = Callable[[dict[str, Any]], None]


def trusted(talk: Any, **more: Any) -> verify.Trusted:
    return verify.Trusted(talk.audit(), talk.platform(), **more)


def made(talk: Any, name: str = "b") -> bytes:
    """Of the second of three pairs."""
    talk.logged("a", "b", "c", keep=True)
    keeper.turn(talk.ledger, talk.settings)
    return proof.prove(talk.ledger, talk.settings, talk.directory, name)


def changed(content: bytes, change: Change) -> bytes:
    """A proof that somebody changed who also knows how to make its digest."""
    told = json.loads(content)
    change(told)
    del told["digest"]
    return canonical(told | {"digest": digest(told)})


def refused(talk: Any, content: bytes, **more: Any) -> str:
    """Which check does not hold."""
    with pytest.raises(ProofBroken) as error:
        verify.require(verify.verify(content, trusted(talk, **more)))
    assert error.value.next_step("zh") and error.value.next_step("en")
    return error.value.message("en")


@pytest.mark.parametrize("name", ["b", "b-answer"])
def test_a_pair_is_proven_with_public_keys(talk: Any, name: str) -> None:
    checks = verify.verify(made(talk, name), trusted(talk))
    assert [one.name.en for one in checks if one.holds is not True] == ["the head has no time stamp"]
    told = [one.name.en for one in checks]
    assert "response b-answer answers b" in told and "request b is entry 3 of the log" in told
    assert "the body of response b-answer" in told and all(one.name.zh for one in checks)


def test_what_is_not_given_is_unchecked_and_never_fine(talk: Any) -> None:
    talk.logged("a")
    content = proof.prove(talk.ledger, talk.settings, talk.directory, "a")
    checks = verify.verify(content, verify.Trusted())
    unchecked = [one.name.en for one in checks if one.holds is None]
    assert [one.split(" (")[0] for one in unchecked] == [
        "that platform is the one whose key was given",
        "the signature of that head",
        "the head has no time stamp",
        "the body of request a: not given",
        "the body of response a-answer: not given",
    ]
    bodies = [b'{"number":1}', b'{"number":1}'[::-1]]
    checks = verify.verify(content, trusted(talk, bodies=bodies))
    assert [one.name.en for one in checks if one.holds is None] == ["the head has no time stamp"]


def test_a_request_without_an_answer_is_proven_as_that(talk: Any) -> None:
    journal = LedgerJournal(talk.ledger)
    journal.append(talk.pair("a")[0])
    journal.close()
    content = proof.prove(talk.ledger, talk.settings, talk.directory, "a")
    checks = verify.verify(content, trusted(talk))
    assert ("the answer to a: not in it", None) in [(one.name.en, one.holds) for one in checks]


def test_an_id_that_the_log_does_not_have(talk: Any) -> None:
    with pytest.raises(NotLogged) as error:
        proof.prove(talk.ledger, talk.settings, talk.directory, "nobody")
    assert error.value.message("zh") and error.value.next_step("en")


def test_keys_of_others_are_refused(talk: Any, tmp_path: Path) -> None:
    content = made(talk)
    other = audit.Ed25519Signer(_generated()).public
    for keys, what in (
        (verify.Trusted(other, talk.platform()), "the signature of that head"),
        (verify.Trusted(talk.audit(), ("ed25519", bytes(32))), "that platform is the one whose key was given"),
    ):
        with pytest.raises(ProofBroken, match=what):
            verify.require(verify.verify(content, keys))
    with pytest.raises(ProofUnreadable):
        verify.platform_key(tmp_path / "nothing")
    pem = tmp_path / "platform.pub"
    algorithm, raw = talk.platform()
    pem.write_bytes(
        Ed25519PublicKey.from_public_bytes(raw).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    assert verify.platform_key(pem) == talk.platform()
    pem.write_text(f"{algorithm} {raw.hex()}\n")
    assert verify.platform_key(pem) == talk.platform()


def _generated() -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()


def test_a_response_of_another_request_is_refused(talk: Any) -> None:
    """Both messages are genuine, logged and vouched for; they do not belong together."""
    talk.logged("a", "b")
    one, other = (json.loads(proof.prove(talk.ledger, talk.settings, talk.directory, name)) for name in "ab")

    def swap(told: dict[str, Any]) -> None:
        told["messages"][1] = other["messages"][1]

    content = changed(canonical(one), swap)
    assert "the answer to a" in refused(talk, content) or "answers b" in refused(talk, content)


def test_a_response_that_cites_the_id_but_another_text_is_refused(talk: Any) -> None:
    """A second request under the id of the first one, with another body: the answer is of the first."""
    first, second = talk.pair("a"), talk.pair("a", body=b"something else")
    journal = LedgerJournal(talk.ledger)
    journal.append(first[0], second[1])
    journal.close()
    content = proof.prove(talk.ledger, talk.settings, talk.directory, "a")
    assert "answers a" in refused(talk, content)


def test_of_a_request_that_was_said_twice_the_answered_one_is_proven(talk: Any) -> None:
    first = talk.pair("a")[0]
    talk.now += timedelta(seconds=5)
    again, answer = talk.pair("a")
    journal = LedgerJournal(talk.ledger)
    journal.append(first, again, answer)
    journal.close()
    for name in ("a", "a-answer"):
        content = proof.prove(talk.ledger, talk.settings, talk.directory, name)
        assert all(one.holds is not False for one in verify.verify(content, trusted(talk)))
        assert [json.loads(one["line"])["sequence"] for one in json.loads(content)["messages"]] == [2, 3]


def test_a_key_that_was_revoked_before_is_refused_and_one_after_is_told(talk: Any) -> None:
    content = made(talk)
    for minutes, result in ((-1, False), (1, None)):
        key = talk.asks.keys()
        revoked = tuple(
            replace(one, revoked=talk.start + timedelta(minutes=minutes)) if one.use == "signature" else one
            for one in key
        )
        listed = {**talk.directory.members, "civil_affairs": Member("civil_affairs", "成员", "member", None, revoked)}
        told = directories.document(talk.signs(listed))
        checks = verify.verify(changed(content, lambda one, told=told: one.update(directory=told)), trusted(talk))
        assert result in [one.holds for one in checks if "key civil_affairs" in one.name.en or "revoked" in one.name.en]
        assert (checks[-1].holds is False) == (result is False)


def test_what_the_log_says_must_be_what_was_signed(talk: Any) -> None:
    """The owner of a log writes down another receiver, status or body than was signed, and everything else rightly."""
    for number, change in enumerate(
        ({"receiver": "education"}, {"digest": "00" * 32}, {"status": 500}, {"fault": "provider QM-LAKE-001"})
    ):
        request, response = talk.pair(f"m{number}")
        journal = LedgerJournal(talk.ledger)
        journal.append(request, replace(response, **change))
        journal.close()
        content = proof.prove(talk.ledger, talk.settings, talk.directory, f"m{number}-answer")
        assert "is what was signed" in refused(talk, content)


def parts(told: dict[str, Any]) -> dict[str, Change]:
    """Every part of a proof, each with a change that keeps its form."""
    zeros = "00" * 32

    def put(*way: Any, value: Any) -> Change:
        def change(one: Any) -> None:
            for step in way[:-1]:
                one = one[step]
            one[way[-1]] = value

        return change

    other = base64.b64encode(b"another").decode()
    line = told["messages"][0]["line"]
    audited = told["batches"][0]["audit"]
    return {
        "subject": put("subject", "id", value="c"),
        "kind": put("subject", "kind", value="delivery"),
        "line": put("messages", 0, "line", value=line.replace('"size":12', '"size":13')),
        "before": put("messages", 0, "before", value=zeros),
        "path": put("messages", 1, "path", 0, value=zeros),
        "shorter": put("messages", 1, "path", value=told["messages"][1]["path"][1:]),
        "body": put("messages", 1, "body", value=other),
        "audit line": put("batches", 0, "audit", "line", value=audited["line"].replace('"last":6', '"last":7')),
        "audit place": put("batches", 0, "audit", "size", value=audited["size"] + 1),
        "head root": put("batches", 0, "head", "root", value=zeros),
        "head signature": put("batches", 0, "head", "signature", value="00" * 64),
        "directory signature": put("directory", "signature", value="00" * 64),
        "directory": put("directory", "members", "civil_affairs", "active", value=False),
    }


PARTS = tuple(parts({"messages": [{"line": ""}, {"path": [""]}], "batches": [{"audit": {"line": "", "size": 0}}]}))


@pytest.mark.parametrize("part", PARTS)
def test_a_changed_part_is_refused_though_the_digest_was_made_anew(talk: Any, part: str) -> None:
    content = made(talk)
    spoiled = changed(content, parts(json.loads(content))[part])
    assert spoiled != content
    assert refused(talk, spoiled)


def test_a_delivery_is_proven_by_manifest_and_receipt(talk: Any) -> None:
    content = delivered(talk)
    checks = verify.verify(content, trusted(talk))
    told = [one.name.en for one in checks if one.holds]
    assert "health signed a receipt" in " ".join(told) and "9 + 1 = 10" in " ".join(told)
    other = json.loads(content)["delivery"]["manifest"].replace('"rows":10', '"rows":11')
    assert "receipt" in refused(talk, changed(content, lambda one: one["delivery"].update(manifest=other)))
    forged = json.loads(content)["delivery"]["receipt"][:-4] + "AAAA"
    assert "receipt" in refused(talk, changed(content, lambda one: one["delivery"].update(receipt=forged)))


def delivered(talk: Any) -> bytes:
    """The receiver's proof of a delivery of ten rows, one of which it put aside."""
    name = f"civil_affairs.{'0' * 24}"
    chunk = manifests.Chunk(1, 3, hashlib.sha256(b"abc").hexdigest())
    told = manifests.Manifest(
        id=name,
        agreement="A-2026-0001;v=1",
        sender="civil_affairs",
        receiver="health",
        event=1,
        content="full",
        dataset="exchange.cremation",
        format="ndjson",
        file="a.ndjson",
        rows=10,
        bytes=3,
        sha256=chunk.sha256,
        made=talk.now,
        sealed=False,
        compressed=False,
        chunks=(chunk,),
    )
    signed = receipts.Receipt(
        name, told.digest(), told.agreement, "civil_affairs", "health", "accepted", 10, 9, 1, talk.now
    )
    folder = place.intake(talk.settings.home, name)
    folder.mkdir(parents=True)
    (folder / place.MANIFEST).write_bytes(told.text())
    document = talk.ledger.create(INTAKE.kind, name, {"manifest": told.summary(), "digest": told.digest()})
    talk.ledger.act(document.id, "complete")
    talk.ledger.act(document.id, "accept", {"receipt": receipts.sign(talk.answers, signed)})
    talk.logged("offer", delivery=name, body=told.text())
    return proof.prove(talk.ledger, talk.settings, talk.directory, name)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl checks the token")
def test_openssl_accepts_the_time_stamp_of_a_proof(stamped: Any, served: Any, tmp_path: Path) -> None:
    content = made(stamped)
    roots = audit.Roots.read(served.roots)
    checks = verify.verify(content, trusted(stamped, roots=roots))
    assert {one.holds for one in checks} == {True}
    root = json.loads(content)["batches"][0]
    head = audit.SignedHead.read(root["head"], "-")
    (tmp_path / "head").write_bytes(head.message())
    (tmp_path / "token").write_bytes(base64.b64decode(root["token"]))
    command = ["openssl", "ts", "-verify", "-data", "head", "-in", "token", "-CAfile", str(served.roots)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "OK" in done.stdout + done.stderr
    spoiled = changed(content, lambda one: one["batches"][0].update(token=base64.b64encode(b"no token").decode()))
    assert "time stamp" in refused(stamped, spoiled, roots=roots)
    assert "time stamp" in refused(stamped, _of_another_head(stamped, content), roots=roots)


def _of_another_head(talk: Any, content: bytes) -> bytes:
    """A genuine stamp, of another head."""
    talk.logged("later")
    keeper.turn(talk.ledger, talk.settings)
    later = json.loads(proof.prove(talk.ledger, talk.settings, talk.directory, "later"))
    return changed(content, lambda one: one["batches"][0].update(token=later["batches"][0]["token"]))


def test_the_command_works_from_an_empty_directory(
    stamped: Any, served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process, no home, no settings: the proof and three public keys are all there is."""
    content, place = made(stamped), tmp_path / "empty"
    place.mkdir()
    algorithm, raw = stamped.platform()
    (place / "p.json").write_bytes(content)
    (place / "audit.pub").write_bytes((stamped.settings.home / "keys" / "audit.pub").read_bytes())
    (place / "platform.pub").write_text(f"{algorithm} {raw.hex()}")
    (place / "roots.pem").write_bytes(served.roots.read_bytes())
    keys = ["--key", "audit.pub", "--platform", "platform.pub", "--tsa", "roots.pem"]
    before = {one.name for one in place.iterdir()}
    command = [sys.executable, "-m", "quanmin", "proof", "verify", "p.json", *keys]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(proof.__file__).parents[3]), "HOME": str(place)}
    done = subprocess.run([*command, "--json"], cwd=place, env=environment, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told["sound"] and told["unchecked"] == 0 and len(told["checks"]) > 15
    assert {one.name for one in place.iterdir()} == before
    monkeypatch.chdir(place)
    (place / "p.json").write_bytes(changed(content, lambda one: one["subject"].update(id="c")))
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 12 and "QM-EXCHANGE-046" in done.stderr and "✗" in done.stdout
    (place / "p.json").write_bytes(content + b" ")
    assert CliRunner().invoke(app, ["proof", "verify", "p.json"]).exit_code != 0


def test_the_manual_s_way_by_hand_works(stamped: Any, served: Any, tmp_path: Path) -> None:
    """The program of the manual, with `cryptography` and the standard library alone."""
    manual = (Path(__file__).parents[4] / "docs" / "exchange_proof.md").read_text("utf-8")
    program = re.search(r"```python\n(.*?)```", manual, re.DOTALL)
    assert program is not None
    (tmp_path / "proof.json").write_bytes(made(stamped))
    (tmp_path / "audit.pub").write_bytes((stamped.settings.home / "keys" / "audit.pub").read_bytes())
    (tmp_path / "platform.hex").write_text(stamped.platform()[1].hex())
    (tmp_path / "by_hand.py").write_text(program[1])
    command = [sys.executable, "-I", "by_hand.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["b", "b-answer", "holds"]
    openssl = re.search(r"```sh\n(openssl ts .*?)```", manual, re.DOTALL)
    assert openssl is not None
    (tmp_path / "roots.pem").write_bytes(served.roots.read_bytes())
    done = subprocess.run(["sh", "-ec", openssl[1]], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    content = (tmp_path / "proof.json").read_bytes().replace(b"A-2026-0001;v=1", b"A-2026-0002;v=1", 1)
    (tmp_path / "proof.json").write_bytes(content)
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0
