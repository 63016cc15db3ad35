"""The weights of a pair as a chart: a waterfall from the start to the sum, beside the bound to attach."""

from __future__ import annotations

from quanmin.charts import Step, Unit, WaterfallChart
from quanmin.population.linkage import setting
from quanmin.population.linkage.explain import Explanation
from quanmin.text import Text

TITLE = Text("匹配权重（log2 几率）：{decision}", "match weight (log2 of the odds): {decision}")
TOTAL = Text("合计", "sum")
BOUND = Text("挂接界限", "bound to attach")
COMPARED = Text("比较项目", "what was compared")


def waterfall(found: Explanation) -> WaterfallChart:
    """The steps of an explanation; the chart holds no value of a person."""
    title = TITLE.format(decision=found.title)
    steps = tuple(Step(_label(step.title, step.outcome), step.weight) for step in found.steps)
    return WaterfallChart(title, steps, TOTAL, (BOUND, setting.ATTACH_WEIGHT), Unit("number", 1), COMPARED)


def _label(compared: Text, outcome: Text) -> Text:
    """What was compared and what came of it; once, where they are the same."""
    return compared if outcome == compared else Text(f"{compared.zh} · {outcome.zh}", f"{compared.en} · {outcome.en}")
