"""Small inline SVG charts for the data report. Every text is escaped here, since it may come from a hostile file."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 440, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 44, 12, 24


def histogram(
    counts: Sequence[int], edges: Sequence[float], rates: Sequence[float | None], label: str
) -> str:
    """Bars of counts, with a dot at each bin's rate (right axis, 0 to 100 %). ``edges`` has one number more than ``counts``."""
    most = max(*counts, 1)
    inner_width, inner_height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    step = inner_width / len(counts)
    base = _TOP + inner_height
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label, quote=True)}">',
        f'<line class="axis" x1="{_LEFT}" y1="{base}" x2="{WIDTH - _RIGHT}" y2="{base}"/>',
        f'<text class="tick" x="{_LEFT - 6}" y="{_TOP + 8}" text-anchor="end">{most:,}</text>',
        f'<text class="tick" x="{_LEFT - 6}" y="{base}" text-anchor="end">0</text>',
        f'<text class="tick rate" x="{WIDTH - _RIGHT + 6}" y="{_TOP + 8}">100%</text>',
        f'<text class="tick rate" x="{WIDTH - _RIGHT + 6}" y="{base}">0%</text>',
    ]
    points = []
    for index, (count, rate) in enumerate(zip(counts, rates, strict=True)):
        height = inner_height * count / most
        x = _LEFT + index * step
        told = f"{number(edges[index])} to {number(edges[index + 1])}: {count:,} leads"
        if rate is not None:
            told += f", {rate:.1%}"
            points.append((x + step / 2, base - inner_height * rate))
        parts.append(
            f'<rect class="bar" x="{x + 0.5:.1f}" y="{base - height:.1f}" width="{max(step - 1, 0.5):.1f}" height="{height:.1f}">'
            f"<title>{escape(told)}</title></rect>"
        )
    if len(points) > 1:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="rate" points="{path}"/>')
    parts += [f'<circle class="rate" cx="{x:.1f}" cy="{y:.1f}" r="2.4"/>' for x, y in points]
    for x, anchor, value in (
        (_LEFT, "start", edges[0]),
        (WIDTH / 2, "middle", (edges[0] + edges[-1]) / 2),
        (WIDTH - _RIGHT, "end", edges[-1]),
    ):
        parts.append(
            f'<text class="tick" x="{x:.0f}" y="{HEIGHT - 8}" text-anchor="{anchor}">{number(value)}</text>'
        )
    parts.append("</svg>")
    return "".join(parts)


def bar(share: float, css_class: str) -> str:
    """A horizontal bar of 0 to 1 for a table cell."""
    width = 100 * min(max(share, 0.0), 1.0)
    return f'<span class="meter"><span class="{css_class}" style="width:{width:.1f}%"></span></span>'


def number(value: float) -> str:
    """A short readable number."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"
