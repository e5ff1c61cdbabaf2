"""Plots as SVG: no script, one stylesheet for light and dark, whose hash the header names.

Colours are two of Okabe and Ito's, which people with any colour vision tell apart
(https://jfly.uni-koeln.de/color/); series differ in lightness as well.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pygal  # type: ignore[import-untyped]
from flask import Response

from bridge.flow.numbers import Numbers
from bridge.model import HOUR, MINUTE, Visibility

# Pygal looks for plugins of its own at every later import of anything, in a way that Python warns
# of (https://docs.python.org/3/library/importlib.html, find_module); none is used here.
sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, pygal.PluginImportFixer)]

MOST_BARS = 12
WIDTH, HEIGHT = 760, 300

CSS = """
svg { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
text { font-size: 13px; fill: #5a626c; }
.title { font-size: 13px; text-anchor: middle; }
.axis.x text { text-anchor: middle; }
.axis.y text { text-anchor: end; }
.legends text { fill: #1d2126; }
.background { fill: none; }
.line { fill: none; stroke: #dcdedd; }
.axis.x text[transform] { text-anchor: start; }
.axis .major.line { stroke: #a9aeb3; }
.color-0, .color-0 .reactive { fill: #0072b2; }
.color-1, .color-1 .reactive { fill: #e69f00; }
.no_data { font-size: 18px; text-anchor: middle; }
@media (prefers-color-scheme: dark) {
text { fill: #a3abb4; }
.legends text { fill: #e6e8ea; }
.line { stroke: #343a41; }
.axis .major.line { stroke: #6b747d; }
.color-0, .color-0 .reactive { fill: #56b4e9; }
.color-1, .color-1 .reactive { fill: #f0b84a; }
}
.axis.x .line, .axis.x .major.line { stroke: none; }
"""
_DIGEST = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'"

Values = Sequence[float | None]


def first_reply(numbers: Numbers) -> pygal.Bar:
    """Median and 90th percentile, by account: those with the most customers."""
    found = numbers.answering(lambda each: each.account)
    names = sorted(found, key=lambda name: (-found[name].spells, name))[:MOST_BARS]
    rows = [found[name].first for name in names]
    return _times(
        "Time to the first reply by account",
        names,
        {
            "Median": [each.median for each in rows],
            "90th percentile": [each.ninetieth for each in rows],
        },
    )


def by_hour(numbers: Numbers) -> pygal.Bar:
    """By the hour in which customers began to wait."""
    found = numbers.answering(numbers.hour)
    rows = [found[hour].first if hour in found else None for hour in range(24)]
    chart = _times(
        "Time to the first reply by hour of the day",
        [f"{hour:02}" for hour in range(24)],
        {
            "Median": [each.median if each else None for each in rows],
            "90th percentile": [each.ninetieth if each else None for each in rows],
        },
    )
    chart.x_title = "hour in which the customer wrote"
    return chart


def volume(numbers: Numbers) -> pygal.Bar:
    """Posts by day, public and private upon each other."""
    counts = Counter((numbers.day(each.at), each.visibility) for each in numbers.heard)
    days = numbers.days.each
    chart = _chart(pygal.StackedBar, "Posts of customers by day", "posts")
    _label_days(chart, [day.isoformat() for day in days])
    if numbers.heard:
        chart.add("Public", [counts[day, Visibility.PUBLIC] for day in days])
        chart.add("Private", [counts[day, Visibility.PRIVATE] for day in days])
    chart.value_formatter = lambda value: f"{value:.0f}"
    return chart


def cost(numbers: Numbers) -> pygal.Bar:
    """Dollars by day."""
    paid: Counter[str] = Counter()
    for each in numbers.spent:
        paid[each.day] += each.millionths
    days = [day.isoformat() for day in numbers.days.each]
    chart = _chart(pygal.Bar, "What networks charged by day (UTC)", "US dollars")
    _label_days(chart, days)
    if paid:
        chart.add("Cost", [paid[day] / 1_000_000 for day in days])
    chart.show_legend = False
    chart.value_formatter = lambda value: f"{value:.2f}"
    return chart


def storm(minutes: Sequence[tuple[str, int]]) -> pygal.Bar:
    """Posts that were folded, by minute: (when, how many)."""
    chart = _chart(pygal.Bar, "Folded posts by minute (UTC)", "posts")
    step = max(1, -(-len(minutes) // 7))
    chart.x_labels = [when for when, _ in minutes]
    chart.x_labels_major = chart.x_labels[::step]
    chart.show_minor_x_labels = False
    if minutes:
        chart.add("Posts", [count for _, count in minutes])
    chart.show_legend = False
    chart.value_formatter = lambda value: f"{value:.0f}"
    return chart


PLOTS: dict[str, Callable[[Numbers], pygal.Bar]] = {
    "first-reply": first_reply,
    "hours": by_hour,
    "volume": volume,
    "cost": cost,
}


def answer(chart: pygal.Bar) -> Response:
    """The plot as a file of its own: what stands in the SVG's own headers holds when it is opened
    alone."""
    svg = chart.render()
    headers = {"Content-Security-Policy": POLICY}
    return Response(svg, content_type="image/svg+xml", headers=headers)


# ------------------------------------------------------------------ how they look


def _times(
    title: str, labels: Sequence[str], series: dict[str, list[timedelta | None]]
) -> pygal.Bar:
    known = [each for values in series.values() for each in values if each is not None]
    unit, word = (HOUR, "hours") if max(known, default=HOUR) >= 2 * HOUR else (MINUTE, "minutes")
    chart = _chart(pygal.Bar, title, word)
    chart.x_labels = list(labels)
    for name, values in series.items() if known else ():
        chart.add(name, [each / unit if each is not None else None for each in values])
    chart.value_formatter = lambda value: f"{value:.10g}" if value < 10 else f"{value:.0f}"
    return chart


def _chart(kind: type[pygal.Bar], title: str, unit: str) -> pygal.Bar:
    chart = kind(
        no_prefix=True,
        width=WIDTH,
        height=HEIGHT,
        js=[],
        css=[],
        margin=12,
        spacing=14,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        legend_box_size=12,
        y_title=unit,
        include_x_axis=True,
        min_scale=3,
        max_scale=6,
        rounded_bars=2,
        no_data_text="No data in this period",
    )
    chart.add_xml_filter(lambda root: _tidy(root, title))
    return chart


def _label_days(chart: pygal.Bar, days: list[str]) -> None:
    """About seven of them can be read; month and day say enough."""
    step = max(1, -(-len(days) // 7))
    chart.x_labels = [day[5:] for day in days]
    chart.x_labels_major = chart.x_labels[::step]
    chart.show_minor_x_labels = False


def _tidy(root: Any, title: str) -> Any:
    """What is needed and no more: no scripts, tooltips and comments, and our own style."""
    for parent in list(root.iter()):
        for child in [each for each in parent if _is_needless(each)]:
            parent.remove(child)
    root.find("defs/style").text = CSS
    root.find("title").text = title
    root.set("role", "img")
    return root


def _is_needless(node: Any) -> bool:
    if not isinstance(node.tag, str) or node.tag in ("script", "desc"):
        return True
    return not {"tooltip", "text-overlay"}.isdisjoint((node.get("class") or "").split())
