"""A simulated provider with limits, faults and a bill, which speaks every API that we do: for rehearsals and tests.

Provider decides, synchronously and without a socket; serve and run_simulator put HTTP around it.
"""

from asyncsynth.servers.simulator.faults import DEFAULT_MIXTURE, Effect, FaultKind
from asyncsynth.servers.simulator.provider import Outcome, Plan, Provider
from asyncsynth.servers.simulator.requests import prompt_hash
from asyncsynth.servers.simulator.server import Simulator, run_simulator, serve
from asyncsynth.servers.simulator.settings import Settings, Spell
from asyncsynth.servers.simulator.text import count_tokens

__all__ = [
    "DEFAULT_MIXTURE",
    "Effect",
    "FaultKind",
    "Outcome",
    "Plan",
    "Provider",
    "Settings",
    "Simulator",
    "Spell",
    "count_tokens",
    "prompt_hash",
    "run_simulator",
    "serve",
]
