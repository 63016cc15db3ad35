"""The whole way on a small simulated province: what the map declares is what was touched, and what was put in is found."""

from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from quanmin import demo, demo_people, standards
from quanmin.cli.app import app
from quanmin.demo import DemoElsewhere, DemoReport
from quanmin.flow import STAGES
from quanmin.lake import Lake
from quanmin.population.review import queue
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.identity import Proofs, Registry, authenticate, founding, sign_in
from quanmin.trust.identity.errors import SignInRefused


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> DemoReport:
    return demo.run(Settings(home=tmp_path_factory.mktemp("home")), 20_000, 2015, lambda text: None)


class Run(NamedTuple):
    """A run with accounts: what it told, whom it let in, and whose decisions were taken for somebody who showed two proofs."""

    report: DemoReport
    people: list[demo_people.SignIn]
    signed_in: set[str]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """The same small province two times, the second time in the home of the first."""
    home, runs = tmp_path_factory.mktemp("twice"), []
    for _ in range(2):
        done = demo.run(Settings(home=home), 1000, 7, lambda text: None, True)
        with Lake.open(Settings(home=done.home)) as lake:
            made = audit.entries(lake.ledger, "decide")
            signed_in = {one.fields["actor"] for one in made if one.fields["facts"]["mfa"]}
        runs.append(Run(done, demo_people.read(done.home), signed_in))
    return runs


def test_every_row_is_accounted_for(report: DemoReport) -> None:
    assert len(report.receipts) == 14
    for receipt in report.receipts:
        assert receipt["read"] == receipt["accepted"] + receipt["quarantined"] > 0
    base = {dataset.id for dataset in standards.catalogue().sources}
    assert {receipt["dataset"] for receipt in report.receipts} - base == {"education.pupil"}
    assert report.build["records"] == sum(one["accepted"] for one in report.receipts if one["dataset"] in base)
    assert report.build["attached"] + report.build["set_aside"] == report.build["records"]


def test_five_people_read_the_same_person(report: DemoReport) -> None:
    assert [one["purpose"] for one in report.readers] == [
        "treatment",
        "statistics",
        "research",
        "insurance",
        "own_record",
    ]
    doctor, statistician, researcher, insurer, citizen = (one["values"] for one in report.readers)
    assert (
        doctor == citizen
        and len(doctor["citizen_number"]) == 18
        and doctor["birth_date"] is not None
        and doctor["death_date"] is None
    )
    assert statistician == {} and researcher["name"] not in (None, doctor["name"])
    assert doctor["citizen_number"][6:14] not in str([researcher, insurer])


def test_errors_decidable_by_number_are_found(report: DemoReport) -> None:
    codes = report.accuracy["codes"]
    assert {"E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08", "E09", "E10", "E11", "E12", "E13", "E14"} <= set(
        codes
    )
    for code in sorted(codes):
        assert codes[code]["precision"] == codes[code]["recall"] == 1.0, code


def test_golden_items_beat_the_simpler_methods(report: DemoReport) -> None:
    golden = report.accuracy["total"]
    assert golden["golden"] >= 0.999
    assert golden["golden"] > max(golden["ranked"], golden["majority"], golden["latest"], golden["authority"])


def test_probabilities_are_as_good_as_they_say(report: DemoReport) -> None:
    bins = report.accuracy["calibration"]
    assert sum(each["items"] for each in bins) > 50_000 and report.accuracy["calibration_error"] < 0.02
    sure = [each for each in bins if each["low"] >= 0.99]
    assert sure and all(each["right"] > 0.985 for each in sure)
    picture = (report.home / "calibration.svg").read_text("utf-8")
    assert picture.startswith("<svg") and picture.count("<circle") == len(bins) and "<script" not in picture


def test_no_golden_item_is_both_wrong_and_beaten(report: DemoReport) -> None:
    """What is below the bound is what no source knows: then no simpler method does better."""
    items = report.accuracy["items"]
    assert len(items) == 13
    for item, right in items.items():
        best = max(right["ranked"], right["majority"], right["latest"], right["authority"])
        assert right["golden"] >= min(best, 0.999), item


def test_records_that_were_set_aside_find_their_person(report: DemoReport) -> None:
    links = report.linkage
    assert links["attach"] + links["review"] + links["apart"] + links["without"] == links["records"] > 500
    right = links["accuracy"]
    assert right["precision"] >= 0.999 and right["recall"] >= 0.97 and right["queue"] <= 0.05
    assert (right["residual"], right["attached"]) == (links["records"], links["attach"])
    assert report.build["linked"] == links["attach"]


def test_what_a_clerk_must_decide_is_in_the_queue(report: DemoReport) -> None:
    assert set(report.review) == {"link", "contested", "double"}
    assert report.review["link"] == report.linkage["review"]
    with Lake.open(Settings(home=report.home)) as lake:
        waiting = {about: counts.get("open", 0) for about, counts in queue.counts(lake).items()}
    assert waiting == report.review and report.review["contested"] > 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh",
            "人口库： 凭号码挂接 其中经关联挂接 关联：比对 不挂接 待人工审核： 重号 可信度估计：金记录错误率 概率校准误差",
        ),
        (
            "en",
            "Population base:|attached by number|linked|Linkage:|left apart|Waiting for a clerk:|two numbers|"
            "Reliability estimated:|times as many|Calibration error",
        ),
    ],
)
def test_the_summary_tells_all_of_it_in_both_languages(
    report: DemoReport, language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANMIN_LANGUAGE", language)
    monkeypatch.setattr(demo, "run", lambda *_: report)
    said = CliRunner().invoke(app, ["demo"], catch_exceptions=False).output
    assert [word for word in words.split("|" if language == "en" else " ") if word not in said] == []
    assert f"{report.build['linked']:,}" in said and f"{report.review['contested']:,}" in said


def test_without_the_option_there_are_no_accounts(report: DemoReport) -> None:
    with Lake.open(Settings(home=report.home)) as lake:
        assert not founding.founded(Registry.open(lake.ledger, lake.settings))
    assert report.sign_ins is None and not (report.home / demo_people.FILE).exists()


def test_people_with_accounts_read_as_those_without(twice: list[Run]) -> None:
    for run in twice:
        doctor, statistician, researcher, insurer, citizen = (one["values"] for one in run.report.readers)
        assert doctor == citizen and len(doctor["citizen_number"]) == 18 and statistician == {}
        assert doctor["citizen_number"][6:14] not in str([researcher, insurer]) and insurer["name"][-1] == "*"
        assert run.signed_in >= {"demo-doctor", "demo-statistician", "demo-researcher", "demo-insurer", "demo-citizen"}


def test_each_run_opens_its_accounts_anew(twice: list[Run]) -> None:
    first, second = twice
    assert [one.account for one in first.people] == [one.account for one in second.people]
    assert len({one.password for run in twice for one in run.people}) == 2
    assert not {one.seed for one in first.people} & {one.seed for one in second.people}
    home = second.report.home
    assert second.report.sign_ins == str(home / demo_people.FILE) and "accounts" in second.report.seconds
    with Lake.open(Settings(home=home)) as lake:
        register = Registry.open(lake.ledger, lake.settings)
        code = demo_people.current(register, second.people)[0].code
        for one, passes in ((first.people[0], False), (second.people[0], True)):
            proofs = Proofs(one.password, code)
            if passes:
                token = sign_in(register, one.account, proofs)
                assert authenticate(register, token).roles == set(one.roles)
            else:
                with pytest.raises(SignInRefused):
                    sign_in(register, one.account, proofs)


@pytest.mark.parametrize("elsewhere", [{"ledger": "sqlite:///elsewhere.sqlite"}, {"lake": "elsewhere"}])
def test_accounts_that_anybody_can_use_stay_in_the_demos_own_ledger(tmp_path: Path, elsewhere: dict[str, str]) -> None:
    (tmp_path / "demo").mkdir()
    with pytest.raises(DemoElsewhere):
        demo.run(Settings(home=tmp_path, **elsewhere), 300, 7, lambda text: None, True)
    assert (tmp_path / "demo").exists() and not (tmp_path / "demo" / "agency-files").exists()


def test_data_are_opened(report: DemoReport) -> None:
    """At least ten datasets, however small the province; what the rules refused is told with its codes."""
    assert report.releases["published"] >= 10
    assert all(codes and all(one[0] in "OQ" for one in codes) for codes in report.releases["refused"].values())


def test_feedback_holds_no_value_of_a_person(report: DemoReport) -> None:
    import pyarrow.parquet as pq

    persons = pq.read_table(report.home / "agency-files" / "truth" / "persons.parquet", columns=["citizen_number"])
    numbers = set(persons.column(0).to_pylist())
    texts = [path.read_text("utf-8-sig") for path in (report.home / "feedback").iterdir()]
    texts += [path.read_text("utf-8") for path in (report.home / "receipts").iterdir()]
    assert texts and not any(number in text for text in texts for number in list(numbers)[:300])


def test_the_run_touched_only_what_the_map_declares(report: DemoReport) -> None:
    with Lake.open(Settings(home=report.home)) as lake:
        written = {(entry.stage, entry.table) for entry in lake.lineage()}
    stages = {stage.name: stage for stage in STAGES}
    assert report.vital["statistics"]["published"]["life-tables-130000"] > 0 == report.vital["breaches"]
    base, year = {"collect", "population", "linkage"}, {"births", "deaths", "vital", "measures"}
    assert {stage for stage, _ in written} == base | year
    assert all(stages[stage].may_write(table) for stage, table in written)


def test_the_same_seed_gives_the_same_base(twice: list[Run]) -> None:
    one, other = (run.report for run in twice)
    assert [r["sha256"] for r in other.receipts] == [r["sha256"] for r in one.receipts]
    assert other.accuracy == one.accuracy
