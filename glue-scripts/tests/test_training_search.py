"""Folds, encoders inside them, rounds, and the choice between equals."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up_leads import HEADER, ORDERED, lead_rows, spec_document

from leadgauge.features import FeatureEncoder
from leadgauge.lead import parse_leads, read_target
from leadgauge.spec import FAMILIES as FAMILY_NAMES
from leadgauge.spec_reader import parse_spec
from leadgauge.training import search
from leadgauge.training.families import FAMILIES
from leadgauge.training.progress import Progress
from leadgauge.training.rows import Rows
from leadgauge.training.search import Candidate, Evaluated, Setting


def made(rows: int, *, ordered: bool = False, threads: int = 1) -> tuple[Setting, Rows]:
    spec = parse_spec(json.dumps(spec_document(**(ORDERED if ordered else {}))))
    table = pd.DataFrame(lead_rows(rows, ordered=ordered), columns=HEADER, dtype=object)
    leads = parse_leads(spec, table)
    setting = Setting(spec, 0, threads, 3, "logLoss", Progress())
    return setting, Rows(leads.values, read_target(spec, table))


@pytest.mark.parametrize("family", FAMILY_NAMES)
@pytest.mark.parametrize("ordered", [False, True])
def test_every_family_learns_the_signal_and_repeats_itself_on_more_threads(
    family: str, ordered: bool
) -> None:
    setting, rows = made(400, ordered=ordered)
    grid = search.grid_of(FAMILIES[family], "engagement", quick=True)[:1]
    (one,) = search.evaluate_out_of_fold(setting, grid, rows)
    (two,) = search.evaluate_out_of_fold(replace(setting, threads=3), grid, rows)
    assert one.figures["rocAuc"] > 0.6
    assert one.candidate == two.candidate
    np.testing.assert_array_equal(one.margins, two.margins)


def test_every_family_has_a_grid_within_the_serving_limits() -> None:
    assert set(FAMILIES) == set(FAMILY_NAMES)
    for family in FAMILIES.values():
        assert (family.rounds or 0) <= 400
        for parameters in (*family.grid, *family.quick_grid):
            assert max(parameters.get("num_leaves", 0), parameters.get("max_leaf_nodes", 0)) <= 31


def test_validation_rows_teach_the_encoder_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    setting, rows = made(90)
    fitted: list[set[int]] = []
    original = FeatureEncoder.fit

    def watch(encoder: FeatureEncoder, values: pd.DataFrame, labels: object = None) -> FeatureEncoder:
        fitted.append(set(values.index))
        return original(encoder, values, labels)

    monkeypatch.setattr(FeatureEncoder, "fit", watch)
    search.evaluate_out_of_fold(setting, [Candidate("logistic-regression", {"C": 1.0}, "engagement")], rows)
    held = [set(held) for _, held in search.make_folds(rows.labels, 3, 0)]
    assert [fit & out for fit, out in zip(fitted, held, strict=True)] == [set(), set(), set()]
    assert all(len(fit) == 60 for fit in fitted)


def test_smote_adds_training_rows_only_and_on_imputed_features() -> None:
    setting, rows = made(400)
    rare = rows.take(np.flatnonzero((rows.labels == 0) | (np.arange(400) % 8 == 0)))
    candidate = Candidate(
        "lightgbm", FAMILIES["lightgbm"].quick_grid[0], "engagement", rounds=20, resampling="smote"
    )
    train, held = search.make_folds(rare.labels, 3, 0)[0]
    fold = search._encode_fold(setting, candidate, rare, train, held)
    assert np.bincount(fold.train_labels)[0] == np.bincount(fold.train_labels)[1]
    assert len(fold.train) > len(train)
    assert len(fold.held) == len(held)
    assert not np.isnan(fold.train).any()
    assert not fold.categorical.any()


def evaluated(name: str, losses: np.ndarray, **parameters: float) -> Evaluated:
    empty = np.zeros((len(losses), 1))
    figures = {"logLoss": float(losses.mean()), "rocAuc": parameters.pop("area", 0.5)}
    return Evaluated(Candidate(name, parameters, "engagement", rounds=10), empty, {}, empty, losses, figures)


def test_of_equals_the_cheapest_is_chosen_and_a_real_gain_is_kept() -> None:
    setting, _ = made(30)
    generator = np.random.default_rng(0)
    losses = generator.random(1000)
    dear = evaluated("lightgbm", losses, num_leaves=31)
    equal = evaluated("lightgbm", losses + generator.normal(0.0005, 0.1, 1000), num_leaves=7)
    worse = evaluated("lightgbm", losses + generator.normal(0.05, 0.1, 1000), num_leaves=4)
    assert search.choose(setting, [dear, equal, worse]) is equal
    assert search.choose(setting, [dear, worse]) is dear


def test_another_metric_than_log_loss_decides_alone() -> None:
    setting, _ = made(30)
    losses = np.random.default_rng(0).random(100)
    high, low = (
        evaluated("lightgbm", losses + 1, num_leaves=31, area=0.9),
        evaluated("lightgbm", losses, num_leaves=7),
    )
    assert search.choose(replace(setting, metric="rocAuc"), [low, high]) is high
    assert search.choose(setting, [low, high]) is low


def test_the_fewest_rounds_within_noise_are_kept() -> None:
    falling = np.linspace(1, 0.5, 50)
    flat = np.full(50, 0.5)
    noise = np.random.default_rng(0).normal(0, 0.001, (5, 100))
    curves = [np.concatenate([falling, flat]) + row for row in noise]
    assert 48 <= search._choose_rounds(curves, [10] * 5) <= 100
    assert search._choose_rounds([np.concatenate([falling, flat + 0.2])] * 5, [10] * 5) == 50
