"""`asyncsynth retry`: clears dead letters, so that the next run tries them again."""

from __future__ import annotations

from typing import Annotated

import typer

from asyncsynth.app.load import load_config
from asyncsynth.app.store import opened
from asyncsynth.cli.console import count, say
from asyncsynth.cli.options import DEFAULT_CONFIG, ConfigFile, OutputDirectory, Settings
from asyncsynth.errors import Problem, UsageError, nearest


def retry(
    reasons: Annotated[
        list[str] | None, typer.Argument(help="Only these reasons; all without.", metavar="REASON")
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    settings: Settings = None,
) -> None:
    """Clear dead letters, all or by reason; the next run tries them again."""
    with opened(load_config(config, settings, output=output)) as store:
        known = store.totals.failures
        for reason in reasons or ():
            if reason not in known:
                problem = Problem(reason, "no dead letter has this reason", nearest(reason, known))
                raise UsageError(str(problem), hint=f"reasons there are: {', '.join(sorted(known)) or 'none'}")
        cleared = store.retry(set(reasons) if reasons else None)
    say(f"{count(cleared, 'dead letter')} cleared" + ("; the next run tries them again" if cleared else ""))
