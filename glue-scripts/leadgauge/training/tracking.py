"""Logs a run to MLflow when MLFLOW_TRACKING_URI is set: parameters, metrics, plots and the whole package."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadgauge.training.options import TrainingOptions
    from leadgauge.training.train import TrainedModel

VARIABLE = "MLFLOW_TRACKING_URI"


class TrackingError(Exception):
    """MLflow was asked for and cannot be used."""


def require_tracking() -> None:
    """Raises TrackingError before any work is done if a tracking server is named but cannot be reached."""
    if not os.environ.get(VARIABLE):
        return
    import mlflow  # noqa: PLC0415 - it takes seconds to import, and few use it

    try:
        mlflow.MlflowClient().search_experiments(max_results=1)
    except Exception as error:  # MLflow passes on whatever its store raises
        raise TrackingError(
            f"{VARIABLE} is set, but MLflow does not answer ({type(error).__name__}); correct it or unset it"
        ) from None


def log_run(options: TrainingOptions, model: TrainedModel, folder: Path) -> None:
    """One run in the experiment of the model's name. Does nothing unless MLFLOW_TRACKING_URI is set."""
    if not os.environ.get(VARIABLE):
        return
    import mlflow  # noqa: PLC0415 - it takes seconds to import, and few use it

    card = model.card
    try:
        mlflow.set_experiment(f"leadgauge-{card['model']}")
        with mlflow.start_run(run_name=model.version[:12]):
            mlflow.set_tags({"leadgauge.version": model.version, "leadgauge.family": card["family"]})
            mlflow.log_params(
                {
                    "family": card["family"],
                    "moment": options.moment,
                    "metric": options.metric,
                    "seed": options.seed,
                    "threads": options.threads,
                    "quick": options.quick,
                    "rounds": card["training"]["rounds"],
                    "resampling": card["training"]["resampling"]["chosen"],
                    "data_sha256": card["data"]["sha256"],
                    "rows": card["data"]["rows"],
                    **{f"parameter.{name}": value for name, value in card["training"]["parameters"].items()},
                }
            )
            metrics = {f"holdout.{name}": each["value"] for name, each in card["metrics"].items()}
            for each in card["families"]:
                metrics |= {
                    f"cv.{each['family']}.{name}": value for name, value in each["crossValidation"].items()
                }
            mlflow.log_metrics({name: value for name, value in metrics.items() if value is not None})
            mlflow.log_artifacts(str(folder), artifact_path="package")
    except Exception as error:  # MLflow passes on whatever its store raises
        raise TrackingError(
            f"MLflow could not log the run ({type(error).__name__}); correct {VARIABLE} or unset it"
        ) from None
