"""The ring buffer and the drain, without a training."""

import threading

import pytest
import tensorflow as tf

from lr_plugin.keras.capture.drain import Drain
from lr_plugin.keras.capture.tensorflow.ring import Ring


def append(ring, *steps):
    for step in steps:
        cells = {"step": tf.constant(step), "learning_rate": tf.constant(0.5**step)}
        ring.append(cells)


def test_rows_come_in_order_and_once():
    ring = Ring(("step", "learning_rate"), capacity=8)
    append(ring, 0, 1, 2)
    rows, end = ring.read(0)
    append(ring, 3, 4)
    more, new_end = ring.read(end)

    assert rows["step"].tolist() == [0, 1, 2]
    assert rows["learning_rate"].tolist() == [1, 0.5, 0.25]
    assert (more["step"].tolist(), new_end) == ([3, 4], 5)


def test_row_takes_few_operations_of_the_step():
    ring = Ring(("step", "loss"), 4, num_spare=4)
    appended = tf.function(ring.append, autograph=False).get_concrete_function(
        {"step": tf.TensorSpec([], tf.int64), "loss": tf.TensorSpec([], tf.float32)}
    )

    kinds = [operation.type for operation in appended.graph.get_operations()]

    # Two numbers are converted and packed; read, divide and advance the count; write.
    # The constants are its divisor, its one, and which cells there are.
    assert sorted(kind for kind in kinds if kind != "Placeholder") == [
        "AssignAddVariableOp",
        *["Cast"] * 2,
        *["Const"] * 3,
        "FloorMod",
        "Pack",
        "ReadVariableOp",
        "ResourceScatterUpdate",
    ]


def test_steps_are_exact_beyond_float32():
    ring = Ring(("step",), capacity=4)
    ring.append({"step": tf.constant(2**40 + 1, tf.int64)})

    rows, _ = ring.read(0)

    assert rows["step"].tolist() == [2**40 + 1]


def test_ring_keeps_the_newest_rows():
    ring = Ring(("step", "learning_rate"), capacity=4)
    append(ring, *range(11))

    rows, end = ring.read(2)

    assert (rows["step"].tolist(), end) == ([7, 8, 9, 10], 11)


def test_drain_counts_what_was_overwritten():
    taken = []
    drain = Drain(lambda rows: taken.extend(rows["step"]))
    drain.ring = Ring(("step", "learning_rate"), capacity=4)
    append(drain.ring, *range(7))

    drain()
    drain()

    assert taken == [3, 4, 5, 6]
    assert (drain.num_rows, drain.num_lost_rows) == (4, 3)


@pytest.mark.slow
def test_rows_taken_while_a_step_writes_are_whole():
    taken = []
    drain = Drain(lambda rows: taken.extend(rows["step"]))
    drain.ring = Ring(("step", "learning_rate"), capacity=200_000)

    @tf.function
    def append_many(begin):
        for step in tf.range(begin, begin + 2000):
            drain.ring.append({"step": step, "learning_rate": 0.1})

    training = threading.Thread(
        target=lambda: [append_many(tf.constant(2000 * i)) for i in range(20)]
    )
    training.start()
    while training.is_alive():
        drain()
    drain()

    assert taken == list(range(40_000))


def test_rows_that_were_not_taken_come_again():
    taken = []

    def interrupted_once(rows):
        if not taken:
            taken.append("interrupted")
            raise KeyboardInterrupt
        taken.extend(rows["step"])

    drain = Drain(interrupted_once)
    drain.ring = Ring(("step", "learning_rate"), capacity=4)
    append(drain.ring, 0, 1)

    with pytest.raises(KeyboardInterrupt):
        drain()
    drain()

    assert taken == ["interrupted", 0, 1]


def test_drain_without_a_ring_does_nothing():
    Drain(pytest.fail)()
