"""`--show`: each request, training prompt and completion, as it ends."""

from __future__ import annotations

from collections.abc import Callable

from asyncsynth.cli.console import say
from asyncsynth.values import GivenUp, Made


def show_end(scrub: Callable[[str], str], end: Made | GivenUp) -> None:
    """Print a sample's request, its training prompt, and its completion or why there is none.

    `scrub` takes the key out of what the model wrote: the files keep it, a screen is looked at by others.
    """
    request = end.request
    say(f"\n=== {request.sample.key} ===")
    if request.system is not None:
        say(f"--- system\n{request.system}")
    say(f"--- request\n{request.text}")
    say(f"--- training prompt\n{request.prompt}")
    if isinstance(end, Made):
        say(scrub(f"--- completion ({end.answer.finish_reason})\n{end.answer.text}"))
    else:
        say(f"--- given up: {end.fault.reason}: {end.fault.message}")
