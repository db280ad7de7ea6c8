"""The plugin's entry point, which imports nothing heavy.

TensorBoard imports this module at every start. An ImportError here would stop the
`tensorboard` command, while one inside `load` is only logged.
"""

import argparse

from tensorboard.plugins import base_plugin

# How many blocks of 1024 iterations TensorBoard keeps in memory for each run, which is
# 120 MB for 300 runs. They are used only where a run's event files cannot be read.
DEFAULT_RAW_BLOCKS = 32


class LearningRateLoader(base_plugin.TBLoader):
    """Defines the plugin's flags and loads the plugin."""

    def define_flags(self, parser: argparse.ArgumentParser) -> None:
        """Adds the plugin's flags to those of the `tensorboard` command."""
        group = parser.add_argument_group("Learning Rate plugin")
        group.add_argument(
            "--lr_raw_blocks",
            metavar="COUNT",
            type=_count,
            default=DEFAULT_RAW_BLOCKS,
            help="""\
How many blocks of 1024 iterations TensorBoard keeps in memory for each run, about
12 kB each; 0 keeps all. They serve only where the event files cannot be read from
--logdir; otherwise every iteration is read from there when it is looked at.
(default: %(default)s)""",
        )

        group.add_argument(
            "--lr_tags",
            metavar="COLUMN=TAG,...",
            type=_tags,
            default={},
            help="""\
Which scalars of runs of other programs are their learning rate and their loss, such as
learning_rate=optim/lr,loss=train/nll. A run that does not have such a tag, and a
column that is not named, keeps what its tags' names tell. (default: none)""",
        )

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """Sets how much of each tag is kept, unless the user has.

        Without it TensorBoard would keep only 10 or 100 events of a tag.
        """
        flags.samples_per_plugin.setdefault("learning_rate", 0)
        flags.samples_per_plugin.setdefault("learning_rate_raw", flags.lr_raw_blocks)

    def load(self, context: base_plugin.TBContext) -> base_plugin.TBPlugin:
        """Imports and creates the plugin."""
        from lr_plugin.plugin import LearningRatePlugin

        return LearningRatePlugin(context)


def _count(text: str) -> int:
    """Reads a flag's value that may be 0 or more."""
    try:
        count = int(text)
    except ValueError:
        count = -1
    if count < 0:
        raise argparse.ArgumentTypeError(
            f"must be a whole number, 0 or more. Received: {text}."
        )
    return count


def _tags(text: str) -> dict[str, str]:
    """Reads a flag's value of columns and their tags."""
    tags: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        column, equals, tag = part.partition("=")
        if column not in ("learning_rate", "loss") or not equals or column in tags:
            raise argparse.ArgumentTypeError(
                "must be learning_rate=TAG or loss=TAG, or both with a comma between. "
                f"Received: {text}."
            )
        tags[column] = tag
    return tags
