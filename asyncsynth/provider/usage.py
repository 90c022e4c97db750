"""The tokens of a call that are paid, from the usage of a reply in the shape of any service, or estimated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from asyncsynth.costs import PICODOLLARS_PER_USD
from asyncsynth.values import Request, Usage

BYTES_PER_TOKEN = 4  # of English, roughly
MAX_PLAUSIBLE = 10**9  # tokens of one call; beyond it the endpoint's count is not believed
MOST_DOLLARS = 10_000.0  # for one call; the same
KNOWN_NAMES, LONGEST_KNOWN = 256, 64  # names of fields that are remembered, and their characters

# By their letters alone, so that prompt_tokens, promptTokens and PromptTokens are one.
_PROMPT = ("prompttokens", "inputtokens", "prompttokencount", "inputtokencount", "promptevalcount")
_COMPLETION = (
    "completiontokens", "outputtokens", "candidatestokencount", "outputtokencount", "completiontokencount", "evalcount",
    "generatedtokens", "responsetokencount",
)  # fmt: skip
_TOTAL = ("totaltokens", "totaltokencount")
# Counted beside the prompt by Anthropic and Bedrock, whose own word for the prompt is input tokens; and by Gemini.
_READ_BESIDE = ("cachereadinputtokens",)
_WRITTEN_BESIDE = ("cachecreationinputtokens", "cachewriteinputtokens")
_BESIDE_PROMPT = ("tooluseprompttokencount",)
_BESIDE_COMPLETION = ("thoughtstokencount",)  # Gemini's
# Details, as a rule a part of the whole; where they are larger than it they were counted apart.
_CACHED = ("cachedtokens", "promptcachehittokens", "cachedcontenttokencount")
_WRITTEN = ("cachewritetokens", "cachecreationtokens")
_WRITTEN_FOR_AN_HOUR = ("ephemeralhinputtokens",)  # Anthropic's ephemeral_1h_input_tokens
_REASONING = ("reasoningtokens", "thinkingtokens")
_DETAILS_OF_PROMPT = ("prompttokensdetails", "inputtokensdetails")
_DETAILS_OF_WRITES = ("cachecreation",)
_DETAILS_OF_COMPLETION = ("completiontokensdetails", "outputtokensdetails")
_USUAL = frozenset(
    {"prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "completion_tokens_details"}
)
_WITHOUT_DETAILS = 3  # of them


class Counted(Struct, frozen=True):
    """What a usage says; 0 where it does not. `told`: it has a number at all.

    `thought` are tokens of reasoning, a part of the completion; `cached` and `written` are parts of the prompt, and
    `for_an_hour` is a part of `written`.
    """

    prompt: int = 0
    completion: int = 0
    told: bool = False
    thought: int = 0
    cached: int = 0
    written: int = 0
    for_an_hour: int = 0


def usage_of(given: Any, request: Request, text: str, thoughts: str = "") -> Usage:
    """The usage of an answer; a count that is missing or zero beside real text is estimated from its bytes."""
    if type(given) is dict and given.keys() <= _USUAL and (usage := _usual(given)) is not None:
        return usage
    counted, cost = count(given), told_cost(given)
    if counted.prompt and (counted.completion or not (text or thoughts)):
        return Usage(
            counted.prompt,
            counted.completion,
            "endpoint",
            counted.cached,
            counted.written,
            counted.for_an_hour,
            counted.thought,
            cost,
        )
    prompt = _estimate(request.text, request.system or "")
    if counted.completion and not _named(given, (*_PROMPT, *_COMPLETION)):  # nothing but a total
        prompt = min(prompt, counted.completion - 1)
        return Usage(prompt, counted.completion - prompt, "estimate", cost=cost)
    return Usage(counted.prompt or prompt, counted.completion or _estimate(text, thoughts), "estimate", cost=cost)


def _usual(given: Mapping[str, Any]) -> Usage | None:
    """The usual shape, at once: nothing is missing, and the total leaves nothing out."""
    asked, written = given.get("prompt_tokens"), given.get("completion_tokens")
    if (
        type(asked) is not int
        or type(written) is not int
        or not 0 < asked <= MAX_PLAUSIBLE >= written > 0
        or given.get("total_tokens") != asked + written
    ):
        return None
    if len(given) == _WITHOUT_DETAILS:
        return Usage(asked, written)
    cached = into_cache = thought = 0
    if type(details := given.get("prompt_tokens_details")) is dict:
        cached, into_cache = details.get("cached_tokens") or 0, details.get("cache_write_tokens") or 0
    if type(details := given.get("completion_tokens_details")) is dict:
        thought = details.get("reasoning_tokens") or 0
    if not type(cached) is type(into_cache) is type(thought) is int:
        return None
    if cached < 0 or into_cache < 0 or cached + into_cache > asked or not 0 <= thought <= written:
        return None
    return Usage(asked, written, "endpoint", cached, into_cache, 0, thought)


def count(given: Any) -> Counted:
    """What a usage says, whoever wrote it; what `total` has above its parts was paid as well."""
    if type(given) is not dict:
        return Counted()
    fields = {_letters(name): value for name, value in given.items() if isinstance(name, str)}
    prompt, completion, total = (_first(fields, names) for names in (_PROMPT, _COMPLETION, _TOTAL))
    told = (prompt, completion, total) != (None, None, None)
    cached, written = (_detail(fields, _DETAILS_OF_PROMPT, names) for names in (_CACHED, _WRITTEN))
    read_beside, written_beside = _sum(fields, _READ_BESIDE), _sum(fields, _WRITTEN_BESIDE)
    thought = _detail(fields, _DETAILS_OF_COMPLETION, (*_REASONING, *_BESIDE_COMPLETION))
    prompt_sum = (prompt or 0) + _sum(fields, _BESIDE_PROMPT)
    if not _tokens(fields.get("prompttokens")):
        prompt_sum += read_beside + written_beside
    completion_sum = (completion or 0) + _sum(fields, _BESIDE_COMPLETION)
    prompt_sum += cached if cached > prompt_sum else 0
    completion_sum += thought if thought > completion_sum else 0
    rest = max((total or 0) - prompt_sum - completion_sum, 0)
    if prompt_sum or not completion_sum:
        completion_sum += rest
    else:
        prompt_sum = rest
    cached = min(max(cached, read_beside), prompt_sum)
    written = min(max(written, written_beside), prompt_sum - cached)
    for_an_hour = min(_detail(fields, _DETAILS_OF_WRITES, _WRITTEN_FOR_AN_HOUR), written) if written else 0
    return Counted(prompt_sum, completion_sum, told, thought, cached, written, for_an_hour)


def told_cost(given: Any) -> int | None:
    """What a usage says that the call cost, in picodollars; None where it doesn't.

    OpenRouter's; where the key of another provider is used, that one's own charge stands beside it.
    """
    cost = _dollars(given.get("cost")) if type(given) is dict else None
    if cost is None:
        return None
    details = given.get("cost_details")
    upstream = details.get("upstream_inference_cost") if type(details) is dict and given.get("is_byok") else None
    return round((cost + (_dollars(upstream) or 0.0)) * PICODOLLARS_PER_USD)


def _dollars(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and 0 <= value <= MOST_DOLLARS else None


def _named(given: Any, names: tuple[str, ...]) -> bool:
    return isinstance(given, dict) and any(_tokens(given[name]) for name in given if _letters(name) in names)


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:  # plain loops here and below: each reply goes through them some ten times
        if name in fields and (number := _tokens(fields[name])) is not None:
            return number
    return None


def _sum(fields: Mapping[str, Any], names: tuple[str, ...]) -> int:
    total = 0
    for name in names:
        if name in fields:
            total += _tokens(fields[name]) or 0
    return total


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
    if type(value) is int:
        return value if 0 <= value <= MAX_PLAUSIBLE else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(MAX_PLAUSIBLE)):
        value = int(value)
    return int(value) if type(value) in (int, float) and 0 <= value <= MAX_PLAUSIBLE else None


def _letters(name: Any) -> str:
    if not isinstance(name, str):
        return ""
    return _known_letters(name) if len(name) <= LONGEST_KNOWN else _letters_of(name)


def _letters_of(name: str) -> str:
    return "".join(filter(str.isalpha, name)).lower()


_known_letters = lru_cache(KNOWN_NAMES)(_letters_of)  # a service has the same few names in each reply


def _estimate(*texts: str) -> int:
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    return -(-size // BYTES_PER_TOKEN)
