"""Modules are loaded without looking for garbage among them, now or ever again."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager


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
    finally:
        gc.freeze()
        gc.set_threshold(YOUNG)
        gc.enable()
