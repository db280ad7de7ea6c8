"""Reads flagfiles: a flag a line, with comments, quotes and other flagfiles."""

import pathlib
import re
from collections.abc import Iterator, Sequence

from lr_plugin import folders
from trainer.errors import ConfigError
from trainer.nearest import nearest

_SHIPPED = pathlib.Path(__file__).parent / "configs"
_LINE = re.compile(
    r"""--?(?P<name>\w+)                    # --epochs
        (?:(?:\s*=\s*|\s+(?!\#|//))         # = or a space
           (?P<value>"[^"]*"|'[^']*'|[^\s"'](?:.*?\S)??))?
        (?:\s+(?:\#|//).*)?                # a comment
    """,
    re.VERBOSE,
)


def expand_flagfiles(arguments: Sequence[str]) -> list[str]:
    """Puts the flags of a file in the place of each --flagfile.

    A flagfile in a flagfile lies beside it. One that is not there is looked for among
    those that the package brings, so that digits.flags is found wherever it is. One of
    a search in a bucket is there, as s3://bucket/logs/search1/best.flags.

    Raises:
        ConfigError: A file cannot be read, includes itself, or has a line that is no
            flag.
    """
    return list(_expand(list(arguments), within=()))


def quoted(value: str) -> str:
    """Writes a value so that a line of a flagfile has it to its end."""
    if not re.search(r"\s|^[\"']", value):
        return value
    mark = "'" if '"' in value else '"'
    return f"{mark}{value}{mark}"


def _expand(arguments: list[str], within: tuple[str, ...]) -> Iterator[str]:
    while arguments:
        argument = arguments.pop(0)
        name, equals, value = argument.partition("=")
        if name not in ("--flagfile", "-flagfile"):
            yield argument
            continue
        if not equals:
            value = arguments.pop(0) if arguments else ""
        if not value:
            raise ConfigError(
                "`--flagfile` must name a file. Received: no name. For example "
                "--flagfile=digits.flags."
            )
        path = _find(value, within[-1] if within else None)
        if path in within:
            raise ConfigError(
                "`--flagfile` must not lead back to a file that includes it. Received: "
                f"--flagfile={value} in {within[-1]}. Take the line out."
            )
        yield from _expand(_read(path), (*within, path))


def _find(value: str, includes: str | None) -> str:
    """Finds a flagfile, which the flagfile `includes` may name."""
    if folders.is_remote(value):
        try:
            return folders.resolve_folder(value, name="--flagfile")
        except (ImportError, ValueError) as error:
            raise ConfigError(str(error)) from error
    if includes is not None and folders.is_remote(includes):
        return folders.join_folder(includes.rpartition("/")[0], value)
    path = pathlib.Path(value).expanduser()
    places = (
        [path] if includes is None else [pathlib.Path(includes).parent / path, path]
    )
    if path.parent.name in ("", "configs"):
        places.append(_SHIPPED / path.name)
    for place in places:
        if place.is_file():
            return str(place.resolve())
    shipped = sorted(each.name for each in _SHIPPED.glob("*.flags"))
    raise ConfigError(
        f"`--flagfile` must be a file that exists, or one of {', '.join(shipped)}"
        f"{nearest(path.name, shipped)}. Received: --flagfile={value}. Correct the "
        "path."
    )


def _read(path: str) -> list[str]:
    try:
        # With the mark that Windows' editors put before the first line.
        lines = folders.read_file(path).decode("utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise ConfigError(
            f"`--flagfile` must be a file that exists. Received: --flagfile={path}. "
            "Correct the path."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"`--flagfile` must be a text file in UTF-8. Received: {path}: {error}. "
            "Save it anew."
        ) from error
    arguments = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith(("#", "//")):
            continue
        found = _LINE.fullmatch(text)
        if found is None:
            raise ConfigError(
                "A line of a flagfile must be --name=value. Received: "
                f"{text!r} in line {number} of {path}. Correct it, or begin it with # "
                "for a comment."
            )
        value = found["value"]
        if value is None:
            arguments.append(f"--{found['name']}")
        else:
            if value[0] in "\"'":
                value = value[1:-1]
            arguments.append(f"--{found['name']}={value}")
    return arguments
