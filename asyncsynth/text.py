"""Text for people: foreign text made safe for a terminal or a log, and numbers, money and times in words.

No escape sequence, no control or bidi character gets through.
"""

from __future__ import annotations

from math import floor, log10

# C0 but tab and newline, DEL, C1 (among them CSI and OSC in one byte), and the characters that reorder
# what a person sees (Unicode UAX #9: marks, embeddings, overrides, isolates).
_CONTROLS = [*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)]
_BIDI = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_LINE_BREAKS = [0x2028, 0x2029]
_STRIPPED = dict.fromkeys([*_CONTROLS, *_BIDI, *_LINE_BREAKS])
_STRIPPED_IN_A_LINE = _STRIPPED | {0x0A: " ", 0x09: " "}


def printable(text: str) -> str:
    """`text` without controls; newlines and tabs stay."""
    return text.translate(_STRIPPED).encode("utf-8", "replace").decode("utf-8")


def printable_line(text: str, limit: int = 300) -> str:
    """`text` as one line of at most `limit` characters."""
    line = text[: limit * 4].translate(_STRIPPED_IN_A_LINE).encode("utf-8", "replace").decode("utf-8").strip()
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def count(number: int, noun: str) -> str:
    """1 sample, 2 samples, 12,345 samples."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def money(usd: float | None) -> str:
    """USD for people: cents from a dollar on, below it four decimals, or as many as two digits of it need."""
    if usd is None:
        return "price unknown"
    if usd >= 1 or usd == 0:
        return f"${usd:,.2f}"
    zeros = -floor(log10(usd)) - 1  # behind the point
    return f"${usd:.{max(4, zeros + 2)}f}"


def duration(seconds: float | None) -> str:
    """Seconds as 1:02:03 or 2:03; "-" where unknown."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
