"""Typed values to model inputs."""

from leadgauge.features.columns import apply_columns, unseen_by_model
from leadgauge.features.encoder import DroppedColumn, FeatureEncoder

__all__ = ["DroppedColumn", "FeatureEncoder", "apply_columns", "unseen_by_model"]
