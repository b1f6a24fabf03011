from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from leadgauge.spec import Moment, Spec
from leadgauge.training.tiers import TierPolicy


@dataclass(frozen=True)
class TrainingOptions:
    """What `leadgauge train` was asked for."""

    spec: Spec
    data: Path
    moment: Moment
    seed: int
    threads: int
    quick: bool
    families: Sequence[str]
    metric: str
    """As the spec names it, such as `log-loss`."""
    as_of: float | None
    policy: TierPolicy
