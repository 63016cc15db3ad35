"""Reuses: handed in, reviewed, shown; packages and pictures of theirs."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quanmin.ledger.errors import IllegalAction, MissingField
from quanmin.opendata import Portal
from quanmin.opendata.catalogue import Counts, counters
from quanmin.opendata.participation import about, dataset, notice, paper, reuse
from quanmin.opendata.participation.errors import (
    AddressKnown,
    BadAddress,
    ChoiceUnknown,
    DatasetNeeded,
    NameNeeded,
    NoSuchDataset,
    NotAPackage,
    NotAPicture,
    NotYours,
    OwnMatter,
    PackageInfected,
    PackageWaits,
    PersonInText,
    PictureMissing,
    SignInNeeded,
    TextRefused,
    TooOften,
    UnknownPaper,
)
from quanmin.opendata.storage.errors import UnknownFile
from quanmin.trust import Actor, audit, public_reader

from .conftest import Clock, somebody
from .test_upload import SOUND, drawn, zipped

DRAFT = reuse.Draft(
    "死因地图 Map", "按县画出死因。", "visualization", "health", "https://example.org/map", ["open-one"]
)


def shown(portal: Portal, actor: Actor, moderator: Actor, draft: reuse.Draft = DRAFT) -> int:
    """A reuse that everybody sees."""
    made = reuse.propose(portal, actor, draft)
    reuse.submit(portal, actor, made.id)
    reuse.review(portal, moderator, made.id, "approve")
    return made.id


def test_a_reuse_is_seen_by_everybody_once_it_is_approved(
    portal: Portal, ann: Actor, ben: Actor, moderator: Actor
) -> None:
    made = reuse.propose(portal, ann, DRAFT)
    name = made.data["name"]
    assert name.startswith("si-yin-di-tu-map-") and made.state == "draft"
    for other in (None, ben, public_reader()):
        with pytest.raises(UnknownPaper):
            reuse.find(portal, name, other)
    assert reuse.find(portal, name, ann).id == reuse.find(portal, name, moderator).id == made.id
    reuse.submit(portal, ann, made.id)
    assert (
        notice.count(portal.ledger, moderator, ("moderators",)) == 1
        and notice.count(portal.ledger, ben, ("moderators",)) == 0
    )
    reuse.review(portal, moderator, made.id, "approve")
    assert reuse.find(portal, name, None).state == "shown"
    assert counters.read(portal.ledger)["id-open-one"] == Counts(0, 0, 1)
    assert [one.step for one in notice.of(portal.ledger, ann, ("account",))] == ["approve"]
    record = dataset.named(portal, "open-one")
    assert about(portal, record)["reuses"]["rows"][0]["path"] == f"/reuses/{name}"
    assert "u-annannan" not in str(about(portal, record))
    reuse.review(portal, moderator, made.id, "take_down", "网址已失效")
    assert reuse.find(portal, name, None).data["reason"] == "网址已失效"
    assert counters.read(portal.ledger)["id-open-one"].reuses == 0


def test_other_counters_stand_while_reuses_are_counted(portal: Portal, ann: Actor, moderator: Actor) -> None:
    portal.catalogue.count({"id-open-one": Counts(70, 8, 0), "id-asked-one": Counts(5, 0, 0)})
    shown(portal, ann, moderator, replace(DRAFT, datasets=["open-one", "asked-one"]))
    assert counters.read(portal.ledger) == {"id-open-one": Counts(70, 8, 1), "id-asked-one": Counts(5, 0, 1)}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"title": ""}, TextRefused),
        ({"title": "x" * 121}, TextRefused),
        ({"title": "找 13800138000"}, PersonInText),
        ({"description": "x" * 5001}, TextRefused),
        ({"description": "他的身份证 11010519491231002X"}, PersonInText),
        ({"sort": "malware"}, ChoiceUnknown),
        ({"topic": ""}, ChoiceUnknown),
        ({"address": "javascript:alert(1)"}, BadAddress),
        ({"address": "http://10.0.0.1/"}, BadAddress),
        ({"datasets": []}, DatasetNeeded),
        ({"datasets": ["asked-one", "closed-one"]}, DatasetNeeded),
        ({"datasets": ["no-such"]}, NoSuchDataset),
        ({"datasets": ["open-one", "../../x"]}, NoSuchDataset),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_kept(
    portal: Portal, ann: Actor, change: dict[str, Any], error: type
) -> None:
    with pytest.raises(error):
        reuse.propose(portal, ann, replace(DRAFT, **change))
    assert portal.ledger.count(reuse.KIND.kind) == {}


def test_an_address_is_new_until_it_is_free_again(portal: Portal, ann: Actor, ben: Actor, moderator: Actor) -> None:
    first = shown(portal, ann, moderator)
    for same in ("http://EXAMPLE.org/map/", "https://example.org:443/map#x"):
        with pytest.raises(AddressKnown):
            reuse.propose(portal, ben, replace(DRAFT, address=same))
    made = reuse.propose(portal, ben, replace(DRAFT, address=None))
    with pytest.raises(AddressKnown):
        reuse.edit(portal, ben, made.id, DRAFT)
    reuse.withdraw(portal, ann, first)
    assert reuse.edit(portal, ben, made.id, DRAFT).data["address"] == "https://example.org/map"


def test_whoever_has_no_name_or_no_account_writes_nothing(portal: Portal) -> None:
    with pytest.raises(NameNeeded):
        reuse.propose(portal, somebody("u-nameless"), DRAFT)
    for nobody in (public_reader(), somebody("svc", kind="service"), replace(somebody("u-x"), session=None)):
        with pytest.raises(SignInNeeded):
            reuse.propose(portal, nobody, DRAFT)


def test_nobody_writes_without_end(portal: Portal, ann: Actor, ben: Actor, clock: Clock) -> None:
    for at in range(20):
        reuse.propose(portal, ann, replace(DRAFT, address=f"https://example.org/{at}"))
    with pytest.raises(TooOften):
        reuse.propose(portal, ann, replace(DRAFT, address=None))
    reuse.propose(portal, ben, replace(DRAFT, address=None))
    clock.on(hours=1)
    reuse.propose(portal, ann, replace(DRAFT, address=None))


def test_only_a_moderator_decides_and_not_his_own(
    portal: Portal, ann: Actor, publisher: Actor, moderator: Actor
) -> None:
    made = reuse.propose(portal, ann, DRAFT)
    reuse.submit(portal, ann, made.id)
    one_factor = replace(moderator, mfa=False)
    for other in (ann, publisher, one_factor):
        with pytest.raises(NotYours):
            reuse.review(portal, other, made.id, "approve")
    with pytest.raises(OwnMatter):
        reuse.review(portal, replace(moderator, id=ann.id), made.id, "approve")
    refused = [one.fields for one in audit.entries(portal.ledger, "refused")]
    assert len(refused) >= 4 and DRAFT.title not in str(refused)
    written = str([one.fields for one in audit.entries(portal.ledger)])
    assert "participation" in written and DRAFT.title not in written and DRAFT.description not in written
    for reason in (None, ""):
        with pytest.raises(MissingField):
            reuse.review(portal, moderator, made.id, "refuse", reason)
    with pytest.raises(PersonInText):
        reuse.review(portal, moderator, made.id, "refuse", "电话 13800138000")
    reuse.review(portal, moderator, made.id, "return", "请补充说明")
    with pytest.raises(NotYours):
        reuse.edit(portal, moderator, made.id, DRAFT)
    assert reuse.edit(portal, ann, made.id, DRAFT).state == "draft"
    with pytest.raises(IllegalAction):
        reuse.review(portal, moderator, made.id, "approve")
    with pytest.raises(UnknownPaper):
        reuse.submit(portal, ann, 999_999)


def test_another_account_of_the_same_person_decides_nothing(portal: Portal, ann: Actor, moderator: Actor) -> None:
    portal.ledger.create("account", "u-annannan", {"kind": "patient", "group": "patient", "subject": "digest"}, "x")
    made = reuse.propose(portal, ann, DRAFT)
    reuse.submit(portal, ann, made.id)
    with pytest.raises(OwnMatter):
        reuse.review(portal, replace(moderator, subject="digest"), made.id, "approve")
    assert reuse.review(portal, replace(moderator, subject="another"), made.id, "approve").state == "shown"


def test_a_change_is_reviewed_again(portal: Portal, ann: Actor, moderator: Actor) -> None:
    made = shown(portal, ann, moderator)
    assert reuse.change(portal, ann, made).state == "draft"
    name = reuse.edit(portal, ann, made, replace(DRAFT, title="新标题")).data["name"]
    with pytest.raises(UnknownPaper):
        reuse.find(portal, name, None)
    assert counters.read(portal.ledger)["id-open-one"].reuses == 0


def test_a_picture_is_seen_as_the_reuse_is(portal: Portal, ann: Actor, ben: Actor, moderator: Actor) -> None:
    made = reuse.propose(portal, ann, DRAFT)
    with pytest.raises(NotYours):
        reuse.add_picture(portal, ben, made.id, drawn("PNG"), "图")
    with pytest.raises(NotAPicture):
        reuse.add_picture(portal, ann, made.id, b"<svg/>", "图")
    with pytest.raises(TextRefused):
        reuse.add_picture(portal, ann, made.id, drawn("PNG"), "")
    one = reuse.add_picture(portal, ann, made.id, drawn("PNG"), "首页截图")
    assert reuse.picture_of(portal, one).read_bytes()[8:12] == b"WEBP"
    assert reuse.edit(portal, ann, made.id, DRAFT).data["picture"]["told"] == "首页截图"
    reuse.submit(portal, ann, made.id)
    with pytest.raises(IllegalAction):
        reuse.add_picture(portal, ann, made.id, drawn("PNG"), "图")
    reuse.review(portal, moderator, made.id, "approve")
    gone = reuse.review(portal, moderator, made.id, "take_down", "侵权")
    with pytest.raises(PictureMissing):
        reuse.picture_of(portal, gone)


def file(folder: Path, raw: bytes) -> Path:
    """As a file."""
    path = folder / "upload"
    path.write_bytes(raw)
    return path


def test_without_a_scanner_that_is_told(portal: Portal, ann: Actor, moderator: Actor, tmp_path: Path) -> None:
    made = reuse.propose(portal, ann, DRAFT)
    with pytest.raises(NotAPackage):
        reuse.add_package(portal, ann, made.id, file(tmp_path, b"MZ"), "a.exe")
    one = reuse.add_package(portal, ann, made.id, file(tmp_path, SOUND), "应用 1.apk")
    held = one.data["package"]
    assert held["scan"] == "unscanned" and held["name"] == "1.apk" and held["entries"] == 1
    place, told = reuse.package_of(portal, one)
    assert place.read_bytes() == SOUND and told["sha256"] == portal.storage.verify(held["sha256"]).sha256
    reuse.submit(portal, ann, made.id)
    assert reuse.review(portal, moderator, made.id, "approve").state == "shown"


def program(folder: Path) -> str:
    """A scanner that says what stands in a file beside it."""
    script = folder / "scan.py"
    said = folder / "status"
    lines = (
        "import sys, pathlib",
        "sys.stdin.buffer.read()",
        "print('stdin: Test.Sig FOUND')",
        f"sys.exit(int(pathlib.Path({str(said)!r}).read_text()))",
    )
    script.write_text("\n".join(lines))
    return f"command:{sys.executable} {script}"


@pytest.mark.parametrize("status", [0, 1, 2])
def test_what_a_scanner_says_holds(portal: Portal, ann: Actor, moderator: Actor, tmp_path: Path, status: int) -> None:
    scanned = Portal(portal.settings.model_copy(update={"scanner": program(tmp_path)}), portal.ledger)
    (tmp_path / "status").write_text(str(status))
    made = reuse.propose(scanned, ann, DRAFT)
    raw = zipped({"a": str(status).encode()})
    if status == 1:
        with pytest.raises(PackageInfected) as refused:
            reuse.add_package(scanned, ann, made.id, file(tmp_path, raw), "a.zip")
        assert "Test.Sig" in str(refused.value) and "package" not in reuse.find(scanned, made.data["name"], ann).data
        assert not [one for one in reuse.waiting_room(scanned).folder.rglob("*") if one.is_file()]
        return
    one = reuse.add_package(scanned, ann, made.id, file(tmp_path, raw), "a.zip")
    reuse.submit(scanned, ann, made.id)
    if status == 0:
        assert reuse.package_of(scanned, one)[0].read_bytes() == raw
        assert reuse.review(scanned, moderator, made.id, "approve").state == "shown"
        return
    assert one.data["package"]["scan"] == "waiting"
    with pytest.raises(PackageWaits):
        reuse.package_of(scanned, one)
    with pytest.raises(UnknownFile):
        scanned.storage.path(one.data["package"]["sha256"])
    with pytest.raises(PackageWaits):
        reuse.review(scanned, moderator, made.id, "approve")
    assert reuse.rescan(scanned, moderator) == {"waiting": 1}
    (tmp_path / "status").write_text("1")
    assert reuse.rescan(scanned, moderator) == {"infected": 1} and reuse.rescan(scanned, moderator) == {}
    with pytest.raises(PackageWaits):
        reuse.review(scanned, moderator, made.id, "approve")
    with pytest.raises(PictureMissing):
        reuse.package_of(scanned, reuse.find(scanned, made.data["name"], ann))
    assert [one.step for one in notice.of(scanned.ledger, ann, ("account",))] == ["infected"]


def test_what_waits_is_given_out_once_it_was_scanned(
    portal: Portal, ann: Actor, moderator: Actor, tmp_path: Path
) -> None:
    scanned = Portal(portal.settings.model_copy(update={"scanner": program(tmp_path)}), portal.ledger)
    (tmp_path / "status").write_text("7")
    made = reuse.propose(scanned, ann, DRAFT)
    reuse.add_package(scanned, ann, made.id, file(tmp_path, SOUND), "a.zip")
    reuse.submit(scanned, ann, made.id)
    (tmp_path / "status").write_text("0")
    assert reuse.rescan(scanned, moderator) == {"clean": 1}
    reuse.review(scanned, moderator, made.id, "approve")
    assert reuse.package_of(scanned, reuse.find(scanned, made.data["name"], None))[0].read_bytes() == SOUND


def test_lists_by_time_votes_sort_and_page(portal: Portal, ann: Actor, ben: Actor, moderator: Actor) -> None:
    made = [
        shown(
            portal,
            ann,
            moderator,
            replace(DRAFT, address=f"https://example.org/{at}", sort="paper" if at % 2 else "api"),
        )
        for at in range(5)
    ]
    kinds, states = (reuse.KIND.kind,), (reuse.SHOWN,)
    assert [one.id for one in paper.page(portal.ledger, kinds, states).documents] == made[::-1]
    assert paper.vote(portal.ledger, ann, made[1], True) == paper.vote(portal.ledger, ann, made[1], True) == 1
    assert paper.vote(portal.ledger, ben, made[1], True) == 2 and paper.vote(portal.ledger, ben, made[3], True) == 1
    hot = paper.page(portal.ledger, kinds, states, order="hottest", size=2)
    assert [one.id for one in hot.documents] == [made[1], made[3]] and hot.votes == {made[1]: 2, made[3]: 1}
    assert (hot.total, hot.pages) == (5, 3)
    assert [
        one.id for one in paper.page(portal.ledger, kinds, states, order="hottest", size=2, number=3).documents
    ] == [made[0]]
    assert paper.page(portal.ledger, kinds, states, sort="paper").total == 2
    assert paper.page(portal.ledger, kinds, author=ben.id).total == 0
    assert paper.vote(portal.ledger, ann, made[1], False) == 1 and not paper.voted(portal.ledger, ann, made[1])
    assert paper.page(portal.ledger, kinds, states, number=99).page == 1
