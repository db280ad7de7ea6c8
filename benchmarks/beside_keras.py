"""Times `python -m trainer` beside the same training as a user would write it in Keras.

    python benchmarks/beside_keras.py [--mnist=path/mnist.npz] [--rounds=5]
        [--images=1500] [--only=mlp,cnn,folder,deterministic]

Both are whole programs, start included, and take turns. The plain one trains, evaluates
and saves a model, and has no callbacks; what the trainer does besides is in its time:
it records every iteration and the layers, writes checkpoints, keeps the best weights,
scores the validation data once more and draws a picture.

Each row is the median over the rounds of the trainer's time divided by that of plain
Keras: of the clock, and of the processor, which says more where other programs use the
machine. `folder` reads JPEGs of 256 x 256 at 64 x 64, beside
`image_dataset_from_directory`, which resizes without antialiasing. `deterministic`
divides by the trainer with --nodeterministic.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

_SCRIPT = """
import sys
import keras
kind, data, epochs, folder = sys.argv[1:]
keras.utils.set_random_seed(0)
if kind == "folder":
    train, validation = keras.utils.image_dataset_from_directory(
        data, validation_split=0.2, subset="both", seed=0, image_size=(64, 64),
        label_mode="binary", verbose=False,
    )
    inputs = keras.Input((64, 64, 3))
    x = keras.layers.Rescaling(1 / 255)(inputs)
else:
    import numpy as np
    with np.load(data) as file:
        x_train, y_train = file["x_train"][..., None] / np.float32(255), file["y_train"]
        x_test, y_test = file["x_test"][..., None] / np.float32(255), file["y_test"]
    x = inputs = keras.Input((28, 28, 1))
if kind == "mlp":
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(128, activation="relu")(x)
else:
    for filters in (32, 64):
        x = keras.layers.Conv2D(filters, 3, activation="relu")(x)
        x = keras.layers.MaxPooling2D()(x)
        x = keras.layers.Dropout(0.25)(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(256, activation="relu")(x)
if kind == "folder":
    outputs = keras.layers.Dense(1, activation="sigmoid")(x)
    loss = "binary_crossentropy"
else:
    outputs = keras.layers.Dense(10, activation="softmax")(x)
    loss = "sparse_categorical_crossentropy"
model = keras.Model(inputs, outputs)
model.compile("adam", loss, metrics=["accuracy"])
if kind == "folder":
    model.fit(train, validation_data=validation, epochs=int(epochs), verbose=2)
    print(model.evaluate(validation, verbose=0))
else:
    model.fit(
        x_train, y_train, batch_size=128, epochs=int(epochs),
        validation_split=0.2, verbose=2,
    )
    print(model.evaluate(x_test, y_test, batch_size=128, verbose=0))
model.save(folder + "/model.keras")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mnist", default=os.environ.get("MNIST_NPZ"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--only", default="mlp,cnn,folder,deterministic")
    arguments = parser.parse_args()
    rows = {}
    with tempfile.TemporaryDirectory() as name:
        out = pathlib.Path(name)
        for kind in arguments.only.split(","):
            network = "cnn" if kind in ("folder", "deterministic") else kind
            if kind == "folder":
                data = _write_images(out / "images", arguments.images)
            elif arguments.mnist:
                data = pathlib.Path(arguments.mnist).resolve()
            else:
                print(f"{kind}: needs --mnist=path/mnist.npz")
                continue
            ours = [sys.executable, "-m", "trainer", f"--dataset={data}"]
            ours += [f"--model={network}", f"--epochs={arguments.epochs}"]
            ours += ["--image_size=64"] if kind == "folder" else ["--batch_size=128"]
            if kind == "deterministic":
                plain = [*ours, "--nodeterministic"]
            else:
                plain = [sys.executable, "-c", _SCRIPT, kind, str(data)]
                plain += [str(arguments.epochs), name]
            rows[kind] = _measure(ours, plain, out, arguments.rounds)
    print("| training | trainer / plain Keras, clock | processor | seconds of each |")
    print("|---|---|---|---|")
    for kind, (clock, processor, seconds) in rows.items():
        print(f"| {kind} | {clock:.2f} | {processor:.2f} | {seconds} |")


def _measure(
    ours: list[str], plain: list[str], out: pathlib.Path, rounds: int
) -> tuple[float, float, str]:
    times: dict[str, list[tuple[float, float]]] = {"ours": [], "plain": []}
    for number in range(rounds):
        # In turns, so that a change of the machine's load meets both.
        order = [("ours", ours), ("plain", plain)]
        for name, command in order if number % 2 else reversed(order):
            times[name].append(_run(command, out))
    pairs = list(zip(times["ours"], times["plain"], strict=True))
    clock = statistics.median(a[0] / b[0] for a, b in pairs)
    processor = statistics.median(a[1] / b[1] for a, b in pairs)
    medians = [statistics.median(t[0] for t in times[n]) for n in ("ours", "plain")]
    return clock, processor, f"{medians[0]:.1f}, {medians[1]:.1f}"


def _run(command: list[str], out: pathlib.Path) -> tuple[float, float]:
    """Runs a program; gives its seconds of the clock and of the processor."""
    root = pathlib.Path(__file__).resolve().parents[1]
    env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(root)}
    before = os.times()
    start = time.perf_counter()
    done = subprocess.run(command, cwd=out, env=env, capture_output=True, text=True)
    clock = time.perf_counter() - start
    after = os.times()
    if done.returncode:
        sys.exit(f"{' '.join(command[:4])} failed:\n{done.stderr}")
    used = after.children_user - before.children_user
    return clock, used + after.children_system - before.children_system


def _write_images(folder: pathlib.Path, count: int) -> pathlib.Path:
    """Writes JPEGs of two classes, smooth as photos are."""
    from PIL import Image

    random = np.random.default_rng(0)
    for number in range(count):
        place = folder / ("red", "green")[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 200, (16, 16, 3), np.uint8)
        pixels[..., number % 2] += 55
        image = Image.fromarray(pixels).resize((256, 256), Image.Resampling.BICUBIC)
        image.save(place / f"{number}.jpg", quality=90)
    return folder


if __name__ == "__main__":
    main()
