import gc
import sys

import pytest

from trainer.__main__ import main
from trainer.startup import _import_quickly, chosen_output


def test_large_imports_are_not_searched_for_garbage(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    text = "import gc\nis_enabled, kept = gc.isenabled(), [[] for _ in range(1000)]\n"
    (tmp_path / "large_module.py").write_text(text)
    num_frozen = gc.get_freeze_count()
    try:
        _import_quickly("large_module")
        assert not sys.modules["large_module"].is_enabled
        assert gc.isenabled()
        assert gc.get_freeze_count() >= num_frozen + 1000
    finally:
        gc.unfreeze()
        del sys.modules["large_module"]


def test_import_that_fails_leaves_the_collection_of_garbage_as_it_was():
    with pytest.raises(ModuleNotFoundError):
        _import_quickly("module_that_is_not_there")
    gc.unfreeze()
    assert gc.isenabled()


def test_nothing_is_printed_where_quiet_is_asked_for(capsys):
    with chosen_output(quiet=True):
        print("line")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("value", "shown"), [("1", "bold\n"), ("", "\x1b[1mbold\x1b[0m\n")]
)
def test_colours_are_left_out_where_they_are_not_wanted(
    value, shown, monkeypatch, capsys
):
    monkeypatch.setenv("NO_COLOR", value)
    with chosen_output(quiet=False):
        print("\x1b[1mbold\x1b[0m")
    assert capsys.readouterr().out == shown


def test_version_and_short_help_need_no_tensorflow(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("lr-trainer ")
    assert main(["--helpshort"]) == 0
    assert "  --epochs " in capsys.readouterr().out


def test_other_backend_is_refused_in_one_sentence(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert main([f"--logdir={tmp_path / 'logs'}"]) == 2
    error = capsys.readouterr().err
    assert (
        "Received: KERAS_BACKEND=jax. Start it with KERAS_BACKEND=tensorflow." in error
    )
    assert not (tmp_path / "logs").exists()


# From the files of TensorFlow 2.21, for kernels of GPUs.
@pytest.mark.parametrize(
    "text",
    [
        "A deterministic GPU implementation of SparseTensorDenseMatmulOp is not "
        "currently available",
        "Determinism is not yet supported in GPU implementation of Scatter ops with "
        "ref inputs",
        "GPU MaxPool gradient ops do not yet have a deterministic XLA implementation",
    ],
)
@pytest.mark.parametrize(
    "around",
    [
        "{}.",
        "{{{{node model/layer/Op}}}} {}. [Op:Name] name: ",
        "Graph execution error:\n\nDetected at node layer/Op defined at (most recent "
        'call last):\n  File "train.py", line 6, in call\n\n{}.\n\t [[{{{{node '
        "layer/Op}}}}]] [Op:__inference_one_step_12]",
        "Graph execution error:\n\nDetected at node layer/Op defined at (most recent "
        'call last):\n  File "train.py", line 6, in call\n\n2 root error(s) found.\n'
        "  (0) UNIMPLEMENTED:  {}.\n\t [[{{{{node layer/Op}}}}]]\n  (1) CANCELLED: x",
    ],
    ids=["alone", "eager", "graph", "several"],
)
def test_operation_without_deterministic_kernel_is_a_sentence(
    text, around, monkeypatch, capsys
):
    class UnimplementedError(Exception):
        pass

    def run(config):
        raise UnimplementedError(around.format(text))

    monkeypatch.setattr("trainer.__main__._run", run)
    assert main([]) == 1
    assert capsys.readouterr().err == (
        "error: Every operation must give the same bits each time, unless "
        f"--nodeterministic is given. Received: {text}. Add --nodeterministic.\n"
    )


@pytest.mark.slow
def test_refusal_of_a_real_graph_is_a_sentence(monkeypatch, capsys):
    tf = pytest.importorskip("tensorflow")
    tf.config.experimental.enable_op_determinism()

    def run(config):
        # The one operation that has no deterministic kernel on a CPU either.
        tf.function(tf.timestamp)()

    monkeypatch.setattr("trainer.__main__._run", run)
    assert main([]) == 1
    assert capsys.readouterr().err == (
        "error: Every operation must give the same bits each time, unless "
        "--nodeterministic is given. Received: Timestamp cannot be called when "
        "determinism is enabled. Add --nodeterministic.\n"
    )


@pytest.mark.slow
def test_file_called_deterministic_is_no_reason(monkeypatch):
    class InvalidArgumentError(Exception):
        pass

    def run(config):
        raise InvalidArgumentError(
            'Graph execution error:\n\n  File "deterministic.py", line 1\n\n'
            "Incompatible shapes: [3] vs. [4]\n\t [[{{node add}}]]"
        )

    monkeypatch.setattr("trainer.__main__._run", run)
    with pytest.raises(InvalidArgumentError):
        main([])
