"""Typed values to model inputs."""

from leadgauge.features.columns import apply_columns, unseen_by_model, used_fields
from leadgauge.features.encoder import DroppedColumn, FeatureEncoder

__all__ = ["DroppedColumn", "FeatureEncoder", "apply_columns", "unseen_by_model", "used_fields"]
