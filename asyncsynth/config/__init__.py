"""config.toml and overrides -> frozen sections: sections and record declare, check compares, read puts together."""

from asyncsynth.config.config import Config
from asyncsynth.config.prompt import Prompt
from asyncsynth.config.read import parsed, read, read_sections, read_text
from asyncsynth.config.record import Message, Record
from asyncsynth.config.sections import (
    Combinations,
    Endpoint,
    Limits,
    NamedEndpoint,
    Output,
    PriceSection,
    SimulatorSection,
)

__all__ = [
    "Combinations",
    "Config",
    "Endpoint",
    "Limits",
    "Message",
    "NamedEndpoint",
    "Output",
    "PriceSection",
    "Prompt",
    "Record",
    "SimulatorSection",
    "parsed",
    "read",
    "read_sections",
    "read_text",
]
