"""The weights of a pair as a picture: a waterfall from the start to the sum, as SVG without scripts or styles from elsewhere."""

from __future__ import annotations

from html import escape

from quanmin.population.linkage import setting
from quanmin.population.linkage.explain import Explanation
from quanmin.text import Language, Text

LINE, LEFT, WIDTH, RIGHT = 26, 330, 420, 70
FOR, AGAINST, SUM = "#1b7f5c", "#b5452c", "#33415c"
TITLE = Text("匹配权重（log2 几率）", "match weight (log2 of the odds)")
TOTAL = Text("合计", "sum")
BOUND = Text("挂接界限", "bound to attach")


def waterfall(found: Explanation, language: Language) -> str:
    """The picture as SVG text; it holds no value of a person."""
    bars, at = [], 0.0
    for step in found.steps:
        outcome = "" if step.outcome == step.title else f" · {step.outcome.get(language)}"
        bars.append((step.title.get(language) + outcome, at, at + step.weight))
        at += step.weight
    bars.append((TOTAL.get(language), 0.0, at))
    ends = [0.0, setting.ATTACH_WEIGHT, *(end for _, _, end in bars)]
    low, high = min(ends), max(ends)

    def x(weight: float) -> float:
        return round(LEFT + (weight - low) / (high - low) * WIDTH, 1)

    height = (len(bars) + 2) * LINE
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" role="img" '
        f'font-family="sans-serif" font-size="13">',
        f"<title>{escape(f'{TITLE.get(language)}: {at:.1f}, {found.title.get(language)}')}</title>",
    ]
    for weight, dash, label in ((0.0, "none", "0"), (setting.ATTACH_WEIGHT, "4 3", BOUND.get(language))):
        lines.append(
            f'<line x1="{x(weight)}" y1="{LINE}" x2="{x(weight)}" y2="{height - LINE}" stroke="#888" stroke-dasharray="{dash}"/>'
            f'<text x="{x(weight)}" y="{height - 8}" text-anchor="middle" fill="#555">{escape(label)}</text>'
        )
    for place, (label, start, end) in enumerate(bars, 1):
        y, last = place * LINE, place == len(bars)
        colour = SUM if last else FOR if end >= start else AGAINST
        left, right = sorted((x(start), x(end)))
        lines.append(
            f'<text x="{LEFT - 12}" y="{y + 14}" text-anchor="end">{escape(label)}</text>'
            f'<rect x="{left}" y="{y + 3}" width="{max(round(right - left, 1), 1)}" height="14" fill="{colour}"/>'
            f'<text x="{right + 4}" y="{y + 14}" fill="#333">{end - start:+.1f}</text>'
        )
    return "\n".join([*lines, "</svg>"]) + "\n"
