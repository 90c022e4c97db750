"""config.toml and overrides -> frozen sections: sections declares, check compares, read puts together."""

from asyncsynth.config.read import read
from asyncsynth.config.sections import (
    Combinations,
    Config,
    Endpoint,
    Limits,
    Output,
    PriceSection,
    Prompt,
    SimulatorSection,
)

__all__ = [
    "Combinations",
    "Config",
    "Endpoint",
    "Limits",
    "Output",
    "PriceSection",
    "Prompt",
    "SimulatorSection",
    "read",
]
