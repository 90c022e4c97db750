"""What a machine reads while a run works."""

from __future__ import annotations

from typing import Any

from asyncsynth.cli.lines import Lines
from tests.app.test_progress import PROGRESS


class Recorder:
    """A logger that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []

    def info(self, event: str, **facts: Any) -> None:
        self.lines.append((event, facts))

    warning = info


def test_a_log_line_has_every_known_figure_and_no_unknown_one() -> None:
    logger = Recorder()
    Lines(lambda: logger).show(PROGRESS)
    ((event, facts),) = logger.lines
    assert event == "progress"
    assert facts["done"] == 64
    assert facts["cost_usd"] == 0.0123
    assert "tokens_used" not in facts


def test_structlog_is_not_loaded_before_the_first_log_line() -> None:
    calls: list[Recorder] = []

    def logger() -> Recorder:
        calls.append(Recorder())
        return calls[-1]

    lines = Lines(logger)
    assert calls == []
    lines.note("fault")
    lines.show(PROGRESS)
    assert [event for event, _ in calls[0].lines] == ["fault", "progress"]
    assert len(calls) == 1
