import keras
import numpy as np
import pytest

from trainer.training.best_weights import BestWeights


@pytest.fixture
def model():
    return keras.Sequential([keras.Input([1]), keras.layers.Dense(1, use_bias=False)])


def end_epochs(best, model, losses, first_epoch=0):
    """Ends epochs with these validation losses; the weight is the epoch's number."""
    best.set_model(model)
    for epoch, loss in enumerate(losses, start=first_epoch):
        model.set_weights([np.full((1, 1), epoch)])
        best.on_epoch_end(epoch, {"val_loss": loss})


def kept_weight(best):
    (kernel,) = best.read()
    return float(kernel[0, 0])


def test_weights_of_the_lowest_loss_are_kept(tmp_path, model):
    best = BestWeights(tmp_path)
    end_epochs(best, model, [3.0, 1.0, np.nan, 2.0, 1.0])
    assert best.state == {"epoch": 1, "val_loss": 1.0}
    assert kept_weight(best) == 1


def test_run_that_goes_on_compares_with_the_best_so_far(tmp_path, model):
    killed = BestWeights(tmp_path)
    end_epochs(killed, model, [3.0, 1.0])
    state = dict(killed.state)
    # After the checkpoint, and before the kill.
    end_epochs(killed, model, [0.5], first_epoch=2)
    best = BestWeights(tmp_path)
    best.restore(state)
    end_epochs(best, model, [2.0], first_epoch=2)
    assert kept_weight(best) == 1


def test_old_weights_are_removed(tmp_path, model):
    end_epochs(BestWeights(tmp_path), model, [5.0, 4.0, 3.0, 2.0])
    names = sorted(path.name for path in tmp_path.rglob("best-*"))
    assert names == ["best-00002.npz", "best-00003.npz"]


def test_without_validation_nothing_is_kept(tmp_path, model):
    best = BestWeights(tmp_path)
    best.set_model(model)
    best.on_epoch_end(0, {"loss": 1.0})
    assert best.read() is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_weights_that_cannot_be_read_are_told_and_looked_for_anew(
    tmp_path, model, content, capsys
):
    killed = BestWeights(tmp_path)
    end_epochs(killed, model, [3.0, 1.0])
    path = tmp_path / "checkpoints" / "best-00001.npz"
    path.unlink() if content is None else path.write_bytes(content)

    best = BestWeights(tmp_path)
    best.restore(killed.state)

    assert capsys.readouterr().err == (
        "warning: The best weights so far, of epoch 2, cannot be read. The best is "
        "looked for among the epochs from here on.\n"
    )
    end_epochs(best, model, [2.0], first_epoch=2)
    assert kept_weight(best) == 2
