"""Where data came from, for messages about it."""

import dataclasses
import re
from typing import Any

from trainer.settings.config import ConfigError


@dataclasses.dataclass(frozen=True)
class Origin:
    """What a message about data calls it.

    Attributes:
        name: As a person would, `--dataset=data.npz`.
        advice: What to do about whatever is wrong: a sentence.
    """

    name: str
    advice: str

    def error(self, rule: str, received: str, advice: str = "") -> ConfigError:
        """The error: what must hold, what was received, what to do."""
        return ConfigError(
            f"`{self.name}` {rule}. Received: {received}. {advice or self.advice}"
        )


def first_line(error: Any) -> str:
    """The first line of what an exception says, without its full stop."""
    # TensorFlow begins with the node of its graph, which says nothing to a person.
    text = re.sub(r"^\{\{.*?\}\}", "", str(error).strip()).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__
