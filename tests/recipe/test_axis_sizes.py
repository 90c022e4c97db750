"""The number of values of each kind of axis is known from what the manifest keeps."""

from __future__ import annotations

from asyncsynth.config.sources import AxisValues, Dependent, Drawn
from asyncsynth.recipe.axis_sizes import axis_sizes
from asyncsynth.recipe.facts import written_axis


def test_every_kind_of_axis_has_its_size() -> None:
    axes: dict[str, AxisValues] = {
        "genre": ("horror", "mystery"),
        "subgenre": Dependent("genre", {"horror": ("slasher", "other"), "mystery": ("other",)}),
        "mood": Drawn(("calm", "angry", "sad"), (1.0, 1.0, 1.0)),
    }
    facts = {name: written_axis(axis) for name, axis in axes.items()}
    facts["product"] = {"rows": "products.csv", "count": 1000, "content": "9f"}
    assert axis_sizes({"axes": facts}) == {"genre": 2, "subgenre": 2, "mood": 3, "product": 1000}
    assert axis_sizes(None) == {}
