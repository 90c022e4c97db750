"""`--show`: each request, training example and completion, as it ends."""

from __future__ import annotations

from collections.abc import Callable

from asyncsynth.app.preview import sections_of
from asyncsynth.cli.console import say
from asyncsynth.values import Answered, GivenUp


def show_end(end: Answered | GivenUp, scrub: Callable[[str], str]) -> None:
    """Print a sample's request and what its record has, or why there is none.

    `scrub` takes the key out of what the model wrote: the files keep it, a screen is looked at by others.
    """
    request = end.request
    key = request.sample.key if request is not None else end.sample.key if isinstance(end, GivenUp) else ""
    say(f"\n=== {key} ===")
    if request is not None:
        if request.system is not None:
            say(f"--- system\n{request.system}")
        say(f"--- request\n{request.text}")
    if isinstance(end, GivenUp):
        say(f"--- given up: {end.fault.reason}: {end.fault.message}")
        return
    for row in end.rows:
        for section in sections_of(row.fields, completion=f"completion ({end.answer.finish_reason})"):
            say(scrub(section))
        if row.problem is not None:
            say(scrub(f"--- no record: {row.problem}\n--- answer\n{end.answer.text}"))
