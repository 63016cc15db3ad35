"""Files sent through the console: uploaded whole or cut, refused, taken twice, withdrawn; by whom; in both languages."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from quanmin.collect.upload import Uploads
from quanmin.jobs import Worker
from quanmin.web.place import Place

from .conftest import Browser

Browse = Callable[..., Browser]
MONTHS, HEAD = "cdc.notifiable_disease_monthly", "month,disease,cases\n"
CONSOLE, UPLOADS = "/console/zh/collect", "/console/zh/uploads/"
TUS = {"tus-resumable": "1.0.0", "accept": "application/json", "sec-fetch-site": "same-origin"}
BODY = {"content-type": "application/offset+octet-stream"}


def rows(year: int, bad: int = 0) -> bytes:
    """A file of twelve rows, some of them without their month."""
    lines = [f"{'' if month <= bad else f'{year}-{month:02}'},Plague,1\n" for month in range(1, 13)]
    return (HEAD + "".join(lines)).encode()


def begin(browser: Browser, size: int | str, name: str | None = "months.csv") -> httpx.Response:
    packed = {} if name is None else {"upload-metadata": "filename " + base64.b64encode(name.encode()).decode()}
    return browser.client.post(UPLOADS, headers={**TUS, "upload-length": str(size), **packed})


def append(browser: Browser, place: str, offset: int | str, data: bytes) -> httpx.Response:
    return browser.client.patch(place, content=data, headers={**TUS, **BODY, "upload-offset": str(offset)})


def upload(browser: Browser, data: bytes, name: str = "months.csv") -> str:
    """A whole upload, in one part; its handle."""
    place = begin(browser, len(data), name).headers["location"]
    assert append(browser, place, 0, data).status_code == 204
    return place.rsplit("/", 1)[-1]


def send(browser: Browser, data: bytes, dataset: str = MONTHS, source: str = "cdc") -> httpx.Response:
    return browser.post(f"{CONSOLE}/send", {"dataset": dataset, "source": source, "upload": upload(browser, data)})


def done(browser: Browser, answer: httpx.Response) -> str:
    """The address of the receipt, once the server has done the job that a file was put into."""
    assert answer.status_code == 303, answer.text
    waiting = answer.headers["location"]
    assert re.fullmatch(r"/console/zh/collect/jobs/\d+", waiting)
    assert "正在后台校验" in browser.get(waiting).text and browser.get(waiting + ".json").json()["open"]
    place = Place(browser.settings)
    assert Worker(place).once()
    place.close()
    told = browser.get(waiting + ".json").json()
    assert not told["open"] and told["receipt"] in unescape(browser.get(waiting).text)
    return f"/console/zh{told['receipt']}"


def taken(browser: Browser, data: bytes) -> int:
    """The batch that a file became."""
    return int(done(browser, send(browser, data)).rsplit("/", 1)[-1].split("?")[0])


def form(browser: Browser, data: bytes, name: str = "months.csv", **fields: str) -> httpx.Response:
    """The form of a browser without JavaScript."""
    told = {"dataset": MONTHS, "source": "cdc", **fields}
    return browser.post(f"{UPLOADS}send", told, files={"file": (name, data, "text/csv")})


def code(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


@pytest.fixture
def operator(home: Path, browse: Browse) -> Browser:
    return browse(home).sign_in("demo-operator")


def test_a_file_cut_in_the_middle_goes_on_and_becomes_a_receipt(operator: Browser) -> None:
    data = rows(2021, bad=2)
    made = begin(operator, len(data))
    assert made.status_code == 201 and made.headers["tus-resumable"] == "1.0.0"
    place = made.headers["location"]
    assert place.startswith(UPLOADS)
    assert append(operator, place, 0, data[:50]).headers["upload-offset"] == "50"
    early = operator.post(f"{CONSOLE}/send", {"dataset": MONTHS, "source": "cdc", "upload": place.rsplit("/", 1)[-1]})
    assert early.status_code == 409 and "QM-COLLECT-029" in early.text
    head = operator.client.head(place, headers=TUS)
    assert (head.status_code, head.headers["upload-offset"], head.headers["upload-length"]) == (
        200,
        "50",
        str(len(data)),
    )
    assert "months.csv" in operator.get(CONSOLE).text
    assert append(operator, place, 50, data[50:]).status_code == 204
    answer = operator.post(f"{CONSOLE}/send", {"dataset": MONTHS, "source": "cdc", "upload": place.rsplit("/", 1)[-1]})
    receipt = operator.get(done(operator, answer).replace("?", ".json?")).json()
    assert (receipt["read"], receipt["accepted"], receipt["quarantined"]) == (12, 10, 2)
    assert receipt["file"] == "months.csv" and receipt["state"] == "accepted"
    assert operator.client.head(place, headers=TUS).status_code == 404


def test_a_body_that_breaks_off_leaves_what_came(operator: Browser) -> None:
    place = begin(operator, 3_000_000).headers["location"]
    cookie = "; ".join(f"{one.name}={one.value}" for one in operator.client.cookies.jar)
    told = {**TUS, **BODY, "upload-offset": "0", "host": "localhost:8000", "cookie": cookie}
    headers = [(name.encode(), value.encode()) for name, value in told.items()]
    scope = {"type": "http", "method": "PATCH", "path": place, "raw_path": place.encode(), "query_string": b""}
    scope |= {"headers": headers, "client": ("127.0.0.1", 1), "server": ("localhost", 8000), "scheme": "http"}
    parts = iter([{"type": "http.request", "body": b"x" * 1_200_000, "more_body": True}, {"type": "http.disconnect"}])

    async def broken() -> None:
        async def receive() -> Any:
            return next(parts)

        async def nobody(_message: Any) -> None:
            return None

        await operator.client.app(dict(scope), receive, nobody)

    asyncio.run(broken())
    assert operator.client.head(place, headers=TUS).headers["upload-offset"] == "1200000"
    assert append(operator, place, 1_200_000, b"x" * 1_800_000).headers["upload-offset"] == "3000000"


def test_without_javascript_one_form_does_it(operator: Browser) -> None:
    page = operator.get(done(operator, form(operator, rows(2021))))
    assert page.status_code == 200 and "已接收" in page.text
    assert not Uploads(operator.settings).of("demo-operator")


@pytest.mark.parametrize(
    ("fields", "data", "name", "status", "told"),
    [
        ({}, b"", "months.csv", 422, "QM-COLLECT-002"),
        ({}, b"x", "../months.csv", 422, "QM-COLLECT-023"),
        ({}, b"x", "", 422, "请填写文件"),
        ({"dataset": ""}, rows(2021), "months.csv", 422, "请填写数据集"),
        ({"dataset": "no.such"}, rows(2021), "months.csv", 422, "请从列表中选择数据集"),
        ({"source": "education"}, rows(2021), "months.csv", 403, "QM-COLLECT-016"),
    ],
)
def test_what_is_wrong_is_said_on_the_page_of_the_form(
    operator: Browser, fields: dict[str, str], data: bytes, name: str, status: int, told: str
) -> None:
    answer = form(operator, data, name, **fields)
    assert answer.status_code == status, answer.text
    assert told in answer.text and "<h1>采集</h1>" in answer.text


def test_a_file_of_another_dataset_is_refused_and_its_receipt_says_why(operator: Browser) -> None:
    place = done(operator, form(operator, b"alpha,beta\n1,2\n"))
    page = operator.get(place)
    assert "QM-COLLECT-004" in page.text and "已拒收" in page.text and "撤回批次" not in page.text
    assert operator.get(place.replace("/zh/", "/en/")).text.count("none of the 2 column titles") == 1


def test_what_is_no_table_is_refused_and_the_page_of_the_job_says_why(operator: Browser) -> None:
    answer = form(operator, b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    place = Place(operator.settings)
    assert Worker(place).once()
    place.close()
    page = operator.get(answer.headers["location"])
    assert "QM-COLLECT-005" in page.text and "重新报送" in page.text
    assert not Uploads(operator.settings).of("demo-operator")
    assert operator.get("/console/zh/collect/jobs/1").status_code == 404


def test_a_file_larger_than_the_limit_is_refused_before_it_is_read(home: Path, browse: Browse) -> None:
    operator = browse(home, upload_bytes=1000).sign_in("demo-operator")
    answer = begin(operator, 1001)
    assert (answer.status_code, code(answer)) == (413, "QM-COLLECT-024")
    answer = form(operator, b"x" * (2 << 20))
    assert answer.status_code == 422 and "QM-COLLECT-024" in answer.text


def test_the_quota_of_an_account_is_kept(home: Path, browse: Browse) -> None:
    operator = browse(home, upload_quota=1000).sign_in("demo-operator")
    assert begin(operator, 600).status_code == 201
    answer = begin(operator, 401)
    assert (answer.status_code, code(answer)) == (409, "QM-COLLECT-025")


@pytest.mark.parametrize(
    ("size", "name", "told"),
    [
        (0, "a.csv", "QM-COLLECT-002"),
        ("-1", "a.csv", "QM-COLLECT-031"),
        ("", "a.csv", "QM-COLLECT-031"),
        ("1e3", "a.csv", "QM-COLLECT-031"),
        ("9" * 40, "a.csv", "QM-COLLECT-031"),
        (5, "../../etc/passwd", "QM-COLLECT-023"),
        (5, None, "QM-COLLECT-023"),
    ],
)
def test_an_upload_that_says_something_odd_is_refused(
    operator: Browser, size: int | str, name: str | None, told: str
) -> None:
    answer = begin(operator, size, name)
    assert (answer.status_code, code(answer)) == (422, told)


def test_bytes_at_a_wrong_place_or_too_many_are_refused(operator: Browser) -> None:
    place = begin(operator, 10).headers["location"]
    assert append(operator, place, 0, b"12345").status_code == 204
    for offset in (0, 4, 6):
        answer = append(operator, place, offset, b"67")
        assert (answer.status_code, code(answer)) == (409, "QM-COLLECT-027")
    answer = append(operator, place, 5, b"678901")
    assert (answer.status_code, code(answer)) == (422, "QM-COLLECT-028")
    assert append(operator, place, "five", b"6").status_code == 422
    assert operator.client.head(place, headers=TUS).headers["upload-offset"] == "5"


def test_another_version_or_kind_of_body_is_refused(operator: Browser) -> None:
    place = begin(operator, 10).headers["location"]
    other = {**TUS, "tus-resumable": "0.2.2", "upload-offset": "0"}
    assert operator.client.patch(place, content=b"1", headers={**other, **BODY}).status_code == 412
    assert operator.client.patch(place, content=b"1", headers={**TUS, "upload-offset": "0"}).status_code == 415
    said = operator.client.request("OPTIONS", UPLOADS, headers=TUS)
    assert said.status_code == 204 and said.headers["tus-version"] == "1.0.0"


def test_nobody_else_goes_on_with_an_upload(operator: Browser, home: Path, browse: Browse) -> None:
    place = begin(operator, 10).headers["location"]
    reviewer, nobody = browse(home).sign_in("demo-reviewer"), browse(home)
    for browser, status in ((reviewer, 403), (nobody, 403)):
        assert append(browser, place, 0, b"12345").status_code == status
        assert begin(browser, 10).status_code == status
    with pytest.raises(Exception, match="QM-COLLECT-026"):
        Uploads(operator.settings).get("demo-reviewer", place.rsplit("/", 1)[-1])
    assert form(reviewer, rows(2021)).status_code == 403
    assert form(nobody, rows(2021)).headers["location"] == "/console/zh/sign-in?next=/console/zh/collect"
    own = f"{place}/../{place.rsplit('/', 1)[-1]}x"
    assert operator.client.head(own, headers=TUS).status_code == 404


def test_bytes_from_another_site_are_refused(operator: Browser) -> None:
    place = begin(operator, 10).headers["location"]
    elsewhere = {**TUS, **BODY, "sec-fetch-site": "cross-site", "upload-offset": "0"}
    assert operator.client.patch(place, content=b"1", headers=elsewhere).status_code == 403


def test_an_upload_can_be_given_up(operator: Browser) -> None:
    place = begin(operator, 10).headers["location"]
    assert operator.client.delete(place, headers=TUS).status_code == 204
    assert operator.client.head(place, headers=TUS).status_code == 404
    handle = begin(operator, 10).headers["location"].rsplit("/", 1)[-1]
    assert operator.post(f"{CONSOLE}/drop", {"upload": handle}).status_code == 303
    assert operator.post(f"{CONSOLE}/drop", {"upload": handle}).status_code == 404


def test_the_same_file_twice_shows_the_first_receipt(operator: Browser) -> None:
    first, again = done(operator, send(operator, rows(2021))), done(operator, send(operator, rows(2021)))
    assert again.split("?") == [first.split("?")[0], "taken=before"]
    assert "此前已接收" in operator.get(again).text
    assert "此前已接收" not in operator.get(first).text


def test_a_wrong_sender_leaves_the_file_for_another_try(operator: Browser) -> None:
    handle = upload(operator, rows(2021))
    assert (
        operator.post(f"{CONSOLE}/send", {"dataset": MONTHS, "source": "health", "upload": handle}).status_code == 403
    )
    assert operator.post(f"{CONSOLE}/send", {"dataset": MONTHS, "source": "cdc", "upload": handle}).status_code == 303


def test_a_batch_withdrawn_in_two_tabs_is_withdrawn_once(operator: Browser) -> None:
    batch = taken(operator, rows(2021, bad=1))
    place = f"{CONSOLE}/batches/{batch}"
    assert "撤回批次" in operator.get(place).text
    assert operator.post(f"{place}/withdraw", {"reason": ""}).status_code == 422
    assert operator.post(f"{place}/withdraw", {"reason": "发错文件"}).status_code == 303
    page = operator.get(place).text
    assert "已撤回" in page and "发错文件" in page and f"{place}/withdraw" not in page
    second = operator.post(f"{place}/withdraw", {"reason": "发错文件"})
    assert second.status_code == 409 and "QM-COLLECT-020" in second.text
    assert operator.get(f"{place}/rows").text.count("没有被隔离的行") == 1


def test_refused_rows_are_told_by_rule_and_place(operator: Browser) -> None:
    batch = taken(operator, rows(2021, bad=2))
    page = operator.get(f"{CONSOLE}/batches/{batch}/rows", params={"rule": "month.required"})
    assert page.status_code == 200 and "month.required" in page.text and "Plague" not in page.text
    told = operator.get(f"{CONSOLE}/batches/{batch}/rows.json").json()
    assert [one["row"] for one in told["rows"]] == [1, 2]
    assert operator.get(f"{CONSOLE}/batches/{batch}/rows", params={"rule": "no.such"}).status_code == 404
    assert operator.get(f"{CONSOLE}/batches/{batch}/rows", params={"page": "0"}).status_code == 422


@pytest.mark.parametrize("path", ["/collect", "/collect/batches", "/collect/quality", "/collect/templates"])
def test_every_page_is_there_in_both_languages_for_those_whose_work_it_is(province: Browser, path: str) -> None:
    province.sign_in("demo-operator")
    for language in ("zh", "en"):
        page = province.get(f"/console/{language}{path}")
        assert page.status_code == 200, page.text
        assert len(re.findall("<h1>", page.text)) == 1
        assert len(page.content) < 300_000
    assert province.get(f"/console/zh{path}.json").json()
    english = re.sub(r"<[^>]*>", "", unescape(province.get(f"/console/en{path}").text))
    assert [sign for sign in english.replace("中文", "") if "\u4e00" <= sign <= "\u9fff"] == []
    province.sign_out().sign_in("demo-reviewer")
    assert province.get(f"/console/zh{path}").status_code == 403


def test_the_list_is_narrowed_and_paged(province: Browser) -> None:
    province.sign_in("demo-operator")
    every = province.get("/console/zh/collect/batches.json").json()
    assert every["total"] >= 13 and every["page"] == 1
    births = province.get("/console/zh/collect/batches.json", params={"dataset": "health.birth"}).json()
    assert {one["dataset"] for one in births["batches"]} == {"health.birth"}
    assert province.get("/console/zh/collect/batches.json", params={"state": "refused"}).json()["batches"] == []
    assert province.get("/console/zh/collect/batches", params={"page": "1000000"}).status_code == 200
    for odd in ({"page": "x"}, {"page": "-1"}, {"page": "9" * 30}, {"dataset": "x" * 101}):
        assert province.get("/console/zh/collect/batches", params=odd).status_code == 422
    assert province.get("/console/zh/collect/batches/999999").status_code == 404
    assert province.get("/console/zh/collect/batches/x").status_code in (404, 422)


def test_the_receipts_and_the_courses_of_the_demonstration_can_be_looked_at(province: Browser) -> None:
    province.sign_in("demo-operator")
    for one in province.get("/console/zh/collect/batches.json").json()["batches"]:
        assert province.get(f"/console/en/collect/batches/{one['batch']}").status_code == 200
        assert province.get(f"/console/zh/collect/batches/{one['batch']}/rows").status_code == 200
        assert province.get(f"/console/zh/collect/quality/{one['source']}/{one['dataset']}").status_code == 200
    empty = province.get("/console/zh/collect/quality/education/health.birth")
    assert empty.status_code == 200 and "没有此数据集的已接收批次" in empty.text
    assert province.get("/console/zh/collect/quality/nobody/health.birth").status_code == 404


@pytest.mark.parametrize(
    ("form", "begins"),
    [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("markdown", b"# "), ("jsonschema", b"{"), ("tableschema", b"{")],
)
def test_templates_and_dictionaries_can_be_downloaded(province: Browser, form: str, begins: bytes) -> None:
    province.sign_in("demo-operator")
    file = province.get(f"/console/zh/standards/files/health.birth/{form}")
    assert file.status_code == 200 and file.content.startswith(begins)
    assert "attachment" in file.headers["content-disposition"]
    assert province.get(f"/console/zh/standards/files/no.such/{form}").status_code == 404
    assert province.get("/console/zh/standards/files/health.birth/exe").status_code == 404
