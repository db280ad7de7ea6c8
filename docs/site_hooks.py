"""What the site takes from the code when it is built: the text of `trainer --help`."""

from typing import Any

from trainer.settings.command_line import help_text

_MARK = "<!-- flags -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Puts the flags where a page asks for them."""
    return markdown.replace(_MARK, f"```text\n{help_text()}\n```")
