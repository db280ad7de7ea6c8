"""Searches the learning rate, its schedule and what goes with it: `--mode=search`."""

import dataclasses
import functools
import shlex
from typing import Any

import grpc
import keras_tuner

from lr_plugin.folders import is_remote
from trainer.data.loading import load_data
from trainer.errors import ConfigError
from trainer.remote_logdir import shown_path
from trainer.runs.folder import begin_run, check_run_folder, run_folder
from trainer.runs.resume import FLAGS_FILE
from trainer.search.checks import check_space, choose_objective, example_config
from trainer.search.hyperparameters import choose_settings, chosen_settings
from trainer.search.names import shown_settings
from trainer.search.oracle import PatientOracle, build_oracle
from trainer.search.results import (
    BEST_FLAGS,
    RESULTS,
    best_config,
    format_table,
    list_results,
    write_results,
)
from trainer.search.trial import remove_checkpoints
from trainer.search.tuner import (
    STATE_FOLDER,
    StoppedSearch,
    TrialTuner,
)
from trainer.search.workers import (
    find_role,
    serve_trials,
    signs_of_life,
    take_own_id,
    wait_for_chief,
    worker_error,
)
from trainer.settings.config import Config
from trainer.settings.run import RunFlags
from trainer.settings.search_space import (
    around_interval,
    check_corners,
    with_default_space,
)
from trainer.train import LostFilesError, train
from trainer.training.checkpointing import Interrupted
from trainer.training.lost_files import LostFiles


def run_search(config: Config) -> None:
    """Searches as `config` says; each trial is a run below <logdir>/<run>.

    Also leaves there: flags.txt, with which --resume goes on; results.csv; best.flags,
    which repeats the best trial; best/, where it was trained once more.

    Raises:
        ConfigError: The flags ask for something impossible; no trial was trained.
        LostFilesError: The search has ended, and some files could not be written.
        Interrupted: Ctrl-C or SIGTERM; --resume goes on where it was.
    """
    role = find_role()
    _check_many(config, role)
    config = with_default_space(config)
    check_corners(config)
    if role == "worker":
        _work(config)
        return
    _check_folder(config)
    data = load_data(example_config(config))
    objective = choose_objective(config, data)
    check_space(config, data)
    if config.learning_rate == "auto":
        config = _with_found_range(config)
        check_space(config, data)
    config = dataclasses.replace(config, run=begin_run(config).name)
    oracle = build_oracle(config, objective, _hyperparameters(config))
    tuner = TrialTuner(oracle, config, data)
    tuner.save()
    try:
        if role == "chief":
            serve_trials(oracle, lost_after_secs=config.lost_after_secs)
        else:
            _search(tuner)
    except (Interrupted, KeyboardInterrupt):
        print(
            "\nStopped. Go on with: python -m trainer --mode=search --resume "
            f"--logdir={config.logdir} --run={config.run}"
        )
        raise
    if oracle.failure:
        raise ConfigError(
            "A search needs trials that can be trained. Received: several failures in "
            f"a row, the last:\n{oracle.failure}"
        )
    _conclude(oracle, config, tuner.lost)


def _search(tuner: TrialTuner) -> None:
    try:
        tuner.search()
    except StoppedSearch as stopped:
        # The cause has a message for the user.
        assert stopped.__cause__ is not None
        raise stopped.__cause__ from None


def _work(config: Config) -> None:
    """Trains the trials that the chief gives, until there are no more."""
    wait_for_chief(config.chief_wait_secs)
    data = load_data(example_config(config))
    objective = choose_objective(config, data)
    tuner_id = take_own_id()
    # Only the chief needs the space, because it chooses the values.
    oracle = build_oracle(config, objective, keras_tuner.HyperParameters())
    tuner = TrialTuner(
        oracle,
        config,
        data,
        signs_of_life=functools.partial(
            signs_of_life,
            tuner_id,
            lost_after_secs=config.lost_after_secs,
        ),
    )
    try:
        _search(tuner)
    except grpc.RpcError as error:
        raise worker_error(error, config.chief_wait_secs) from None
    if tuner.lost:
        raise LostFilesError(tuner.lost, run_folder(config))


def _check_many(config: Config, role: str) -> None:
    """Refuses what a search on many machines cannot do."""
    if role == "alone":
        return
    if config.run is None:
        raise ConfigError(
            "`--run` must name the search on every machine. Received: a search on many "
            "machines without --run. Add --run=NAME, the same everywhere."
        )
    if config.tuner == "hyperband" and is_remote(config.logdir):
        raise ConfigError(
            "`--tuner=hyperband` on many machines needs a --logdir that all of them "
            "mount, as one goes on from another's checkpoint. Received: "
            f"--logdir={config.logdir}. Choose another --tuner or --logdir."
        )


def _check_folder(flags: RunFlags) -> None:
    check_run_folder(flags)
    folder = run_folder(flags)
    if flags.resume and not (folder / STATE_FOLDER).is_dir():
        raise ConfigError(
            "`--resume` must name a search. Received: --mode=search "
            f"--run={flags.run}, whose folder has no {STATE_FOLDER} in it. Correct "
            "--run, or leave --mode out to go on with a training."
        )


def _with_found_range(config: Config) -> Config:
    from trainer.find_rate import find_rate

    example = dataclasses.replace(
        example_config(config), learning_rate="auto", run=config.run
    )
    found = find_rate(example)
    assert found.interval is not None
    rates = around_interval(*found.interval)
    print(
        f"Searching --learning_rate={rates.low:g}..{rates.high:g}, around what the "
        "range test suggests."
    )
    changes: dict[str, Any] = {"learning_rate": rates, "search_space": None}
    return dataclasses.replace(config, **changes)


def _hyperparameters(config: Config) -> keras_tuner.HyperParameters:
    hp = keras_tuner.HyperParameters()
    choose_settings(hp, config)
    return hp


def _conclude(oracle: PatientOracle, config: Config, lost: LostFiles) -> None:
    folder = run_folder(config)
    results = list_results(oracle, config)
    print(format_table(results, oracle.objective.name))
    best = best_config(oracle, config)
    with lost.keep(RESULTS):
        write_results(results, best, folder, oracle.objective.name)
    for result in results:
        # Only trials that others might have continued still have theirs.
        for path in (folder / result.run_name).glob("**/checkpoints"):
            remove_checkpoints(path.parent)
    flagfile = shlex.quote(shown_path(folder / BEST_FLAGS))
    print(f"Repeat the best: python -m trainer --flagfile={flagfile}")
    if config.retrain_best and not (folder / "best" / "model.keras").exists():
        print("Training the best once more.")
        is_begun = (folder / "best" / FLAGS_FILE).exists()
        values = oracle.trials[results[0].trial].hyperparameters.values
        hparams = shown_settings(chosen_settings(config, values))
        again = dataclasses.replace(
            best, logdir=shown_path(folder), run="best", resume=is_begun
        )
        train(again, extra={"hparams": hparams})
    if lost:
        raise LostFilesError(lost, folder)
