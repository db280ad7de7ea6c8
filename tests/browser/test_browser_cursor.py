"""The cursor reads what it highlights, in a real browser."""

import re

import browser_runs
import numpy as np
import pytest
from browser_server import serve
from browser_tab import KEY, number
from playwright.sync_api import expect

from lr_plugin.writer.run_writer import RunWriter

NUM_SPIKES = 20


def spread_steps(num_steps, num_spikes, *, seed):
    """Steps that are far from each other; the first and the last are among them."""
    random = np.random.default_rng(seed)
    even = np.linspace(0, num_steps, num_spikes, endpoint=False)[1:-1]
    room = num_steps // num_spikes // 4
    inner = np.rint(even).astype(int) + random.integers(-room, room, len(even))
    return [0, *inner.tolist(), num_steps - 1]


def write_spikes(folder, num_steps, spikes):
    """A flat loss near 0.03 with spikes of one iteration: losses by their steps."""
    random = np.random.default_rng(num_steps)
    losses = 0.03 * np.exp(0.05 * random.standard_normal(num_steps))
    losses[list(spikes)] = list(spikes.values())
    with RunWriter(folder) as writer:
        writer.write_run_info(browser_runs.run_info("constant", 0))
        for first in range(0, num_steps, 65_536):
            part = slice(first, first + 65_536)
            rows = {
                "step": np.arange(num_steps)[part],
                "learning_rate": np.full(num_steps, 0.001)[part],
                "loss": losses[part],
            }
            writer.write_rows(rows)


def drawn_tip(tab, x):
    """The height of the topmost painted pixel at an x, both in pixels of the plot."""
    return tab.locator('[data-chart="loss"] .lr-chart-layer').first.evaluate(
        """(canvas, x) => {
            const context = canvas.getContext("2d");
            const first = Math.max(0, Math.round(x) - 1);
            const {data, width} = context.getImageData(first, 0, 3, canvas.height);
            for (let i = 3; i < data.length; i += 4) {
                if (data[i] > 100) return Math.floor(i / 4 / width);
            }
            return null;
        }""",
        x,
    )


def point_at_tip(tab, step, first, last):
    """Points at the highest that is drawn at a step, and reads step and loss."""
    box = tab.plot("loss")
    x = min((step - first) / (last - first) * box["width"], box["width"] - 1)
    tab.page.mouse.move(box["x"] + x, box["y"] + drawn_tip(tab, x))
    place = tab.locator('[data-readout="loss"] .lr-readout-place')
    try:
        expect(place).to_contain_text(f"step {step:,}", timeout=1500)
    except AssertionError:
        return None
    row = tab.locator('[data-readout="loss"] tbody tr').first
    return number(row.locator("td").last.inner_text())


@pytest.mark.parametrize("num_steps", [20_000, 1_000_000])
def test_spike_under_the_cursor_is_read_with_its_step_and_loss(
    open_tab, tmp_path, num_steps
):
    steps = spread_steps(num_steps, NUM_SPIKES, seed=num_steps)
    # No two are equal, and high ones are beside low ones.
    losses = 5 + np.random.default_rng(0).permutation(NUM_SPIKES)
    spikes = dict(zip(steps, losses.tolist(), strict=True))
    write_spikes(tmp_path / "logs" / "run", num_steps, spikes)
    with serve(tmp_path / "logs", load_fast=True, num_runs=1) as server:
        tab = open_tab(address=server.address)
        tab.wait_until_drawn()
        read = {step: point_at_tip(tab, step, 0, num_steps - 1) for step in steps}
        tab.close()
    missed = {step: read[step] for step in steps if read[step] != spikes[step]}
    print(f"{NUM_SPIKES - len(missed)} of {NUM_SPIKES} spikes were read")
    assert not missed


@pytest.fixture(scope="module")
def three_runs(tmp_path_factory):
    """Three runs of 20,000 rows whose flat losses cover each other."""
    logdir = tmp_path_factory.mktemp("cursor") / "logs"
    spikes = {f"run{i}": {4000 + 4000 * i: 20 + 10 * i} for i in range(3)}
    for run, losses in spikes.items():
        write_spikes(logdir / run, 20_000, losses)
    with serve(logdir, load_fast=True, num_runs=3) as server:
        yield server, spikes


def readout_rows(tab, chart):
    """The cells of the table beside the cursor, without its header."""
    rows = tab.locator(f'[data-readout="{chart}"] tbody tr').all()
    return [row.locator("td").all_inner_texts() for row in rows]


def test_of_several_runs_the_picked_one_comes_first(open_tab, three_runs):
    server, spikes = three_runs
    tab = open_tab(address=server.address)
    tab.wait_until_drawn()
    for run, losses in spikes.items():
        [(step, loss)] = losses.items()
        assert point_at_tip(tab, step, 0, 19_999) == loss
        place = tab.locator('[data-readout="loss"] .lr-readout-place')
        expect(place).to_contain_text(f"{run}: step {step:,}")
        # 20,000 steps on fewer than 1,000 pixels.
        around = tab.locator('[data-readout="loss"] .lr-readout-around')
        expect(around).to_contain_text(
            re.compile(rf"lowest … highest of 2\d iterations.*… {loss}")
        )
        first, _, *others = readout_rows(tab, "loss")
        assert first[0] == run
        values = [number(cells[-1]) for cells in others]
        assert values == sorted(values, reverse=True)
    tab.close()
    assert tab.problems == []


def test_arrow_keys_move_from_row_to_row(open_tab, three_runs):
    server, _ = three_runs
    recorded = np.genfromtxt(
        server.get("export.csv?run=run1").decode().splitlines(),
        delimiter=",",
        names=True,
    )
    tab = open_tab(f"{KEY}runs=run1", address=server.address)
    tab.wait_until_drawn()
    tab.locator('[data-chart="loss"]').focus()
    place = tab.locator('[data-readout="loss"] .lr-readout-place')
    last = -1
    for key in ("Home", *["ArrowRight"] * 20, "Shift+ArrowRight", "End"):
        tab.page.keyboard.press(key)
        expect(place).not_to_contain_text(f"step {last:,},")
        step = int(number(re.search(r"step ([\d,]+),", place.inner_text())[1]))
        assert step > last
        # Six digits are shown.
        loss = number(readout_rows(tab, "loss")[0][-1])
        assert loss == pytest.approx(recorded["loss"][step], rel=1e-5)
        last = step
    assert last == 19_999
    tab.close()
    assert tab.problems == []


def test_smoothed_value_is_read_on_the_smoothed_line(open_tab, three_runs):
    server, _ = three_runs
    tab = open_tab(f"{KEY}runs=run2{KEY}smoothing=50", address=server.address)
    tab.wait_until_drawn()
    tab.locator('[data-chart="loss"]').focus()
    tab.page.keyboard.press("Home")
    tab.page.keyboard.press("ArrowRight")
    header = tab.locator('[data-readout="loss"] thead th')
    expect(header).to_have_text(["run", "rate", "loss", "smoothed"])
    # Far from the spikes, the middle half of the losses is the loss of 0.03.
    for _ in range(30):
        tab.page.keyboard.press("ArrowRight")
    tab.page.wait_for_timeout(300)
    assert number(readout_rows(tab, "loss")[0][-1]) == pytest.approx(0.03, rel=0.05)
    tab.close()
    assert tab.problems == []
