"""The public page of verification: three answers, nothing more, to anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from quanmin.ledger import Ledger
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital import role
from quanmin.programs.vital.certificate import desk, replacement
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.settings import Settings
from quanmin.web.portal import verification

from ..programs.vital.county import APPLICATION, BABY, HOSPITAL, PROVINCE, County, application
from .conftest import Browser

ANSWER = "/zh/verify/answer"


@dataclass
class Counter:
    """A portal whose ledger holds a certificate of every fate."""

    browser: Browser
    issued: Certificate
    fates: dict[str, Certificate]

    def ask(self, number: str, code: str, path: str = ANSWER) -> str:
        answer = self.browser.post(path, {"number": number, "code": code})
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    settings = Settings(home=tmp_path_factory.mktemp("verify") / "home")
    with Ledger.open(settings) as ledger:
        made = County.open(ledger, settings)
        printed = made.print()
        given = numbers.Span(printed.first, printed.first + 9)
        made.down(HOSPITAL, [given])
        first = given.first
        issued = made.issue(first)
        clerk, above = made.at(role.CLERK), made.at(role.SUPERVISOR, of=PROVINCE)
        fates = {"prepared": desk.prepare(clerk, HOSPITAL, first + 1, application(1))}
        desk.prepare(clerk, HOSPITAL, first + 2, application(2))
        fates["spoiled"] = desk.spoil(clerk, first + 2, "misprinted")
        made.issue(first + 3, application(3))
        fates["lost"] = replacement.lose(clerk, first + 3, "报纸声明")
        made.issue(first + 4, application(4))
        fates["cancelled"] = replacement.cancel(above, first + 4, "fraud")
        made.issue(first + 5, application(5))
        again = replace(application(5, weight=3400), evidence={"recovered_sheet": "档 1"})
        replacement.exchange(clerk, HOSPITAL, first + 5, first + 6, again, "issuer_error")
        with ledger.reading() as connection:
            fates["replacing"] = replacement.record.by_number(connection, first + 5)
    browser = Browser(settings.home)
    yield Counter(browser, issued, fates)
    browser.close()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch, counter: Counter) -> None:
    """Tests ask more than a counter may."""
    monkeypatch.setattr("quanmin.web.limit.Buckets.take", lambda self, who: 0)


def test_each_answer_has_its_words_in_both_languages(counter: Counter) -> None:
    one = counter.issued
    assert "有效" in counter.ask(one.text, one.code)
    assert "<strong>valid</strong>" in counter.ask(one.text, one.code, "/en/verify/answer")
    lost = counter.fates["lost"]
    assert "无效" in counter.ask(lost.text, lost.code)
    assert "查无此证" in counter.ask(one.text, "A" * 16)
    assert "查无此证" in counter.ask("E379999999", one.code)


def test_the_twin_says_the_same_to_a_program(counter: Counter) -> None:
    one = counter.issued
    answer = counter.browser.post("/zh/verify/answer.json", {"number": one.text, "code": one.code})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"verdict": "valid", "title": {"zh": "有效", "en": "valid"}}
    refused = counter.browser.post("/zh/verify/answer.json", {"number": one.text})
    assert refused.status_code == 422 and refused.json()["code"].startswith("QM-WEB-")
    assert counter.browser.get("/zh/verify.json").json()["verdicts"]["unknown"]["en"] == "unknown"


def test_a_void_one_is_void_in_the_same_bytes_whatever_became_of_it(counter: Counter) -> None:
    answers = {name: counter.ask(one.text, one.code) for name, one in counter.fates.items()}
    assert len({answers[name] for name in ("lost", "cancelled", "replacing")}) == 1
    assert len({answers[name] for name in ("prepared", "spoiled")}) == 1
    assert answers["prepared"] == counter.ask("E370000900", "A" * 16) == counter.ask("no number", "x")


def test_answers_differ_in_the_verdict_only(counter: Counter) -> None:
    def stripped(text: str) -> str:
        return re.sub(r'<p class="(done|wrong)" role="status" id="verdict">.*?</p>', "", text)

    one, lost = counter.issued, counter.fates["lost"]
    told = [counter.ask(one.text, one.code), counter.ask(lost.text, lost.code), counter.ask(one.text, "B" * 16)]
    assert len({stripped(text) for text in told}) == 1
    assert all(one.code not in text and one.text not in text for text in told)


def test_nothing_of_anybody_is_told(counter: Counter) -> None:
    one = counter.issued
    text = counter.ask(one.text, one.code)
    told = [APPLICATION.newborn.name, "历下医院", HOSPITAL, "2015", BABY.birth_date.isoformat(), "首次签发"]
    assert [word for word in told if word in text.replace("2015.1", "")] == []


def test_an_answer_is_kept_by_no_cache_and_the_form_may_be(counter: Counter) -> None:
    one = counter.issued
    answer = counter.browser.post(ANSWER, {"number": one.text, "code": one.code})
    assert answer.headers["cache-control"] == "no-store" and "etag" not in answer.headers
    form = counter.browser.get("/zh/verify")
    assert form.headers["cache-control"].startswith("public") and one.code not in form.text
    assert 'action="/zh/verify/answer"' in form.text and "verify." in form.text


def test_the_code_never_reaches_a_log_nor_an_address(
    counter: Counter, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    one = counter.issued
    caplog.set_level("DEBUG")
    counter.ask(one.text, one.code)
    counter.browser.post("/zh/verify/answer.json", {"number": one.text, "code": one.code})
    counter.browser.post("/zh/verify/answer.json", {"number": "", "code": one.code})
    counter.browser.get(f"/zh/verify/answer?number={one.text}&code={one.code}")
    written = (
        caplog.text + json.dumps([vars(entry) for entry in caplog.records], default=str) + "".join(capfd.readouterr())
    )
    ours = [
        line for line in written.splitlines() if "HTTP Request" not in line
    ]  # the test's own client says what it asks
    assert one.code not in "\n".join(ours)
    asked = counter.browser.get(f"/zh/verify?number={one.text}&code={one.code}")  # an address does not answer
    assert "verdict" not in asked.text and one.code not in re.sub(r'href="[^"]*"', "", asked.text)


def test_who_asks_too_often_waits(
    tmp_path: Path, browse: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(verification, "BURST", 2)
    browser = browse(tmp_path / "home")
    fields = {"number": "E370000001", "code": "A" * 16}
    answers = [browser.post(ANSWER, fields) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 429, 429]
    assert "QM-WEB-005" in answers[2].text and int(answers[2].headers["retry-after"]) >= 1
    assert browser.post("/zh/verify/answer.json", fields).json()["code"] == "QM-WEB-005"
    assert browser.get("/zh/verify").status_code == 200


def test_the_portal_leads_there(counter: Counter) -> None:
    assert 'href="/zh/verify"' in counter.browser.get("/zh/").text
