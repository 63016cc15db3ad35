"""The data dictionary: one page a dataset, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quanmin.standards.dataset import Dataset
from quanmin.standards.element import Element
from quanmin.standards.exports.codes import codes_of
from quanmin.text import Text

MOST_CODES = 20
"""A longer value set is named and counted, not printed."""


def markdown(dataset: Dataset) -> str:
    """The page: head, elements, rules, short value sets."""
    return "\n".join((*_head(dataset), *_elements(dataset), *_rules(dataset), *_codes(dataset))) + "\n"


def _head(dataset: Dataset) -> Iterator[str]:
    yield f"# {dataset.title.zh} · {dataset.title.en}"
    yield ""
    yield from _table(
        ("项目 · Item", "值 · Value"),
        [
            ("标识 · Id", f"`{dataset.id}`"),
            ("版本 · Version", dataset.version),
            ("业务区 · Area", dataset.area),
            ("业务子系统 · Subsystem", dataset.subsystem or ""),
            ("主管机构 · Steward", dataset.steward),
            ("报送机构 · Senders", ", ".join(dataset.senders)),
            ("主键 · Key", ", ".join(dataset.key)),
            ("频率 · Frequency", dataset.frequency),
            ("共享 · Share", dataset.share),
            ("开放 · Open", dataset.open),
            ("法律依据 · Legal basis", _both(dataset.legal_basis)),
        ],
    )


def _both(text: Text | None) -> str:
    return f"{text.zh} · {text.en}" if text else ""


def _elements(dataset: Dataset) -> Iterator[str]:
    yield "## 数据元 · Elements"
    yield ""
    head = (
        "名称 · Name",
        "标题 · Title",
        "数据元标识 · Standard",
        "类型 · Type",
        "值域 · Values",
        "级 · Grade",
        "必填 · Required",
    )
    rows = [
        (
            f"`{element.name}`",
            f"{element.title.zh} · {element.title.en}",
            element.standard or "",
            element.type + _limits(element),
            element.values or "",
            str(element.grade),
            "●" if element.required else "",
        )
        for element in dataset.elements
    ]
    yield from _table(head, rows)


def _limits(element: Element) -> str:
    """Length, range or pattern in a few signs."""
    if element.pattern:
        return f" `{element.pattern}`"
    if element.max_length:
        return f" {element.min_length or 1}..{element.max_length}"
    if element.minimum is not None or element.maximum is not None:
        return f" [{_plain(element.minimum)}, {_plain(element.maximum)}]"
    return ""


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def _rules(dataset: Dataset) -> Iterator[str]:
    yield "## 规则 · Rules"
    yield ""
    rows = [
        (f"`{rule.id}`", f"{rule.title.zh} · {rule.title.en}", rule.severity, rule.code or "") for rule in dataset.rules
    ]
    yield from _table(("规则 · Rule", "含义 · Meaning", "程度 · Severity", "代码 · Code"), rows)


def _codes(dataset: Dataset) -> Iterator[str]:
    yield "## 值域 · Value sets"
    yield ""
    seen: set[str] = set()
    for element in dataset.elements:
        if element.values is None or element.values in seen:
            continue
        seen.add(element.values)
        codes = codes_of(dataset, element)
        yield f"### {element.values}"
        yield ""
        if len(codes) > MOST_CODES:
            yield f"{len(codes)} 个代码 · {len(codes)} codes"
            yield ""
        else:
            yield from _table(
                ("代码 · Code", "含义 · Meaning"), [(f"`{c}`", f"{t.zh} · {t.en}") for c, t in codes.items()]
            )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""
