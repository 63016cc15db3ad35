"""The whole platform on a simulated province: from synth to review and feedback, measured against the truth.

Works in `<home>/demo`, which it makes anew each time, with the same public calls as a user's own script.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quanmin import collect, demo_people, demo_releases, population, readers_demo, standards
from quanmin.errors import Conflict
from quanmin.lake import Lake
from quanmin.opendata import Portal
from quanmin.opendata.participation import showing
from quanmin.population import calibration, linkage
from quanmin.population.review import queue
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import Actor, local_administrator

if TYPE_CHECKING:
    from quanmin.demo_exchange import Ministry

Say = Callable[[Text], None]


@dataclass(frozen=True)
class DemoReport:
    """What the demo did; `accuracy` compares the result with the truth that `synth` wrote, and so does that of `linkage`.

    `review` counts the questions that wait for a clerk, by what they are about; `readers` is what five people with different
    posts get of the same person. `releases` counts what was opened, and names what its rules refused. `exchange` tells what the
    ministries did, where they took part, `vital` what a year of births and deaths was like. `sign_ins` is the file of the
    accounts, if there are any.
    """

    home: Path
    persons: int
    receipts: list[dict[str, Any]]
    build: dict[str, Any]
    linkage: dict[str, Any]
    review: dict[str, int]
    feedback: dict[str, int]
    accuracy: dict[str, Any]
    readers: list[dict[str, Any]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    sign_ins: str | None = None
    releases: dict[str, Any] = field(default_factory=dict)
    exchange: dict[str, Any] = field(default_factory=dict)
    vital: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document: the keys of receipts and build, and `accuracy`."""
        read = sum(receipt["read"] for receipt in self.receipts)
        accepted = sum(receipt["accepted"] for receipt in self.receipts)
        quarantined = sum(receipt["quarantined"] for receipt in self.receipts)
        totals = {"read": read, "accepted": accepted, "quarantined": quarantined}
        return {**asdict(self), "home": str(self.home), **totals, **self.build, "stage_seconds": self.seconds}


class DemoElsewhere(Conflict):
    """Accounts that anybody can use would be opened in a ledger that is not the demo's."""

    code = "QM-DEMO-002"
    title = Text(
        "演示账号只能开在演示自己的台账中，而设置指向别处",
        "demo accounts stay in the demo's own ledger; the settings name another",
    )
    step = Text(
        "请取消 QUANMIN_LEDGER 与 QUANMIN_LAKE 后再运行。", "Unset QUANMIN_LEDGER and QUANMIN_LAKE, then run it again."
    )


class Stopwatch:
    """Seconds per stage, and a word to the user as each begins."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._began = time.perf_counter()
        self._name: str | None = None
        self.seconds: dict[str, float] = {}

    def stage(self, name: str, title: Text) -> None:
        """Close the stage before and begin `name`."""
        self.stop()
        self._say(title)
        self._name, self._began = name, time.perf_counter()

    def stop(self) -> None:
        """Close the stage under way."""
        if self._name is not None:
            self.seconds[self._name] = round(time.perf_counter() - self._began, 2)
            self._name = None


def run(
    settings: Settings, persons: int, seed: int, say: Say, sign_ins: bool = False, exchange: bool = False
) -> DemoReport:
    """Simulate `persons` people and take their records the whole way; with `sign_ins` there are accounts afterwards.

    With `exchange` five ministries take part as five nodes in five processes, and the nation's platform in a sixth.

    DemoElsewhere.
    """
    if sign_ins and (settings.ledger or settings.lake):
        raise DemoElsewhere()
    home = settings.home / "demo"
    shutil.rmtree(home, ignore_errors=True)
    files = home / "agency-files"
    watch = Stopwatch(say)
    watch.stage("synth", Text("模拟省份…", "Simulating a province…"))
    from quanmin import synth  # heavy, and a server tells of demos without making one

    synth.write(files, persons, seed, threads=settings.threads)
    lake, actor = Lake.open(settings.model_copy(update={"home": home})), local_administrator()
    watch.stage("collect", Text("采集各部门文件…", "Collecting the agencies' files…"))
    receipts = collect_all(lake, files, actor)
    watch.stage("population", Text("建立人口库…", "Building the population base…"))
    build = population.build(lake).to_dict()
    watch.stage("linkage", Text("关联搁置的记录…", "Linking the records that were set aside…"))
    links = linkage.link(lake).to_dict()
    again = population.build(lake).to_dict()
    build |= {name: again[name] for name in ("linked", "errors", "people", "snapshot")}
    watch.stage("review", Text("汇集待人工审核的事项…", "Gathering what a clerk must decide…"))
    waiting = {str(about): count for about, count in queue.gather(lake).new.items()}
    watch.stage("feedback", Text("反馈错误…", "Handing the errors back…"))
    feedback = hand_back(lake, home / "feedback")
    watch.stage("accuracy", Text("与真值比对…", "Comparing with the truth…"))
    compared = population.compare_with_truth(lake, files / "truth")
    calibration.chart(compared.calibration).drawing(settings.language).save(home / "calibration.svg")
    accuracy = compared.to_dict()
    links["accuracy"] = linkage.compare_links(lake, files / "truth").to_dict()
    with ExitStack() as open_nodes:
        here = _nodes(lake, watch, open_nodes) if exchange else None
        shared = {} if here is None else _exchange(lake, files, here)
        read, opened = _read(lake, watch, sign_ins)
        watch.stage("participation", Text("公众参与…", "What the public adds…"))
        participate(lake)
        vital = _year(lake, files, seed, watch, here)
    watch.stop()
    kept = str(home / demo_people.FILE) if sign_ins else None
    told = (receipts, build, links, waiting, feedback, accuracy, read, watch.seconds, kept, opened, shared, vital)
    return DemoReport(home, persons, *told)


def _nodes(lake: Lake, watch: Stopwatch, stack: ExitStack) -> Ministry:
    """The nodes of five ministries and of the nation, until the stack is closed; their homes stay beside the demo's."""
    watch.stage("exchange", Text("五部门共享交换…", "Five ministries share…"))
    from quanmin import demo_exchange, demo_vital  # the first starts processes, which nobody else does

    folder = lake.settings.home / "nodes"
    return stack.enter_context(demo_exchange.ministries(lake, folder, also=(demo_vital.NATION,)))


def _exchange(lake: Lake, files: Path, here: Ministry) -> dict[str, Any]:
    """What the ministries share by agreement."""
    from quanmin import demo_exchange

    return demo_exchange.tell(here, files, readers_demo.somebody(lake)).to_dict()


def _year(lake: Lake, files: Path, seed: int, watch: Stopwatch, here: Ministry | None) -> dict[str, Any]:
    """The next year of the province: births and deaths certified, pushed to the nation's node where there is one."""
    watch.stage("vital", Text("出生与死亡的一年…", "A year of births and deaths…"))
    from quanmin import demo_vital

    return demo_vital.live(lake, files, seed, here).to_dict()


def _read(lake: Lake, watch: Stopwatch, sign_ins: bool) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What five people get of one person, and what is opened: by people made up, or signed in with their own accounts."""
    number, about = readers_demo.somebody(lake), Text("五人读同一人…", "Five people read the same person…")
    opening = Text("发布开放数据…", "Opening data…")
    if not sign_ins:
        watch.stage("readers", about)
        read = readers_demo.readers(lake, number)
        watch.stage("releases", opening)
        return [one.to_dict() for one in read], demo_releases.open_data(lake).to_dict()
    watch.stage("accounts", Text("开立演示账号…", "Opening the accounts of the demo…"))
    with demo_people.reception(lake, number) as here:
        watch.stage("readers", about)
        read = readers_demo.readers(lake, number, here.actor)
        watch.stage("releases", opening)
        officer, checker = here.actor(demo_people.RELEASE_OFFICER), here.actor(demo_people.RELEASE_CHECKER)
        return [one.to_dict() for one in read], demo_releases.open_data(lake, officer, checker).to_dict()


def participate(lake: Lake) -> dict[str, int]:
    """Reuses, requests, a discussion and a report on what the catalogue has; how many. Nothing where it has nothing open."""
    return showing.show(Portal(lake.settings, lake.ledger))


def collect_all(lake: Lake, files: Path, actor: Actor) -> list[dict[str, Any]]:
    """Collect every agency file in `files`, each from the agency whose name it bears."""
    receipts = []
    for file in sorted(path for path in files.iterdir() if path.is_file()):
        dataset = next(d for d in standards.catalogue().datasets.values() if file.name.startswith(d.id + "."))
        receipts.append(collect.collect(lake, dataset.id, file, dataset.steward, actor).to_dict())
    return receipts


def hand_back(lake: Lake, directory: Path) -> dict[str, int]:
    """Export the feedback of every source; errors per file."""
    stewards = sorted({dataset.steward for dataset in standards.catalogue().datasets.values()})
    files: dict[str, int] = {}
    for source in stewards:
        files.update(population.export_feedback(lake, source, directory).files)
    return files
