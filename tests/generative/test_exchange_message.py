"""Signatures of generated messages against the standard in plain style and against libraries that are not ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import http_sf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Member
from quanmin.exchange.message.envelope import Envelope, Http
from quanmin.exchange.message.signature import sign, verify
from quanmin.exchange.message.structured import Unreadable, inputs
from quanmin.settings import Settings

SKEW = timedelta(seconds=300)
word = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), min_size=1, max_size=20)
name = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._:-]{0,20}[A-Za-z0-9])?", fullmatch=True)
path = st.lists(st.text("abc019-._~%", max_size=8), max_size=4).map(lambda parts: "/" + "/".join(parts))
messages = st.builds(
    Http,
    method=st.sampled_from(["GET", "PUT", "POST"]),
    authority=st.sampled_from(["a.example", "A.Example:8443", "127.0.0.1:1", "[::1]:8443"]),
    path=path,
    query=st.text("ab=&%20;+", max_size=20),
    headers=st.dictionaries(st.sampled_from(["content-type", "accept", "exchange-sealed"]), word, max_size=3),
    body=st.binary(max_size=60),
)
envelopes = st.builds(
    Envelope,
    id=name,
    sender=st.just("civil_affairs"),
    receiver=st.just("health"),
    agreement=st.none() | st.just("A-2026-0001;v=2"),
    case=st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
)


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> dict[str, HomeIdentity]:
    home: Path = tmp_path_factory.mktemp("members")
    return {one: HomeIdentity.open(Settings(home=home / one, member=one)) for one in ("civil_affairs", "health")}


@pytest.fixture(scope="module")
def now(members: dict[str, HomeIdentity]) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)


@pytest.fixture(scope="module")
def directory(members: dict[str, HomeIdentity], now: datetime) -> Directory:
    return Directory(
        "health", now, {one: Member(one, "成员", "member", None, own.keys()) for one, own in members.items()}
    )


def plain_base(http: Http, asked: Http | None) -> str:
    """RFC 9421, 2.5, as its text says it, over the header as it was written."""
    told = http.headers["signature-input"].removeprefix("exchange=")
    lines = []
    for component in told[1 : told.index(")")].split(" "):
        bare = component.removesuffix(";req").strip('"')
        source = asked if component.endswith(";req") else http
        assert source is not None
        if bare == "@method":
            value = source.method
        elif bare == "@authority":
            value = source.authority.lower()
        elif bare == "@path":
            value = source.path
        elif bare == "@query":
            value = "?" + source.query
        elif bare == "@status":
            value = str(source.status)
        else:
            value = source.headers[bare]
        lines.append(component + ": " + value)
    return "\n".join([*lines, f'"@signature-params": {told}'])


@given(http=messages, envelope=envelopes, status=st.sampled_from([200, 403, 503]), body=st.binary(max_size=60))
@settings(deadline=None)
def test_the_base_of_a_message_is_the_standards_and_holds_on_the_other_side(
    members: dict[str, HomeIdentity],
    directory: Directory,
    now: datetime,
    http: Http,
    envelope: Envelope,
    status: int,
    body: bytes,
) -> None:
    asked = sign(members["civil_affairs"], http, envelope, now)
    assert asked.base.decode() == plain_base(asked.http, None)
    about = verify(directory, asked.http, now, SKEW, "health")
    assert (about.envelope, about.base) == (envelope, asked.base)
    back = Envelope("b", "health", "civil_affairs", envelope.agreement)
    answer = replace(asked.http, status=status, headers={}, body=body)
    answered = sign(members["health"], answer, back, now, about)
    assert answered.base.decode() == plain_base(answered.http, asked.http)
    assert verify(directory, answered.http, now, SKEW, "civil_affairs", asked).envelope == answered.envelope


bare = st.sampled_from(['"a b"', r'"a\"b\\"', "7", "-12", "1.5", "-0.25", "?0", "?1", ":AAEC:", "tok/en", "*t", "@17"])
spaces = st.text(" ", max_size=2)


@st.composite
def fields(draw: Any) -> str:
    """`Signature-Input` as anybody may write it, and sometimes as nobody may."""

    def parameters() -> str:
        told = ""
        for one in draw(st.lists(st.sampled_from(["created", "alg", "x-1", "*k"]), max_size=3, unique=True)):
            value = draw(st.none() | bare)
            told += f";{draw(spaces)}{one}" + ("" if value is None else f"={value}")
        return told

    found = []
    for label in draw(st.lists(st.sampled_from(["a", "sig-1", "*b"]), min_size=1, max_size=3, unique=True)):
        inside = [f'"{one}"{parameters()}' for one in draw(st.lists(st.sampled_from(["@method", "date"]), max_size=3))]
        gap = draw(st.sampled_from([" ", "  "]))
        found.append(f"{label}=({draw(spaces)}{gap.join(inside)}{draw(spaces)}){parameters()}")
    text = draw(st.sampled_from([", ", ",", " \t,\t"])).join(found)
    if draw(st.booleans()):
        return text
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.sampled_from(["", ",", "(", ")", '"', ";", "\t", "=", "é", "\n"])) + text[at + 1 :]


@given(text=fields())
@settings(max_examples=400, deadline=None)
def test_what_is_read_of_signature_input_is_what_http_sf_reads(text: str) -> None:
    """The same is refused, but for a name twice and for what is no inner list of strings; the same is written again."""
    try:
        theirs: Any = http_sf.parse(text.encode("utf-8"), tltype="dictionary")
    except Exception:
        theirs = None
    try:
        ours = inputs(text)
    except Unreadable:
        ours = None
    if ours is not None:
        assert theirs is not None
        assert {label: one.text for label, one in ours.items()} == {
            label: http_sf.ser({"x": one}).removeprefix("x=") for label, one in theirs.items()
        }
    elif theirs is not None:
        lists = all(
            isinstance(member, list) and all(type(item) is str for item, _ in member) for member, _ in theirs.values()
        )
        assert not lists or _twice(text)


def _twice(text: str) -> bool:
    """Whether a label comes twice, which http_sf lets pass (the last counts) and we do not."""
    seen: list[str] = []
    http_sf.parse(text.encode("utf-8"), tltype="dictionary", on_duplicate_key=lambda key, _context: seen.append(key))
    return bool(seen)
