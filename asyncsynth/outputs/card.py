"""The README.md of a data set on the Hugging Face Hub: what is where, in the words that the Hub reads.

https://huggingface.co/docs/hub/datasets-cards says which. No dataset_info: loaders believe it, and fail where it is not
exact to the byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)
_LARGEST = "100M<n<1B"


def card(name: str, examples: Mapping[str, int], places: Mapping[str, str], license_name: str) -> str:
    """The text; `examples` and the `places` of their files by split."""
    total = sum(examples.values())
    files = "".join(f"  - split: {split}\n    path: {json.dumps(place)}\n" for split, place in places.items())
    counts = "\n".join(f"| {split} | {examples[split]:,} |" for split in places)
    return f"""\
---
license: {license_name}
tags:
- synthetic
- asyncsynth
size_categories:
- {size_category(total)}
configs:
- config_name: default
  data_files:
{files}---

# {name}

Synthetic training examples, made with asyncsynth: a model wrote an answer for every combination of the values that the
column `combination` has.

| split | examples |
|---|---|
{counts}
"""


def size_category(examples: int) -> str:
    """What the Hub calls a set of this size."""
    return next((category for below, category in _SIZES if examples < below), _LARGEST)
