"""Pieces of Markdown: texts of the spec and the data are escaped, since they may be hostile; figures that are missing are told."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

NOT_AVAILABLE = "n/a"


def plain_text(value: Any) -> str:
    """Plain text inside Markdown: no markup, no HTML, one line."""
    line = " ".join(str(value).split())
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", line)


def figure_text(value: float | None) -> str:
    return NOT_AVAILABLE if value is None else f"{value:.4f}"


def share_text(value: float | None) -> str:
    return NOT_AVAILABLE if value is None else f"{value:.1%}"


def factor_text(value: float | None) -> str:
    return NOT_AVAILABLE if value is None else f"{value:.2f}"


def within_text(figures: dict[str, Any], name: str, written: Callable[[float | None], str]) -> str:
    """A figure with its interval in brackets."""
    low, high = figures["intervals"][name]
    own = written(figures[name])
    return own if figures[name] is None else f"{own} ({written(low)} to {written(high)})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
