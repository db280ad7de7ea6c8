import os
import random

import keras
import numpy as np
import pytest
from checkpoints import compiled, write_at

from trainer.errors import ConfigError
from trainer.training.checkpoint import (
    read_checkpoint,
    restore_checkpoint,
    take_checkpoint,
    write_checkpoint,
)


def train(model, num_steps, seed):
    rng = np.random.default_rng(seed)
    for _ in range(num_steps):
        model.train_on_batch(rng.random((8, 4)), rng.random((8, 2)))


def state_of(model):
    return [
        variable.numpy() for variable in [*model.variables, *model.optimizer.variables]
    ]


@pytest.mark.slow
def test_training_goes_on_from_disk_bit_by_bit(tmp_path):
    whole = compiled()
    train(whole, 5, seed=1)
    saved = take_checkpoint(whole, epoch=2, num_batches=5, counters={"best": 0.1 + 0.2})
    write_checkpoint(saved, tmp_path)
    train(whole, 5, seed=2)

    resumed = compiled()
    read = read_checkpoint(tmp_path)
    restore_checkpoint(read, resumed)
    train(resumed, 5, seed=2)

    assert (read.epoch, read.num_batches) == (2, 5)
    assert read.counters == {"best": 0.30000000000000004}
    # Among the variables are dropout's seed generator, the slots and the iterations.
    for expected, found in zip(state_of(whole), state_of(resumed), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_random_generators_go_on(tmp_path):
    random.seed(3)
    np.random.seed(3)
    random.gauss(0, 1)
    model = compiled()
    write_checkpoint(
        take_checkpoint(model, epoch=0, num_batches=0, counters={}), tmp_path
    )
    expected = [random.random(), random.gauss(0, 1), *np.random.rand(3)]
    random.seed(4)
    np.random.seed(4)
    restore_checkpoint(read_checkpoint(tmp_path), model)
    assert [random.random(), random.gauss(0, 1), *np.random.rand(3)] == expected


def test_folder_without_checkpoints_has_none(tmp_path):
    assert read_checkpoint(tmp_path / "nowhere") is None


def test_newest_and_the_one_before_are_kept(tmp_path):
    write_at(tmp_path, (0, 0), (0, 500), (1, 0), (1, 20), (10, 3))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch-00001-00000020.npz",
        "epoch-00010-00000003.npz",
    ]
    assert read_checkpoint(tmp_path).epoch == 10


def test_torn_newest_gives_way_to_the_one_before(tmp_path):
    write_at(tmp_path, (1, 0), (2, 0))
    newest = tmp_path / "epoch-00002-00000000.npz"
    newest.write_bytes(newest.read_bytes()[:1000])
    assert read_checkpoint(tmp_path).epoch == 1
    newest.write_bytes(b"")
    assert read_checkpoint(tmp_path).epoch == 1


def test_kill_while_writing_leaves_the_former_whole(tmp_path, monkeypatch):
    write_at(tmp_path, (1, 0))

    class KilledError(Exception):
        pass

    def killed(*_):
        raise KilledError

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KilledError):
        write_at(tmp_path, (2, 0))
    monkeypatch.undo()
    assert read_checkpoint(tmp_path).epoch == 1
    # The next checkpoint removes what a killed program left half written.
    (tmp_path / ".part-epoch-00002-00000000.npz").write_bytes(b"half")
    write_at(tmp_path, (3, 0))
    assert not list(tmp_path.glob(".part-*"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("other", "received"),
    [
        (
            {"units": 5},
            "a checkpoint with 4 x 3 where sequential/dense/kernel has 4 x 5",
        ),
        ({"optimizer": "sgd"}, "a checkpoint of"),
    ],
)
def test_checkpoint_of_another_model_is_refused(tmp_path, other, received):
    keras.utils.clear_session()
    write_at(tmp_path, (1, 0))
    keras.utils.clear_session()
    with pytest.raises(ConfigError) as error:
        restore_checkpoint(read_checkpoint(tmp_path), compiled(**other))
    assert str(error.value).startswith(
        "`--resume` must find the model and optimizer that the run began with. "
        f"Received: {received}"
    )
    assert str(error.value).endswith("Begin another run with another --run.")


def damage(content, generator):
    """Changes a few bytes anywhere, sets some to zero, or cuts the end off."""
    content, place = bytearray(content), generator.randrange(len(content))
    kind = generator.choice(["bit", "byte", "zeros", "cut", "head"])
    if kind == "bit":
        content[place] ^= 1 << generator.randrange(8)
    elif kind == "byte":
        content[place] = generator.randrange(256)
    elif kind == "zeros":
        end = min(place + 50, len(content))
        content[place:end] = bytes(end - place)
    elif kind == "cut":
        del content[place:]
    else:
        # Names, sizes and ways of packing stand at the archive's end.
        place = len(content) - 1 - generator.randrange(min(2500, len(content)))
        content[place] = generator.randrange(256)
    return bytes(content)


@pytest.mark.slow
def test_no_damage_of_the_newest_ends_in_anything_but_a_whole_checkpoint(tmp_path):
    model = compiled()
    kept = {}
    for epoch in (1, 2):
        train(model, 1, seed=epoch)
        kept[epoch] = take_checkpoint(model, epoch=epoch, num_batches=0, counters={})
        newest = write_checkpoint(kept[epoch], tmp_path)
    content, generator, told = newest.read_bytes(), random.Random(7), []

    found = []
    for _ in range(200):
        newest.write_bytes(damage(content, generator))
        read = read_checkpoint(tmp_path, on_damage=told.append)
        found.append(read.epoch)
        for key, array in kept[read.epoch].arrays.items():
            np.testing.assert_array_equal(read.arrays[key], array)

    assert set(found) == {1, 2}
    assert told == [newest] * found.count(1)


def test_a_checkpoint_without_one_of_its_arrays_is_damaged(tmp_path):
    write_at(tmp_path, (1, 0), (2, 0))
    newest = tmp_path / "epoch-00002-00000000.npz"
    # In the archive's list of contents, of which it has no checksum.
    content = newest.read_bytes()
    place = content.rindex(b"optimizer/0.npy")
    newest.write_bytes(content[:place] + b"optimizer/Q.npy" + content[place + 15 :])
    other = content.replace(b"optimizer/0.npy", b"optimizer/Q.npy")

    assert read_checkpoint(tmp_path).epoch == 1
    newest.write_bytes(other)
    assert read_checkpoint(tmp_path).epoch == 1
