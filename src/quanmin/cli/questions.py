"""`quanmin population find | identifiers | history | statistics`: questions asked of the base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from quanmin import population as stage
from quanmin import trust
from quanmin.cli import review
from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import open_lake, operator, situation
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.population import identifiers as pix
from quanmin.population.find import LIMIT, MATCHES, MOST, Sought, birth_of, search
from quanmin.population.history import history as history_of
from quanmin.population.statistics import PARTS, SCHEMAS, TITLES, Part
from quanmin.population.statistics import statistics as statistics_of
from quanmin.standards import catalogue
from quanmin.text import Text
from quanmin.trust import explanation
from quanmin.trust.errors import AccessDenied, CaseMissing
from quanmin.trust.purpose import PURPOSES

Purpose = Annotated[str, typer.Option(help="Why it is read; decides what is shown and asked by. 使用目的。")]
PHOTO = "photo"
"""Nobody is recognised by the digest of a photo: it is in the JSON, not in the table."""
Case = Annotated[str | None, typer.Option(help="Case or request number, where the purpose asks for one. 案号。")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (find, identifiers, history, statistics):
        app.command()(command)


def find(
    name: Annotated[
        str | None, typer.Option(help="Name, also a former one or in pinyin (zhang wei). 姓名，可用曾用名或拼音。")
    ] = None,
    born: Annotated[str | None, typer.Option(help="Birth date (1949-12-31) or year (1949). 出生日期或年份。")] = None,
    sex: Annotated[str | None, typer.Option(help="Sex, as a code or a word. 性别。")] = None,
    region: Annotated[str | None, typer.Option(help="How the code of the birth place begins. 出生地代码前缀。")] = None,
    address: Annotated[str | None, typer.Option(help="Part of the registered or home address. 地址的一部分。")] = None,
    alike: Annotated[
        bool, typer.Option("--sound", help="Also names in characters that sound alike. 兼查同音字。")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="So many people at most. 人数上限。")] = LIMIT,
    purpose: Purpose = "supervision",
    case: Case = None,
    json: AsJson = False,
) -> None:
    """Find people by name, birth, sex and place, masked as decided; more than the limit are not shown. 按条件查人。"""
    sought = Sought(name=name, sex=sex, region=region, address=address, sound=alike, **birth_of(born))
    lake = open_lake()
    with _hint(lake, purpose, case):
        found = search(lake, _deciding(lake, purpose, case), sought, limit)
    if json:
        print_json({"people": found})
        return
    told = [item for item in catalogue().items if item.id != PHOTO]
    items = [item for item in told if any(_value(one, item.id) is not None for one in found)]
    titles = [Text("吻合", "found by"), *(item.title for item in items)]
    found_by = MATCHES if name else {"same": Text("条件", "criteria")}
    print_table(titles, [(found_by[one["match"]], *(_value(one, item.id) for item in items)) for one in found])
    out.print(say(Text(f"共{len(found)}人", f"people found: {len(found)}")))


def identifiers(
    value: Annotated[
        str | None, typer.Argument(help="Identifier, or a citizen number without --dataset. 标识号。")
    ] = None,
    dataset: Annotated[str | None, typer.Option(help="The dataset whose identifier it is. 数据集。")] = None,
    element: Annotated[str | None, typer.Option(help="Which identifier of it; default: the first. 数据元。")] = None,
    known: Annotated[
        bool, typer.Option("--list", help="List the identifiers of every dataset. 列出各数据集的标识号。")
    ] = False,
    purpose: Purpose = "supervision",
    case: Case = None,
    json: AsJson = False,
) -> None:
    """From an identifier of one dataset to the person and all their identifiers. 标识号互查。"""
    if known:
        _list_identifiers(json)
        return
    if value is None or (element is not None and dataset is None):
        raise typer.BadParameter("VALUE [--dataset D [--element E]], or --list. 给出标识号，或用 --list。")
    lake = open_lake()
    number = value if dataset is None else None
    decide = _deciding(lake, purpose, case, number)
    with _hint(lake, purpose, case, number):
        found: dict[str, list[dict[str, Any]]] = (
            {"people": [pix.identifiers_of(lake, decide, value)], "set_aside": []}
            if dataset is None
            else pix.identify(lake, decide, dataset, value, element)
        )
    if json:
        print_json(found)
        return
    titles = [Text("号码", "number"), Text("数据集", "dataset"), Text("标识号", "identifier"), Text("值", "value")]
    rows = [
        (p["person"], i["dataset"], i["title"], i["value"], i["batch"], i["row"])
        for p in found["people"]
        for i in p["identifiers"]
    ]
    print_table([*titles, Text("批次", "batch"), Text("行", "row")], rows)
    if found["set_aside"]:
        titles = [Text("批次", "batch"), Text("行", "row"), Text("搁置原因", "set aside because")]
        print_table(titles, [(one["batch"], one["row"], one["title"]) for one in found["set_aside"]])


def _list_identifiers(json: bool) -> None:
    known = [one for named in pix.identifiers().values() for one in named]
    if json:
        print_json([one._asdict() for one in known])
        return
    print_table([Text("数据集", "dataset"), Text("数据元", "element"), Text("标识号", "identifier")], known)


def history(
    number: Annotated[str, typer.Argument(help="Citizen number. 公民身份号码。")],
    purpose: Purpose = "supervision",
    case: Case = None,
    json: AsJson = False,
) -> None:
    """Every change of a golden record, and every record that spoke of the person. 个人记录的历史。"""
    lake = open_lake()
    with _hint(lake, purpose, case, number):
        told = history_of(lake, _decision(lake, purpose, case, number), number)
    if json:
        print_json(told)
        return
    review.say_merged(told)
    titles = [Text("快照", "snapshot"), Text("时间", "at"), Text("事件", "event"), Text("项目", "item")]
    titles += [Text("之前", "before"), Text("之后", "after"), Text("来源", "source")]
    print_table(titles, [row for change in told["changes"] for row in _changes(change)])
    titles = [Text("数据集", "dataset"), Text("单位", "source"), Text("批次", "batch"), Text("行", "row")]
    titles += [Text("采集日", "collected"), Text("结果", "outcome"), Text("状态", "state"), Text("错误", "errors")]
    print_table(titles, [_record(record) for record in told["records"]])
    review.print_changes(told["reviews"])
    for before in told.get("before", []):
        review.print_changes(before["reviews"])


def _changes(change: dict[str, Any]) -> list[tuple[object, ...]]:
    """The lines of one build's changes."""
    at = change["at"].isoformat(timespec="minutes") if change["at"] else None
    head = (change["snapshot"], at, change["title"])
    items = [
        (i["title"], *(i[s] and i[s]["value"] for s in ("before", "after")), i["after"] and i["after"]["source"])
        for i in change["items"]
    ]
    return [(*head, *item) for item in items] or [(*head, None, None, None, None)]


def _record(record: dict[str, Any]) -> tuple[object, ...]:
    """The line of one record."""
    outcome = " → ".join(say(one["title"]) for one in record["outcomes"])
    errors = " ".join(dict.fromkeys(one["code"] for one in record["errors"] if one["until"] is None))
    place = (record["dataset"], record["source"], record["batch"], record["row"], record["collected"])
    return (*place, outcome, record["state_title"], errors)


def statistics(
    parts: Annotated[
        list[str] | None,
        typer.Argument(help="coverage, completeness, agreement, errors, trend; default: all. 统计表。"),
    ] = None,
    purpose: Purpose = "statistics",
    case: Case = None,
    json: AsJson = False,
) -> None:
    """Statistics of the base; small cells are empty when the purpose is statistics. 人口库统计。"""
    wanted: list[Part] = [part for part in PARTS if part in (parts or PARTS)]
    if set(parts or ()) - set(PARTS):
        raise typer.BadParameter(f"Tables: {', '.join(PARTS)}. 可用的统计表如上。")
    lake = open_lake()
    with _hint(lake, purpose, case):
        found = statistics_of(lake, _decision(lake, purpose, case), wanted)
    if json:
        print_json(found.to_dict())
        return
    for part in wanted:
        out.print(say(TITLES[part]), style="bold")
        names = [name for name in SCHEMAS[part].names if name != "suppressed"]
        rows = [[_cell(row, name, found.minimum) for name in names] for row in found[part].to_pylist()]
        print_table([COLUMNS[name] for name in names], rows)


COLUMNS: dict[str, Text] = {
    "dataset": Text("数据集", "dataset"),
    "source": Text("单位", "source"),
    "code": Text("代码", "code"),
    "day": Text("日期", "day"),
    "item": Text("项目", "item"),
    "first": Text("来源一", "first"),
    "second": Text("来源二", "second"),
    "records": Text("记录", "records"),
    "attached": Text("挂接", "attached"),
    "attached_share": Text("挂接率", "share attached"),
    "base": Text("库中人数", "people of the base"),
    "people": Text("人数", "people"),
    "people_share": Text("覆盖率", "share covered"),
    "filled": Text("已填", "filled"),
    "filled_share": Text("完整率", "share filled"),
    "both": Text("均有", "both state it"),
    "agree": Text("一致", "agree"),
    "agree_share": Text("一致率", "share agreeing"),
    "errors": Text("错误", "errors"),
    "errors_share": Text("错误率", "share of errors"),
}


def _cell(row: dict[str, Any], name: str, minimum: int) -> object:
    """A cell for people: what is not told says so."""
    if row[name] is None and row["suppressed"]:
        return Text("不公布", "not told") if minimum else None
    titles = {item.id: item.title for item in catalogue().items}
    return titles.get(row[name], row[name]) if name == "item" else row[name]


def _decision(lake: Lake, purpose: str, case: str | None, number: str | None = None) -> trust.Decision:
    return _deciding(lake, purpose, case, number)("linked.person", stage.PERSON_COLUMNS)


def _deciding(lake: Lake, purpose: str, case: str | None, number: str | None = None) -> pix.Decide:
    """Decisions for one purpose and case, about one person or nobody in particular."""
    actor = operator()

    def decide(about: str, elements: Sequence[str]) -> trust.Decision:
        known = situation(lake, actor, purpose, number, about)
        return trust.decide(lake.ledger, actor, purpose, about, tuple(elements), case, known)

    return decide


@contextmanager
def _hint(lake: Lake, purpose: str, case: str | None, number: str | None = None) -> Iterator[None]:
    """A refusal that a case number alone would have spared says so."""
    try:
        yield
    except (NotReadable, AccessDenied):
        actor = operator()
        known = situation(lake, actor, purpose, number)
        if case is None and explanation.needs_case(lake.ledger, actor, purpose, "linked.person", known):
            raise CaseMissing(purpose=PURPOSES[purpose].title) from None
        raise


def _value(person: dict[str, Any], item: str) -> Any:
    return next(one["value"] for one in person["items"] if one["item"] == item)
