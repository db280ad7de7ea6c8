"""What is raised where settings cannot be."""


class ConfigError(ValueError):
    """A setting that cannot be: what must hold, what was received, what to do."""
