"""What a machine reads: structured lines on standard error; the only place that loads and configures structlog."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Literal, TextIO

from asyncsynth.cli.imports import without
from asyncsynth.text import printable_line

LogFormat = Literal["text", "json"]


def logger(log_format: LogFormat, scrub: Callable[[str], str], stream: TextIO | None = None) -> Any:
    """What sends every log line to `stream` (standard error), `scrub` taking the key out of all strings."""
    with without("rich"):  # for tracebacks in colours; four fifths of the time that the event loop stands still for it
        import structlog  # noqa: PLC0415 - no first request should wait for it

    def clean(_logger: Any, _method: str, event: Any) -> Mapping[str, Any]:
        return {name: printable_line(scrub(one), 1000) if isinstance(one, str) else one for name, one in event.items()}

    shape: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            clean,
            shape,
        ],
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    return structlog.get_logger()
