"""Runs are logged to a real MLflow on sqlite when MLFLOW_TRACKING_URI is set, and only then."""

import json
from pathlib import Path

import pytest
from made_up_leads import lead_rows, write_leads, write_spec

from leadgauge.training.command import main


def train(folder: Path, out: str) -> int:
    write_spec(folder / "spec.json")
    write_leads(folder / "leads.csv", lead_rows(300))
    paths = [
        "--spec",
        str(folder / "spec.json"),
        "--data",
        str(folder / "leads.csv"),
        "--out",
        str(folder / out),
    ]
    return main([*paths, "--quick", "--families", "logistic-regression"])


def test_parameters_metrics_plots_and_package_reach_mlflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow  # noqa: PLC0415 - seconds to import

    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(None)  # type: ignore[arg-type]  # back to the environment's
    assert train(tmp_path, "out") == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())

    client = mlflow.MlflowClient(uri)
    experiment = client.get_experiment_by_name("leadgauge-made-up")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.tags["leadgauge.version"] == manifest["version"]
    assert run.data.params["seed"] == "0"
    assert run.data.params["family"] == "logistic-regression"
    assert run.data.metrics["holdout.rocAuc"] == pytest.approx(manifest["metrics"]["rocAuc"])
    logged = {each.path for each in client.list_artifacts(run.info.run_id, "package")}
    assert {"package/manifest.json", "package/serving.json", "package/card.md", "package/plots"} <= logged
    plots = {each.path for each in client.list_artifacts(run.info.run_id, "package/plots")}
    assert "package/plots/shap-summary.png" in plots


def test_a_tracking_server_that_is_not_there_is_told_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import mlflow  # noqa: PLC0415 - seconds to import

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    mlflow.set_tracking_uri(None)  # type: ignore[arg-type]  # back to the environment's
    assert train(tmp_path, "out") == 1
    told = capsys.readouterr().err
    assert "MLFLOW_TRACKING_URI" in told
    assert "search" not in told
    assert not (tmp_path / "out").exists()
