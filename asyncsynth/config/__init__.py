"""What the user wrote: config.toml and overrides become frozen sections, checked as a whole.

The way: `read` reads the file, with each `override`, or tells its `mistakes`; `check` compares it with what there is,
`options` says what is wrong with each option, as `shown` to people, and `config` is the result. `paths` and
`rehearsal` change it on the way.
The sections: each is a `section`; `sections` declares most, `prompt` and `record` what is asked and kept, `named` the
further endpoints.
The axes: `axes` and `axis_values` are lists, `sources` all others, some `dependent` on each other; `exclude` leaves
some out.
A step: `steps` names it, `dialogue`, `schema`, `rubric`, `gates` and `languages` are what it can have; regular
`expressions` find, and `cutting` cuts out.
An endpoint: its `addresses` and `hosts`, its `parameters`, and what is `sent_along`, with `variables` in it.
"""

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
