"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="The recipe.", metavar="FILE")]
OutputDirectory = Annotated[
    Path | None, typer.Option("--output", "-o", help="Instead of output.directory.", metavar="DIR")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", help="Override any option, typed as in TOML; repeatable.", metavar="SECTION.KEY=VALUE"),
]
Limit = Annotated[
    int | None, typer.Option("--limit", "-n", min=0, help="That many samples, spread evenly; 0: all.", metavar="N")
]
Concurrency = Annotated[
    str | None, typer.Option("--concurrency", help="Calls under way at once, at most; or auto.", metavar="N")
]
MaxCost = Annotated[float | None, typer.Option("--max-cost", min=0, help="Never spend more, in all.", metavar="USD")]
LogFormat = Annotated[
    Literal["text", "json"] | None,
    typer.Option("--log-format", help="Log lines of this form instead of the progress bar."),
]

DEFAULT_CONFIG = Path("config.toml")
