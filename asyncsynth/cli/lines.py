"""A run as structured log lines, one every few seconds."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from msgspec.structs import asdict

from asyncsynth.app.progress import Progress

LINE_SECONDS = 5.0


class Lines:
    """A Display; `logger` is called at the first line."""

    seconds = LINE_SECONDS

    def __init__(self, logger: Callable[[], Any]) -> None:
        self._make_logger = logger

    @cached_property
    def _logger(self) -> Any:
        return self._make_logger()

    def show(self, progress: Progress) -> None:
        facts = asdict(progress).items()
        rounded = {name: round(fact, 4) if isinstance(fact, float) else fact for name, fact in facts}
        self._logger.info("progress", **{name: fact for name, fact in rounded.items() if fact not in (None, "")})

    def note(self, event: str, **facts: Any) -> None:
        self._logger.warning(event, **facts)

    def clear(self) -> None:
        pass

    def end(self) -> None:
        pass
