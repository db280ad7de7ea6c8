"""Formats the tables in Markdown: what was trained here, and what is published."""

from collections.abc import Collection, Mapping, Sequence

from benchmarks.reproduction import published
from benchmarks.reproduction.results import Row
from benchmarks.reproduction.trainings import BEST_FIXED, Training

Rows = Mapping[str, Row]


def format_tables(
    rows: Rows, trainings: Sequence[Training], parts: Collection[int]
) -> str:
    """Formats the tables of `parts`, with the rows of which a training is finished."""
    num_done = sum(len(row.results) for row in rows.values())
    secs = sum(result.cpu_secs for row in rows.values() for result in row.results)
    texts = []
    for part in sorted(parts):
        texts += [TABLES[part](_of_part(rows, part)), NOTES[part]]
    texts.append(
        f"{num_done} of {len(trainings)} trainings are done, in {secs / 3600:.1f} "
        "hours of processor time."
    )
    return "\n\n".join(texts)


def format_fixed_rates(rows: Rows) -> str:
    lines = []
    for name, row in rows.items():
        # The published values are those of one training each.
        result = row.results[0]
        loss, accuracy = published.FIXED_RATES[name]
        lines.append(
            [
                name.removeprefix("fixed-"),
                f"{loss:.4f}",
                f"{accuracy:.4f}",
                f"{result.test_loss:.4f}",
                f"{result.test_accuracy:.4f}",
                f"{result.test_loss - loss:+.4f}",
                f"{result.test_accuracy - accuracy:+.4f}",
            ]
        )
    return _table(
        "1. Fixed rates: the CNN on MNIST",
        rows,
        "rate | published test loss | accuracy | here: test loss | accuracy "
        "| difference in loss | in accuracy",
        lines,
    )


def format_decays(rows: Rows) -> str:
    best = rows.get(BEST_FIXED)
    lines = []
    for name, row in rows.items():
        results = row.results
        difference = "-"
        if best is not None and row is not best:
            difference = f"{row.test_accuracy - best.test_accuracy:+.4f}"
        lines.append(
            [
                name,
                _span([r.first_rate for r in results]),
                _span([rate for r in results for rate in (r.min_rate, r.max_rate)]),
                _span([r.last_rate for r in results]),
                f"{row.test_loss:.4f}",
                f"{row.test_accuracy:.4f}{_spread(row)}",
                difference,
                str(len(row.results)),
            ]
        )
    return _table(
        "2. Decay schemes: the same CNN, mean ± standard deviation over the seeds",
        rows,
        "schedule | first rate | range | last rate | test loss | accuracy "
        "| against the best fixed rate | seeds",
        lines,
    )


def format_stock_decay(rows: Rows) -> str:
    lines = []
    for name, row in rows.items():
        result = row.results[0]
        shown = f"{result.first_shown:.6f} to {result.last_shown:.6f}"
        lines.append(
            [
                STOCK_ROWS[name],
                result.said,
                f"{result.first_rate:.6f} to {result.last_rate:.6f}",
                f"{shown} in {result.num_shown} points",
                f"{row.test_accuracy:.4f}",
            ]
        )
    return _table(
        "3. Adam with a rate of 0.003 and a decay of 0.0002",
        rows,
        "written as | Keras says | updates used | TensorBoard's Scalars tab shows "
        "| test accuracy",
        lines,
    )


def format_transfer(rows: Rows) -> str:
    lines = []
    for name, row in rows.items():
        if row.recipe.begins_with is None:
            continue
        rate = name.removeprefix("transfer-")
        result = row.results[0]
        lines.append(
            [
                rate,
                published.TRANSFER.get(name, "-"),
                f"{result.first_val_accuracy:.4f}",
                f"{result.last_val_accuracy:.4f}",
                f"{result.test_accuracy:.4f}",
            ]
        )
    return _table(
        "4. Transfer learning: from the digits 0 to 4 to the digits 5 to 9",
        rows,
        "rate | the question says | here: validation accuracy after one epoch "
        "| at the end | test accuracy",
        lines,
    )


def format_lenet(rows: Rows) -> str:
    lines = []
    for name, row in rows.items():
        accuracy = published.LENET[name]
        lines.append(
            [
                LENET_ROWS[name],
                str(row.epochs),
                f"{accuracy:.4f}",
                f"{row.test_accuracy:.4f}{_spread(row)}",
                f"{row.test_accuracy - accuracy:+.4f}",
                str(len(row.results)),
            ]
        )
    return _table(
        "5. One cycle against inverse decay: a LeNet on MNIST, mean ± standard "
        "deviation over the seeds",
        rows,
        "schedule | epochs | published test accuracy | here | difference | seeds",
        lines,
    )


STOCK_ROWS = {
    "stock-decay": "stock Keras, `Adam(0.003, decay=0.0002)`",
    "stock-schedule": "stock Keras, `Adam(InverseTimeDecay(0.003, 1, 0.0002))`",
    "decay": "`python -m trainer --learning_rate=0.003 --decay=0.0002`",
}

LENET_ROWS = {
    "lenet_one_cycle": "one cycle",
    "lenet_inverse": "inverse decay",
}

# Why a value may differ from the published one; true of every run.
NOTES = {
    1: "The article's seed is not known, and it holds out the last fifth of the "
    "training images for validation, where the trainer draws a fifth of every class. "
    "At 0.5 the network is guessing, of which the loss among ten digits is 2.3026. At "
    "1e-05 the training is far from its end, and at 1e-07 the 4,800 updates of Adam "
    "move a weight by about 0.0005: what is tested is nearly the network as it was "
    "drawn, and the article's was drawn otherwise.",
    2: "The article gives no scores of its schemes, and a picture without numbers of "
    "the exponential one: here it is rate * exp(-0.1 * epoch). For cycles and plateau "
    "the numbers were chosen here.",
    3: "Keras' callback writes the rate of the update that comes next, once an epoch.",
    4: "A network with VGG's layers, trained here on one half of the digits, stands in "
    "for downloaded weights; all its layers go on with the other half. The question "
    "names neither its network nor its images. Guessing among five digits gives 0.2.",
    5: "All 60,000 images are trained on, as in the example of Caffe, whose inverse "
    "decay has the power 0.75 where it is 1 here.",
}

TABLES = {
    1: format_fixed_rates,
    2: format_decays,
    3: format_stock_decay,
    4: format_transfer,
    5: format_lenet,
}


def _of_part(rows: Rows, part: int) -> Rows:
    return {name: row for name, row in rows.items() if part in row.recipe.parts}


def _span(rates: Sequence[float]) -> str:
    """Formats the lowest and the highest; plateau's rates differ from seed to seed."""
    low, high = f"{min(rates):.4g}", f"{max(rates):.4g}"
    return low if low == high else f"{low} to {high}"


def _spread(row: Row) -> str:
    deviation = row.accuracy_deviation
    return "" if deviation is None else f" ± {deviation:.4f}"


def _table(title: str, rows: Rows, header: str, lines: Sequence[Sequence[str]]) -> str:
    """Formats title, header and lines; the title says if fewer epochs were trained."""
    if not lines:
        return f"{title}\n\nNothing is trained yet."
    shortened = {
        f"{row.epochs} of {row.recipe.epochs} epochs"
        for row in rows.values()
        if row.epochs != row.recipe.epochs
    }
    if shortened:
        title += f" ({', '.join(sorted(shortened))})"
    columns = header.count("|") + 1
    texts = [f"| {header} |", "|" + "---|" * columns]
    texts += ["| " + " | ".join(line) + " |" for line in lines]
    return f"{title}\n\n" + "\n".join(texts)
