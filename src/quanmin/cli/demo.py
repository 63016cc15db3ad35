"""`quanmin demo`: all of it on a simulated province, with the figures at the end, and accounts to sign in with if asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from quanmin import demo as province
from quanmin import demo_people, population, standards, trust
from quanmin.cli.output import AsJson, err, out, print_json, print_table, say
from quanmin.cli.workplace import open_register
from quanmin.demo import DemoReport
from quanmin.population.review import item
from quanmin.settings import Settings
from quanmin.text import Text


def demo(
    persons: Annotated[int, typer.Option(min=100, help="People alive in the province. 人数。")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same province. 随机种子。")] = 2015,
    sign_ins: Annotated[
        bool, typer.Option("--sign-ins", help="Open accounts to sign in with, for demonstration only. 开立演示账号。")
    ] = False,
    codes: Annotated[
        bool,
        typer.Option("--codes", help="Run nothing: print these accounts and their present codes. 显示当前验证码。"),
    ] = False,
    exchange: Annotated[
        bool, typer.Option(help="Five ministries share as five nodes in five processes. 五部门以五个节点共享交换。")
    ] = True,
    json: AsJson = False,
) -> None:
    """Simulate a province and take its files the whole way. 在模拟省份上运行全流程。"""
    if codes:
        _tell_codes(_home_of_codes(Settings().home), json)
        return
    report = province.run(Settings(), persons, seed, lambda text: err.print(say(text)), sign_ins, exchange)
    if json:
        print_json(report.to_dict())
        return
    _print_receipts(report)
    _print_base(report)
    _print_accuracy(report)
    _print_readers(report)
    _print_exchange(report)
    _print_next(report)
    if report.sign_ins is not None:
        _tell_codes(report.home, json)


def _home_of_codes(home: Path) -> Path:
    """The demo's home: inside of the home of the settings, or that home itself."""
    inside = home / "demo"
    return home if (home / demo_people.FILE).exists() and not (inside / demo_people.FILE).exists() else inside


def _tell_codes(home: Path, json: bool) -> None:
    """The accounts of the demo: who it is, the password, and the code that is taken now."""
    signs = demo_people.read(home)
    with open_register(Settings().model_copy(update={"home": home, "ledger": None, "lake": None})) as register:
        codes = demo_people.current(register, signs)
    if json:
        told = [_told(one, code) for one, code in zip(signs, codes, strict=True)]
        print_json({"note": demo_people.NOTE, "accounts": told})
        return
    out.print()
    titles = [Text("账号", "account"), Text("身份", "who"), Text("机构", "organisation")]
    titles += [Text("验证码", "code"), Text("剩余秒数", "seconds left")]
    rows = [(one.account, one.title, one.organisation, *_shown(code)) for one, code in zip(signs, codes, strict=True)]
    print_table(titles, rows)
    for password in sorted({one.password for one in signs}):  # not in the table: a narrow terminal would fold it
        _line(f"密码（各账号相同）：{password}", f"Password (the same for all): {password}")
    out.print(say(demo_people.NOTE), markup=False)
    _line(
        "当前验证码：quanmin demo --codes；每个验证码只能用一次",
        "Present codes: quanmin demo --codes; a code is taken once",
    )


def _told(one: demo_people.SignIn, code: demo_people.Current) -> dict[str, Any]:
    about = {"account": one.account, "title": one.title, "organisation": one.organisation, "roles": list(one.roles)}
    return {**about, "password": one.password, "code": code.code, "seconds": code.seconds, "wait": code.wait}


def _shown(code: demo_people.Current) -> tuple[object, object]:
    """A code with its seconds; where the last one was just used, how long to wait for the next."""
    if code.code is not None:
        return code.code, code.seconds
    if code.wait:
        return Text(f"{code.wait} 秒后", f"in {code.wait} s"), None
    return Text("已重置", "reset since"), None


def _print_readers(report: DemoReport) -> None:
    """What five people with different posts get of the same person, and why."""
    for one in report.readers:
        about = one["title"], trust.PURPOSES[one["purpose"]].title, ", ".join(one["obligations"]) or "-"
        _line(
            f"{about[0].zh}，用途：{about[1].zh}，行数：{one['rows']:,}，义务：{about[2]}",
            f"{about[0].en}, for {about[1].en}, rows: {one['rows']:,}, owes: {about[2]}",
        )
        rows = [(name, one["values"].get(name), one["outcomes"][name], one["reasons"][name]) for name in one["reasons"]]
        print_table([Text("项目", "item"), Text("所见", "seen"), Text("形式", "form"), Text("理由", "reason")], rows)
        out.print()


def _print_exchange(report: DemoReport) -> None:
    """What the ministries shared."""
    told = report.exchange
    if not told:
        return
    pushed, mended, recalled = told["pushed"], told["corrected"], told["recalled"]
    line = (len(told["nodes"]), len(told["agreements"]), pushed["accepted"], pushed["quarantined"])
    closed = mended["errors"]["closed"]
    _line(
        f"共享交换：{line[0]} 个部门节点 · {line[1]} 份协议生效 · 推送接收 {line[2]} 行、隔离 {line[3]} 行 · "
        f"更正后办结 {closed} 项错误 · 召回{'已确认' if recalled['recall'] == 'confirmed' else '未确认'} · "
        f"举证文件 {told['looked_up']['proof']}",
        f"Exchange: {line[0]} ministries' nodes · {line[1]} agreements in force · pushed: {line[2]} rows accepted, {line[3]} "
        f"quarantined · {closed} errors closed by the correction · recall {recalled['recall']} · proof of the look-up: "
        f"{told['looked_up']['proof']}",
    )
    out.print()


def _print_receipts(report: DemoReport) -> None:
    titles = [Text("数据集", "dataset"), Text("读入", "read"), Text("接收", "accepted"), Text("隔离", "quarantined")]
    rows = [(r["dataset"], r["read"], r["accepted"], r["quarantined"]) for r in report.receipts]
    totals = report.to_dict()
    rows.append((say(Text("合计", "total")), totals["read"], totals["accepted"], totals["quarantined"]))
    print_table(titles, rows)
    out.print()


def _print_base(report: DemoReport) -> None:
    """The base, its linkage, and what waits for a clerk."""
    build, links = report.build, report.linkage
    right = links["accuracy"]
    _line(
        f"人口库：{build['people']:,} 人 · {build['records']:,} 条记录 · 凭号码挂接 {build['attached']:,} · "
        f"搁置 {build['set_aside']:,}，其中经关联挂接 {build['linked']:,} · 建库 {build['seconds']:.2f} 秒",
        f"Population base: {build['people']:,} people · {build['records']:,} records · {build['attached']:,} attached by "
        f"number · {build['set_aside']:,} set aside, of which {build['linked']:,} linked · built in {build['seconds']:.2f} s",
    )
    _line(
        f"关联：比对 {links['records']:,} 条 · 挂接 {links['attach']:,} · 待审 {links['review']:,} · 不挂接 {links['apart']:,} · "
        f"无候选人 {links['without']:,} · 查准率 {right['precision']:.4f} · 查全率 {right['recall']:.4f}",
        f"Linkage: {links['records']:,} records · {links['attach']:,} attached · {links['review']:,} to review · "
        f"{links['apart']:,} left apart · {links['without']:,} without a candidate · precision {right['precision']:.4f} · "
        f"recall {right['recall']:.4f}",
    )
    counts = [(item.ABOUT[about], report.review[about]) for about in item.ABOUT]
    _line(
        "待人工审核：" + " · ".join(f"{title.zh} {count:,}" for title, count in counts),
        "Waiting for a clerk: " + " · ".join(f"{title.en} {count:,}" for title, count in counts),
    )
    out.print()


def _print_accuracy(report: DemoReport) -> None:
    """What was found and decided against the truth: errors by code, golden items by method, probabilities."""
    titles = [Text("代码", "code"), Text("错误", "error"), Text("真值", "true"), Text("发现", "found")]
    titles += [Text("查准率", "precision"), Text("查全率", "recall")]
    codes = report.accuracy["codes"]
    rows = [
        (code, population.error_title(code), c["expected"], c["found"], c["precision"], c["recall"])
        for code, c in sorted(codes.items())
    ]
    print_table(titles, rows)
    out.print()
    items = {item.id: item.title for item in standards.catalogue().items}
    right = [(items[item], *shares.values()) for item, shares in report.accuracy["items"].items()]
    total = report.accuracy["total"]
    titles = [Text("与真值一致", "right"), Text("金记录", "golden record"), Text("按权威排位", "by rank")]
    titles += [Text("多数", "majority")]
    titles += [Text("最新", "latest"), Text("单一权威", "single authority")]
    print_table(titles, [*right, (Text("全部", "all"), *total.values())])
    wrong = {method: 1 - share for method, share in total.items()}
    times = f"{wrong['ranked'] / wrong['golden']:.1f}" if wrong["golden"] else "∞"
    _line(
        f"可信度估计：金记录错误率 {wrong['golden']:.3%}，只按权威排位为 {wrong['ranked']:.3%}（{times} 倍）",
        f"Reliability estimated: {wrong['golden']:.3%} of golden items are wrong, by rank alone {wrong['ranked']:.3%} "
        f"({times} times as many)",
    )
    error = f"{report.accuracy['calibration_error']:.4f}"
    _line(
        f"概率校准误差 {error}（{report.home / 'calibration.svg'}）",
        f"Calibration error of the probabilities {error} ({report.home / 'calibration.svg'})",
    )
    out.print()


def _line(zh: str, en: str) -> None:
    out.print(say(Text(zh, en)), markup=False)


def _print_next(report: DemoReport) -> None:
    spent = " · ".join(f"{name} {seconds:.1f} s" for name, seconds in report.seconds.items())
    total = sum(report.seconds.values())
    out.print(say(Text(f"用时 {total:.1f} 秒（{spent}）", f"{total:.1f} s in all ({spent})")))
    home, opened = report.home, report.releases["published"]
    told = ", ".join(report.releases["refused"]) or "-"
    _line(f"已开放数据集 {opened} 个；审查未通过：{told}", f"{opened} datasets opened; refused by their rules: {told}")
    out.print(say(Text(f"反馈文件：{home / 'feedback'}", f"Feedback files: {home / 'feedback'}")), markup=False)
    out.print(
        say(
            Text(
                f"继续查看：QUANMIN_HOME={home} quanmin receipts",
                f"Look further: QUANMIN_HOME={home} quanmin receipts",
            )
        ),
        markup=False,
    )


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command()(demo)
