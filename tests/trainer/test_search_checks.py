import numpy as np
import pytest

from trainer.__main__ import main


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ["--objective=val_acuracy"],
            "`--objective` must be one of loss, accuracy, val_loss, val_accuracy (did "
            "you mean val_accuracy?). Received: --objective=val_acuracy, which the "
            "model does not report. For example --objective=val_accuracy.",
        ),
        (
            ["--objective=val_loss", "--validation_split=0"],
            "`--objective` must be one of loss, accuracy (did you mean loss?). "
            "Received: --objective=val_loss, which the model does not report. For "
            "example --objective=accuracy.",
        ),
        (
            ["--optimizer=adam,addam", "--learning_rate=0.1,0.2"],
            "did you mean adam",
        ),
        (
            [
                "--learning_rate=0.1,0.2",
                "--momentum=0.5..0.9",
                "--optimizer=adam,nadam",
            ],
            "`--momentum` must be a parameter of the optimizer.",
        ),
        (
            [
                "--schedule=constant,warmup_stable_decay",
                "--warmup=10%..60%",
                "--decay_length=50%",
            ],
            "`--decay_length` must fit into what the warmup leaves of the run.",
        ),
    ],
)
def test_search_is_refused_before_its_first_trial(
    flags, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert main(["--mode=search", "--nodeterministic", *flags]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: `--")
    assert message in error
    assert not list(tmp_path.iterdir())


def test_faulty_data_end_a_search_before_its_first_trial(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", x_train=np.zeros([4, 2]))
    assert main(["--mode=search", "--dataset=data.npz"]) == 2
    assert "y_train" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["data.npz"]


def test_missing_keras_tuner_is_said_with_the_way_to_install_it(
    monkeypatch, capsys, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "keras_tuner" else name
    )
    assert main(["--mode=search"]) == 2
    assert capsys.readouterr().err == (
        "error: `--mode=search` needs keras-tuner. Received: a Python without it. "
        "Install it with: pip install 'tensorboard-plugin-lr[search]'\n"
    )
