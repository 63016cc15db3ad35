"""Charts as SVG text and as HTML figures, in Chinese and English, for the pages, the manual, notebooks and print.

Reads rows that it is given, writes nothing, imports nothing of the platform but `Text`. Promises: no script, no style
attribute and no style element, so that a Content-Security-Policy without any `unsafe-*` holds; series differ by dash, mark or
pattern, never by colour alone; what is hidden (a small count) is shown as hidden and never as 0; nothing is cut off; every
chart has a title, a sentence that says what it shows, and a table of its data.

Colours are presentation attributes; a style sheet may override them by class:

- figure: `chart-figure`, `chart-caption`, `chart-title`, `chart-description`, `chart-data`, `chart-scroll`, `chart-table`
- picture: `chart`, `chart-bar` (and so on: one a kind), `chart-ground`, `chart-patch`, `chart-heading`, `chart-note`
- marks: `chart-fill-N`, `chart-line-N`, `chart-mark-N` (series N, from 1 to 8), `chart-hidden`, `chart-cell`, `chart-track`
- kinds of steps of a waterfall: `chart-gain`, `chart-loss`, `chart-sum`
- around them: `chart-legend`, `chart-grid`, `chart-axis`, `chart-faint` (words of axes), `chart-value`
- of flows: `chart-box`, `chart-arrow`
"""

from quanmin.charts.bar import Bar, BarChart
from quanmin.charts.calibration import Calibrated, CalibrationChart
from quanmin.charts.chart import Chart
from quanmin.charts.drawing import Drawing
from quanmin.charts.figure import COUNT, HIDDEN, NUMBER, SHARE, Figure, Hidden, Unit, exact, known, scaled
from quanmin.charts.flow import Arrow, Box, FlowChart, stages
from quanmin.charts.heat import HeatTable
from quanmin.charts.line import AreaChart, LineChart, Series
from quanmin.charts.province import PROVINCES, Province
from quanmin.charts.pyramid import Band, PyramidChart
from quanmin.charts.sentence import same
from quanmin.charts.stack import StackChart, Stacked
from quanmin.charts.table import Column, Table
from quanmin.charts.tile import TileMap
from quanmin.charts.waterfall import Step, WaterfallChart

__all__ = [
    "COUNT",
    "HIDDEN",
    "NUMBER",
    "PROVINCES",
    "SHARE",
    "AreaChart",
    "Arrow",
    "Band",
    "Bar",
    "BarChart",
    "Box",
    "Calibrated",
    "CalibrationChart",
    "Chart",
    "Column",
    "Drawing",
    "Figure",
    "FlowChart",
    "HeatTable",
    "Hidden",
    "LineChart",
    "Province",
    "PyramidChart",
    "Series",
    "StackChart",
    "Stacked",
    "Step",
    "Table",
    "TileMap",
    "Unit",
    "WaterfallChart",
    "exact",
    "known",
    "same",
    "scaled",
    "stages",
]
