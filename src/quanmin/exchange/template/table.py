"""The sharing table as the manual shows it."""

from __future__ import annotations

from quanmin import standards
from quanmin.exchange.template.template import MARK_WORDS, Template, templates

HEAD = (
    "No.",
    "共享信息 Item",
    "反馈数据项 Items given back",
    "使用业务 Business use",
    "Direction",
    "Mode",
    "Frequency",
    "Dataset",
    "Source",
)


def markdown() -> str:
    """Every item as a row of a Markdown table, ending in a line end."""
    rows = [HEAD, ("---",) * len(HEAD), *(_row(one) for one in templates())]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def _row(one: Template) -> tuple[str, ...]:
    agencies = standards.catalogue().agencies
    direction = f"{agencies[one.provider].title.zh} → {agencies[one.consumer].title.zh}"
    mode = f"{one.printed.get('mode', one.mode_words.zh)} {one.mode_words.en}"
    frequency = f"{one.frequency_words.zh} {one.frequency_words.en}"
    texts = (f"{one.title.zh}<br>{one.title.en}", one.returned.zh, f"{one.use.zh}<br>{one.use.en}")
    return (str(one.number), *texts, direction, mode, frequency, f"`{one.dataset}`", MARK_WORDS[one.source].en)
