"""Pages of participation: from handing in to being shown; what is typed makes no element; whose page is whose."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from quanmin.ledger import Ledger
from quanmin.opendata import Portal
from quanmin.opendata.participation import discussion, granted, name, report, request, reuse
from quanmin.settings import Settings
from quanmin.trust import Actor
from quanmin.trust.identity import totp

from .conftest import Browser

Browse = Callable[..., Browser]
EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'; DROP TABLE document;--"
LINKS = "javascript:alert(1) https://example.org/a\"onmouseover='x' <a href=https://example.org/b>"


class Elements(HTMLParser):
    """What elements a page has, and where its links go."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str | None] = []
        self.images: list[str] = []
        self.links: list[dict[str, str | None]] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        held = dict(attributes)
        self.handlers += [name for name in held if name.startswith("on")]
        if tag == "script":
            self.scripts.append(held.get("src"))
        if tag == "img":
            self.images.append(held.get("src") or "")
        if tag == "a":
            self.links.append(held)


def harmless(text: str) -> Elements:
    """The elements of a page, of which none was made by what somebody typed."""
    found = Elements()
    found.feed(text)
    assert all(src and src.startswith("/static/") for src in found.scripts), found.scripts
    assert all(src.startswith(("/zh/", "/en/", "/console/")) for src in found.images) and not found.handlers
    for link in found.links:
        target = link["href"] or ""
        assert re.match(r"/|#|\?|https?://|mailto:|tel:", target), target
        if target.startswith("http"):
            assert set((link.get("rel") or "").split()) >= {"nofollow", "ugc", "noopener"}, link
    return found


def record(key: str, access: str = "public") -> dict[str, Any]:
    """A record whose publisher has no organisation here, hence is answered for by the root."""
    column = {"csvw:name": "rate", "csvw:title": {"zh": "率", "en": "Rate"}}
    return {
        "@type": "dcat:Dataset",
        "dct:identifier": f"id-{key}",
        "quanmin:name": key,
        "dct:title": {"zh": f"数据集{key}", "en": f"Dataset {key}"},
        "dct:description": {"zh": "说明", "en": "About"},
        "dct:publisher": {"dct:identifier": "health", "foaf:name": {"zh": "卫生部门", "en": "Health"}},
        "quanmin:access": access,
        "dct:source": ["health.death"],
        "healthdcatap:hasVariables": [{"csvw:table": [{"csvw:column": [column]}]}],
        "dcat:distribution": [{"dct:identifier": "csv", "dcat:accessURL": f"/datasets/{key}", "dct:format": "csv"}],
    }


@pytest.fixture
def place(home: Path) -> Path:
    """A home whose catalogue has two datasets, and whose citizen has a public name."""
    settings = Settings(home=home)
    with Ledger.open(settings) as ledger:
        portal = Portal(settings, ledger)
        portal.catalogue.publish(record("open-one"), "officer")
        portal.catalogue.publish(record("asked-one", "application"), "officer")
        citizen = Actor("demo-citizen", frozenset({"patient"}), kind="patient", session="s")
        name.choose(ledger, citizen, "小溪流")
    return home


def png() -> bytes:
    """A picture."""
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "teal").save(out, "PNG")
    return out.getvalue()


def package() -> bytes:
    """A package."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("app.txt", "x")
    return out.getvalue()


def send(browser: Browser, path: str, file: tuple[str, bytes], **fields: str) -> Any:
    """Upload a file by a form."""
    headers = {"sec-fetch-site": "same-origin"}
    return browser.client.post(path, files={"file": file}, data=fields, headers=headers)


REUSE = {
    "title": "地图" + EVIL,
    "description": LINKS + EVIL,
    "sort": "application",
    "topic": "health",
    "address": "https://example.org/map",
    "datasets": "open-one",
}


def test_a_reuse_goes_its_whole_way(place: Path, browse: Browse) -> None:
    citizen, moderator, anybody = (browse(place) for _ in range(3))
    citizen.sign_in("demo-citizen", "portal")
    moderator.sign_in("demo-moderator")
    answer = citizen.post("/zh/reuses/new/add", REUSE)
    assert answer.status_code == 303
    where = answer.headers["location"]
    key = where.rsplit("/", 1)[-1]
    assert anybody.get(where).status_code == 404
    assert send(citizen, f"/zh/uploads/reuses/{key}/picture", ("a.png", png()), told="首页" + EVIL).status_code == 303
    raw = package()
    assert send(citizen, f"/zh/uploads/reuses/{key}/package", ("应用.apk", raw)).status_code == 303
    page = harmless(citizen.get(where).text)
    assert page.images == [f"/zh/reuses/{key}/picture"]
    assert citizen.post(f"{where}/submit").status_code == 303
    desk = moderator.get("/console/zh/participation")
    assert key in desk.text and "QUANMIN_SCANNER" in desk.text and harmless(desk.text)
    harmless(moderator.get(f"/console/zh/participation/reuses/{key}").text)
    told = moderator.get(f"/console/zh/participation/reuses/{key}.json").json()
    assert told["package"]["scan"] == "unscanned" and "demo-citizen" not in json.dumps(told)
    refused = moderator.post(f"/console/zh/participation/reuses/{key}/decide", {"step": "refuse", "reason": ""})
    assert refused.status_code == 422 and "QM-LEDGER-006" in refused.text
    assert moderator.post(f"/console/zh/participation/reuses/{key}/decide", {"step": "approve"}).status_code == 303
    for tongue in ("zh", "en"):
        shown, listed = anybody.get(f"/{tongue}/reuses/{key}"), anybody.get(f"/{tongue}/reuses")
        assert shown.status_code == 200 and harmless(shown.text) and harmless(listed.text) and key in listed.text
        assert "小溪流" in shown.text and "demo-citizen" not in shown.text + listed.text
    assert "demo-citizen" not in anybody.get(f"/zh/reuses/{key}.json").text
    got = anybody.get(f"/zh/reuses/{key}/package")
    assert got.content == raw and got.headers["content-type"] == "application/octet-stream"
    assert (
        got.headers["content-disposition"].startswith("attachment")
        and got.headers["x-content-type-options"] == "nosniff"
    )
    picture = anybody.get(f"/zh/reuses/{key}/picture")
    assert picture.headers["content-type"] == "image/webp" and picture.content[8:12] == b"WEBP"
    assert anybody.post(f"/zh/reuses/{key}/vote").status_code in (303, 403)
    citizen.post(f"/zh/reuses/{key}/vote")
    assert anybody.get(f"/zh/reuses/{key}.json").json()["votes"] == 1
    down = {"step": "take_down", "reason": "失效" + EVIL}
    assert moderator.post(f"/console/zh/participation/reuses/{key}/decide", down).status_code == 303
    grave = anybody.get(f"/zh/reuses/{key}")
    assert (
        grave.status_code == 200 and "失效" in grave.text and harmless(grave.text) and not harmless(grave.text).images
    )
    assert (
        anybody.get(f"/zh/reuses/{key}/picture").status_code
        == anybody.get(f"/zh/reuses/{key}/package").status_code
        == 404
    )
    assert "已下架" in citizen.get("/zh/my/participation").text


@pytest.mark.parametrize(
    ("kind", "file", "code"),
    [
        ("picture", ("a.png", b""), "QM-PARTICIPATION-014"),
        ("picture", ("a.png", b"<svg onload=alert(1)>"), "QM-PARTICIPATION-014"),
        ("picture", ("a.png", b"\x89PNG" + bytes(5 << 20)), "QM-PARTICIPATION-015"),
        ("picture", ("a.png", bytes(7 << 20)), "QM-PARTICIPATION-015"),
        ("package", ("a.zip", b""), "QM-PARTICIPATION-016"),
        ("package", ("a.zip", b"MZ" + bytes(100)), "QM-PARTICIPATION-016"),
        ("package", ("a.zip", bytes(5000)), "QM-PARTICIPATION-017"),
        ("package", ("a.zip", bytes(3 << 20)), "QM-PARTICIPATION-017"),
    ],
)
def test_a_file_that_is_refused_is_told_with_its_code(
    place: Path, browse: Browse, kind: str, file: tuple[str, bytes], code: str
) -> None:
    citizen = browse(place, package_bytes=4000).sign_in("demo-citizen", "portal")
    key = citizen.post("/zh/reuses/new/add", REUSE).headers["location"].rsplit("/", 1)[-1]
    answer = send(citizen, f"/zh/uploads/reuses/{key}/{kind}", file, told="图")
    assert answer.status_code in (422, 413) and code in answer.text
    assert citizen.get(f"/zh/reuses/{key}.json").json()[kind] is None


def test_an_upload_from_another_site_or_of_somebody_else_is_refused(place: Path, browse: Browse) -> None:
    citizen, doctor = browse(place).sign_in("demo-citizen", "portal"), browse(place).sign_in("demo-doctor", "portal")
    key = citizen.post("/zh/reuses/new/add", REUSE).headers["location"].rsplit("/", 1)[-1]
    headers = {"sec-fetch-site": "cross-site"}
    path = f"/zh/uploads/reuses/{key}/picture"
    foreign = citizen.client.post(path, files={"file": ("a.png", png())}, data={"told": "图"}, headers=headers)
    assert foreign.status_code == 403 and "QM-WEB-004" in foreign.text
    assert send(doctor, path, ("a.png", png()), told="图").status_code == 404
    assert send(browse(place), path, ("a.png", png()), told="图").status_code in (303, 403)
    assert citizen.get(f"/zh/reuses/{key}.json").json()["picture"] is None
    for form in (
        "/zh/reuses/new/add",
        "/zh/requests/new/add",
        "/zh/datasets/open-one/discuss/add",
        "/zh/register/open",
    ):
        assert citizen.post(form, REUSE, headers=headers).status_code == 403


def test_requests_discussions_and_reports_show_text_as_text(place: Path, browse: Browse) -> None:
    citizen, publisher, moderator = browse(place), browse(place), browse(place)
    citizen.sign_in("demo-citizen", "portal")
    publisher.sign_in("demo-publisher")
    moderator.sign_in("demo-moderator")
    asked = {"title": "要" + EVIL, "purpose": EVIL + LINKS, "fields": EVIL, "dataset": "open-one"}
    wish = citizen.post("/zh/requests/new/add", asked).headers["location"]
    talk = citizen.post("/zh/datasets/open-one/discuss/add", {"title": EVIL, "text": LINKS}).headers["location"]
    wrong = {"sort": "value", "field": "rate", "row": EVIL, "code": EVIL, "words": LINKS}
    found = citizen.post("/en/datasets/open-one/report/add", wrong).headers["location"]
    reply = {"step": "decline", "words": "不行" + EVIL}
    assert publisher.post(f"/console{wish.replace('/zh/', '/zh/participation/')}/answer", reply).status_code == 303
    talked = f"/console{talk.replace('/zh/', '/zh/participation/')}"
    assert publisher.post(f"{talked}/post", {"text": "答" + EVIL}).status_code == 303
    decided = publisher.post(
        f"/console{found.replace('/en/', '/en/participation/')}/decide", {"step": "correct", "said": EVIL}
    )
    assert decided.status_code == 303
    for path in (
        wish,
        talk,
        found,
        "/zh/requests",
        "/zh/datasets/open-one/discussions",
        "/en/datasets/open-one/reports",
    ):
        for reader in (browse(place), citizen):
            page = reader.get(path)
            assert page.status_code == 200 and harmless(page.text), path
            assert "demo-publisher" not in page.text
        assert "demo-citizen" not in browse(place).get(path).text + browse(place).get(f"{path}.json").text
    for page in (publisher, moderator):
        for path in (wish, talk, found):
            inner = re.sub("/(zh|en)/", r"/\1/participation/", path)
            assert harmless(page.get(f"/console{inner}").text)
    assert moderator.post(f"{talked}/hide_post", {"number": "0", "reason": "广告" + EVIL}).status_code == 303
    hidden = browse(place).get(talk)
    assert "广告" in hidden.text and "example.org" not in hidden.text and harmless(hidden.text)
    operator = browse(place).sign_in("demo-operator")
    assert harmless(operator.get("/console/zh/feedback/reports").text) and harmless(
        operator.get("/console/en/feedback/reports").text
    )
    mine = citizen.get("/zh/my/participation")
    assert harmless(mine.text) and "机构已答复" in mine.text
    assert harmless(browse(place).get("/zh/statistics/portal").text)


def test_a_number_of_somebody_is_refused_where_it_was_typed(place: Path, browse: Browse) -> None:
    kinds = (discussion.KIND.kind, request.KIND.kind, report.KIND.kind, reuse.KIND.kind)
    settings = Settings(home=place)
    with Ledger.open(settings) as ledger:
        before = [ledger.count(one) for one in kinds]
    citizen = browse(place).sign_in("demo-citizen", "portal")
    answer = citizen.post("/zh/datasets/open-one/discuss/add", {"title": "张三", "text": "他电话 13800138000"})
    assert answer.status_code == 422 and "QM-PARTICIPATION-002" in answer.text
    with Ledger.open(settings) as ledger:
        assert [ledger.count(one) for one in kinds] == before


def test_whose_page_is_whose(place: Path, browse: Browse) -> None:
    for account, status in (
        ("demo-operator", 403),
        ("demo-doctor", 403),
        ("demo-moderator", 200),
        ("demo-publisher", 200),
    ):
        assert browse(place).sign_in(account).get("/console/zh/participation").status_code == status, account
    publisher = browse(place).sign_in("demo-publisher")
    assert publisher.get("/console/zh/participation/all/reuses").status_code == 404
    assert publisher.post("/console/zh/participation/rescan").status_code == 403
    assert browse(place).get("/zh/my/participation").status_code in (303, 403)
    for path in (
        "/zh/reuses/nothing",
        "/zh/requests/99999",
        "/zh/discussions/1",
        "/zh/reports/1",
        "/zh/datasets/none/discussions",
    ):
        assert browse(place).get(path).status_code == 404, path


def test_an_application_is_read_by_its_publisher_only(place: Path, browse: Browse) -> None:
    citizen = browse(place).sign_in("demo-citizen", "portal")
    day = (Ledger.open(Settings(home=place)).now().date() + timedelta(days=60)).isoformat()
    form = {"who": "某大学" + EVIL, "purpose": "研究" + EVIL, "use": LINKS, "until": day}
    refused = citizen.post("/zh/datasets/asked-one/apply/add", form)
    assert refused.status_code == 422 and "QM-PARTICIPATION-023" in refused.text and harmless(refused.text)
    assert citizen.post("/zh/datasets/asked-one/apply/add", {**form, "accepted": "yes"}).status_code == 303
    number = next(one["document"] for one in citizen.get("/zh/my/participation.json").json()["rows"])
    path = f"/console/zh/participation/applications/{number}"
    assert browse(place).sign_in("demo-moderator").get(path).status_code == 403
    publisher = browse(place).sign_in("demo-publisher")
    assert "某大学" in publisher.get(path).text and harmless(publisher.get(path).text)
    assert publisher.post(f"{path}/decide", {"step": "grant", "until": day}).status_code == 303
    with Ledger.open(Settings(home=place)) as ledger:
        assert granted(ledger, "demo-citizen") == {"id-asked-one"}
    assert citizen.post(f"/zh/my/applications/{number}/withdraw").status_code == 303
    for text in (browse(place).get("/zh/datasets/open-one/discussions").text, browse(place).get("/zh/requests").text):
        assert "某大学" not in text


def test_somebody_registers_signs_in_and_sees_no_console(place: Path, browse: Browse) -> None:
    visitor = browse(place)
    form = {"name": "新来的人", "chosen": "a strange horse eats 7 lamps", "again": "a strange horse eats 7 lamps"}
    assert visitor.post("/zh/register/open", form).status_code == 422
    taken = visitor.post("/zh/register/open", {**form, "name": "小溪流", "agreed": "yes"})
    assert taken.status_code == 409 and "QM-PARTICIPATION-007" in taken.text
    opened = visitor.post("/zh/register/open", {**form, "agreed": "yes"}).text
    account = re.search(r"<strong><code>(u-[a-z]+)</code>", opened)
    seed = re.search(r"secret=([A-Z2-7]+)", opened)
    assert account and seed
    raw = base64.b32decode(seed[1] + "=" * (-len(seed[1]) % 8))
    with Ledger.open(Settings(home=place)) as ledger:
        step = totp.step_of(ledger.now())
    proofs = {"account": account[1], "password": form["chosen"]}
    assert visitor.post("/zh/sign-in/enrol", {**proofs, "code": totp.code(raw, step - 1)}).status_code == 303
    entered = visitor.post("/zh/sign-in", {**proofs, "code": totp.code(raw, step)})
    assert entered.status_code == 303, entered.text
    assert visitor.post("/zh/requests/new/add", {"title": "题", "purpose": "用", "fields": "项"}).status_code == 303
    assert visitor.get("/zh/my-record").status_code == 403
    inside = browse(place).sign_in(account[1])
    for path in ("/", "/standards", "/population", "/trust", "/account"):
        assert inside.get(f"/console/zh{path}").status_code == 403, path
    closed = browse(place, registration=False)
    assert closed.post("/zh/register/open", {**form, "name": "另一人", "agreed": "yes"}).status_code == 403
    assert "/zh/register" not in closed.get("/zh/sign-in").text
