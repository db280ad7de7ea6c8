"""What a tag holds, judged by its words: a learning rate, a loss, an epoch, or nothing.

A rate is what has "lr" or "learning rate" as a word; a loss has "loss" as one. The loss
of the training comes before that of a part of it (a box, a policy), and before a mean
over an epoch; what was measured on other data than the training's comes apart.
"""

import dataclasses
import functools
import re

_WORD = re.compile(r"[^\W\d_]+|\d+")
_WITHIN_CAPITALS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Capitals within them begin no words.
_WITH_CAPITALS = re.compile("m?IoU|mAP")
_RATE = re.compile(r"\b(learning rate|learningrate|lrate|lrs?)\b")
_LOSS_WORDS = {"loss", "losses", "nll", "xent"}
_VALIDATION_WORDS = {
    *("eval", "evaluation", "val", "valid", "validation", "dev", "test", "testing"),
    *("holdout", "heldout", "cv"),
}
# The digit of F1 and of R2 belongs to their names.
_WITH_DIGIT = re.compile(r"(?<![^_])([fr])_(\d)(?![^_])")
_TRAINING_WORDS = {"train", "training"}
# With one of these a tag is something about the rate or the loss.
_ABOUT_RATES = {
    *("momentum", "decay", "loss", "acc", "accuracy", "psnr", "ssim", "beta", "eps"),
    *("error", "finder", "mul", "mult", "multiplier", "time", "norm", "grad", "wd"),
}
_ABOUT_LOSSES = {
    *("scale", "scaler", "weight", "weights", "lambda", "coef", "coefficient", "grad"),
    *("ratio", "count", "num", "std", "variance", "norm", "time", "ema", "best"),
}
# Settings of a schedule, which stay what they are, and what comes after others.
_SETTINGS = {"base", "initial", "init", "max", "min", "target", "start", "end", "peak"}
# Words that say nothing of a part of the loss.
_WHOLE = {
    *("loss", "losses", "train", "training", "tr", "total", "batch", "step", "steps"),
    *("iter", "iteration", "iterations", "mean", "avg", "average", "running", "global"),
    *("current", "epoch", "epochs", "sum", "overall", "full", "all", "final", "lm"),
    *("objective", "cross", "crossentropy", "ce", "xent", "nll", "reduced"),
    *("smooth", "smoothed", "vs", "samples", "log", "scalar", "raw", "main"),
    "unscaled",
}
_AVERAGES = {"avg", "average", "running", "smooth", "smoothed", "mean"}
_TOTALS = {"total", "overall", "full", "all", "sum"}
# Of several optimizers or losses, those of the model that is wanted in the end.
_FIRST_PARTS = {
    *("g", "gen", "generator", "policy", "actor", "pi", "unet", "model", "student"),
}


@dataclasses.dataclass(frozen=True, order=True)
class Rank:
    """Where a tag comes among others of its kind; the first is drawn.

    Attributes:
        is_aside: Whether it is a part of the loss, or a setting of the rate.
        is_not_named: Whether only the folder of the tag calls it a loss, or none does:
            a likelihood may be one.
        is_slow: 0 for single steps, 1 for running means, 2 for epochs.
        is_not_total: Whether it does not say that it is the total.
        num_words: The fewer, the likelier.
        is_second: Whether it does not belong to the model that is wanted.
        words: In natural order, in which 2 comes before 10.
    """

    is_aside: bool
    is_not_named: bool
    is_slow: int
    is_not_total: bool
    num_words: int
    is_second: bool
    words: tuple[tuple[bool, int, str], ...]


@dataclasses.dataclass(frozen=True)
class TagRole:
    """What a tag holds.

    Attributes:
        kind: "learning_rate", "loss", "validation", "epoch" or "other".
        rank: Among the tags of its kind.
        metric: What epochs are judged by, as Keras would name it: "val_loss" of
            validation, "accuracy" of the training. Empty where the words do not say on
            which data it was measured, and where it is no such thing.
    """

    kind: str
    rank: Rank
    metric: str = ""


@functools.lru_cache(maxsize=1 << 14)
def find_role(tag: str) -> TagRole:
    """Finds what a tag holds, by its words."""
    folders, _, leaf = tag.replace("\\", "/").rpartition("/")
    leaf_words, folder_words = split_words(leaf), split_words(folders)
    words = [*folder_words, *leaf_words]
    rank = _rank(words, leaf_words)
    if _RATE.search(" ".join(words)) and not (set(leaf_words) & _ABOUT_RATES):
        kind = "other" if set(words) & _VALIDATION_WORDS else "learning_rate"
        return TagRole(kind, rank)
    if set(words) & _VALIDATION_WORDS:
        return TagRole("validation", rank, _name_metric(words))
    # A loss before an epoch: "loss/epoch" is the mean of one.
    if set(words) & _LOSS_WORDS and not set(leaf_words) & _ABOUT_LOSSES:
        is_of_epoch = rank.is_slow == 2 and not rank.is_aside
        return TagRole("loss", rank, "loss" if is_of_epoch else "")
    if leaf_words in (["epoch"], ["epochs"], ["current", "epoch"]):
        return TagRole("epoch", rank)
    # Keras calls it "epoch_accuracy", in a folder for the training.
    if set(words) & _TRAINING_WORDS or leaf_words[:1] == ["epoch"]:
        return TagRole("other", rank, _name_metric(words))
    return TagRole("other", rank)


def split_words(text: str) -> list[str]:
    """Splits a tag into its words in small letters: "lr0" is "lr" and "0"."""
    text = _WITH_CAPITALS.sub(lambda name: name[0].lower(), text)
    return _WORD.findall(_WITHIN_CAPITALS.sub(" ", text).lower())


def _rank(words: list[str], leaf_words: list[str]) -> Rank:
    is_rate = _RATE.search(" ".join(words)) is not None
    # A cross entropy is a whole loss, an entropy is not.
    whole = _WHOLE | {"entropy"} if "cross" in leaf_words else _WHOLE
    parts = [word for word in leaf_words if not word.isdigit() and word not in whole]
    found = set(words)
    speed = 1 if found & _AVERAGES else 0
    if found & {"epoch", "epochs"} or {"vs", "samples"} <= found:
        speed = 2
    return Rank(
        is_aside=bool(found & _SETTINGS) if is_rate else bool(parts),
        is_not_named=not is_rate and not set(leaf_words) & {"loss", "losses"},
        is_slow=speed,
        is_not_total=not found & _TOTALS,
        num_words=len(_RATE.sub("lr", " ".join(words)).split()),
        is_second=not found & _FIRST_PARTS,
        words=tuple(
            (not word.isdigit(), int(word) if word.isdigit() else 0, word)
            for word in words
        ),
    )


def _name_metric(words: list[str]) -> str:
    """Names what was measured: "eval/loss" is "val_loss", "train/acc" is "acc"."""
    is_validation = bool(set(words) & _VALIDATION_WORDS)
    left_out = {"epoch", "metrics", "metric", "avg"}
    left_out |= _VALIDATION_WORDS if is_validation else _TRAINING_WORDS
    rest = [word for word in dict.fromkeys(words) if word not in left_out]
    if set(rest) & _LOSS_WORDS and set(rest) <= _WHOLE:
        rest = ["loss"]
    name = "_".join(["val", *rest] if is_validation else rest)
    return _WITH_DIGIT.sub(r"\1\2", name)
