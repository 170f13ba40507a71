"""How the demo speaks: numbered steps, the commands it runs, what they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text


@dataclass
class Screen:
    """Writes to the terminal; every word that came from data is escaped."""

    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    step_count: int = 0

    @classmethod
    def quiet(cls) -> "Screen":
        """Return a screen that shows nothing, for ``--json``."""
        return cls(Console(quiet=True))

    def title(self, text: str) -> None:
        """Open the demo."""
        self.console.print(Panel(Text(text), style="bold"))

    def step(self, text: str) -> None:
        """Begin a numbered step."""
        self.step_count += 1
        self.console.print()
        self.console.print(Text(f"{self.step_count:2}  {text}", style="bold cyan"))

    def say(self, text: str, style: str = "") -> None:
        """Write one line under the step."""
        self.console.print(Text(f"    {text}", style=style))

    def command(self, words: Sequence[str]) -> None:
        """Show a command as a person would type it."""
        self.console.print(Text(f"    $ {' '.join(words)}", style="dim"))

    def call(self, tool: str, arguments: Mapping[str, object]) -> None:
        """Show a tool call as the agent makes it."""
        shown = ", ".join(f"{name}={_short(value)}" for name, value in arguments.items())
        self.console.print(Text(f"    agent> {tool}({shown})", style="dim"))

    def code(self, text: str) -> None:
        """Show a strategy."""
        self.console.print(
            Syntax(text.rstrip(), "ruby", padding=(0, 4), background_color="default")
        )

    def block(self, text: str, style: str = "") -> None:
        """Show a text as it is, indented."""
        for line in text.splitlines():
            self.console.print(Text(f"    {line}", style=style))

    def table(self, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Show rows under a head."""
        table = Table(box=None, padding=(0, 2))
        for cell in head:
            table.add_column(Text(cell))
        for row in rows:
            table.add_row(*[Text(figure(cell)) for cell in row])
        self.console.print(table)

    def good(self, text: str) -> None:
        """Say what went as it should."""
        self.say(f"ok  {text}", "green")


def figure(value: object) -> str:
    """Write a cell: figures with four digits, nothing as a dash."""
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _short(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else f"'{' '.join(value.split())}'"
    limit = 60
    return text if len(text) <= limit else f"{text[: limit - 4]}...'"
