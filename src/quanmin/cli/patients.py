"""`quanmin identity patients`: accounts of citizens, who are proven against the population base."""

from __future__ import annotations

from typing import Annotated

import typer

from quanmin.cli.output import AsJson, print_json, print_table
from quanmin.cli.register import secret, tell
from quanmin.cli.workplace import open_lake, worker
from quanmin.population.errors import NotBuilt
from quanmin.population.proof import ITEMS, prover
from quanmin.population.tables import PERSON
from quanmin.standards import catalogue
from quanmin.text import Text
from quanmin.trust import identity
from quanmin.trust.identity import patient
from quanmin.trust.identity.errors import NotFounded
from quanmin.trust.policy.weighing import is_local

app = typer.Typer(help="Citizens, proven against the population base. 居民账号（以人口库核实）。", no_args_is_help=True)


@app.command()
def items(json: AsJson = False) -> None:
    """List what may be asked for beside number and name. 可作为第二核实项的项目。"""
    rows = [{"item": item.id, "title": item.title} for item in catalogue().items if item.id in ITEMS]
    if json:
        print_json(rows)
        return
    print_table([Text("项目", "item"), Text("名称", "title")], [(row["item"], row["title"]) for row in rows])


@app.command()
def enrol(
    item: Annotated[str, typer.Option(help="The second item; see `items`. 第二核实项。")] = ITEMS[0],
    json: AsJson = False,
) -> None:
    """Make the account of a citizen; asks for number, name and the second item. Both halves of the code. 开立居民账号。"""
    clerk, lake = worker("verifier"), open_lake()
    if is_local(clerk):  # the first accounts are those of the administrators
        raise NotFounded()
    if PERSON not in lake.snapshot().tables:
        raise NotBuilt()
    number, name = secret("公民身份号码", "citizen number"), secret("姓名", "name")
    claim = identity.Claim(number, name, item, secret("第二核实项", "second item"))
    registry = identity.Registry.open(lake.ledger, lake.settings)
    account, halves = patient.enrol(registry, prover(lake, clerk), claim, f"desk of {clerk.id}")
    tell({"account": account, "codes": " / ".join(halves)}, json)
