"""asyncsynth turns one config.toml into a synthetic fine-tuning set, resumed at will, never paid for twice.

    import asyncsynth as syn

    recipe = syn.Recipe.load("config.toml", limits={"concurrency": 64})
    print(recipe.plan())
    result = syn.run(recipe, output="runs/a")

Importing it is cheap and changes nothing in your process: each name below is loaded when it is first used.
"""

from __future__ import annotations

from asyncsynth.version import VERSION

__version__ = VERSION

TYPE_CHECKING = False  # typing's own takes longer to load than all before the command line can hear Ctrl-C
if TYPE_CHECKING:
    from typing import Any

    from asyncsynth.api.directory import Directory
    from asyncsynth.api.directory import Directory as open  # noqa: A004, N813 - read as syn.open
    from asyncsynth.api.recipe import Recipe
    from asyncsynth.api.result import Result
    from asyncsynth.api.running import Running, RunningAsync, run, start, start_async
    from asyncsynth.errors import (
        AsyncsynthError,
        Collapsed,
        ConfigError,
        EndpointStopped,
        ExportFailed,
        Interrupted,
        RecipeChanged,
        SpendCapReached,
        StoreError,
        StoreLocked,
        UsageError,
    )

# Public name -> the module that has it, and its name there.
_PUBLIC = {
    "Recipe": ("asyncsynth.api.recipe", "Recipe"),
    "Result": ("asyncsynth.api.result", "Result"),
    "Running": ("asyncsynth.api.running", "Running"),
    "RunningAsync": ("asyncsynth.api.running", "RunningAsync"),
    "run": ("asyncsynth.api.running", "run"),
    "start": ("asyncsynth.api.running", "start"),
    "start_async": ("asyncsynth.api.running", "start_async"),
    "Directory": ("asyncsynth.api.directory", "Directory"),
    "open": ("asyncsynth.api.directory", "Directory"),
    "AsyncsynthError": ("asyncsynth.errors", "AsyncsynthError"),
    "Collapsed": ("asyncsynth.errors", "Collapsed"),
    "ConfigError": ("asyncsynth.errors", "ConfigError"),
    "EndpointStopped": ("asyncsynth.errors", "EndpointStopped"),
    "ExportFailed": ("asyncsynth.errors", "ExportFailed"),
    "Interrupted": ("asyncsynth.errors", "Interrupted"),
    "RecipeChanged": ("asyncsynth.errors", "RecipeChanged"),
    "SpendCapReached": ("asyncsynth.errors", "SpendCapReached"),
    "StoreError": ("asyncsynth.errors", "StoreError"),
    "StoreLocked": ("asyncsynth.errors", "StoreLocked"),
    "UsageError": ("asyncsynth.errors", "UsageError"),
}

__all__ = [
    "AsyncsynthError",
    "Collapsed",
    "ConfigError",
    "Directory",
    "EndpointStopped",
    "ExportFailed",
    "Interrupted",
    "Recipe",
    "RecipeChanged",
    "Result",
    "Running",
    "RunningAsync",
    "SpendCapReached",
    "StoreError",
    "StoreLocked",
    "UsageError",
    "open",
    "run",
    "start",
    "start_async",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - for who uses the package

    module, inner = _PUBLIC[name]
    found = globals()[name] = getattr(import_module(module), inner)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
