"""Thoughts that stand in the text itself, in <think> tags, told apart from the answer after them.

Servers without a parser for reasoning send them so (vLLM, llama.cpp, Ollama with R1, QwQ and their like). Where the
template of the chat has opened the tag already, the text begins within it.
"""

from __future__ import annotations

import re

THINK = "think"  # is in every tag that is meant: where it is not in a text, there is nothing to do
_OPENED = r"\s*<think(?:ing)?>"
_CLOSED = r"</think(?:ing)?>\s*"
_CLOSED_ON_A_LINE = r"(?:\A|\n)[ \t]*</think(?:ing)?>[ \t]*(?:\n\s*|\Z)"


def told_apart(text: str) -> tuple[str, str]:
    """The text without the thoughts that it begins with, and these; a tag further on is a part of the text.

    What was opened and never closed is all thoughts. Without an opening tag, a closing one counts on a line of its own.
    """
    opened = re.match(_OPENED, text)
    closed = re.search(_CLOSED_ON_A_LINE if opened is None else _CLOSED, text)
    if closed is None:
        return (text, "") if opened is None else ("", text[opened.end() :].strip())
    return text[closed.end() :], text[0 if opened is None else opened.end() : closed.start()].strip()
