"""Where data comes from, for messages about it."""

import dataclasses

from trainer.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Origin:
    """How a message about data names it.

    Attributes:
        name: As the user wrote it, `--dataset=data.npz`.
        advice: What to do whatever is wrong, for the end of a message.
    """

    name: str
    advice: str

    def error(self, rule: str, received: str, advice: str = "") -> ConfigError:
        """Builds the error: what must hold, what was received, what to do."""
        return ConfigError(
            f"`{self.name}` {rule}. Received: {received}. {advice or self.advice}"
        )
