"""`--show`: each request, training example and completion, as it ends."""

from __future__ import annotations

from collections.abc import Callable

from asyncsynth.app.preview import sections_of
from asyncsynth.cli.console import say
from asyncsynth.values import End, Finished, GivenUp, Rejected


def show_end(end: End, scrub: Callable[[str], str]) -> None:
    """Print a sample's request and what its record has, or why there is none.

    `scrub` takes the key out of what the model wrote: the files keep it, a screen is looked at by others.
    """
    if isinstance(end, Finished | Rejected):
        _show_end_of_steps(end, scrub)
        return
    request = end.request
    key = request.sample.key if request is not None else end.sample.key if isinstance(end, GivenUp) else ""
    say(f"\n=== {key} ===")
    if request is not None:
        if request.system is not None:
            say(f"--- system\n{request.system}")
        say(f"--- request\n{request.text}")
    if isinstance(end, GivenUp):
        say(f"--- dead letter: {end.fault.reason}: {end.fault.message}")
        return
    if not end.rows:
        say(scrub(f"--- answer ({end.answer.finish_reason})\n{end.answer.text}"))
    for row in end.rows:
        for section in sections_of(row.fields, completion=f"completion ({end.answer.finish_reason})"):
            say(scrub(section))
        if row.problem is not None:
            say(scrub(f"--- no record: {row.problem}\n--- answer\n{end.answer.text}"))


def _show_end_of_steps(end: Finished | Rejected, scrub: Callable[[str], str]) -> None:
    """Print the record of a sample of several steps, or why there is none."""
    if isinstance(end, Rejected):
        say(f"\n=== {end.key} ===")
        say(scrub(f"--- dead letter: {end.gate}: {end.why}"))
        return
    say(f"\n=== {end.answers[end.main].key} ===")
    for section in sections_of(end.row.fields):
        say(scrub(section))
    if end.row.problem is not None:
        say(scrub(f"--- no record: {end.row.problem}"))
