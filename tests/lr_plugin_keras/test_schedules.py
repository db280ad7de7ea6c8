import math

import keras
import numpy as np
import optax
import pytest

from lr_plugin.keras import schedules

N = 1000
POINTS = np.array([0, 1, 99, 100, 101, 499, 500, 501, 998, 999, 1000, 1001, 5000])


def rates(schedule, steps=POINTS):
    """Asks for the rates one by one, as an optimizer does."""
    return [float(schedules.rate_at(schedule, np.int64(step))) for step in steps]


def assert_rates(schedule, expected, steps=POINTS):
    expected = [expected(int(step)) for step in steps]
    np.testing.assert_allclose(rates(schedule, steps), expected, rtol=2e-6, atol=1e-9)


def test_time_decay_is_keras_old_decay_argument():
    schedule = schedules.time_decay(0.003, 0.0002)
    assert_rates(schedule, lambda i: 0.003 / (1 + 0.0002 * i))
    assert rates(schedule, [1000]) == pytest.approx([0.0025])


def test_linear_goes_to_its_end_and_stays():
    schedule = schedules.linear(0.1, 0.02, N)
    assert_rates(schedule, lambda i: 0.1 - 0.08 * min(i, N) / N)


def test_polynomial_agrees_with_optax():
    peer = optax.polynomial_schedule(0.1, 0.01, power=2, transition_steps=N)
    assert_rates(schedules.polynomial(0.1, 0.01, N, 2), lambda i: float(peer(i)))


def test_exponential_reaches_the_factor_after_every():
    assert_rates(
        schedules.exponential(0.1, 0.1, N),
        lambda i: 0.1 * math.exp(i / N * math.log(0.1)),
    )


def test_step_falls_exactly_at_each_multiple():
    # 0.1, 0.05 from 500 on, 0.025 from 1000 on, ... as the article's step decay.
    schedule = schedules.exponential(0.1, 0.5, 500, steps=True)
    assert_rates(schedule, lambda i: 0.1 * 0.5 ** math.floor(i / 500))


def test_piecewise_changes_at_its_boundaries():
    schedule = schedules.piecewise([100, 500], [0.1, 0.01, 0.001])
    assert_rates(schedule, lambda i: 0.1 if i < 100 else 0.01 if i < 500 else 0.001)


def test_cosine_agrees_with_optax():
    peer = optax.cosine_decay_schedule(0.1, N, alpha=0.05)
    assert_rates(schedules.cosine(0.1, 0.005, N), lambda i: float(peer(i)))


def test_cosine_is_half_way_in_the_middle():
    assert rates(schedules.cosine(0.1, 0.02, N), [0, N // 2, N]) == pytest.approx(
        [0.1, 0.06, 0.02]
    )


def test_cosine_restarts_agree_with_keras():
    schedule = schedules.CosineRestarts(0.1, 100, 20, factor=0.9)
    peer = keras.optimizers.schedules.CosineDecayRestarts(0.1, 100, t_mul=1, m_mul=0.9)
    steps = [0, 1, 50, 99, 100, 101, 250, 799, 800, 1999]
    assert_rates(schedule, lambda i: float(peer(i)), steps)


def test_growing_restarts_begin_at_full_rate_exactly_on_time():
    # Cycles of 100, 200, 400, 800: restarts at 100, 300, 700. At 1500 all is over.
    schedule = schedules.CosineRestarts(0.1, 100, 4, end=0.01, growth=2)
    expected = {
        0: 0.1,
        50: 0.055,
        99: 0.01 + 0.09 * (1 + math.cos(math.pi * 0.99)) / 2,
        100: 0.1,
        200: 0.055,
        300: 0.1,
        700: 0.1,
        1100: 0.055,
        1500: 0.01,
        9999: 0.01,
    }
    assert_rates(schedule, expected.get, list(expected))


def test_cycles_are_stretched_to_end_with_the_run():
    # Of 100, 200, 400 steps, 700 in all, to 350: 50, 100, 200.
    schedule = schedules.CosineRestarts(0.1, 100, 3, growth=2, num_steps=350)
    expected = {0: 0.1, 25: 0.05, 50: 0.1, 100: 0.05, 150: 0.1, 250: 0.05, 350: 0.0}
    assert_rates(schedule, expected.get, list(expected))


@pytest.mark.slow
@pytest.mark.parametrize("num_steps", [4, 5, 9, 10, 11, 225])
def test_stretched_cycles_fill_every_run(num_steps):
    schedule = schedules.CosineRestarts(1.0, 7, 4, num_steps=num_steps)
    found = rates(schedule, range(num_steps))
    starts = [i for i, rate in enumerate(found) if rate == 1.0]
    lengths = np.diff([*starts, num_steps])
    assert len(lengths) == 4
    assert max(lengths) - min(lengths) <= 1


@pytest.mark.slow
def test_cycles_agree_with_optax_peer_joined():
    ours = schedules.CosineRestarts(0.1, 10, 3, growth=2, factor=0.5, end=0.01)
    peer = optax.sgdr_schedule(
        [
            {
                "init_value": peak,
                "peak_value": peak,
                "warmup_steps": 0,
                "decay_steps": 10 * 2**k,
                "end_value": 0.01,
            }
            for k, peak in enumerate([0.1, 0.05, 0.025])
        ]
    )
    assert_rates(ours, lambda i: float(peer(i)), range(70))


def test_no_cycle_begins_below_the_end():
    schedule = schedules.CosineRestarts(0.1, 10, 4, end=0.03, factor=0.5)
    expected = {0: 0.1, 10: 0.05, 20: 0.03, 25: 0.03, 30: 0.03, 39: 0.03}
    assert_rates(schedule, expected.get, list(expected))


def test_triangular_goes_up_and_down():
    schedule = schedules.Triangular(0.01, 0.05, 200)
    # Half a cycle is 100: the top at 100, 300, ...; the base at 200, 400, ...
    expected = {
        0: 0.01,
        50: 0.03,
        100: 0.05,
        150: 0.03,
        200: 0.01,
        299: 0.0496,
        300: 0.05,
    }
    assert_rates(schedule, expected.get, list(expected))


@pytest.mark.slow
@pytest.mark.parametrize("cycle", [2, 3, 4, 5, 7, 101])
def test_every_triangle_reaches_its_top_once_a_cycle(cycle):
    found = rates(schedules.Triangular(0.01, 0.1, cycle), range(2 * cycle))
    assert found.count(max(found)) == 2
    assert max(found) == pytest.approx(0.1)
    assert found[cycle // 2] == max(found)
    assert found[0] == found[cycle] == min(found) == pytest.approx(0.01)


def test_odd_triangle_has_one_update_more_down_than_up():
    found = rates(schedules.Triangular(0.0, 6.0, 5), range(6))
    assert found == pytest.approx([0, 3, 6, 4, 2, 0])


def smith(i, base, top, half, scale):
    """Follows the code in the paper's section 3.1, line by line."""
    cycle = math.floor(1 + i / (2 * half))
    x = abs(i / half - 2 * cycle + 1)
    return base + (top - base) * max(0, 1 - x) * scale(cycle)


def test_triangular2_halves_each_cycle_as_in_the_paper():
    schedule = schedules.Triangular(0.001, 0.006, 400, cycle_factor=0.5)
    assert_rates(
        schedule, lambda i: smith(i, 0.001, 0.006, 200, lambda c: 1 / 2 ** (c - 1))
    )


def test_exp_range_shrinks_each_iteration_also_after_a_hundred_thousand():
    schedule = schedules.Triangular(0.001, 0.006, 400, step_factor=0.99994)
    steps = [0, 1, 200, 399, 400, 1001, 100_200]
    assert_rates(
        schedule,
        lambda i: smith(i, 0.001, 0.006, 200, lambda c: 0.99994**i),
        steps,
    )


def test_one_cycle_rises_falls_and_annihilates():
    schedule = schedules.one_cycle(0.01, 0.1, 0.0001, N)
    expected = {
        0: 0.01,
        225: 0.055,
        450: 0.1,
        675: 0.055,
        900: 0.01,
        # 99 steps are left, of which the last is the last update.
        949: 0.01 - 0.0099 * 49 / 99,
        999: 0.0001,
        1000: 0.0001,
        5000: 0.0001,
    }
    assert_rates(schedule, expected.get, list(expected))


def torch_one_cycle(i, top, num_steps, pct_start, anneal):
    """Follows torch.optim.lr_scheduler.OneCycleLR with its factors 25 and 1e4."""
    first, last = top / 25, top / 25 / 1e4
    turn, end = pct_start * num_steps - 1, num_steps - 1
    if i <= turn:
        return anneal(first, top, i / turn)
    return anneal(top, last, (i - turn) / (end - turn))


def anneal_cosine(start, end, share):
    return end + (start - end) / 2 * (math.cos(math.pi * share) + 1)


def anneal_linear(start, end, share):
    return start + (end - start) * share


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "anneal"), [("cosine", anneal_cosine), ("linear", anneal_linear)]
)
@pytest.mark.parametrize("pct_start", [0.3, 0.25, 0.5])
def test_one_cycle_of_two_parts_is_pytorchs(shape, anneal, pct_start):
    ours = schedules.one_cycle(
        0.004, 0.1, 0.004 / 1e4, 100, shape=shape, pct_start=pct_start
    )
    expected = [torch_one_cycle(i, 0.1, 100, pct_start, anneal) for i in range(100)]
    # A float32 has seven digits of the top.
    np.testing.assert_allclose(rates(ours, range(100)), expected, rtol=2e-6, atol=2e-8)


@pytest.mark.slow
def test_one_cycle_of_two_parts_agrees_with_optax():
    # Optax counts the update after the last one: 101 updates end where its 100th step
    # does, and its top is at step 30.
    ours = schedules.one_cycle(
        0.004, 0.1, 0.004 / 1e4, 101, shape="cosine", pct_start=31 / 101
    )
    peer = optax.cosine_onecycle_schedule(100, 0.1)
    assert_rates(ours, lambda i: float(peer(i)), range(101))


def test_cosine_cycle_rises_for_three_tenths_unless_told_otherwise():
    default = schedules.one_cycle(0.01, 0.1, 0.0, 100, shape="cosine")
    assert rates(default, [0, 29, 99, 100]) == pytest.approx([0.01, 0.1, 0, 0])


@pytest.mark.slow
@pytest.mark.parametrize("num_steps", [4, 5, 9, 10, 225])
@pytest.mark.parametrize(
    "form", [{}, {"shape": "cosine"}, {"pct_start": 0.1}, {"pct_start": 0.9}]
)
def test_one_cycle_ends_with_the_last_update(num_steps, form):
    found = rates(
        schedules.one_cycle(0.01, 0.1, 1e-4, num_steps, **form), range(num_steps)
    )
    assert found[-1] == pytest.approx(1e-4, rel=1e-5)
    assert max(found) == pytest.approx(0.1)


def test_momentum_moves_in_the_shape_of_the_rate():
    momentum = schedules.one_cycle_momentum(0.85, 0.95, 100, shape="cosine")
    assert rates(momentum, [0, 29, 64, 99]) == pytest.approx([0.95, 0.85, 0.9, 0.95])


def test_one_cycle_momentum_is_low_where_the_rate_is_high():
    schedule = schedules.one_cycle_momentum(0.85, 0.95, N)
    expected = {0: 0.95, 225: 0.9, 450: 0.85, 675: 0.9, 900: 0.95, 999: 0.95}
    assert_rates(schedule, expected.get, list(expected))


def test_inverse_square_root_after_its_warmup_is_vaswanis():
    # d_model^-0.5 * min(step^-0.5, step * warmup^-1.5), scaled to peak at 1.
    warmup = 400
    schedule = schedules.with_warmup(
        schedules.InverseSquareRoot(1.0, warmup), warmup, factor=0.0
    )

    def vaswani(i):
        return min(i**-0.5, i * warmup**-1.5) * warmup**0.5

    assert_rates(schedule, vaswani, [1, 200, 399, 400, 401, 1600, 40_000])


def test_warmup_stable_decay_holds_then_falls():
    schedule = schedules.warmup_stable_decay(0.1, 0.0, N, 200)
    expected = {0: 0.1, 799: 0.1, 800: 0.1, 900: 0.05, 999: 0.0005, 1000: 0, 5000: 0}
    assert_rates(schedule, expected.get, list(expected))


@pytest.mark.parametrize(
    ("shape", "left"),
    [
        ("linear", lambda share: 1 - share),
        ("cosine", lambda share: (1 + math.cos(math.pi * share)) / 2),
        ("1-sqrt", lambda share: 1 - math.sqrt(share)),
    ],
)
def test_stable_rate_falls_in_the_shape_asked_for(shape, left):
    schedule = schedules.warmup_stable_decay(0.1, 0.02, N, 200, shape=shape)
    assert_rates(
        schedule,
        lambda i: 0.1 if i < 800 else 0.02 + 0.08 * left(min(i - 800, 200) / 200),
        [0, 799, 800, 801, 850, 900, 998, 999, 1000, 2000],
    )


def test_compounding_time_decay_is_the_articles():
    schedule = schedules.CompoundingTimeDecay(0.1, 0.01, num_epochs=50)
    rate, expected = 0.1, []
    for epoch in range(50):
        rate *= 1 / (1 + 0.01 * epoch)
        expected.append(rate)
    np.testing.assert_allclose(rates(schedule, range(50)), expected, rtol=1e-6)
    # Not compounding, the same decay would leave ten times as much.
    assert expected[-1] < 0.1 / (1 + 0.01 * 49) / 10
    assert rates(schedule, [80]) == pytest.approx([expected[-1]])


def test_linear_warmup_starts_low_and_hands_over():
    schedule = schedules.with_warmup(
        schedules.cosine(0.1, 0.0, N), 100, factor=0.01, shape="linear"
    )
    assert_rates(
        schedule,
        lambda i: (
            0.001 + 0.099 * i / 100
            if i < 100
            else 0.05 * (1 + math.cos(math.pi * min(i - 100, N) / N))
        ),
    )


def test_exponential_warmup_multiplies():
    schedule = schedules.with_warmup(0.1, 100, factor=0.01, shape="exponential")
    expected = {0: 0.001, 50: 0.01, 99: 0.1 * 10 ** (-2 / 100), 100: 0.1, 101: 0.1}
    assert_rates(schedule, expected.get, list(expected))


def test_warmup_before_cosine_agrees_with_optax():
    peer = optax.warmup_cosine_decay_schedule(0.0, 0.1, 100, N, end_value=0.01)
    ours = schedules.with_warmup(schedules.cosine(0.1, 0.01, N - 100), 100, factor=0.0)
    assert_rates(ours, lambda i: float(peer(i)))


def test_join_of_three_counts_each_from_its_start():
    ours = schedules.Joined(
        [0.1, schedules.time_decay(0.1, 0.001), schedules.cosine(0.01, 0, 100)],
        [100, 500],
    )
    peer = optax.join_schedules(
        [
            optax.constant_schedule(0.1),
            lambda i: 0.1 / (1 + 0.001 * i),
            optax.cosine_decay_schedule(0.01, 100),
        ],
        [100, 500],
    )
    assert_rates(ours, lambda i: float(peer(i)))


def test_join_refuses_boundaries_out_of_order():
    with pytest.raises(ValueError, match=r"must rise.* Received: boundaries=\[5, 5\]"):
        schedules.Joined([0.1, 0.2, 0.3], [5, 5])


def test_boundary_is_exact_beyond_what_float32_can_count():
    start = 2**24 + 1
    schedule = schedules.Joined([0.1, 0.01], [start])
    assert rates(schedule, [start - 1, start]) == pytest.approx([0.1, 0.01])


def test_staircase_moves_at_the_start_of_epochs_only():
    schedule = schedules.Staircase(schedules.linear(1.0, 0.0, N), 100)
    assert_rates(schedule, lambda i: 1 - min(i // 100 * 100, N) / N)


def test_staircase_with_accumulation_gives_a_shared_update_to_the_earlier_epoch():
    # Epochs of 5 batches, 2 batches an update: epoch 1 starts inside update 2, whose
    # first batch, number 4, belongs to epoch 0; update 3 is the first of epoch 1.
    schedule = schedules.Staircase(schedules.linear(1.0, 0.0, 10), 5, 2)
    assert rates(schedule, range(6)) == pytest.approx([1, 1, 1, 0.7, 0.7, 0.5])


def test_clock_follows_real_updates():
    schedule = schedules.Clock(schedules.linear(1.0, 0.0, 10), 1, 4)
    assert rates(schedule, [0, 3, 4, 7, 8]) == pytest.approx([1, 1, 0.9, 0.9, 0.8])


ALL = {
    "joined": schedules.one_cycle(0.01, 0.1, 0.001, 100),
    "clock": schedules.Clock(schedules.linear(1.0, 0.0, 10), 1, 4),
    "staircase": schedules.Staircase(schedules.linear(1.0, 0.0, 100), 10),
    "compounding": schedules.CompoundingTimeDecay(0.1, 0.01, 5),
    "restarts": schedules.CosineRestarts(0.1, 10, 4, growth=2.0, end=0.01),
    "triangular": schedules.Triangular(0.1, 0.2, 10, cycle_factor=0.5),
    "inverse": schedules.InverseSquareRoot(0.1, 10),
    "stretched": schedules.CosineRestarts(0.1, 10, 4, num_steps=99),
    "sqrt": schedules.SqrtFall(0.1, 0.01, 50),
    "cosine one-cycle": schedules.one_cycle(0.01, 0.1, 0.001, 100, shape="cosine"),
    "nested": schedules.with_warmup(
        schedules.Staircase(schedules.warmup_stable_decay(0.1, 0.0, 90, 20), 10),
        10,
        factor=0.1,
    ),
}


@pytest.mark.parametrize("name", ALL)
def test_schedule_survives_serialization(name):
    schedule = ALL[name]
    config = keras.optimizers.schedules.serialize(schedule)
    again = keras.optimizers.schedules.deserialize(config)
    steps = [0, 1, 9, 10, 11, 50, 99, 100, 200]
    assert rates(again, steps) == rates(schedule, steps)


@pytest.mark.parametrize("name", ALL)
def test_schedule_of_many_steps_at_once_is_the_same(name):
    steps = np.array([0, 1, 9, 10, 11, 50, 99, 100, 200])
    together = np.asarray(schedules.rate_at(ALL[name], steps))
    np.testing.assert_allclose(together, rates(ALL[name], steps), rtol=1e-6)


def former(class_name, **config):
    """Gives a schedule as it was saved while it was a part of the trainer."""
    return {
        "module": "trainer.schedules",
        "class_name": class_name,
        "config": config,
        "registered_name": f"trainer>{class_name}",
    }


def test_models_saved_by_a_former_version_find_their_schedules():
    clock = former(
        "Clock",
        schedule=former(
            "CompoundingTimeDecay", learning_rate=0.1, decay=0.01, num_epochs=5
        ),
        numerator=1,
        denominator=4,
    )
    staircase = former(
        "Staircase",
        schedule=former("InverseSquareRoot", learning_rate=0.1, timescale=10),
        batches_per_epoch=10,
        batches_per_update=1,
    )
    restarts = former(
        "CosineRestarts",
        learning_rate=0.1,
        first_cycle=10,
        num_cycles=4,
        end=0.01,
        growth=2.0,
        factor=1.0,
    )
    triangular = former(
        "Triangular", base=0.1, top=0.2, cycle=10, cycle_factor=0.5, step_factor=1.0
    )
    saved = former(
        "Joined",
        schedules=[0.1, clock, staircase, restarts, triangular],
        boundaries=[10, 20, 40, 60],
    )
    loaded = keras.optimizers.schedules.deserialize(saved)
    # Constant; epoch 2 of the compounding decay; 10 steps into the inverse square
    # root, whose timescale is 10; half way down the second cycle; a triangle's top.
    assert rates(loaded, [9, 18, 30, 60, 65]) == pytest.approx(
        [0.1, 0.1 / 1.01 / 1.02, 0.1 / 2**0.5, 0.1, 0.2]
    )
    assert rates(loaded, [40, 45, 50]) == pytest.approx([0.1, 0.055, 0.1])
    # Saved again, it has the present name.
    saved_again = keras.optimizers.schedules.serialize(loaded)
    assert saved_again["registered_name"] == "lr_plugin>Joined"


@pytest.mark.slow
def test_schedule_is_saved_and_loaded_with_its_model(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(ALL["nested"]), "mse")
    model.fit(np.ones((32, 1)), np.ones(32), batch_size=1, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras").optimizer
    assert loaded.iterations == 32
    assert float(loaded.learning_rate) == rates(ALL["nested"], [32])[0]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: schedules.Clock(0.1, 1, 0),
            "`denominator` must be at least 1. Received: denominator=0.",
        ),
        (
            lambda: schedules.Staircase(0.1, 0),
            "`batches_per_epoch` must be at least 1. Received: batches_per_epoch=0.",
        ),
        (
            lambda: schedules.Triangular(0.1, 0.2, 1),
            "`cycle` must be at least 2. Received: cycle=1.",
        ),
        (
            lambda: schedules.Triangular(0.1, 0.2, 10, cycle_factor=0.0),
            "`cycle_factor` and `step_factor` must be above 0. Received: "
            "cycle_factor=0.0, step_factor=1.0.",
        ),
        (
            lambda: schedules.CosineRestarts(0.1, 10, 0),
            "`num_cycles` must be at least 1. Received: num_cycles=0.",
        ),
        (
            lambda: schedules.CosineRestarts(0.1, 10, 4, num_steps=3),
            "`num_steps` must be at least `num_cycles`. Received: num_steps=3, "
            "num_cycles=4.",
        ),
        (
            lambda: schedules.SqrtFall(0.1, 0.0, 0),
            "`num_steps` must be at least 1. Received: num_steps=0.",
        ),
        (
            lambda: schedules.one_cycle(0.1, 1.0, 0.0, 10, shape="1-sqrt"),
            "`shape` must be linear or cosine. Received: shape='1-sqrt'.",
        ),
        (
            lambda: schedules.one_cycle(0.1, 1.0, 0.0, 10, pct_start=1.0),
            "`pct_start` must be above 0 and below 1. Received: pct_start=1.0.",
        ),
        (
            lambda: schedules.warmup_stable_decay(0.1, 0.0, 10, 5, shape="cubic"),
            "`shape` must be linear, cosine, 1-sqrt. Received: shape='cubic'.",
        ),
        (
            lambda: schedules.InverseSquareRoot(0.1, 0),
            "`timescale` must be at least 1. Received: timescale=0.",
        ),
        (
            lambda: schedules.CompoundingTimeDecay(0.1, 0.1, 0),
            "`num_epochs` must be at least 1. Received: num_epochs=0.",
        ),
        (
            lambda: schedules.cosine(0.0, 0.0, 10),
            "`start` must be above 0. Received: start=0.0.",
        ),
        (
            lambda: schedules.with_warmup(0.1, 0, factor=0.1),
            "`num_steps` must be at least 1. Received: num_steps=0.",
        ),
        (
            lambda: schedules.with_warmup(0.1, 10, factor=0.1, shape="cubic"),
            "`shape` must be linear or exponential. Received: shape='cubic'.",
        ),
        (
            lambda: schedules.with_warmup(0.1, 10, factor=0.0, shape="exponential"),
            "`factor` must be above 0 where the shape is exponential. Received: "
            "factor=0.0. For example factor=0.01.",
        ),
        (
            lambda: schedules.warmup_stable_decay(0.1, 0.0, 10, 11),
            "`decay_steps` must be from 1 to `num_steps`. Received: decay_steps=11, "
            "num_steps=10.",
        ),
    ],
)
def test_arguments_out_of_bounds_are_a_sentence(build, message):
    with pytest.raises(ValueError) as error:
        build()
    assert str(error.value) == message
