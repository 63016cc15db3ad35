"""A planted identifier is found in no log, receipt, error, feedback or audit of a demo run and of everything that goes wrong.

Searched are the outputs of all commands in both languages, everything in the home but the lake's own tables, what is left in the
temporary folder, the exported audit and a backup. Names and addresses are planted in data and in arguments, and in reasons that
are sealed; in names of files and column titles, which are told back as addresses, only numbers and phones are.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import sqlite3
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote

import openpyxl
import pyarrow.parquet as pq
import pytest

from quanmin import standards
from quanmin.cli.app import main
from quanmin.cli.workplace import open_register, session_file
from quanmin.demo_exchange import MINISTRIES
from quanmin.demo_vital import NATION
from quanmin.settings import Settings
from quanmin.standards.identity import check_character
from quanmin.trust.identity import account, founding, mandate, session
from quanmin.trust.policy import shipped

_FIGURES = {ord(sign): str(value) for value, sign in enumerate("〇一二三四五六七八九")} | {ord("零"): "0"}
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_HEX = re.compile(r"\\x([0-9a-fA-F]{2})")
_BETWEEN = re.compile(r"(?<=[0-9])[\s\-–—.·_\u200b-\u200f\u2060\ufeff]+(?=[0-9Xx])")


@dataclass(frozen=True)
class Person:
    """Somebody with a name, a phone and an address that nobody else has."""

    first: str
    name: str
    phone: str
    address: str

    @property
    def number(self) -> str:
        """The citizen number."""
        return self.first + check_character(self.first)

    @property
    def old(self) -> str:
        """The number of fifteen digits."""
        return self.first[:6] + self.first[8:]

    @property
    def born(self) -> str:
        """The birth date."""
        return f"{self.first[6:10]}-{self.first[10:12]}-{self.first[12:14]}"

    @property
    def sex(self) -> str:
        """The code that the number says."""
        return "2" if int(self.first[16]) % 2 == 0 else "1"

    def spellings(self) -> list[str]:
        """The number as people write it, and the other three."""
        wide = self.number.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
        spelled = self.number.translate({ord(str(n)): "〇一二三四五六七八九"[n] for n in range(10)})
        return [
            self.number,
            self.number.lower(),
            wide,
            spelled,
            " ".join(self.number),
            f"{self.number[:6]}-{self.number[6:14]}-{self.number[14:]}",
            "\u200b".join(self.number),
            self.old,
            self.first,
            self.phone,
            f"{self.phone[:3]} {self.phone[3:7]} {self.phone[7:]}",
            self.name,
            self.address,
        ]


PEOPLE = (
    Person("37010219670829713", "龘靐齉", "13971530268", "饕餮街魑魅巷柒号院"),
    Person("37020219880117462", "欧阳鱻灥", "18657904413", "耄耋路氤氲里叁号楼"),
    Person("11010519530411835", "犇骉猋", "15048866257", "踟蹰胡同觊觎弄陆室"),
)


def needles(people: Iterable[Person]) -> dict[str, str]:
    """What must not be found, by what it is."""
    found = {}
    for place, one in enumerate(people):
        forms = {"key": one.first, "born": one.first[6:], "old": one.old, "phone": one.phone}
        found |= {f"{name} of {place}": text for name, text in {**forms, "name": one.name, "home": one.address}.items()}
    return found


def plain(text: str) -> str:
    """A text in the one spelling that is searched: escapes undone, full width made narrow, nothing between digits."""
    for _ in range(2):
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    text = unicodedata.normalize("NFKC", unquote(_HEX.sub(lambda found: chr(int(found[1], 16)), text)))
    return _BETWEEN.sub("", text.translate(_FIGURES))


def found_in(data: bytes, people: Iterable[Person] = PEOPLE) -> list[str]:
    """What is found of the planted people in some bytes, in any spelling; keys as numbers of eight bytes, too."""
    people = tuple(people)
    texts = [plain(data.decode("utf-8", "replace"))]
    if b"\0" in data:
        texts += [plain(data[at:].decode("utf-16-le", "replace")) for at in (0, 1)]  # after an odd number of bytes, too
    found = [name for name, text in needles(people).items() if any(text in one or plain(text) in one for one in texts)]
    keys = {f"binary of {place}": int(one.first) for place, one in enumerate(people)}
    both: tuple[Literal["big", "little"], ...] = ("big", "little")
    return found + [name for name, key in keys.items() if any(key.to_bytes(8, order) in data for order in both)]


def crowd_in(data: bytes, numbers: frozenset[str]) -> list[str]:
    """Which of very many numbers (17 or 15 digits) stand in some bytes as they are."""
    found = []
    for run in re.findall(rb"\d{15,}", data):
        digits = run.decode()
        windows = {digits[at : at + length] for length in (15, 17) for at in range(len(digits) - length + 1)}
        found += sorted(windows & numbers)
    return found


def files_in(folder: Path, without: Iterable[str] = ()) -> Iterator[Path]:
    """Every file below a folder, but for some folders."""
    left = [folder / one for one in without]
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(path.is_relative_to(one) for one in left):
            yield path


def cells(person: Person, names: Iterable[str], place: int) -> dict[str, str]:
    """A row in which every column holds one of the spellings, another one each time."""
    spelled = person.spellings()
    return {name: spelled[(at + place) % len(spelled)] for at, name in enumerate(names)}


def as_csv(rows: list[dict[str, str]]) -> str:
    """Rows as CSV."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(",".join(json.dumps(cell, ensure_ascii=False) for cell in line) for line in lines) + "\n"


A, B, C = PEOPLE
REGISTER = "public_security.household_registration"
CASE = ("--case", f"案 {A.number}")
PERSONS = "1000"


@dataclass
class Run:
    """An installation, and what its commands said."""

    home: Path
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    said: dict[str, str] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)

    def __call__(self, *words: str, language: str = "zh", typed: str = "", keep: bool = True) -> str:
        """Run a command as a shell does; what it wrote on standard output. Kept is what must hold nobody's data."""
        out, err = io.StringIO(), io.StringIO()
        self.monkeypatch.setenv("QUANMIN_LANGUAGE", language)
        self.monkeypatch.setattr(sys, "argv", ["quanmin", *words])
        self.monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        self.codes.append(int(ended.value.code or 0))
        title = f"{len(self.codes)} {language} {' '.join(words[:3])}"
        self.said[f"{title} stderr"] = err.getvalue()
        if keep:
            self.said[f"{title} stdout"] = out.getvalue()
        return out.getvalue()

    def both(self, *words: str, typed: str = "") -> None:
        """The same in both languages."""
        for language in ("zh", "en"):
            self(*words, language=language, typed=typed)

    def turn(self, *words: str) -> None:
        """In one language, then in the other: what is refused is kept in both anyway."""
        self(*words, language=("zh", "en")[len(self.codes) % 2])

    def file(self, name: str, data: str | bytes) -> str:
        """A file of the sender."""
        path = self.folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return str(path)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The demo, and after it everything that can go wrong."""
    folder = tmp_path_factory.mktemp("planted")
    for name in ("sent", "temp"):
        (folder / name).mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder / "temp"))
        patch.setenv("QUANMIN_HOME", str(folder / "home"))
        made = Run(folder / "home" / "demo", folder / "sent", patch)
        made("demo", "--persons", PERSONS, keep=False)  # it is there to show one person
        patch.setenv("QUANMIN_HOME", str(made.home))
        for part in (_collect, _refuse, _ask, _review, _feedback, _trust):
            part(made)
        patch.setenv("QUANMIN_HOME", str(folder / "home" / "identity"))
        _identity(made)
        patch.setenv("QUANMIN_HOME", str(folder / "home" / "words"))
        _words(made)
        yield made


def _collect(run: Run) -> None:
    """People of the base, and rows of every dataset that hold identifiers in every column."""
    header = "户号,户内序号,公民身份号码,姓名,性别,出生日期,户籍地行政区划,户籍地址\n"
    for language, rival in (("zh", ""), ("en", "又")):
        rows = [
            ",".join((f"HH0{len(rival)}0{n}", "1", p.number, p.name + rival, p.sex, p.born, p.first[:6], p.address))
            for n, p in enumerate(PEOPLE)
        ]
        name = f"户籍 {A.number if rival else '-'.join((B.number[:6], B.number[6:]))} {C.phone}.csv"
        run(
            "collect",
            REGISTER,
            run.file(name, header + "\n".join(rows)),
            "--source",
            "public_security",
            language=language,
        )
    for place, dataset in enumerate(standards.catalogue().datasets.values()):
        names = [element.name for element in dataset.elements]
        rows_of = [cells(person, names, place + at) for person in PEOPLE for at in range(13)]
        path = run.file(f"{place}.csv", as_csv(rows_of))
        run.turn("collect", dataset.id, path, "--source", dataset.steward)
        run.turn("standards", "check", dataset.id, path)
    run("population", "build")
    run("population", "build", "--json", language="en")


def _broken() -> dict[str, bytes | str]:
    """Files that are refused, or of which rows are, with data in hand."""
    book = openpyxl.Workbook()
    book.active.append(["户号", "公民身份号码", "姓名"])
    book.active.append(["=1+1", A.number, f'=HYPERLINK("{A.phone}","{A.name}")'])
    workbook = io.BytesIO()
    book.save(workbook)
    head = "户号,户内序号,公民身份号码,姓名\n"
    row = f"H1,1,{A.number},{A.name}\n"
    whole = head + row
    return {
        f"no header {A.number}.csv": row + row,
        "twice.csv": f"公民身份号码,{A.number},{A.number},姓名\n{row}",
        "titles.csv": f"{head.strip()},{A.number},{' '.join(B.number)},{A.phone}\nH,1,{A.number},{A.name},a,b,c\n",
        "wide.csv": head + row.strip() + f",{B.number},{B.name}\n" + f"{C.number}\n",
        "quote.csv": head + f'H1,1,"{A.number},{A.name}\n' * 3,
        "nul.csv": head + f"H1,1,{A.number}\0,{A.name}\n",
        "mixed.csv": head.encode() + row.encode() + f"H2,1,{B.number},{B.name}又\n".encode("gb18030") + row.encode(),
        "long.csv": head + f"H1,1,{A.number},{A.name * 1_200_000}\n",
        f"cut {B.old}.gz": gzip.compress(whole.encode() * 50)[:-20],
        "broken.json": json.dumps([{"公民身份号码": A.number, "姓名": A.name}], ensure_ascii=False)[:-6],
        "keys.ndjson": json.dumps({"户号": "H1", A.number: A.name, B.phone: "x"}) + "\n",
        "same.ndjson": f'{{"户号":"H1","公民身份号码":"{A.number}","公民身份号码":"{B.number}"}}\n',
        "same.json": f'[{{"户号":"H1","公民身份号码":"{A.number}","公民身份号码":"{B.number}"}}]',
        "huge.ndjson": f'{{"户号":"H1","户内序号":1e400,"公民身份号码":{A.number[:17]},"姓名":"{A.name}\\u202e\\u001b[2J"}}\n',
        "cells.xlsx": workbook.getvalue(),
        "half.parquet": b"PAR1" + whole.encode(),
        "garbage.bin": bytes(range(256)) * 9 + whole.encode(),
        f"{A.number}.csv": b"",
        "control.csv": head + f'H1,1,{A.number},"{A.name}\r\nQM-AUDIT-000 {B.name}\x1b[31m"\n',
    }


def _refuse(run: Run) -> None:
    """Bad files and bad words."""
    for name, data in _broken().items():
        path = run.file(name, data)
        run.both("collect", REGISTER, path, "--source", "public_security")
        run.turn("standards", "check", REGISTER, path)
    good = run.file("good.csv", "户号\n1\n")
    run.both("collect", A.name, good, "--source", "public_security")
    run.both("collect", A.number, good, "--source", "public_security")
    run.both("collect", REGISTER, good, "--source", f"{B.name} {B.number}")
    run.both("collect", REGISTER, str(run.folder / f"不在 {' '.join(C.number)}.csv"), "--source", "public_security")
    run.both("collect", REGISTER, str(run.folder), "--source", "education")
    run.both("receipts", A.number)
    run.both("receipts", "999999")
    run("receipts")
    run("receipts", "--json")
    run("withdraw", "999999", "--reason", f"{A.name} {A.number}")
    last = json.loads(run("receipts", "--json"))
    accepted = [one["batch"] for one in last if one["state"] == "accepted" and one["file"].endswith(".csv")]
    run("withdraw", str(accepted[-1]), "--reason", f"{A.name}，{A.address}，{A.number}，{A.phone}")
    run("withdraw", str(accepted[-1]), "--reason", f"again {A.number}", language="en")
    run.both("standards", "show", A.name)
    run.both("standards", "export", REGISTER, "--format", B.number)
    run.both(A.name, A.number)


def _ask(run: Run) -> None:
    """Questions: refused, wrong, masked; what is shown in clear is not searched, what the log keeps of it is."""
    nobody, bad = "110105195304118427", A.number[:-1] + ("1" if A.number[-1] == "0" else "0")
    run("population", "show", A.number, *CASE, keep=False)
    run("population", "find", "--name", B.name, *CASE, keep=False)
    run("population", "find", "--address", A.address[:4], "--born", A.first[6:10], *CASE, keep=False)
    run("population", "history", A.number, *CASE, keep=False)
    run("population", "identifiers", A.number, *CASE, keep=False)
    for number in (A.number, nobody, bad, B.old, A.name, f" {' '.join(C.number)} "):
        run.turn("population", "show", number)
        run.turn("population", "history", number)
        run.turn("population", "identifiers", number)
        run.turn("population", "verify", number, C.name)
        run.turn("audit", "mine", number)
    run.both("population", "show", A.number, "--purpose", A.name, "--case", B.number)
    run.both("population", "show", A.number, "--purpose", B.number, "--case", B.phone)
    for purpose in ("treatment", "research", "insurance", "statistics", "own_record", "open_data"):
        run.turn("population", "show", A.number, "--purpose", purpose)
    run.both("population", "find", "--name", B.name)
    run.both("population", "find", "--born", A.number)
    run.both("population", "find", "--name", A.name, "--sex", B.name, "--region", A.number)
    run.both("population", "find", "--limit", A.phone, "--name", A.name)
    run.both("population", "identifiers", A.number, "--dataset", B.name)
    run.both("population", "identifiers", A.number, "--dataset", "health.birth", "--element", C.number)
    run.both("population", "identifiers", A.number, "--dataset", "health.birth")
    run.both("population", "explain", A.name, "1", "1")
    run.both("population", "explain", "health.death", A.number, "1")
    run.both("population", "statistics", A.name)
    asked = run.file(
        "asked.csv", f"公民身份号码,姓名\n{A.number},{B.name}\n{nobody},{C.name}\n{A.name},{A.number}\n{C.old}\n"
    )
    run(
        "population",
        "verify",
        "--file",
        asked,
        "--answers",
        str(run.folder.parent / "home" / f"answers {A.number}.csv"),
    )
    wrong = run.file(f"wrong {A.number}.csv", f"{A.number},{A.name}\n{B.number},{B.name}\n")
    run.both("population", "verify", "--file", wrong, "--answers", str(run.folder / "never.csv"))
    run.both("population", "verify", "--file", str(run.folder / f"{B.number}.csv"), "--answers", "never.csv")
    run.both("population", "verify", A.number)


def _review(run: Run) -> None:
    """Decisions with reasons that name people, though they should not."""
    run("population", "review", "gather")
    items = json.loads(run("population", "review", "list", "--json"))["items"]
    by = {one["about"]: one["review"] for one in reversed(items)}
    assert "contested" in by
    why = f"{A.name} {A.number} {A.phone} {A.address}"
    for number in map(str, by.values()):
        run.both("population", "review", "show", number)
        run("population", "review", "decide", number, "maybe", "--reason", why)
        run("population", "review", "decide", number, "same", "--reason", "", language="en")
        run("population", "review", "decide", number, "different", "--reason", why)
        run("population", "review", "undo", number, "--reason", why)
        run("population", "review", "decide", number, "same", "--reason", why, "--reviewer", "clerk", language="en")
    run.both("population", "review", "show", A.number)
    run.both("population", "review", "decide", A.number, A.name, "--reason", why)
    run.both("population", "review", "decide", "1", "same", "--keep", A.name, "--reason", why)
    run.both("population", "review", "list", "--state", A.name)
    run("population", "review", "stats")
    run("population", "build")
    run("population", "link")


def _feedback(run: Run) -> None:
    for source in ("public_security", "health", "civil_affairs"):
        run("feedback", "export", str(run.home / "told"), "--source", source)
    run.both("feedback", "export", str(run.home / "told"), "--source", A.name)


def _trust(run: Run) -> None:
    """Audit, keys, backup, policies: asked wrongly and rightly."""
    run.both("trust", "explain", "--actor", A.name, "--purpose", "treatment", "--dataset", "health.death")
    run.both("trust", "explain", "--actor", "clinician", "--purpose", A.number, "--dataset", B.name)
    run.both("trust", "explain", "--actor", "clinician", "--purpose", "treatment", "--dataset", A.number)
    run.both("trust", "explain", "--decision", A.number)
    run.both("trust", "see", "--actor", "clinician", "--with", A.name)
    run.both("trust", "policy", "approve", A.number, A.name)
    run.both("keys", "rotate", A.name)
    run.both("keys", "revoke", A.number, "1")
    run.both("audit", "prove", A.number)
    run.both("audit", "prove", "99999999")
    run.both("audit", "search", "--since", A.number)
    run.both("audit", "verify", "--export", str(run.folder / f"{A.number}.csv"))
    run.both("audit", "verify", "--head", str(run.folder / f"不在 {A.number}"))
    run("audit", "export", str(run.home / "log.ndjson"))
    run("audit", "search", "--json", "--limit", "10000")
    run("audit", "search", "--limit", "10000", language="en")
    run("audit", "alarms", "--json")
    run("lake", "lineage", "--json")
    run(
        "backup", "create", str(run.home.parent / f"backup {A.number}"), keep=False
    )  # says where it is, as it was asked
    run.both("backup", "restore", str(run.folder / "good.csv"), str(run.folder / f"new {A.number}"))


def _identity(run: Run) -> None:
    """Founding, wrong sign-ins, and commands without a session."""
    codes = run("identity", "found", "office", "--title", "卫健委", "--region", "110000", "--json",
                typed=f"{A.number}\n{B.number}\n{C.number}\n")  # fmt: skip
    assert set(json.loads(codes)) == {"system-admin", "security-admin", "audit-admin"}
    for name in ("system-admin", A.number, A.name):
        run.both("identity", "sign-in", name, typed=f"{A.name}{A.number}\n{A.phone}\n")
    run.both("identity", "activate", "system-admin", typed=f"{A.number}\n{A.name}\n{B.number}\n")
    run.both("identity", "enrol", A.number, typed=f"{A.number}\n{A.phone}\n")
    run.both("identity", "people", "add", "dr-li", "--kind", "clinician", "--organisation", "office",
             typed=f"{A.number}\n{A.name}\n")  # fmt: skip
    run.both("identity", "emergency", "open", "--reason", f"{A.name} {A.number}", typed=f"{A.number}\n")
    run.both("identity", "guardians", "propose", "dr-li", "--basis", "parent", "--until", "2027-01-01",
             typed=f"{A.number}\n")  # fmt: skip
    run.both("identity", "tokens", "check", typed=f"{A.number}.{A.name}.x\n")
    run.both("population", "show", A.number)
    run.both("collect", REGISTER, str(run.folder / "good.csv"), "--source", "public_security")


def _sit(name: str) -> None:
    """From now on this one is signed in."""
    settings = Settings()
    with open_register(settings) as register, register.ledger.writing() as connection:
        token = session.begin(register, connection, name, "office", "password+totp", 2, True)
    session_file(settings).write_text(token)


def _staff() -> None:
    """Three administrators and a clinician, who are all able to work."""
    with open_register() as register:
        three = [founding.Founder(f"{one}-admin", f"number of {one}") for one in ("system", "security", "audit")]
        founding.found(register, "office", "卫健委", "110000", *three)
        with register.ledger.writing() as connection:
            account.create(register, "founding", connection, "dr-li", "clinician", "office", "subject of li", None)
            until = register.ledger.now().date() + timedelta(days=9)
            post = {"role": "clinician", "organisation": "office"}
            made = mandate.create(register, "founding", connection, "post", "dr-li", until, None, post)
            register.ledger.act(made.id, "found", None, "founding", connection=connection)
            for one in (*(founder.account for founder in three), "dr-li"):
                held = account.get(register, one, connection)
                for step in ("activate", "enrol") if held.state == "waiting" else ("confirm", "activate", "enrol"):
                    register.ledger.act(held.id, step, None, "founding", connection=connection)


def _words(run: Run) -> None:
    """Free words of identity and of a change of policies that name people, written by those who may."""
    _staff()
    soon = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    _sit("dr-li")
    why = f"{A.name} 昏迷，家属 {B.name} {B.number}，住 {A.address}"
    run("identity", "emergency", "open", "--reason", why, typed=f"{A.number}\n")
    _sit("system-admin")
    run("identity", "organisations", "add", "desk", "--title", "窗口", "--region", "110000", "--parent", "office")
    run("identity", "organisations", "close", "desk", "--reason", f"{C.name} 已离任，{C.phone}", language="en")
    grant = ("--role", "researcher", "--organisation", "office", "--owner", "system-admin", "--until", soon)
    run("identity", "grants", "propose", "dr-li", "--purpose", f"为 {B.name} 复查 {B.number}", *grant)
    run("identity", "people", "disable", "dr-li", "--reason", f"{B.name} 代班，{B.address}")
    _sit("audit-admin")
    [told] = json.loads(run("identity", "emergency", "list", "--json", keep=False))
    assert A.name in told["reason"] and A.address in told["reason"] and B.number not in told["reason"]
    run("identity", "emergency", "review", str(told["document"]), "justified", "--remark", f"{A.name} 已问过 {C.name}")
    assert any(
        B.name in str(one["purpose"]) for one in json.loads(run("identity", "grants", "list", "--json", keep=False))
    )
    _sit("security-admin")
    folder = run.folder / "policy"
    folder.mkdir()
    for name, text in shipped().files.items():
        (folder / name).write_text(text, "utf-8")
    made = json.loads(run("trust", "policy", "propose", str(folder), "--reason", f"{A.name} 申请，{A.phone}", "--json"))
    with run.monkeypatch.context() as patch:
        patch.setattr("quanmin.trust.policy.expected.datasets", lambda: ("health.birth",))
        shown = run("trust", "policy", "differences", str(made["document"]), "--json", keep=False)
        assert A.name in json.loads(shown)["reason"] and A.phone not in shown
        _sit("audit-admin")
        assert A.name not in run("trust", "policy", "differences", str(made["document"]), "--json")
    _sit("security-admin")
    run("trust", "policy", "refuse", str(made["document"]), "--because", f"{B.name} 反对")
    assert run.codes[-12:] == [0] * 12


DATA = (
    *("demo/lake", "demo/agency-files", "identity/lake", "words/lake"),
    *(f"demo/nodes/{member}/lake" for member in (*MINISTRIES, NATION)),
)
"""The lake's own tables and the files that agencies sent hold the data."""


def test_nothing_planted_is_in_what_commands_say(run: Run) -> None:
    leaks = {name: found for name, text in run.said.items() if (found := found_in(text.encode()))}
    assert leaks == {}
    assert {0, 2, 10, 11, 12, 13} <= set(run.codes) and len(run.said) > 400


def test_nothing_planted_is_in_what_is_kept(run: Run) -> None:
    home = run.home.parent
    searched = [*files_in(home, DATA), *files_in(run.folder.parent / "temp")]
    leaks = {str(path.relative_to(home.parent)): found for path in searched if (found := found_in(path.read_bytes()))}
    assert leaks == {}
    names = {path.name for path in searched}
    assert {"ledger.sqlite", "log.ndjson", "calibration.svg"} <= names
    assert sum(path.suffix == ".json" for path in searched) > 20 and sum("feedback" in name for name in names) > 5


def test_nobody_of_the_province_is_in_a_log_either(run: Run) -> None:
    truth = pq.read_table(run.home / "agency-files" / "truth" / "persons.parquet", columns=["citizen_number"])
    numbers = [number for number in truth.column(0).to_pylist() if number]
    crowd = frozenset(number[:17] for number in numbers) | {number[:6] + number[8:17] for number in numbers}
    searched = {str(path): path.read_bytes() for path in files_in(run.home.parent, DATA)}
    searched |= {name: text.encode() for name, text in run.said.items()}
    assert len(crowd) > 1500
    assert {name: found for name, data in searched.items() if (found := crowd_in(data, crowd))} == {}


def test_the_data_is_where_it_belongs(run: Run) -> None:
    """The people were really taken: the search would be worth nothing had their rows been lost."""
    run.monkeypatch.setenv("QUANMIN_HOME", str(run.home))
    shown = run("population", "show", A.number, *CASE, "--json", keep=False)
    assert json.loads(shown)["person"] == A.number and A.name in shown and A.address in shown
    assert found_in(shown.encode())


HIDING: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "json": lambda text: json.dumps({"x": text}).encode(),
    "url": lambda text: quote(text).encode(),
    "wide": lambda text: text.encode("utf-16-le") + b"\0",
    "inside": lambda text: b"\0\xff" + text.encode() + b"\xfe\0",
}


@pytest.mark.parametrize("hidden", HIDING)
def test_the_search_finds_what_is_planted_by_hand(run: Run, hidden: str, tmp_path: Path) -> None:
    receipt = next(path for path in files_in(run.home, ("lake", "agency-files")) if path.parent.name == "receipts")
    for spelled in (*A.spellings(), A.first[6:]):
        spoilt = tmp_path / "receipt.json"
        spoilt.write_bytes(receipt.read_bytes() + HIDING[hidden](spelled))
        assert found_in(receipt.read_bytes()) == [] and found_in(spoilt.read_bytes()), spelled


def test_the_search_finds_a_key_in_a_database(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE document (data)")
        database.execute("INSERT INTO document VALUES (?)", [int(A.first)])
    assert found_in(path.read_bytes()) == ["binary of 0"]
    assert crowd_in(f"x{A.number}".encode(), frozenset({A.first})) == [A.first]
