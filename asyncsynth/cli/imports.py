"""Modules are loaded without looking for garbage among them, now or ever again, and without what looks for plugins."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from types import ModuleType
from typing import Any

_METADATA = "importlib.metadata"
# Objects that were made and are not gone yet, before the collector looks at them. A run makes a wave of them for each
# batch of answers, and hardly any in cycles: with Python's 700 it looks at three waves of four for nothing.
YOUNG = 10_000


@contextmanager
def loading() -> Iterator[None]:
    """For a block that imports: what it loads stays until the end of the process, so the collector need not see it.

    That is a quarter of the time to the first request, and half of the time from the last answer to the exit. Nor does
    pydantic look for plugins, for which it reads what every installed package tells of itself.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.disable()
    try:
        yield
        if "pydantic" in sys.modules and _METADATA not in sys.modules:
            _load_pydantics_loader()
    finally:
        gc.freeze()
        gc.set_threshold(YOUNG)
        gc.enable()


def _load_pydantics_loader() -> None:
    """Load what would look for plugins without the twenty modules that it would read packages with.

    They are a twentieth of the time to the first request. Whatever is called after all still has them.
    """
    sys.modules[_METADATA] = stand_in = ModuleType(_METADATA)
    stand_in.__dict__["entry_points"] = _entry_points
    with suppress(ImportError):  # of another pydantic; it then loads what it needs by itself
        import_module("pydantic.plugin._loader")
    del sys.modules[_METADATA]


def _entry_points(**selected: Any) -> Any:
    return import_module(_METADATA).entry_points(**selected)
