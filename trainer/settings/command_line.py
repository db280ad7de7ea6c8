"""Flags to Config and back: parsing, the help, and the flagfile that repeats a run."""

import textwrap
from collections.abc import Sequence
from typing import Any

from absl import flags

from trainer.errors import ConfigError
from trainer.flagfile import expand_flagfiles, quoted
from trainer.nearest import nearest
from trainer.settings.config import SETTINGS, Config, refusal
from trainer.settings.flag_types import Switch
from trainer.settings.open_values import format_value, is_open, parse_open


def parse_command_line(arguments: Sequence[str]) -> dict[str, Any]:
    """Reads the settings that the user gave, flagfiles included.

    Args:
        arguments: What follows the program's name.

    Returns:
        The given settings by name. The last value of a flag counts.

    Raises:
        ConfigError: A flag is not known, or its text cannot be read.
    """
    texts = _read_texts(expand_flagfiles(arguments))
    is_search = texts.get("mode") == "search"
    given: dict[str, Any] = {}
    for name, flag in SETTINGS.items():
        text = texts.get(name)
        if text is None:
            continue
        kind = flag.kind
        try:
            if is_search and flag.searched != "no":
                given[name] = parse_open(kind, text)
            elif flag.searched != "no" and is_open(kind, text):
                raise ValueError("one value: ranges and choices are for --mode=search")
            else:
                given[name] = kind.parse(text)
        except ValueError as error:
            raise refusal(name, error, text) from None
    return given


def _read_texts(arguments: Sequence[str]) -> dict[str, str]:
    """Reads --name=value, --name value and, of a switch, --name and --noname."""
    flag_values = flags.FlagValues()
    for name, setting in SETTINGS.items():
        # Texts alone: what they mean is the setting's kind to say.
        flag_values[name] = flags.Flag(
            flags.ArgumentParser(),
            None,
            name,
            None,
            setting.help,
            boolean=isinstance(setting.kind, Switch),
        )
    try:
        rest = flag_values(["trainer", *map(_with_underscores, arguments)])[1:]
    except flags.UnrecognizedFlagError as error:
        raise ConfigError(
            f"Every flag must be known. Received: --{error.flagname}"
            f"{nearest(error.flagname, SETTINGS)}. See python -m trainer --help."
        ) from None
    except flags.Error:
        # The one thing left that may be wrong: nothing follows the last flag.
        name = _with_underscores(arguments[-1]).lstrip("-")
        raise ConfigError(
            f"`--{name}` must have a value. Received: --{name} alone. "
            f"{SETTINGS[name].help}"
        ) from None
    if rest:
        raise ConfigError(
            f"Every setting must be a flag. Received: {rest[0]}. Write --name=value; "
            "see python -m trainer --help."
        )
    texts = {name: flag_values[name].value for name in SETTINGS}
    return {name: text for name, text in texts.items() if text is not None}


def _with_underscores(argument: str) -> str:
    """Writes --batch-size, as many other programs call it, --batch_size."""
    if not argument.startswith("--"):
        return argument
    name, equals, text = argument[2:].partition("=")
    return f"--{name.replace('-', '_')}{equals}{text}"


def help_text() -> str:
    """Describes all flags with their defaults, bounds and units, a paragraph each."""
    lines = []
    for name, flag in SETTINGS.items():
        default = flag.default
        if default is not None:
            default = f" Default: {flag.kind.format(default)}."
        lines.append(f"  --{name}")
        lines.append(
            textwrap.fill(
                flag.help + (default or ""),
                width=80,
                initial_indent="      ",
                subsequent_indent="      ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
    lines.append("  --flagfile")
    lines.append(
        "      A file with one flag a line, or one of those that the package brings, "
        "such as\n      digits.flags; what follows it on the command line wins."
    )
    return "\n".join(lines)


def short_help_text() -> str:
    """Lists all flags, with the first words of what each means."""
    width = max(map(len, SETTINGS))
    lines = [
        f"  --{name:{width}} "
        + textwrap.shorten(flag.help, 79 - 5 - width, placeholder=" ...")
        for name, flag in SETTINGS.items()
    ]
    return "\n".join(lines)


def format_flags(config: Config) -> str:
    """Writes a flagfile that repeats the run under another name, so without --run."""
    lines = ["# python -m trainer --flagfile=THIS_FILE trains this run once more."]
    wanted = ("always", "in a search") if config.mode == "search" else ("always",)
    for name, flag in SETTINGS.items():
        value = getattr(config, name)
        if value is not None and flag.repeated in wanted:
            lines.append(f"--{name}={quoted(format_value(flag.kind, value))}")
    return "\n".join(lines) + "\n"
