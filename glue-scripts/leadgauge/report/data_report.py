"""report.html: what the training data look like. One self-contained file: no script, no external host, all texts escaped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadgauge.report.svg import bar, histogram, number
from leadgauge.spec import Field, Spec
from leadgauge.training.data import LeadData

Floats = NDArray[np.float64]
SHOWN_CATEGORIES = 15
RARE = 10
"""Categories of fewer rows are shown together, so that no single lead can be read off the report."""
BINS = 20

_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5d6b7c;--line:#dde3ea;--paper:#fff;--bar:#9db7d8;--rate:#c2410c;--miss:#b8bfc8}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa7b6;--line:#333c48;--paper:#161b22;--bar:#41618a;--rate:#fb923c;--miss:#59636f}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 20px 80px}h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:40px 0 10px}
h3{font-size:15px;margin:0 0 2px}p{margin:4px 0}.soft{color:var(--soft)}.facts{display:flex;flex-wrap:wrap;gap:10px 34px;margin:18px 0}
.facts div{min-width:96px}.facts b{display:block;font-size:22px;font-weight:600}table{border-collapse:collapse;width:100%;font-size:13.5px}
th,td{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600;color:var(--soft)}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}td.t{overflow-wrap:anywhere;max-width:320px}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,480px),1fr));gap:18px}
.card{border:1px solid var(--line);border-radius:8px;padding:14px 16px;min-width:0;overflow-wrap:anywhere}svg{width:100%;height:auto;display:block}
.meter{display:inline-block;width:90px;height:8px;border-radius:4px;background:var(--line);overflow:hidden;vertical-align:middle}
.meter span{display:block;height:100%}.count{background:var(--bar)}.conv{background:var(--rate)}.miss{background:var(--miss)}
rect.bar{fill:var(--bar)}line.axis{stroke:var(--line)}text.tick{font-size:10px;fill:var(--soft)}text.rate{fill:var(--rate)}
polyline.rate{fill:none;stroke:var(--rate);stroke-width:1.2}circle.rate{fill:var(--rate)}.warn{border-left:3px solid var(--rate);padding:2px 0 2px 10px;margin:6px 0}
"""


@dataclass(frozen=True)
class Dropped:
    """A column that is not in the model, and why."""

    column: str
    reason: str


def data_report(spec: Spec, data: LeadData, moment: str, dropped: list[Dropped]) -> str:
    """The whole HTML document."""
    event = data.rows.labels == len(spec.class_names) - 1
    event_name = spec.target.classes[-1].label
    counts = data.class_counts(spec)
    rate = float(event.mean())
    facts = [
        (f"{len(data.rows):,}", "leads used"),
        (f"{data.columns:,}", "columns in the file"),
        *(
            (f"{count:,}", f"{_label(spec, name)} ({count / len(data.rows):.1%})")
            for name, count in counts.items()
        ),
    ]
    body = [
        f"<h1>{escape(spec.title)}</h1>",
        f'<p class="soft">Data report of {escape(data.file_name)} · SHA-256 {data.sha256[:16]}… · model for the moment '
        f"<b>{escape(moment)}</b></p>",
        '<div class="facts">'
        + "".join(f"<div><b>{escape(v)}</b>{escape(k)}</div>" for v, k in facts)
        + "</div>",
        *(f'<p class="warn">{escape(text)}</p>' for text in data.warnings),
        "<h2>Fields at a glance</h2>",
        _overview(spec, data, event, rate),
        f"<h2>Distributions, and how many are {escape(event_name)}</h2>",
        '<p class="soft">Bars count leads; the line (or the right-hand bar) is the share of '
        f"{escape(event_name)}, {rate:.1%} over all. Numbers are shown between their 0.5 % and 99.5 % quantiles.</p>",
        '<div class="grid">' + "".join(_field_card(field, data, event) for field in spec.fields) + "</div>",
        "<h2>Columns left out</h2>",
        _table(("Column", "Why"), [(escape(each.column), escape(each.reason)) for each in dropped])
        if dropped
        else "<p>None.</p>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Data report: {escape(spec.title)}</title><style>{_STYLE}</style></head><body><main>"
        + "\n".join(body)
        + "</main></body></html>\n"
    )


def _label(spec: Spec, class_name: str) -> str:
    return next(each.label for each in spec.target.classes if each.name == class_name)


def _table(
    head: tuple[str, ...], rows: Sequence[tuple[str, ...]], numeric: frozenset[int] = frozenset()
) -> str:
    """A table of cells that are HTML already."""

    def row(cells: tuple[str, ...], tag: str) -> str:
        return "".join(
            f'<{tag} class="{"n" if i in numeric else "t"}">{cell}</{tag}>' for i, cell in enumerate(cells)
        )

    lines = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in rows)
    return f"<table><thead><tr>{row(head, 'th')}</tr></thead><tbody>{lines}</tbody></table>"


def _overview(spec: Spec, data: LeadData, event: NDArray[np.bool_], rate: float) -> str:
    rows = []
    for field in spec.fields:
        column = data.rows.values[field.name]
        missing = ~data.leads.given[field.name]
        share = float(missing.mean())
        with_missing = f"{event[missing].mean():.1%}" if missing.sum() >= RARE else ""
        rows.append(
            (
                escape(field.name),
                escape(field.type),
                escape(field.known_at),
                f"{bar(share, 'miss')} {share:.1%}",
                with_missing,
                f"{column[~missing].nunique():,}",
            )
        )
    return _table(
        (
            "Field",
            "Type",
            "Known at",
            "Missing",
            f"Rate where missing ({rate:.1%} over all)",
            "Distinct values",
        ),
        rows,
        frozenset({4, 5}),
    )


def _field_card(field: Field, data: LeadData, event: NDArray[np.bool_]) -> str:
    given = data.leads.given[field.name]
    column = data.rows.values[field.name]
    names = [field.name] if field.label != field.name else []
    source = escape(" ".join(names + ([f"({field.unit})"] if field.unit else [])))
    title = f"<h3>{escape(field.label)}</h3>" + (f'<p class="soft">{source}</p>' if source else "")
    if not given.any():
        return f'<div class="card">{title}<p>No value in any row.</p></div>'
    if field.type in ("number", "integer", "timestamp"):
        chart = _numbers(field, column.to_numpy(dtype=np.float64)[given], event[given])
    else:
        chart = _categories(field, column.where(given, None), event)
    return f'<div class="card">{title}{chart}</div>'


def _numbers(field: Field, numbers: Floats, event: NDArray[np.bool_]) -> str:
    """Of the rows that have a value."""
    low, high = (float(q) for q in np.quantile(numbers, [0.005, 0.995], method="nearest"))
    if low == high:
        return f"<p>{_value(field, low)} in nearly every row that has a value.</p>"
    held = np.clip(numbers, low, high)
    if np.all(held == np.floor(held)) and field.type != "timestamp":
        step = np.ceil(
            (high - low + 1) / BINS
        )  # bins of whole numbers, so that each holds equally many of them
        edges = np.arange(low, high + step + 1, step)
    else:
        edges = np.linspace(low, high, BINS + 1)
    where = np.clip(np.searchsorted(edges, held, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(where, minlength=len(edges) - 1)
    hits = np.bincount(where, weights=event, minlength=len(edges) - 1)
    rates = [float(h / c) if c >= RARE else None for h, c in zip(hits, counts, strict=True)]
    note = f"median {_value(field, float(np.median(numbers)))}, mean {_value(field, float(held.mean()))}"
    if field.type == "timestamp":
        note += f", {_value(field, low)} to {_value(field, high)}; axis: days since the first"
        edges = (edges - low) / 86_400_000
    chart = histogram([int(c) for c in counts], [float(e) for e in edges], rates, field.label)
    return f'{chart}<p class="soft">{note}</p>'


def _value(field: Field, value: float) -> str:
    if field.type == "timestamp":
        moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=value)
        return moment.date().isoformat()
    return number(value)


def _categories(field: Field, column: Any, event: NDArray[np.bool_]) -> str:
    texts = _category_texts(field, column)
    frame = pd.DataFrame({"text": texts, "event": event})
    grouped = frame.groupby("text", dropna=False)["event"].agg(["size", "mean", "sum"])
    grouped = grouped.sort_values("size", ascending=False, kind="stable")
    shown = grouped[(grouped["size"] >= RARE)].head(SHOWN_CATEGORIES)
    rest = grouped.drop(shown.index)
    rows = [
        _category_row(str(text), int(row["size"]), float(row["mean"]), len(frame))
        for text, row in shown.iterrows()
    ]
    if len(rest):
        size = int(rest["size"].sum())
        rows.append(_category_row(f"({len(rest)} rarer)", size, float(rest["sum"].sum()) / size, len(frame)))
    return _table(("Value", "Leads", "", "Rate", ""), rows, frozenset({1, 3}))


def _category_texts(field: Field, column: Any) -> list[str]:
    names: dict[Any, str] = {}
    if field.type == "boolean":
        names = {1.0: "yes", 0.0: "no"}
    elif field.type == "ordinal":
        names = {float(index): level for index, level in enumerate(field.levels)}
    return ["(missing)" if pd.isna(value) else names.get(value, str(value)) for value in column.tolist()]


def _category_row(text: str, count: int, rate: float, rows: int) -> tuple[str, ...]:
    shown = text if len(text) <= 80 else text[:79] + "…"
    told = f"{rate:.1%}" if count >= RARE else ""
    return escape(shown), f"{count:,}", bar(count / rows, "count"), told, bar(rate, "conv") if told else ""
