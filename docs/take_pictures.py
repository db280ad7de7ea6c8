"""Takes the documents' pictures of the tab, in Chromium.

make demo SERVE=0
python -m lr_plugin.demo logs/example --num_runs=24
python -m trainer --flagfile=trainer/configs/search.flags --run=pictured
python docs/take_pictures.py demo logs/demo
python docs/take_pictures.py example logs/example
python docs/take_pictures.py search logs/pictured
"""

import argparse
import dataclasses
import io
import pathlib
import shutil
import sys
import urllib.parse

from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, f"{sys.path[0]}/browser")

from browser_server import CHROMIUM_ARGS, serve
from browser_tab import KEY, Tab
from browser_windows import Windows

from lr_plugin.demo import SPIKE_STEP

FOLDER = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Picture:
    """One state of the tab.

    Attributes:
        name: The beginning of the file's name.
        state: What the tab's URL holds, by name.
        themes: The picture is taken in each; "" is light too, but is not part of the
            file's name.
        pointed_at: Where the cursor is in the chart of the loss, in shares of its
            width and height.
        opened: What is clicked on first, as a selector.
    """

    name: str
    state: dict[str, str]
    size: tuple[int, int] = (1240, 800)
    themes: tuple[str, ...] = ("light", "dark")
    pointed_at: tuple[float, float] | None = None
    opened: str = ""

    @property
    def fragment(self) -> str:
        return "".join(
            f"{KEY}{name}={urllib.parse.quote(value)}"
            for name, value in self.state.items()
        )


PICTURES = {
    "demo": (Picture("demo", {}, size=(1240, 820)),),
    "example": (
        # A million iterations, and one of them.
        Picture("million", {"runs": "long"}, pointed_at=(SPIKE_STEP / 999_999, 0.1)),
        Picture(
            "single",
            {"runs": "long", "window": f"{SPIKE_STEP - 50}~{SPIKE_STEP + 50}"},
            pointed_at=(0.5, 0.1),
        ),
        Picture(
            "timeline",
            {
                "filter": "^(?!search|long|range)",
                "runs": "*",
                "rate": "log",
                "smoothing": "10",
            },
        ),
        Picture(
            "loss-against-rate",
            {
                "view": "loss-rate",
                "filter": "range_test|constant|diverging|resumed",
                "runs": "*",
                "best": "off",
                "smoothing": "10",
            },
        ),
        Picture(
            "figure",
            {"filter": "cosine_with|resumed|step", "runs": "*"},
            size=(1240, 780),
            themes=("light",),
            opened="[aria-label=Loss] >> text=Figure…",
        ),
        Picture(
            "landscape",
            {
                "view": "landscape",
                "filter": "step|diverging|constant|trial_000",
                "runs": "*",
                "focus": "step",
            },
            size=(1240, 1320),
        ),
        Picture(
            "layers",
            {"view": "layers", "filter": "with_warmup", "rate": "log"},
            size=(1240, 1500),
        ),
        Picture(
            "runs",
            {"view": "runs", "filter": "^(?!search)", "runs": "*"},
            opened=".lr-findings > summary",
        ),
    ),
    "search": (
        Picture(
            "search-runs",
            {"view": "runs", "runs": "*", "sort": "metric"},
            size=(1300, 830),
            themes=("",),
        ),
        Picture(
            "search-score",
            {"view": "which-rate", "runs": "*"},
            size=(1300, 830),
            themes=("",),
        ),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("which", choices=PICTURES)
    parser.add_argument("logdir", type=pathlib.Path)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    num_runs = len({p.parent for p in options.logdir.rglob("learning_rate/*tfevents*")})
    with (
        serve(options.logdir, load_fast=True, num_runs=num_runs) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=CHROMIUM_ARGS
        )
        windows = Windows(browser)
        for picture in PICTURES[options.which]:
            for theme in picture.themes:
                tab = Tab(
                    windows,
                    server.address,
                    fragment=picture.fragment,
                    hosted=True,
                    dark=theme == "dark",
                    size=picture.size,
                )
                if picture.state.get("view") != "runs":
                    tab.wait_until_drawn()
                if picture.opened:
                    tab.locator(picture.opened).click()
                if picture.pointed_at:
                    point_at(tab, *picture.pointed_at)
                # Until what fades in or out has done so.
                tab.page.wait_for_timeout(1500)
                name = f"{picture.name}-{theme}" if theme else picture.name
                save_small(tab.page.screenshot(), FOLDER / f"{name}.png")
                tab.close()
        browser.close()


def point_at(tab: Tab, across: float, down: float) -> None:
    """Moves the cursor to a place in the chart of the loss."""
    box = tab.plot("loss")
    x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
    tab.page.mouse.move(x, y)


def save_small(screenshot: bytes, path: pathlib.Path) -> None:
    """Saves a picture with few colours, so that the file is small."""
    image = Image.open(io.BytesIO(screenshot)).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
