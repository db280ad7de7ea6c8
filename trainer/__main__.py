"""Trains a Keras model and records the learning rate of every iteration.

Example:
    python -m trainer --schedule=cosine --learning_rate=0.003
    python -m trainer --flagfile=digits.flags --epochs=10
    python -m trainer --mode=search --learning_rate=1e-4..1e-1 --optimizer=adam,sgd
    tensorboard --logdir=logs
"""

import importlib.util
import os
import signal
import sys
from collections.abc import Sequence

import lr_plugin
from lr_plugin.full_disk import is_full_disk
from trainer.errors import ConfigError, first_line
from trainer.remote_logdir import LostCopyError, mirrored_logdir
from trainer.runs.resume import resumed_config
from trainer.settings.command_line import (
    help_text,
    parse_command_line,
    short_help_text,
)
from trainer.settings.config import SETTINGS, Config
from trainer.settings.search_space import check_corners
from trainer.startup import chosen_output, import_tensorflow

# Windows has no such signal; its shells know no such code.
_SIGPIPE = 13


def main(arguments: Sequence[str]) -> int:
    """Does what the flags ask for.

    Returns:
        The exit code: 0; 1 where the loss was not finite in the end, files could not be
        written, another worker ended or memory ran out; 2 where the flags ask for
        something impossible; 130, 141 or 143, as shells have it, where Ctrl-C, a closed
        pipe or SIGTERM stopped it.
    """
    asked = {argument.lstrip("-") for argument in arguments if argument[:1] == "-"}
    try:
        if asked & {"help", "h", "helpfull"}:
            print(f"{__doc__}\nFlags:\n{help_text()}", flush=True)
            return 0
        if "helpshort" in asked:
            short = short_help_text()
            print(f"{__doc__}\nFlags, of which --help says more:\n{short}", flush=True)
            return 0
        if "version" in asked:
            print(f"lr-trainer {lr_plugin.__version__}", flush=True)
            return 0
        given = parse_command_line(arguments)
        config = None if given.get("resume") else Config(**given)
        with mirrored_logdir(
            given.get("logdir", SETTINGS["logdir"].default),
            resumed_run=given.get("run") if given.get("resume") else None,
        ):
            config = resumed_config(given) if config is None else config
            with chosen_output(quiet=config.quiet):
                code = _run(config)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        if sys.stdout.isatty():
            raise
        # Nobody reads on, as after `| head`. Python would write what is left when it
        # exits, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + _SIGPIPE
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except LostCopyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception as error:
        if is_full_disk(error):
            print(
                "error: There must be room for the files of a run. Received: "
                f"{first_line(error)}. Make room there, or choose another --logdir.",
                file=sys.stderr,
            )
            return 1
        if _is_nondeterministic(error):
            print(
                "error: Every operation must give the same bits each time, unless "
                f"--nodeterministic is given. Received: {first_line(error)}. Add "
                "--nodeterministic.",
                file=sys.stderr,
            )
            return 1
        if not _is_out_of_memory(error):
            raise
        asked_for, *_ = first_line(error).split(" on /job:")
        print(
            "error: Model and batches must fit into memory. Received: "
            f"{asked_for}. Lower --batch_size or --image_size, or use a smaller "
            "--model.",
            file=sys.stderr,
        )
        return 1


def _run(config: Config) -> int:
    if config.mode == "search":
        check_corners(config)
    _require_tensorflow()
    # The parts below import TensorFlow, which takes seconds. They are imported only
    # once the flags are known to be right.
    if config.mode == "range_test":
        from trainer.find_rate import run_range_test

        run_range_test(config)
    elif config.mode == "preview":
        from trainer.preview import run_preview

        run_preview(config)
    else:
        return _train(config)
    return 0


def _train(config: Config) -> int:
    from trainer.train import DivergedError, LostFilesError, train
    from trainer.training.checkpointing import Interrupted
    from trainer.training.strategy import LostWorkersError

    try:
        if config.mode == "search":
            _require_keras_tuner()
            from trainer.search.by_flags import run_search

            run_search(config)
        else:
            from trainer.find_rate import with_found_rate

            train(with_found_rate(config))
    except (DivergedError, LostFilesError, LostWorkersError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except Interrupted as stopped:
        return 128 + stopped.signal_number
    return 0


def _is_nondeterministic(error: Exception) -> bool:
    """Tells whether TensorFlow has no deterministic kernel, as of some on GPUs."""
    kinds = ("UnimplementedError", "InvalidArgumentError", "FailedPreconditionError")
    return (
        type(error).__name__ in kinds
        # The lines around it name the user's files, which may be called anything.
        and "determinis" in first_line(error).lower()
    )


def _is_out_of_memory(error: Exception) -> bool:
    # By its name, because TensorFlow may not be installed.
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "ResourceExhaustedError"
    )


def _require_tensorflow() -> None:
    if importlib.util.find_spec("tensorflow") is None:
        raise ConfigError(
            "Training needs TensorFlow. Received: a Python without it. Install it "
            "with: pip install 'tensorboard-plugin-lr[train]'"
        )
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend == "tensorflow":
        import_tensorflow()
        import keras

        # The user's keras.json may name another.
        backend = keras.backend.backend()
    if backend != "tensorflow":
        raise ConfigError(
            "Training by flags needs Keras on TensorFlow; the callback and the range "
            f"test work on other backends, too. Received: KERAS_BACKEND={backend}. "
            "Start it with KERAS_BACKEND=tensorflow."
        )


def _require_keras_tuner() -> None:
    if importlib.util.find_spec("keras_tuner") is None:
        raise ConfigError(
            "`--mode=search` needs keras-tuner. Received: a Python without it. Install "
            "it with: pip install 'tensorboard-plugin-lr[search]'"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
