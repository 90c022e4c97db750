"""What a notebook shows of a run: one line that is updated in place; nothing outside of a notebook."""

from __future__ import annotations

import sys
from typing import Any, Protocol

from asyncsynth.api.result import Result
from asyncsynth.app.progress import Progress, sentence


class NotebookDisplay(Protocol):
    def show(self, progress: Progress | None) -> None: ...
    def end(self, result: Result) -> None: ...


class Nothing:
    """Outside of a notebook."""

    def show(self, progress: Progress | None) -> None:
        pass

    def end(self, result: Result) -> None:
        pass


class Line:
    """Plain text in an output that the notebook replaces; model text never gets into it."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._handle: Any = None

    def show(self, progress: Progress | None) -> None:
        if progress is not None:
            share = progress.done / progress.total if progress.total else 1.0
            filled = round(24 * share)
            bar = "█" * filled + "░" * (24 - filled)
            self._tell(f"{bar} {progress.done:,}/{progress.total:,} {sentence(progress)}")

    def end(self, result: Result) -> None:
        self._tell(str(result))

    def _tell(self, text: str) -> None:
        data = {"text/plain": text}
        if self._handle is None:
            self._handle = self._display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)


def notebook_display() -> NotebookDisplay:
    """The display of the notebook that this process is the kernel of, if it is one."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or not hasattr(shell, "kernel"):
        return Nothing()
    from IPython.display import display  # noqa: PLC0415 - only a notebook has it

    return Line(display)
