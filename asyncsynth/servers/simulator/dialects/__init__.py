"""The APIs that the simulator speaks, one module each."""

from __future__ import annotations

from collections.abc import Mapping

from asyncsynth.servers.simulator.dialects.anthropic import Messages
from asyncsynth.servers.simulator.dialects.dialect import Dialect
from asyncsynth.servers.simulator.dialects.gemini import GenerateContent
from asyncsynth.servers.simulator.dialects.openai import Chat, Completions
from asyncsynth.servers.simulator.dialects.responses import Responses
from asyncsynth.values import Api

DIALECTS: Mapping[Api, Dialect] = {
    "chat": Chat(),
    "completions": Completions(),
    "responses": Responses(),
    "anthropic": Messages(),
    "gemini": GenerateContent(),
}
