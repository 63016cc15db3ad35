"""Batches and their receipts; withdrawing one; the rows that were refused, by rule and place."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from quanmin import standards
from quanmin.collect import batch as documents
from quanmin.collect.listing import STATES
from quanmin.collect.receipt import Receipt
from quanmin.collect.refused import titles
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.areas import OPERATOR
from quanmin.web.console.collect.sending import SUB, datasets, line, sources
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect, View

RECEIPT = "console/collect/receipt.html"
Batch = Annotated[int, Path(ge=1, le=2**31)]
Page = Annotated[int, Query(ge=1, le=10**6)]
Taken = Annotated[str, Query(pattern="^(now|before)?$")]
Word = Annotated[str, Query(max_length=100)]
REASON = Field(
    "reason",
    Text("撤回理由", "Why it is taken back"),
    "words",
    limit=500,
    hint=Text("随批次保存；请勿填写个人信息", "kept with the batch; write nothing about a person"),
)


def install(face: Face) -> None:
    """Register the pages and the form."""

    @face.page("/collect/batches", "console/collect/batches.html", roles=OPERATOR)
    def batches(ask: Ask, dataset: Word = "", source: Word = "", state: Word = "", page: Page = 1) -> Answer:
        """The batches, the newest first, narrowed by dataset, source and state."""
        found = ask.home.batches(dataset or None, source or None, state or None, page)
        told = {"batches": [line(one) for one in found.receipts], "page": found.page, "pages": found.pages}
        asked = {"dataset": dataset, "source": source, "state": state}
        return View(
            Text("批次", "Batches"),
            {**told, "total": found.total, "asked": asked},
            {"sub": SUB, "fields": _narrowing(asked)},
        )

    @face.page("/collect/batches/{batch}", RECEIPT, roles=OPERATOR)
    def receipt(ask: Ask, batch: Batch, taken: Taken = "") -> Answer:
        """The receipt of a batch: what was sent, what became of every row, and why."""
        found = ask.home.receipt(batch)
        title = Text(f"批次 {batch} 的回执", f"Receipt of batch {batch}")
        return View(title, _receipt(ask, found), {"sub": SUB, "fields": (REASON,), "taken": taken})

    @face.form("/collect/batches/{batch}/withdraw", (REASON,), page=receipt, template=RECEIPT, roles=OPERATOR)
    def withdraw(ask: Ask, posted: Posted, batch: Batch) -> Answer:
        """Take a batch back: its rows leave the lake, and what it superseded returns."""
        ask.home.withdraw(batch, posted["reason"])
        return Redirect(f"/collect/batches/{batch}", Text("批次已撤回", "The batch was taken back"))

    @face.page("/collect/batches/{batch}/rows", "console/collect/rows.html", roles=OPERATOR)
    def rows(ask: Ask, batch: Batch, rule: Word = "", page: Page = 1) -> Answer:
        """The refused rows of a batch: their place in the sender's file, and the rules they broke."""
        found = ask.home.refused(batch, rule or None, page)
        words = titles(found.dataset)
        told = found.to_dict() | {"rules": {one: words.get(one) for row in found.rows for one in row.rules}}
        broken = [one for one in _rules(ask.home.receipt(batch)) if one["failed"] and one["severity"] == "reject"]
        title = Text(f"批次 {batch} 的隔离行", f"Refused rows of batch {batch}")
        return View(title, told | {"broken": broken}, {"sub": SUB})


def _narrowing(asked: dict[str, str]) -> list[Field]:
    """The fields that narrow the list."""
    states = list(STATES.items())
    wanted = {
        "dataset": (Text("数据集", "Dataset"), datasets()),
        "source": (Text("报送单位", "Agency that sends it"), sources()),
        "state": (Text("状态", "State"), states),
    }
    return [
        Field(name, title, "choice", needed=False, choices=choices, value=asked[name])
        for name, (title, choices) in wanted.items()
    ]


def _receipt(ask: Ask, found: Receipt) -> dict[str, Any]:
    """The receipt with its titles, its course, and what of it can be seen."""
    course = [
        {
            "action": step.name,
            "by": step.actor,
            "at": step.at.isoformat(timespec="seconds"),
            "reason": step.data.get("reason"),
        }
        for step in documents.get(ask.lake, found.batch).actions
    ]
    elements = _elements(found.dataset)
    missing = [{"name": name, "title": elements.get(name)} for name in found.missing_columns]
    return found.to_dict() | line(found) | {"rules": _rules(found), "missing_columns": missing, "course": course}


def _rules(found: Receipt) -> list[dict[str, Any]]:
    """The lines of the rules with their words and codes', the worst first."""
    words, codes = titles(found.dataset), standards.catalogue().error_codes
    lines = [
        {**rule, "title": words.get(rule["id"]), "code_title": codes.get(rule["code"] or "")} for rule in found.rules
    ]
    return sorted(lines, key=lambda one: (one["severity"] != "reject", -one["failed"]))


def _elements(dataset: str) -> dict[str, Text]:
    known = standards.catalogue().datasets.get(dataset)
    return {one.name: one.title for one in known.elements} if known else {}
