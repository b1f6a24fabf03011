"""Golden rows: made-up leads with the answers that serving must give (docs/model-package.md, "golden.jsonl")."""

from typing import Any

import numpy as np

from leadgauge.lead import parse_lead_records
from leadgauge.package.sample_leads import LeadSampler, threshold_values
from leadgauge.package.scorer import score_rows
from leadgauge.spec import Spec

GOLDEN_ROWS = 500
_CONTRIBUTION_DECIMALS = 9  # they are compared within 1e-6


def build_golden(
    spec: Spec, serving: dict[str, Any], profile: dict[str, Any], *, seed: int, rows: int = GOLDEN_ROWS
) -> list[dict[str, Any]]:
    """Rows drawn from the spec and the profile: ordinary, missing, unseen, out of bounds, unreadable
    (rejected), on
    thresholds. The first ones, which are checked when a package is loaded, can be scored for the most part."""
    sampler = LeadSampler(spec, profile, threshold_values(spec, serving), np.random.default_rng(seed))
    leads = [sampler.lead() for _ in range(rows)]
    answers = score_rows(serving, parse_lead_records(spec, leads))
    return [{"lead": lead, **compact_row(answer)} for lead, answer in zip(leads, answers, strict=True)]


def compact_row(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with its contributions rounded far below the tolerance, and those of 0 left out: half the file."""
    if "contributions" not in answer:
        return answer
    told = {}
    for name, values in answer["contributions"].items():
        rounded = [round(value, _CONTRIBUTION_DECIMALS) + 0.0 for value in values]
        if any(rounded):
            told[name] = rounded
    return answer | {"contributions": told}
