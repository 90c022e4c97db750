"""The tokens of a call that are paid, from the usage of a reply in the shape of any service, or estimated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from asyncsynth.values import Request, Usage

BYTES_PER_TOKEN = 4  # of English, roughly
MAX_PLAUSIBLE = 10**9  # tokens of one call; beyond it the endpoint's count is not believed

# By their letters alone, so that prompt_tokens, promptTokens and PromptTokens are one.
_PROMPT = ("prompttokens", "inputtokens", "prompttokencount", "inputtokencount", "promptevalcount")
_COMPLETION = (
    "completiontokens", "outputtokens", "candidatestokencount", "outputtokencount", "completiontokencount", "evalcount",
    "generatedtokens", "responsetokencount",
)  # fmt: skip
_TOTAL = ("totaltokens", "totaltokencount")
# Counted beside the prompt by Anthropic and Bedrock, whose own word for the prompt is input tokens; and by Gemini.
_BESIDE_INPUT = ("cachecreationinputtokens", "cachereadinputtokens", "cachewriteinputtokens")
_BESIDE_PROMPT = ("tooluseprompttokencount",)
_BESIDE_COMPLETION = ("thoughtstokencount",)  # Gemini's
# Details, as a rule a part of the whole; where they are larger than it they were counted apart.
_CACHED = ("cachedtokens", "promptcachehittokens", "cachedcontenttokencount")
_REASONING = ("reasoningtokens",)
_DETAILS_OF_PROMPT = ("prompttokensdetails", "inputtokensdetails")
_DETAILS_OF_COMPLETION = ("completiontokensdetails", "outputtokensdetails")


class Counted(NamedTuple):
    """What a usage says; 0 where it does not. `told`: it has a number at all. `thought`: tokens of reasoning."""

    prompt: int = 0
    completion: int = 0
    told: bool = False
    thought: int = 0


def usage_of(given: Any, request: Request, text: str, thoughts: str = "") -> Usage:
    """The usage of an answer; a count that is missing or zero beside real text is estimated from its bytes."""
    if type(given) is dict:
        asked, written = given.get("prompt_tokens", 0), given.get("completion_tokens", 0)
        # The usual shape, at once: nothing is missing, and the total leaves nothing out.
        if (
            type(asked) is int
            and type(written) is int
            and 0 < asked <= MAX_PLAUSIBLE >= written > 0
            and given.get("total_tokens") == asked + written
            and _thought_within(given.get("completion_tokens_details"), written)
        ):
            return Usage(asked, written)
    counted = count(given)
    if counted.prompt and (counted.completion or not (text or thoughts)):
        return Usage(counted.prompt, counted.completion)
    prompt = _estimate(request.text, request.system or "")
    if counted.completion and not _named(given, (*_PROMPT, *_COMPLETION)):  # nothing but a total
        prompt = min(prompt, counted.completion - 1)
        return Usage(prompt, counted.completion - prompt, "estimate")
    return Usage(counted.prompt or prompt, counted.completion or _estimate(text, thoughts), "estimate")


def count(given: Any) -> Counted:
    """What a usage says, whoever wrote it; what `total` has above its parts was paid as well."""
    if type(given) is not dict:
        return Counted()
    fields = {_letters(name): value for name, value in given.items() if isinstance(name, str)}
    prompt, completion, total = (_first(fields, names) for names in (_PROMPT, _COMPLETION, _TOTAL))
    told = any(number is not None for number in (prompt, completion, total))
    cached = _detail(fields, _DETAILS_OF_PROMPT, _CACHED)
    thought = _detail(fields, _DETAILS_OF_COMPLETION, (*_REASONING, *_BESIDE_COMPLETION))
    prompt_sum = (prompt or 0) + _sum(fields, _BESIDE_PROMPT)
    if not _named(given, ("prompttokens",)):
        prompt_sum += _sum(fields, _BESIDE_INPUT)
    completion_sum = (completion or 0) + _sum(fields, _BESIDE_COMPLETION)
    prompt_sum += cached if cached > prompt_sum else 0
    completion_sum += thought if thought > completion_sum else 0
    rest = max((total or 0) - prompt_sum - completion_sum, 0)
    if not prompt_sum and completion_sum:
        return Counted(rest, completion_sum, told, thought)
    return Counted(prompt_sum, completion_sum + rest, told, thought)


def _thought_within(details: Any, completion: int) -> bool:
    thought: Any = details.get("reasoning_tokens") if type(details) is dict else None
    return not isinstance(thought, int | float) or thought <= completion


def _named(given: Any, names: tuple[str, ...]) -> bool:
    return isinstance(given, dict) and any(_tokens(given[name]) for name in given if _letters(name) in names)


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    found = (_tokens(fields[name]) for name in names if name in fields)
    return next((number for number in found if number is not None), None)


def _sum(fields: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return sum(_tokens(fields.get(name)) or 0 for name in names)


def _detail(fields: Mapping[str, Any], places: tuple[str, ...], names: tuple[str, ...]) -> int:
    """A count among the details, or at the top, where some services have it."""
    for place in places:
        details = fields.get(place)
        if type(details) is dict:
            within = {_letters(name): value for name, value in details.items() if isinstance(name, str)}
            if (number := _first(within, names)) is not None:
                return number
    return _first(fields, names) or 0


def _tokens(value: Any) -> int | None:
    """A plausible number of tokens, also as a float or in digits; True is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(MAX_PLAUSIBLE)):
        value = int(value)
    return int(value) if type(value) in (int, float) and 0 <= value <= MAX_PLAUSIBLE else None


def _letters(name: Any) -> str:
    return "".join(filter(str.isalpha, name)).lower() if isinstance(name, str) else ""


def _estimate(*texts: str) -> int:
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    return -(-size // BYTES_PER_TOKEN)
