"""Gates: whether an answer is what its step asked for, and if not, why; cheapest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import NamedTuple

from asyncsynth.config.expressions import finder, finder_of_any
from asyncsynth.config.gates import Bounds, GateSection
from asyncsynth.config.shown import shown
from asyncsynth.quality.language import detector
from asyncsynth.quality.refusals import refuses
from asyncsynth.quality.words import count_words, has_words
from asyncsynth.text import count


class Rejection(NamedTuple):
    """Why an answer is not used: the gate's name, and a sentence for people and for the model.

    Like "has 120 words; must have at least 600".
    """

    gate: str
    why: str


Gate = Callable[[str, str], str | None]  # of a text and its finish reason: why it is rejected, or None


class Gates:
    """The gates of one step, but for `duplicate`, which needs the answers before (quality/repeated)."""

    def __init__(self, section: GateSection) -> None:
        self._gates = tuple(_gates_of(section))

    def rejection(self, text: str, finish_reason: str) -> Rejection | None:
        """Of the first gate that rejects this text; None: it passes."""
        for name, gate in self._gates:
            if (why := gate(text, finish_reason)) is not None:
                return Rejection(name, why)
        return None


def _gates_of(section: GateSection) -> Iterator[tuple[str, Gate]]:
    """In the order in which they are asked: a refusal is short as well, and is called by its name."""
    if section.finish is not None:
        yield "finish", _finish(section.finish)
    if section.refusal:
        yield "refusal", _refusal
    if section.characters is not None:
        yield "characters", _within(section.characters, "character", lambda text: len(text.strip()))
    if section.words is not None:
        yield "words", _words(section.words)
    if section.lines is not None:
        yield "lines", _within(section.lines, "line", count_lines)
    if section.forbid:
        yield "forbid", _forbid(section.forbid)
    if section.require:
        yield "require", _require(section.require)
    if section.language is not None:
        yield "language", _language(section.language)


def count_lines(text: str) -> int:
    """Those that have something in them."""
    return sum(not line.isspace() for line in text.splitlines() if line)


def _finish(allowed: Sequence[str]) -> Gate:
    wanted = " or ".join(map(shown, allowed))
    return lambda _, reason: None if reason in allowed else f"ended with {shown(reason)}; {wanted} is wanted"


def _refusal(text: str, _: str) -> str | None:
    return "refuses what was asked" if refuses(text) else None


def _within(bounds: Bounds, noun: str, counted: Callable[[str], int]) -> Gate:
    least, most = bounds.min or 0, inf if bounds.max is None else bounds.max

    def gate(text: str, _: str) -> str | None:
        number = counted(text)
        if number < least:
            return f"has {count(number, noun)}; must have at least {least:,}"
        if number > most:
            return f"has {count(number, noun)}; must have at most {most:,}"
        return None

    return gate


def _words(bounds: Bounds) -> Gate:
    gate, least = _within(bounds, "word", count_words), bounds.min
    if least is None or bounds.max is not None:
        return gate
    return lambda text, reason: None if has_words(text, least) else gate(text, reason)


def _forbid(expressions: list[str]) -> Gate:
    found = finder_of_any(expressions)

    def gate(text: str, _: str) -> str | None:
        if not found(text):
            return None
        which = next(expression for expression in expressions if finder(expression)(text))
        return f"has something that must not be there: {which}"

    return gate


def _require(expressions: list[str]) -> Gate:
    each = [(expression, finder(expression)) for expression in expressions]

    def gate(text: str, _: str) -> str | None:
        for expression, found in each:
            if not found(text):
                return f"lacks something that must be there: {expression}"
        return None

    return gate


def _language(wanted: str) -> Gate:
    language_of = detector()

    def gate(text: str, _: str) -> str | None:
        language = language_of(text)
        return None if language in (None, wanted) else f'is in the language "{language}"; "{wanted}" is wanted'

    return gate
