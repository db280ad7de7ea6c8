"""Flags to Config and back: parsing, the help, and the flagfile that repeats a run."""

from collections.abc import Sequence
from typing import Any

from absl import flags

from trainer.errors import ConfigError
from trainer.nearest import nearest
from trainer.settings.config import SETTINGS, Config, refusal
from trainer.settings.flag_types import Switch
from trainer.settings.open_values import format_value, parse_open


def parse_command_line(arguments: Sequence[str]) -> dict[str, Any]:
    """Reads the settings that the user gave, flagfiles included.

    Args:
        arguments: What follows the program's name.

    Returns:
        The given settings by name. The last value of a flag counts.

    Raises:
        ConfigError: A flag is not known, or its text cannot be read.
    """
    flag_values = _define_flags()
    try:
        rest = flag_values(["trainer", *arguments])[1:]
    except flags.UnrecognizedFlagError as error:
        raise ConfigError(
            f"Every flag must be known. Received: --{error.flagname}"
            f"{nearest(error.flagname, SETTINGS)}. See python -m trainer --help."
        ) from None
    except flags.Error as error:
        raise ConfigError(f"{error}. See python -m trainer --help.") from None
    if rest:
        raise ConfigError(
            f"Every setting must be a flag. Received: {rest[0]}. Write --name=value; "
            "see python -m trainer --help."
        )
    is_search = flag_values["mode"].value == "search"
    given: dict[str, Any] = {}
    for name, flag in SETTINGS.items():
        text = flag_values[name].value
        if text is None:
            continue
        try:
            kind = flag.kind
            if isinstance(kind, Switch):
                given[name] = text
            elif is_search and flag.searched != "no":
                given[name] = parse_open(kind, text)
            else:
                given[name] = kind.parse(text)
        except ValueError as error:
            raise refusal(name, error, text) from None
    return given


def help_text() -> str:
    """Describes all flags with their defaults, bounds and units, a paragraph each."""
    lines = []
    for name, flag in SETTINGS.items():
        default = flag.default
        if default is not None:
            default = f" Default: {flag.kind.format(default)}."
        lines.append(flags.text_wrap(f"--{name}", indent="  "))
        lines.append(flags.text_wrap(flag.help + (default or ""), indent="      "))
    lines.append("  --flagfile")
    lines.append(
        "      A file with one flag a line; what follows it on the command line wins."
    )
    return "\n".join(lines)


def format_flags(config: Config) -> str:
    """Writes a flagfile that repeats the run under another name, so without --run."""
    lines = ["# python -m trainer --flagfile=THIS_FILE trains this run once more."]
    wanted = ("always", "in a search") if config.mode == "search" else ("always",)
    for name, flag in SETTINGS.items():
        value = getattr(config, name)
        if value is not None and flag.repeated in wanted:
            lines.append(f"--{name}={format_value(flag.kind, value)}")
    return "\n".join(lines) + "\n"


def _define_flags() -> flags.FlagValues:
    flag_values = flags.FlagValues()
    for name, flag in SETTINGS.items():
        define = (
            flags.DEFINE_bool if isinstance(flag.kind, Switch) else flags.DEFINE_string
        )
        # None marks a flag that was not given. Config has the defaults.
        define(name, None, flag.help, flag_values=flag_values)
    return flag_values
