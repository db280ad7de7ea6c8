import math

import keras_tuner
import numpy as np
import pytest
from keras_tuner.engine.trial import TrialStatus
from oracles import LOSS, end, make_oracle

from trainer.search.oracle import worst_score
from trainer.settings.open_values import Choices, Range

ACCURACY = keras_tuner.Objective("val_accuracy", "max")


def test_rates_are_spread_evenly_in_their_logarithm(tmp_path):
    oracle = make_oracle(tmp_path, max_trials=200)
    trials = [oracle.create_trial(f"worker{i}") for i in range(200)]
    logs = np.log10([t.hyperparameters.values["learning_rate"] for t in trials])
    # A third of them in each of the three factors of ten, give or take 4 deviations.
    counts = np.histogram(logs, bins=[-4, -3, -2, -1])[0]
    assert counts.sum() == 200
    assert np.all(np.abs(counts - 200 / 3) < 4 * math.sqrt(200 * (1 / 3) * (2 / 3)))


def test_same_seed_gives_the_same_trials(tmp_path):
    def rates(name, seed):
        oracle = make_oracle(tmp_path / name, seed=seed)
        trials = [oracle.create_trial(f"worker{i}") for i in range(5)]
        return [trial.hyperparameters.values["learning_rate"] for trial in trials]

    assert rates("a", 0) == rates("b", 0)
    # Nor are they the same but for the first.
    assert not set(rates("c", 1)) & set(rates("a", 0))


def test_grid_has_every_combination_once_and_five_values_of_a_range(tmp_path):
    oracle = make_oracle(
        tmp_path, tuner="grid", optimizer=Choices(("adam", "sgd")), batch_size=8
    )
    found = []
    while (trial := oracle.create_trial("alone")).status != TrialStatus.STOPPED:
        values = trial.hyperparameters.values
        found.append((values["optimizer"], values["learning_rate"]))
        end(oracle, trial, 1.0)
    # 1e-4 * 1000 ** (i / 4)
    rates = (0.0001, 0.0005623413252, 0.00316227766, 0.0177827941, 0.1)
    assert sorted(found) == [(name, rate) for name in ("adam", "sgd") for rate in rates]


def test_interrupted_grid_goes_on_where_it_was(tmp_path):
    settings = {"tuner": "grid", "learning_rate": Choices((0.1, 0.2, 0.3, 0.4))}
    oracle = make_oracle(tmp_path, **settings)
    for _ in range(2):
        end(oracle, oracle.create_trial("alone"), 1.0)
    killed = oracle.create_trial("alone")
    again = make_oracle(tmp_path, **settings)
    again.reload()
    rates = []
    while (trial := again.create_trial("alone")).status != TrialStatus.STOPPED:
        rates.append(trial.hyperparameters.values["learning_rate"])
        end(again, trial, 1.0)
    assert rates == [killed.hyperparameters.values["learning_rate"], 0.4]


def test_trial_of_a_lost_worker_goes_to_another(tmp_path):
    oracle = make_oracle(tmp_path, max_trials=2)
    lost = oracle.create_trial("lost")
    there = oracle.create_trial("there")
    assert not oracle.drop_lost(after_secs=60)
    oracle._last_heard["lost"] -= 61
    assert oracle.drop_lost(after_secs=60) == {"lost": lost}
    end(oracle, there, 0.5)
    again = oracle.create_trial("there")
    assert again.trial_id == lost.trial_id
    assert again.hyperparameters.values == lost.hyperparameters.values
    end(oracle, again, 0.4)
    assert oracle.is_over
    assert oracle.create_trial("there").status == TrialStatus.STOPPED


def test_nobody_is_sent_home_while_a_trial_may_have_to_be_taken_over(tmp_path):
    oracle = make_oracle(tmp_path, max_trials=1)
    trial = oracle.create_trial("busy")
    assert oracle.create_trial("free").status == TrialStatus.IDLE
    end(oracle, trial, 0.5)
    assert oracle.create_trial("free").status == TrialStatus.STOPPED


def test_asking_again_gives_the_same_trial(tmp_path):
    oracle = make_oracle(tmp_path)
    trial = oracle.create_trial("worker")
    assert oracle.create_trial("worker").trial_id == trial.trial_id
    assert len(oracle.trials) == 1


def test_result_that_comes_late_from_a_lost_worker_counts_once(tmp_path):
    oracle = make_oracle(tmp_path, max_trials=1)
    slow = oracle.create_trial("slow")
    oracle._last_heard["slow"] -= 61
    oracle.drop_lost(after_secs=60)
    end(oracle, oracle.create_trial("other"), 0.5)
    end(oracle, slow, 0.5)
    assert oracle.end_order == [slow.trial_id]


def test_diverged_trials_are_results_however_many_follow_each_other(tmp_path):
    oracle = make_oracle(tmp_path, ACCURACY, max_trials=5)
    for _ in range(4):
        end(oracle, oracle.create_trial("alone"), worst_score(ACCURACY))
    good = oracle.create_trial("alone")
    end(oracle, good, 0.9)
    assert oracle.failure is None
    assert oracle.get_best_trials()[0].trial_id == good.trial_id


@pytest.mark.parametrize(
    ("objective", "scores", "expected"),
    # The Gaussian process is made for minima: accuracies change their sign.
    [(LOSS, [0.2, 0.7], [0.2, 0.7, 0.7]), (ACCURACY, [0.9, 0.3], [-0.9, -0.3, -0.3])],
)
def test_bayesian_search_takes_diverged_trials_for_as_bad_as_the_worst(
    objective, scores, expected, tmp_path
):
    oracle = make_oracle(tmp_path, objective, tuner="bayesian", max_trials=9)
    for score in [*scores, worst_score(objective)]:
        end(oracle, oracle.create_trial("alone"), score)
    np.testing.assert_allclose(oracle._vectorize_trials()[1], expected)


@pytest.mark.slow
def test_bayesian_search_leaves_where_trials_diverge(tmp_path):
    oracle = make_oracle(tmp_path, tuner="bayesian", max_trials=9, seed=9)
    losses = []
    for _ in range(5):
        trial = oracle.create_trial("alone")
        log_rate = math.log10(trial.hyperparameters.values["learning_rate"])
        # Best at 1e-3; above 1e-2 it diverges.
        losses.append((log_rate + 3) ** 2 if log_rate < -2 else worst_score(LOSS))
        end(oracle, trial, losses[-1])
    # The first three are random, and one of them diverges.
    assert np.isinf(losses[:3]).sum() == 1
    assert np.isfinite(losses[3:]).all()


def test_failures_in_a_row_end_the_search_without_an_exception(tmp_path):
    oracle = make_oracle(tmp_path, max_trials=9)
    for _ in range(3):
        trial = oracle.create_trial("alone")
        trial.status, trial.message = TrialStatus.FAILED, "out of memory"
        oracle.end_trial(trial)
    assert "out of memory" in oracle.failure
    assert oracle.create_trial("alone").status == TrialStatus.STOPPED


def test_parameters_belong_to_their_schedule_and_optimizer(tmp_path):
    oracle = make_oracle(
        tmp_path,
        max_trials=40,
        schedule=Choices(("constant", "step")),
        decay_factor=Range(0.1, 0.9),
        optimizer=Choices(("adam", "sgd")),
        momentum=Range(0.5, 0.9),
    )
    seen = set()
    for i in range(40):
        values = oracle.create_trial(f"worker{i}").hyperparameters.values
        assert ("decay_factor" in values) == (values["schedule"] == "step")
        assert ("momentum" in values) == (values["optimizer"] == "sgd")
        seen.add((values["schedule"], values["optimizer"]))
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("objective", "worst"), [(LOSS, math.inf), (ACCURACY, -math.inf)]
)
def test_worst_score_is_worse_than_all(objective, worst):
    assert worst_score(objective) == worst
