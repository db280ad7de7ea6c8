"""Keeps the results of a long benchmark in a file, so that it can go on later."""

import json
import pathlib
from collections.abc import Callable
from typing import Any


class Kept:
    """Values by key, one a line in a file of JSON; without a path in memory only."""

    def __init__(self, path: pathlib.Path | None):
        self._path = path
        self._values: dict[str, Any] = {}
        if path is not None and path.exists():
            for line in path.read_text().splitlines():
                each = json.loads(line)
                self._values[json.dumps(each["key"])] = each["value"]

    def get(self, key: list[Any], compute: Callable[[], Any]) -> Any:
        """Returns the value of `key`, and computes it if it is not there yet."""
        name = json.dumps(key)
        if name not in self._values:
            self._values[name] = compute()
            if self._path is not None:
                with self._path.open("a") as file:
                    line = {"key": key, "value": self._values[name]}
                    file.write(json.dumps(line) + "\n")
        return self._values[name]
