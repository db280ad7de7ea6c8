"""The error for wrong settings, and how errors of other libraries are quoted."""

import re
from typing import Any


class ConfigError(ValueError):
    """A wrong setting; the message says what must hold, what came and what to do."""


def first_line(error: Any) -> str:
    """Quotes the first line of what an exception says, without its full stop."""
    # TensorFlow begins with the node of its graph, which says nothing to the user.
    text = re.sub(r"^\{\{.*?\}\}", "", str(error).strip()).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__
