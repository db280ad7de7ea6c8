"""The recorded rate is the one with which the optimizer's formula gives its update.

Each formula is written out here with numpy, as in its paper; it is given the recorded
rate, and must arrive at the weights at which Keras arrives.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from training_cases import newer

from lr_plugin.keras import Recorder
from lr_plugin.keras.capture.tensorflow.compiled_measure import select_in_order
from lr_plugin.keras.capture.tensorflow.layer_sampler import LayerSampler

pytestmark = pytest.mark.slow

NUM_STEPS = 6
TARGET = np.array([[3.0, -2.0], [0.5, 1.5], [-1.0, 0.25]])
START = np.array([[0.5, 0.25], [-1.0, 2.0], [0.75, -0.5]])


class Bowl(keras.Model):
    """One weight, whose loss is half the squared distance to a target."""

    def __init__(self, shape):
        super().__init__()
        self.target = TARGET.reshape(-1)[: np.prod(shape)].reshape(shape)
        start = START.reshape(-1)[: np.prod(shape)].reshape(shape)
        self.weight = self.add_weight(
            shape=shape, initializer=lambda shape, dtype: tf.constant(start, dtype)
        )
        self.built = True

    def train_step(self, batch):
        with tf.GradientTape() as tape:
            loss = 0.5 * tf.reduce_sum((self.weight - self.target) ** 2)
        (gradient,) = tape.gradient(loss, [self.weight])
        self.optimizer.apply([gradient], [self.weight])
        return {"loss": loss}


def falling(rate=0.1):
    return keras.optimizers.schedules.InverseTimeDecay(rate, 1, 0.5)


def train(optimizer, shape=(3, 2), **options):
    model = Bowl(shape)
    model.compile(optimizer)
    # Keras' ScheduleFreeAdamW starts anew in every step if it is built in the step.
    optimizer.build(model.trainable_variables)
    rows = []
    with Recorder(model, on_rows=rows.append, **options):
        model.fit(np.zeros((NUM_STEPS, 1)), batch_size=1, verbose=0)
    columns = {name: np.concatenate([r[name] for r in rows]) for name in rows[0]}
    return model, columns


def by_hand(update, rates, shape):
    """Goes down the bowl with `update(state, weight, gradient, rate, t)`."""
    size = int(np.prod(shape))
    weight = START.reshape(-1)[:size].reshape(shape).copy()
    target = TARGET.reshape(-1)[:size].reshape(shape)
    state = {}
    for t, rate in enumerate(rates, 1):
        weight = update(state, weight, weight - target, rate, t)
    return weight


def mean_of(state, name, share, value):
    state[name] = share * state.get(name, 0.0) + (1 - share) * value
    return state[name]


def sgd(state, w, g, rate, t):
    return w - rate * g


def adam(state, w, g, rate, t):
    m, v = mean_of(state, "m", 0.9, g), mean_of(state, "v", 0.999, g * g)
    return w - rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)


def adamw(state, w, g, rate, t):
    return adam(state, w - w * rate * 0.1, g, rate, t)


def adamax(state, w, g, rate, t):
    m = mean_of(state, "m", 0.9, g)
    state["u"] = np.maximum(0.999 * state.get("u", 0.0), np.abs(g))
    return w - rate / (1 - 0.9**t) * m / (state["u"] + 1e-7)


def nadam(state, w, g, rate, t):
    """Dozat 2016, with momentum 0.9 (1 - 0.5 * 0.96^t)."""
    now, later = (0.9 * (1 - 0.5 * 0.96**k) for k in (t, t + 1))
    state["product"] = state.get("product", 1.0) * now
    m, v = mean_of(state, "m", 0.9, g), mean_of(state, "v", 0.999, g * g)
    m_hat = later * m / (1 - state["product"] * later)
    m_hat = m_hat + (1 - now) * g / (1 - state["product"])
    return w - rate * m_hat / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)


def rmsprop(state, w, g, rate, t):
    return w - rate * g / np.sqrt(mean_of(state, "v", 0.9, g * g) + 1e-7)


def adagrad(state, w, g, rate, t):
    state["v"] = state.get("v", 0.1) + g * g
    return w - rate * g / np.sqrt(state["v"] + 1e-7)


def adadelta(state, w, g, rate, t):
    v = mean_of(state, "v", 0.95, g * g)
    step = np.sqrt(state.get("steps", 0.0) + 1e-7) / np.sqrt(v + 1e-7) * g
    mean_of(state, "steps", 0.95, step * step)
    return w - rate * step


def ftrl(state, w, g, rate, t):
    """McMahan et al. 2013, without regularisation."""
    n = state.get("n", 0.1)
    sigma = (np.sqrt(n + g * g) - np.sqrt(n)) / rate
    state["z"] = state.get("z", 0.0) + g - sigma * w
    state["n"] = n + g * g
    return -state["z"] * rate / np.sqrt(state["n"])


def lion(state, w, g, rate, t):
    m = state.get("m", 0.0)
    state["m"] = 0.99 * m + 0.01 * g
    return w - rate * np.sign(0.9 * m + 0.1 * g)


def lamb(state, w, g, rate, t):
    m, v = mean_of(state, "m", 0.9, g), mean_of(state, "v", 0.999, g * g)
    step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)
    return w - rate * np.linalg.norm(w) / np.linalg.norm(step) * step


def adafactor(state, w, g, rate, t):
    """Shazeer & Stern 2018, algorithms 4 and 5; the rate is rho_t."""
    share, square = 1 - t**-0.8, g * g + 1e-30
    if w.ndim == 2:
        r = mean_of(state, "r", share, square.mean(1))
        c = mean_of(state, "c", share, square.mean(0))
        v = np.outer(r / r.mean(), c)
    else:
        v = mean_of(state, "v", share, square)
    step = g / np.sqrt(v)
    step = step / max(1.0, np.sqrt(np.mean(step * step)))
    return w - max(1e-3, np.sqrt(np.mean(w * w))) * rate * step


def muon(state, w, g, rate, t):
    """Jordan et al. 2024, scaled as in Liu et al. 2025."""
    state["m"] = 0.95 * state.get("m", 0.0) + g
    x = g + 0.95 * state["m"]
    x = x.T / (np.linalg.norm(x) + 1e-7)
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    w = w - w * 0.004 * rate
    return w - rate * x.T * np.sqrt(max(w.shape)) * 0.2


def schedule_free(state, w, g, rate, t):
    """Defazio et al. 2024, algorithm 1: z takes the steps, x is their mean.

    Keras gets x back from the weights, 0.1 z + 0.9 x, but with the z after the step.
    """
    z, v = state.get("z", w), mean_of(state, "v", 0.999, g * g)
    state["z"] = z = z - rate * g / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    x = (w - 0.1 * z) / 0.9
    return 0.1 * z + 0.9 * (x + (z - x) / t)


OPTIMIZERS = {
    "SGD": (lambda: keras.optimizers.SGD(falling()), sgd),
    "Adam": (lambda: keras.optimizers.Adam(falling()), adam),
    "AdamW": (lambda: keras.optimizers.AdamW(falling(), weight_decay=0.1), adamw),
    "Adamax": (lambda: keras.optimizers.Adamax(falling()), adamax),
    "Nadam": (lambda: keras.optimizers.Nadam(falling()), nadam),
    "RMSprop": (lambda: keras.optimizers.RMSprop(falling()), rmsprop),
    "Adagrad": (lambda: keras.optimizers.Adagrad(falling()), adagrad),
    "Adadelta": (lambda: keras.optimizers.Adadelta(falling(1.0)), adadelta),
    "Ftrl": (lambda: keras.optimizers.Ftrl(falling()), ftrl),
    "Lion": (lambda: keras.optimizers.Lion(falling()), lion),
    "Lamb": (lambda: keras.optimizers.Lamb(falling()), lamb),
    "Adafactor": (lambda: keras.optimizers.Adafactor(1.0), adafactor),
    "Adafactor, plain rate": (
        lambda: keras.optimizers.Adafactor(1.0, relative_step=False),
        adafactor,
    ),
    "Adafactor, small rate": (lambda: keras.optimizers.Adafactor(0.01), adafactor),
    "Adafactor, schedule": (
        lambda: keras.optimizers.Adafactor(falling(2.0)),
        adafactor,
    ),
    "Muon": (lambda: newer("Muon")(falling()), muon),
    "ScheduleFreeAdamW": (lambda: newer("ScheduleFreeAdamW")(0.1), schedule_free),
    "ScheduleFreeAdamW, warmup": (
        lambda: newer("ScheduleFreeAdamW")(falling(), warmup_steps=4),
        schedule_free,
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_formula_with_the_recorded_rate_gives_the_weights(name):
    create, update = OPTIMIZERS[name]
    model, rows = train(create())

    expected = by_hand(update, rows["learning_rate"], (3, 2))
    np.testing.assert_allclose(model.weight.numpy(), expected, rtol=2e-4, atol=1e-6)


def test_adafactor_of_a_vector():
    model, rows = train(keras.optimizers.Adafactor(1.0), shape=(3,))

    expected = by_hand(adafactor, rows["learning_rate"], (3,))
    np.testing.assert_allclose(model.weight.numpy(), expected, rtol=1e-5)
    np.testing.assert_allclose(
        rows["learning_rate"], 1 / np.sqrt(np.arange(1, NUM_STEPS + 1)), rtol=1e-6
    )


def test_warmup_of_schedule_free():
    optimizer = newer("ScheduleFreeAdamW")(0.1, warmup_steps=4)
    _, rows = train(optimizer)

    # A quarter more with every update, up to the rate.
    expected = [0.025, 0.05, 0.075, 0.1, 0.1, 0.1]
    np.testing.assert_allclose(rows["learning_rate"], expected, rtol=1e-6)


def test_accumulated_updates_of_adafactor_count_updates():
    optimizer = keras.optimizers.Adafactor(1.0, gradient_accumulation_steps=3)
    _, rows = train(optimizer)

    assert rows["applied"].tolist() == [0, 0, 1, 0, 0, 1]
    expected = [1, 1, 1, 1 / np.sqrt(2), 1 / np.sqrt(2), 1 / np.sqrt(2)]
    np.testing.assert_allclose(rows["learning_rate"], expected, rtol=1e-6)


@pytest.mark.parametrize(
    "name", ["SGD", "Nadam", "Lamb", "Lion", "Adafactor", "RMSprop", "Ftrl"]
)
def test_step_size_is_left_to_those_that_have_one(name):
    _, rows = train(OPTIMIZERS[name][0]())
    assert "step_size" not in rows


def test_update_of_the_programs_own_has_no_step_size_and_the_rate_it_is_given():
    class Own(keras.optimizers.Adafactor):
        def update_step(self, gradient, variable, learning_rate):
            variable.assign_sub(learning_rate * gradient)

    model, rows = train(Own(falling()))

    expected = by_hand(sgd, rows["learning_rate"], (3, 2))
    np.testing.assert_allclose(model.weight.numpy(), expected, rtol=1e-5)
    np.testing.assert_allclose(
        rows["learning_rate"], 0.1 / (1 + 0.5 * np.arange(NUM_STEPS)), rtol=1e-6
    )


def first_sample(optimizer, shape):
    samples = []
    sampler = LayerSampler(
        num_samples=1,
        num_iterations=NUM_STEPS,
        on_sample=lambda step, layers, columns: samples.append(columns),
    )
    train(optimizer, shape, layer_sampler=sampler)
    return samples[0]


def test_layers_of_adafactor_have_the_scale_of_their_weights():
    sample = first_sample(keras.optimizers.Adafactor(1.0), (3,))

    # After one update v = g^2; the rate 1 times the root mean square of the weights.
    weight, target = START.reshape(-1)[:3], TARGET.reshape(-1)[:3]
    rates = np.sort(np.sqrt(np.mean(weight**2)) / np.abs(weight - target))
    found = [sample[f"effective_rate:{name}"][0] for name in ("p05", "p50", "p95")]
    np.testing.assert_allclose(found, rates, rtol=1e-5)


def test_layers_of_nadam():
    sample = first_sample(keras.optimizers.Nadam(0.1), (3,))

    # After one update v_hat = g^2.
    gradient = np.abs(START - TARGET).reshape(-1)[:3]
    assert sample["effective_rate:p50"][0] == pytest.approx(
        np.median(0.1 / (gradient + 1e-7)), rel=1e-3
    )


def test_weights_of_a_layer_stand_in_the_order_of_their_rates():
    generator = np.random.default_rng(0)
    sizes = generator.permutation(np.geomspace(1e-6, 1e6, 1001)).astype(np.float32)
    places = [50, 500, 950]

    selected = tf.function(
        lambda values: select_in_order(values, places), autograph=False
    )

    expected = np.sort(sizes)[places]
    np.testing.assert_array_equal(selected(tf.constant(sizes)), expected)
    np.testing.assert_array_equal(select_in_order(tf.constant(sizes), places), expected)
    assert [each.numpy() for each in selected(tf.ones([1001]))] == [1, 1, 1]


def test_layer_without_a_single_weight_is_no_trouble():
    sample = first_sample(keras.optimizers.Adam(0.1), (0,))

    assert np.isnan(sample["effective_rate:p50"]).all()
    assert sample["update_norm"] == [0]


@pytest.mark.parametrize("name", ["SGD", "Lamb", "Lion", "Ftrl", "Adamax"])
def test_layers_of_others_have_no_rates_of_weights(name):
    sample = first_sample(OPTIMIZERS[name][0](), (3, 2))
    assert set(sample) == {"update_norm", "update_ratio", "weight_norm"}


def test_layers_of_an_update_of_another_rule_have_no_rates_of_weights():
    class Sign(keras.optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate):
            self.assign_sub(variable, learning_rate * keras.ops.sign(gradient))

    sample = first_sample(Sign(0.1), (3, 2))
    assert set(sample) == {"update_norm", "update_ratio", "weight_norm"}
