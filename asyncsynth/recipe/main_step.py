"""The step whose answers are what a recipe is about, by what a manifest keeps of the recipe."""

from __future__ import annotations

from asyncsynth.recipe.facts import Facts


def main_step(facts: Facts | None) -> str | None:
    """The last one that makes a text; None for a recipe of one step, or where nothing is known."""
    steps = {} if facts is None else facts.get("steps", {})
    return next((name for name, step in reversed(steps.items()) if not step.get("judge")), None)
