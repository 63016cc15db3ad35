"""`quanmin vital blank`: where blanks are, where they go, and what becomes of them."""

from __future__ import annotations

from typing import Annotated

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.vital.office import Code, Under, office
from quanmin.programs.vital import number
from quanmin.programs.vital.blank import holding, loss, movement
from quanmin.programs.vital.blank.movement import KINDS, STATES, Movement
from quanmin.programs.vital.number import Span
from quanmin.text import Text

app = typer.Typer(help="Blank certificates: print, send, receive, void, lost. 空白证。", no_args_is_help=True)

First = Annotated[str, typer.Argument(help="First number. 起号。")]
Last = Annotated[str | None, typer.Argument(help="Last number; default: one sheet. 止号。", show_default=False)]
Number = Annotated[int, typer.Argument(help="Number of the movement. 单号。", metavar="MOVEMENT")]


@app.command("stock")
def stock(under: Under = None, json: AsJson = False) -> None:
    """Count blanks by holder and edition. 库存。"""
    with office() as here:
        found = holding.holdings(here, under)
    if json:
        print_json([one.to_dict() for one in found])
        return
    titles = [Text("机构", "holder"), Text("版次", "edition"), Text("可用", "free"), Text("在途", "on the way")]
    titles += [Text("已用", "written on"), Text("作废", "void"), Text("报失", "lost"), Text("已销毁", "destroyed")]
    rows = [
        (one.holder, one.edition, one.free, one.moving, one.bound, one.void, one.lost, one.destroyed) for one in found
    ]
    print_table(titles, rows)


@app.command("where")
def where(first: First, json: AsJson = False) -> None:
    """Show where a number is and what became of it. 编号去向。"""
    with office() as here:
        found = holding.place(here, number.key(first))
    if json:
        print_json(found and found.to_dict())
    elif found is None:
        out.print(say(Text("该编号未入库", "this number was never printed")), markup=False)
    else:
        print_table([Text("机构", "holder"), Text("状态", "state")], [(found.holder, found.state)])


@app.command("print")
def print_blanks(
    code: Code,
    first: First,
    last: Last = None,
    edition: Annotated[int, typer.Option(help="Edition, 1 to 7. 版次。")] = 7,
    json: AsJson = False,
) -> None:
    """Take printed numbers into a province's store. 印制入库。"""
    with office() as here:
        made = movement.printed(here, code, [number.span(first, last)], edition)
    _print_movements([made], json)


@app.command("send")
def send_blanks(
    kind: Annotated[str, typer.Argument(help="out, return or transfer. 下发、退回、调剂。")],
    sender: Annotated[str, typer.Argument(help="From whom. 发出机构。")],
    receiver: Annotated[str, typer.Argument(help="To whom. 接收机构。")],
    first: First,
    last: Last = None,
    json: AsJson = False,
) -> None:
    """Send a run of numbers; the receiver signs for it. 调拨。"""
    with office() as here:
        made = movement.send(here, kind, sender, receiver, [number.span(first, last)])
    _print_movements([made], json)


@app.command("receive")
def receive_blanks(moved: Number, json: AsJson = False) -> None:
    """Sign for a movement. 签收。"""
    with office() as here:
        made = movement.receive(here, moved)
    _print_movements([made], json)


@app.command("refuse")
def refuse_blanks(
    moved: Number, reason: Annotated[str, typer.Option(help="Why. 原因。")], json: AsJson = False
) -> None:
    """Refuse a movement: the numbers stay with the sender. 拒收。"""
    with office() as here:
        made = movement.refuse(here, moved, reason)
    _print_movements([made], json)


@app.command("movements")
def movements(code: Code, json: AsJson = False) -> None:
    """Show what went from and to a holder, the newest first. 出入库单。"""
    with office() as here:
        found = movement.listing(here, code)
    _print_movements(found, json)


@app.command("void")
def void_blanks(
    code: Code,
    first: First,
    last: Last = None,
    reason: Annotated[str, typer.Option(help="damaged, misprinted, superseded or unused. 原因。")] = "damaged",
    json: AsJson = False,
) -> None:
    """Make blanks void. 作废。"""
    run = number.span(first, last)
    with office() as here:
        made = loss.void(here, code, run, reason)
    _print_act(made.id, code, run, loss.VOID_REASONS[reason], json)


@app.command("lose")
def lose_blanks(code: Code, first: First, last: Last = None, json: AsJson = False) -> None:
    """Report blanks lost: nobody issues them from now on. 报失。"""
    run = number.span(first, last)
    with office() as here:
        made = loss.lose(here, code, run)
    _print_act(made.id, code, run, loss.LOSS_STATES[made.state], json)


def _print_act(document: int, code: str, run: Span, state: Text, json: bool) -> None:
    if json:
        print_json({"document": document, "holder": code, "state": state.en, **run.to_dict()})
        return
    titles = [Text("单号", "number"), Text("机构", "holder"), Text("编号", "numbers"), Text("状态", "state")]
    print_table(titles, [(document, code, str(run), state)])


def _print_movements(found: list[Movement], json: bool) -> None:
    if json:
        print_json([one.to_dict() for one in found])
        return
    titles = [Text("单号", "number"), Text("类别", "kind"), Text("由", "from"), Text("至", "to")]
    titles += [Text("版次", "edition"), Text("编号", "numbers"), Text("张数", "sheets"), Text("状态", "state")]
    rows = [
        (
            one.id,
            KINDS[one.kind],
            one.sender,
            one.receiver,
            one.edition,
            ", ".join(str(run) for run in one.spans),
            one.quantity,
            STATES[one.state],
        )
        for one in found
    ]
    print_table(titles, rows)
