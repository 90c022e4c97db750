"""What the simulated model wrote for a call, whatever the API in which it is told."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.servers.simulator.text import BYTES_PER_TOKEN, count_tokens
from asyncsynth.values import Api


class Written(Struct, frozen=True):
    """An answer, or what a fault made of it. `finish_reason`: stop, length, content_filter, abort or error."""

    api: Api
    id: str
    created: int
    model: str
    prompt_tokens: int
    text: str | None  # None: its place is there, and null or empty
    completion_tokens: int
    finish_reason: str
    refusal: str | None = None
    thoughts: str | None = None
    thought_tokens: int = 0  # of those of the completion
    told_apart: bool = False  # these are counted beside the completion, as a few services do
    cached_tokens: int = 0  # of those of the prompt
    cost_usd: float | None = None  # as OpenRouter tells it
    counted: bool = True  # False: without any usage
    chosen: bool = True  # False: without a choice, a candidate or an item of output

    def with_text(self, change: Callable[[str], str]) -> Written:
        """The same with another text, and its tokens."""
        if self.text is None:
            return self
        text = change(self.text)
        return replace(self, text=text, completion_tokens=count_tokens(text))

    def cut(self, tokens: int) -> Written:
        """The same, ended by the limit after `tokens` tokens where it is longer."""
        if self.completion_tokens <= tokens or self.text is None:
            return self
        return replace(
            self, text=self.text[: tokens * BYTES_PER_TOKEN], completion_tokens=tokens, finish_reason="length"
        )
