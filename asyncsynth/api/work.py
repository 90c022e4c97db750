"""One run of a script, worked in whatever loop there is: what it ended with is kept for whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from os import PathLike
from pathlib import Path

from msgspec.structs import replace

from asyncsynth.api.committed import Committed
from asyncsynth.api.recipe import Recipe
from asyncsynth.api.result import Result, result_of
from asyncsynth.app.job import Job, sendable
from asyncsynth.app.run import Run, open_run
from asyncsynth.errors import AsyncsynthError, Collapsed, Interrupted, SpendCapReached, UsageError
from asyncsynth.values import End, Fault


class Work:
    """One run and what it needs to be watched: made in one thread, worked in the thread of its loop."""

    def __init__(self, recipe: Recipe, output: str | PathLike[str] | None, *, accept_changes: bool) -> None:
        given: object = recipe
        if not isinstance(given, Recipe):
            hint = 'give a Recipe, like Recipe.load("config.toml")'
            raise UsageError(f"a {type(given).__name__} can't be run", hint=hint)
        self.run: Run = open_run(sendable(_wherever(recipe.job(output))), accept_changes=accept_changes)
        try:
            self.committed = Committed(self.run.directory / "records.jsonl", self.run.records_size)
        except BaseException:
            self.run.close()
            raise
        self.failure: BaseException | None = None
        self._stopped_by: AsyncsynthError | None = None
        self.on_news: Callable[[], None] = _nothing  # records are in the file, or the run has ended

    def on_end(self, end: End) -> None:
        del end
        self.on_news()

    def on_trouble(self, fault: Fault) -> None:
        del fault

    def on_note(self, words: str) -> None:
        del words

    async def work(self) -> None:
        """To the end, which is told by on_news; what ended it early is kept for `result`."""
        try:
            if self.run.inventory.to_make:
                await self.run.make(self, asyncio.get_running_loop().time)
        except (SpendCapReached, Collapsed, Interrupted) as error:
            self._stopped_by = error
        except BaseException as error:  # noqa: BLE001 - told to whoever waits for the result, in their thread
            self.failure = error
        try:
            self.run.close()
        except AsyncsynthError as error:  # of a directory that was taken away, say
            self.failure = self.failure or error
        self.on_news()

    def result(self) -> Result:
        """Raises the error that ended the run, but for the spend cap, quality.stop_when and an interruption."""
        if self.failure is not None:
            raise self.failure
        return result_of(self.run.outcome(), self._stopped_by)


def _wherever(job: Job) -> Job:
    """The job with its whole path: the working directory is the script's own, and may change while the run works."""
    output = job.config.output
    absolute = output.model_copy(update={"directory": str(Path(output.directory).absolute())})
    return replace(job, config=replace(job.config, output=absolute))


def _nothing() -> None:
    pass
