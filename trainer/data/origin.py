"""Where data came from, for messages about it."""

import dataclasses

from trainer.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Origin:
    """What a message about data calls it.

    Attributes:
        name: As the user would, `--dataset=data.npz`.
        advice: What to do about whatever is wrong, for the end of a message.
    """

    name: str
    advice: str

    def error(self, rule: str, received: str, advice: str = "") -> ConfigError:
        """Builds the error: what must hold, what was received, what to do."""
        return ConfigError(
            f"`{self.name}` {rule}. Received: {received}. {advice or self.advice}"
        )
