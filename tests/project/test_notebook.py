"""What a notebook shows of results, and the pictures of runs."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from lr_plugin import RunWriter, read_run
from lr_plugin.keras import RangeTest


def make_test(**fields):
    rates = np.geomspace(1e-6, 1.0, 500)
    losses = 1 / (1 + rates * 100) + rates**2
    return RangeTest(
        **{
            "learning_rates": rates,
            "losses": [losses, losses * 1.01],
            "smoothed": losses,
            "suggestion": 0.0123456,
            "interval": (0.01, 0.02),
            "reason": "The loss <fell> fastest here.",
            **fields,
        }
    )


def test_range_test_is_a_line_of_text_and_a_picture():
    result = make_test()

    assert repr(result) == (
        "RangeTest(suggestion=0.0123, interval=(0.01, 0.02), "
        "reason='The loss <fell> fastest here.')"
    )
    content = result._repr_html_()
    assert content.startswith(
        '<p>The loss &lt;fell&gt; fastest here.</p><img alt="Losses of the range test '
        'over its rates. The loss &lt;fell&gt; fastest here." '
    )
    (png,) = re.findall('src="data:image/png;base64,([^"]*)">$', content)
    picture = Image.open(io.BytesIO(base64.b64decode(png)))
    assert picture.width > 500
    assert len(picture.convert("L").getcolors()) > 20


def test_range_test_without_an_answer_is_shown_too():
    result = make_test(suggestion=None, interval=None, reason="The loss never fell.")

    assert repr(result).startswith("RangeTest(suggestion=None, interval=None, ")
    assert "<p>The loss never fell.</p>" in result._repr_html_()


@pytest.mark.slow
@pytest.mark.parametrize("num_rows", [50, 100_000])
def test_picture_of_a_run_shows_its_extremes(tmp_path, num_rows):
    steps = np.arange(num_rows)
    losses = np.exp(-steps / num_rows)
    losses[num_rows // 2], losses[num_rows // 3] = 93.0, np.nan
    with RunWriter(tmp_path / "run") as writer:
        writer.write_rows(
            {"step": steps, "loss": losses, "learning_rate": 1e-3 / (1 + steps)}
        )

    figure = read_run(tmp_path / "run").plot(tmp_path / "run.png")
    assert figure._repr_png_().startswith(b"\x89PNG")

    loss, rate = figure.axes
    drawn = loss.collections[0].get_paths() if num_rows > 50 else [loss.lines[0]]
    points = np.concatenate(
        [d.vertices if num_rows > 50 else d.get_xydata() for d in drawn]
    )
    assert np.nanmax(points[:, 1]) == 93
    assert np.nanmin(points[:, 1]) == pytest.approx(losses[np.isfinite(losses)].min())
    x = points[np.nanargmax(points[:, 1]), 0]
    assert x == pytest.approx(num_rows // 2, abs=num_rows / 1000)
    assert rate.get_yscale() == "log"
    with Image.open(tmp_path / "run.png") as picture:
        assert picture.width > 500


def test_picture_of_a_run_without_a_finite_loss(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows({"step": np.arange(9), "loss": np.full(9, np.nan)})

    (axes,) = read_run(tmp_path).plot().axes
    assert axes.get_ylabel() == "loss"


@pytest.mark.parametrize(
    ("rates", "bottom"),
    [
        # Half of a cosine at 0.99 of its length; its last rate is 2.5e-9 of the first.
        ((1 + np.cos(np.pi * np.arange(10_000) / 10_000)) / 2, 2.5e-4 / 2),
        # Six decades, each with as many rates: all of them are shown.
        (np.geomspace(1.0, 1e-6, 10_000), None),
    ],
)
def test_last_rates_of_a_cosine_do_not_own_the_axis(tmp_path, rates, bottom):
    with RunWriter(tmp_path) as writer:
        writer.write_rows({"step": np.arange(len(rates)), "learning_rate": rates})

    axes = read_run(tmp_path).plot().axes[-1]

    assert axes.get_yscale() == "log"
    shown_from = axes.get_ylim()[0]
    if bottom is None:
        assert shown_from < rates[-1]
    else:
        assert shown_from == pytest.approx(bottom, rel=0.01)
