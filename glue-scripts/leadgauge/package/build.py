"""From a fitted estimator to the content of a package, with the check that both give the same margins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from leadgauge.features import FeatureEncoder
from leadgauge.lead import ParsedLeads, parse_lead_records
from leadgauge.package.evaluate import evaluate
from leadgauge.package.golden import GOLDEN_ROWS, build_golden
from leadgauge.package.predictor import export_predictor, native_margins
from leadgauge.package.profile import build_profile
from leadgauge.package.scorer import model_inputs
from leadgauge.package.serving import build_serving
from leadgauge.package.trees import ExportError
from leadgauge.package.write import package_files, version_of
from leadgauge.spec import Spec

Doubles = npt.NDArray[np.float64]
_LINEAR_TOLERANCE = 1e-12
_LARGEST_SINGLE = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class PackageContent:
    """What a package serves: `files` are the versioned ones, ready for `write_package`."""

    serving: dict[str, Any]
    profile: dict[str, Any]
    golden: list[dict[str, Any]]
    files: dict[str, bytes]
    version: str


def build_package(
    spec: Spec,
    *,
    family: str,
    estimator: Any,
    encoder: FeatureEncoder,
    leads: ParsedLeads,
    labels: npt.NDArray[np.int64],
    calibration: dict[str, Any],
    reference_margins: Doubles,
    seed: int,
    tier_limits: Sequence[float | None] | None = None,
    prediction_limit: float = 0.5,
    golden_rows: int = GOLDEN_ROWS,
) -> PackageContent:
    """Exports, checks and describes a model.

    `leads`: the accepted training leads; `labels` (rows,) and `reference_margins` (rows, outputs, out-of-
    fold) belong to
    them. See `build_serving` for the limits. Raises ExportError if the exported model is not the library's
    own.
    """
    inputs = encoder.transform(leads.values)
    predictor = export_predictor(family, estimator, encoder.columns_)
    serving = build_serving(
        spec,
        family=family,
        moment=encoder.moment,
        columns=encoder.columns_,
        predictor=predictor,
        calibration=calibration,
        reference_margins=reference_margins,
        inputs=inputs,
        tier_limits=tier_limits,
        prediction_limit=prediction_limit,
    )
    profile = build_profile(leads, labels, serving, reference_margins)
    golden = build_golden(spec, serving, profile, seed=seed, rows=golden_rows)
    golden_leads = parse_lead_records(spec, [row["lead"] for row in golden])
    golden_inputs = model_inputs(serving, golden_leads)[golden_leads.accepted]
    check_exactness(family, estimator, predictor, np.concatenate([inputs[:20_000], golden_inputs]))
    files = package_files(spec, serving, profile, golden)
    return PackageContent(serving, profile, golden, files, version_of(files))


def check_exactness(family: str, estimator: Any, predictor: dict[str, Any], inputs: Doubles) -> None:
    """Raises ExportError unless the predictor's margins are the library's: to the bit, linear ones within
    1e-12.
    """
    if predictor["kind"] == "trees" and predictor["input"] == "float32":
        # The libraries refuse what overflows to infinity in float32.
        inputs = inputs[~(np.abs(inputs) > _LARGEST_SINGLE).any(axis=1)]
    own, native = evaluate(predictor, inputs), native_margins(family, estimator, inputs)
    tolerance = _LINEAR_TOLERANCE * np.maximum(1, np.abs(native)) if predictor["kind"] == "linear" else 0.0
    wrong = int((np.abs(own - native) > tolerance).any(axis=1).sum())
    if wrong:
        raise ExportError(
            f"the exported {family} differs from the library's own margins on {wrong} of {len(inputs)} rows"
        )
