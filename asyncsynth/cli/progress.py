"""What a person sees while a run works: a bar on a terminal, a log line every few seconds elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Protocol

from asyncsynth.app.progress import Progress, sentence
from asyncsynth.text import printable_line

BAR_SECONDS = 0.25
LINE_SECONDS = 5.0


class Display(Protocol):
    """Shows a run to somebody."""

    seconds: float

    def show(self, progress: Progress) -> None: ...
    def note(self, event: str, **facts: Any) -> None: ...
    def shown(self) -> Any: ...


class Bar:
    """A rich progress bar on standard error."""

    seconds = BAR_SECONDS

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - loaded only where a terminal is watched
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415 - the same
        from rich.progress import Progress as RichProgress  # noqa: PLC0415 - the same

        self._console = Console(stderr=True)
        self._progress = RichProgress(
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}", markup=False),
            console=self._console,
            auto_refresh=False,
        )
        self._task = self._progress.add_task("samples", total=None, figures="")

    def show(self, progress: Progress) -> None:
        self._progress.update(
            self._task, completed=progress.done, total=progress.total, figures=sentence(progress), refresh=True
        )

    def note(self, event: str, **facts: Any) -> None:
        told = " ".join(f"{name}={value}" for name, value in facts.items())
        self._console.print(printable_line(f"{event} {told}".strip(), 1000), markup=False, highlight=False)

    @contextmanager
    def shown(self) -> Iterator[None]:
        with self._progress:
            yield


class Lines:
    """Structured log lines; `logger` is called at the first one."""

    seconds = LINE_SECONDS

    def __init__(self, logger: Callable[[], Any]) -> None:
        self._make_logger = logger

    @cached_property
    def _logger(self) -> Any:
        return self._make_logger()

    def show(self, progress: Progress) -> None:
        facts = {name: getattr(progress, name) for name in progress.__dataclass_fields__}
        rounded = {name: round(fact, 4) if isinstance(fact, float) else fact for name, fact in facts.items()}
        self._logger.info("progress", **{name: fact for name, fact in rounded.items() if fact not in (None, "")})

    def note(self, event: str, **facts: Any) -> None:
        self._logger.warning(event, **facts)

    @contextmanager
    def shown(self) -> Iterator[None]:
        yield


async def keep_showing(display: Display, look: Callable[[], Progress | None]) -> None:
    """Show a fresh look every `display.seconds` until cancelled, and a last one then."""
    try:
        while True:
            await asyncio.sleep(display.seconds)
            _show(display, look())
    finally:
        _show(display, look())


def _show(display: Display, progress: Progress | None) -> None:
    if progress is not None:
        display.show(progress)
