"""A progress bar in the terminal, on standard error, for work that takes longer than a breath."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ..core.progress import Report, silent


@contextmanager
def progress_bar(title: str, *, is_quiet: bool = False) -> Iterator[Report]:
    """Give a ``Report`` that draws; a quiet one draws nothing."""
    if is_quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)

        def report(done: float, total: float, message: str) -> None:
            text = f"{title}: {message}" if message else title
            bar.update(task, completed=done, total=total or 1.0, description=text)

        yield report
