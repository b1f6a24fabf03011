"""The plots of a training run as PNG files: ROC, precision-recall, calibration, gain, and the SHAP summary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import shap
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from leadgauge.training.metrics import CALIBRATION_BINS, expected_calibration_error, pr_auc, roc_auc

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COLOURS = ("#2563a8", "#c2410c", "#4d7c0f", "#7e3794", "#0f766e", "#a16207")
_SOFT = "#8a94a3"
_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _SOFT,
    "axes.titleweight": "bold",
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "grid.color": "#e6eaef",
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "text.parse_math": False,
    "figure.dpi": 110,
}


def write_plots(
    directory: Path,
    labels: Ints,
    probabilities: Floats,
    raw_probabilities: Floats,
    class_labels: Sequence[str],
) -> None:
    """Writes the four hold-out plots into ``directory``. ``raw_probabilities`` are those before calibration."""
    directory.mkdir(parents=True, exist_ok=True)
    shown = [1] if len(class_labels) == 2 else list(range(len(class_labels)))
    with plt.rc_context(_STYLE):
        _save(_roc(labels, probabilities, class_labels, shown), directory / "roc.png")
        _save(
            _precision_recall(labels, probabilities, class_labels, shown), directory / "precision-recall.png"
        )
        _save(
            _calibration(labels, probabilities, raw_probabilities, class_labels, shown),
            directory / "calibration.png",
        )
        _save(_gain(labels, probabilities, class_labels), directory / "gain.png")


def write_shap_summary(
    path: Path, contributions: Floats, values: Floats, names: Sequence[str], *, title: str, unit: str
) -> None:
    """SHAP summary: a dot a lead and field. ``contributions`` and ``values`` are (rows, fields); a category's value is NaN (grey)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(_STYLE):
        plt.figure()
        shap.summary_plot(
            contributions,
            features=values,
            feature_names=[_short(name, 44) for name in names],
            max_display=15,
            show=False,
            plot_size=(8.5, 6.2),
            rng=np.random.default_rng(0),
        )
        figure = plt.gcf()
        axes = figure.axes[0]
        axes.set_title(_short(title, 90))
        axes.set_xlabel(f"Contribution to the raw output ({unit})")
        axes.tick_params(axis="y", labelsize=9)
        _save(figure, path)


def _short(text: str, length: int) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, bbox_inches="tight", metadata={"Software": None}, pil_kwargs={"optimize": True})
    plt.close(figure)


def _axes(title: str, x: str, y: str) -> tuple[Figure, Any]:
    figure, axes = plt.subplots(figsize=(5.2, 4.6))
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.02)
    return figure, axes


def _roc(labels: Ints, probabilities: Floats, names: Sequence[str], shown: Sequence[int]) -> Figure:
    figure, axes = _axes("ROC, hold-out", "Share of the others reached", "Share of the class reached")
    axes.plot([0, 1], [0, 1], color=_SOFT, linestyle=":", linewidth=1)
    for k, colour in zip(shown, _cycle(len(shown)), strict=True):
        false, true, _ = roc_curve(labels == k, probabilities[:, k])
        area = roc_auc(labels == k, probabilities[:, k])
        axes.plot(false, true, color=colour, linewidth=2, label=f"{_short(names[k], 28)}: AUC {area:.3f}")
    axes.legend(loc="lower right")
    return figure


def _precision_recall(
    labels: Ints, probabilities: Floats, names: Sequence[str], shown: Sequence[int]
) -> Figure:
    figure, axes = _axes("Precision and recall, hold-out", "Recall", "Precision")
    for k, colour in zip(shown, _cycle(len(shown)), strict=True):
        event = labels == k
        precision, recall, _ = precision_recall_curve(event, probabilities[:, k])
        axes.step(
            recall,
            precision,
            where="post",
            color=colour,
            linewidth=2,
            label=f"{_short(names[k], 28)}: AP {pr_auc(event, probabilities[:, k]):.3f}",
        )
        axes.axhline(float(event.mean()), color=colour, linestyle=":", linewidth=1)
    axes.legend(loc="lower left")
    return figure


def _calibration(
    labels: Ints, probabilities: Floats, raw: Floats, names: Sequence[str], shown: Sequence[int]
) -> Figure:
    figure, axes = _axes(
        "Calibration, hold-out (tenths of equal count)", "Mean predicted probability", "Observed rate"
    )
    axes.plot([0, 1], [0, 1], color=_SOFT, linestyle=":", linewidth=1)
    for k, colour in zip(shown, _cycle(len(shown)), strict=True):
        event = labels == k
        before = [] if np.array_equal(raw, probabilities) else [(raw, "--", 0.45, "before")]
        for table, style, alpha, what in (*before, (probabilities, "-", 1.0, "as served")):
            mean, rate = _tenths(event, table[:, k])
            error = expected_calibration_error(event, table[:, k])
            axes.plot(
                mean,
                rate,
                style,
                marker="o",
                markersize=4,
                color=colour,
                alpha=alpha,
                linewidth=1.6,
                label=f"{_short(names[k], 22)}, {what}: ECE {error:.3f}",
            )
    axes.legend(loc="upper left", fontsize=8.5)
    return figure


def _tenths(event: NDArray[np.bool_], probability: Floats) -> tuple[list[float], list[float]]:
    parts = [
        part for part in np.array_split(np.argsort(probability, kind="stable"), CALIBRATION_BINS) if len(part)
    ]
    return [float(probability[part].mean()) for part in parts], [float(event[part].mean()) for part in parts]


def _gain(labels: Ints, probabilities: Floats, names: Sequence[str]) -> Figure:
    figure, axes = _axes(
        "Gain, hold-out", "Share of leads called, best first", f"Share of {_short(names[-1], 28)} reached"
    )
    event = labels == len(names) - 1
    order = np.argsort(-probabilities[:, -1], kind="stable")
    reached = np.concatenate([[0.0], np.cumsum(event[order]) / event.sum()])
    called = np.linspace(0, 1, len(reached))
    axes.plot([0, 1], [0, 1], color=_SOFT, linestyle=":", linewidth=1, label="in any order")
    axes.plot([0, float(event.mean()), 1], [0, 1, 1], color=_SOFT, linewidth=1, label="if all were known")
    axes.plot(called, reached, color=COLOURS[0], linewidth=2, label="by this model")
    for share in (0.1, 0.2, 0.4):
        y = float(np.interp(share, called, reached))
        axes.plot([share], [y], "o", color=COLOURS[0], markersize=5)
        axes.annotate(
            f"{share:.0%} of leads: {y:.0%}",
            (share, y),
            textcoords="offset points",
            xytext=(8, -10),
            fontsize=8.5,
        )
    axes.legend(loc="lower right")
    return figure


def _cycle(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]
