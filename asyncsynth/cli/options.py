"""The options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="The file with the recipe.", metavar="FILE")]


def _directory(given: str) -> Path:
    if not given:  # of an unset variable, say; Path takes it for the working directory
        raise typer.BadParameter("it is empty; name a directory")
    return Path(given)


OutputDirectory = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="The directory to use instead of output.directory.",
        metavar="DIR",
        parser=_directory,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        help="Override any option of the config, written as in TOML; may be repeated.",
        metavar="SECTION.KEY=VALUE",
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(
        "--limit", "-n", min=0, help="Make N samples in all, spread evenly over the axes; 0: all.", metavar="N"
    ),
]
Concurrency = Annotated[
    str | None, typer.Option("--concurrency", help="Make at most N calls at once, or auto.", metavar="N")
]
MaxCost = Annotated[
    float | None, typer.Option("--max-cost", min=0, help="Never spend more than this over all runs.", metavar="USD")
]
AcceptChanges = Annotated[
    bool,
    typer.Option("--accept-changes", help="Go on although the recipe has changed and paid answers are left behind."),
]
# For whoever starts a run for somebody else: no path of the config may lead out of this folder.
Below = Annotated[Path | None, typer.Option(hidden=True)]
LogFormat = Annotated[
    Literal["text", "json"] | None,
    typer.Option("--log-format", help="Write log lines in this format instead of a progress bar."),
]

DEFAULT_CONFIG = Path("config.toml")
