"""What a machine reads: structured lines on standard error; the only place that configures structlog."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, Literal, TextIO

import structlog

from asyncsynth.terminal import printable_line

LogFormat = Literal["text", "json"]


def configure(log_format: LogFormat, scrub: Callable[[str], str], stream: TextIO | None = None) -> None:
    """Send every log line to `stream` (standard error), `scrub` taking the key out of all strings."""

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


def logger() -> Any:
    return structlog.get_logger()
