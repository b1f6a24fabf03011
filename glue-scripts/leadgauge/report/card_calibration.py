"""What card.md says of calibration: what is served, how it did on the hold-out, and how the rate drifts."""

from __future__ import annotations

from typing import Any

from leadgauge.report.markdown import NOT_AVAILABLE, figure_text, plain_text, table, within_text

_CRITERIA = {
    "slope": "Slope",
    "meanDifference": "Mean probability less rate",
    "expectedCalibrationErrorDifference": "Calibration error less that before calibration",
}
_VERDICTS = {
    "met": "met",
    "missed-within-chance": "missed, by no more than chance may explain",
    "missed": "**missed**",
    "undefined": "cannot be told from these rows",
}


def calibration_text(calibration: dict[str, Any]) -> str:
    held = calibration["holdOut"]
    rows = [
        (
            plain_text(name),
            *(
                within_text(each, figure, figure_text)
                for figure in ("slope", "intercept", "meanProbability", "rate")
            ),
        )
        for name, each in held["byClass"].items()
    ]
    criteria = [
        (
            _CRITERIA[each["figure"]] + (f" ({plain_text(each['class'])})" if "class" in each else ""),
            _limits(each["atLeast"], each["atMost"]),
            figure_text(each["value"]),
            NOT_AVAILABLE
            if each["value"] is None
            else f"{figure_text(each['low'])} to {figure_text(each['high'])}",
            _VERDICTS[each["verdict"]],
        )
        for each in held["criteria"]
    ]
    return "\n\n".join(
        [
            f"Served: {_correction(calibration['served'])}, fitted on out-of-fold raw outputs of all rows. The hold-out figures rest on "
            f"{_correction(held['applied'])}: what the same procedure fitted without the hold-out.",
            table(("Class", "Slope", "Intercept", "Mean probability", "Rate"), rows),
            f"Expected calibration error on the hold-out: {figure_text(held['expectedCalibrationError'])}; before calibration "
            f"{figure_text(held['expectedCalibrationErrorUncalibrated'])}.",
            table(("Criterion", "Allowed", "Hold-out", "95 % interval", "Verdict"), criteria),
            *([_drift(calibration["drift"])] if "drift" in calibration else []),
        ]
    )


def _drift(drift: dict[str, Any]) -> str:
    rows = [
        (
            f"{each['from'][:10]} to {each['to'][:10]}",
            f"{each['rows']:,}",
            *(figure_text(each[k]) for k in ("meanProbability", "rate", "slope")),
        )
        for each in drift["slices"]
    ]
    slope, intercept = drift["correction"]["slope"], drift["correction"]["intercept"]
    steady = (
        f"The mean probability was off by {drift['meanError']:.4f} (root mean square of the periods), in no steady direction, so nothing is corrected for it: "
        "expect as much on the next leads."
        if slope == 1 and intercept == 0
        else f"The drift is steady; what is served follows it (log-odds times {slope:.4g}, plus {intercept:+.4g}), for leads that come after these."
    )
    return (
        "Drift: models fitted on all leads before each period, asked about the leads of that period.\n\n"
        f"{table(('Period', 'Leads', 'Mean probability', 'Rate', 'Slope'), rows)}\n\n{steady}"
    )


def _correction(calibration: dict[str, Any]) -> str:
    """A calibration in words; one that changes nothing is told as such."""
    if calibration["method"] == "isotonic":
        return f"isotonic regression ({calibration['margins']} knots)"
    if calibration["method"] == "temperature":
        return (
            "no correction (temperature 1)"
            if calibration["temperature"] == 1
            else f"temperature {calibration['temperature']:.4g}"
        )
    if calibration["slope"] == 1 and calibration["intercept"] == 0:
        return "no correction (slope 1, intercept 0)"
    return f"Platt scaling (slope {calibration['slope']:.4g}, intercept {calibration['intercept']:.4g})"


def _limits(at_least: float | None, at_most: float | None) -> str:
    if at_least is None:
        return f"at most {at_most:g}"
    return f"{at_least:g} to {at_most:g}"
