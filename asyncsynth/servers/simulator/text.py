"""Text that is plainly marked as simulated, and the rule by which its tokens are counted.

A token is 4 bytes of UTF-8, rounded up for each whole text: about what English costs with real tokenizers,
and anyone can check it. The text is ASCII, so a cut at n tokens is a cut at 4 * n characters.
"""

from __future__ import annotations

import random

from asyncsynth.servers.simulator.draws import integers

MARK = "[simulated] "
BYTES_PER_TOKEN = 4
OPENING_WORDS = 6  # drawn one by one, so that two answers seldom begin alike
LEAST_TOKENS = 13  # of the mark and such an opening, about

_VOCABULARY = """the a an old young quiet silver distant broken hidden narrow patient stranger sister captain doctor
teacher painter widow river harbour village mountain winter summer evening morning letter window garden station
market bridge lantern machine promise secret memory shadow journey finds loses follows remembers forgets opens
crosses believes refuses discovers returns carries answers waits listens before after beneath beyond against
without toward under over between slowly suddenly never always almost again when where while because although
until and or but then there nothing everything someone their her his its every other another second last only
house road train ship field forest island city family daughter brother neighbour friend enemy rumour festival
storm silence colour music photograph newspaper telephone experiment conspiracy inheritance investigation"""
WORDS = _VOCABULARY.split()


def count_tokens(text: str) -> int:
    """UTF-8 bytes / 4, rounded up; lone surrogates count 3 bytes."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return -(-size // BYTES_PER_TOKEN)


def _corpus(sentences: int) -> tuple[str, tuple[int, ...]]:
    """Sentences in a row, and where each begins; made once, answers are slices of it."""
    draw = random.Random(2022)  # noqa: S311 - text for rehearsals, not a secret
    parts: list[str] = []
    starts: list[int] = []
    position = 0
    for _ in range(sentences):
        sentence = " ".join(draw.choices(WORDS, k=draw.randrange(6, 16))).capitalize() + ". "
        starts.append(position)
        parts.append(sentence)
        position += len(sentence)
    return "".join(parts), tuple(starts)


_TEXT, _STARTS = _corpus(2048)


def write(key: bytes, prompt: bytes, tokens: int) -> str:
    """About `tokens` tokens of text (at least the mark and an opening), fixed by seed key and prompt fingerprint."""
    opening_draw, start_draw, _, _ = integers(key, b"text" + prompt)
    words = []
    for _ in range(OPENING_WORDS):
        opening_draw, index = divmod(opening_draw, len(WORDS))
        words.append(WORDS[index])
    opening = f"{MARK}{' '.join(words).capitalize()}."
    wanted = tokens * BYTES_PER_TOKEN - len(opening) - 2  # a blank and the last full stop
    if wanted <= 0:
        return opening
    start = _STARTS[start_draw % len(_STARTS)]
    body = _TEXT[start : start + wanted]
    while len(body) < wanted:
        body += _TEXT[: wanted - len(body)]
    return f"{opening} {body.rstrip('. ')}."
