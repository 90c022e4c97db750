"""Reads the Markdown pages as their readers do: sections, blocks, commands and what these are shown to print."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from tests.tree import ROOT

PROMPT = "$ "


@dataclass(frozen=True)
class Block:
    """A fenced block of code, and the heading that it stands under."""

    section: str
    language: str
    text: str


@dataclass(frozen=True)
class Shown:
    """A command that a reader is to type, and the output that stands below it, if any does."""

    command: str
    output: list[str]


def document(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks, without the indentation that they have in a list."""
    section, opened, lines = "", None, list[str]()
    for line in text.splitlines():
        if fence := re.fullmatch(r" *```(\w*)", line):
            if opened is None:
                opened, lines = fence[1], []
            else:
                yield Block(section, opened, textwrap.dedent("\n".join(lines)))
                opened = None
        elif opened is not None:
            lines.append(line)
        elif line.startswith("#"):
            section = line.lstrip("# ")


def shown(block: Block) -> list[Shown]:
    """The commands of a block, if it is one to type in."""
    found: list[Shown] = []
    if block.language != "console":
        return found
    for line in block.text.splitlines():
        if line.startswith(PROMPT):
            found.append(Shown(line.removeprefix(PROMPT), []))
        else:
            found[-1].output.append(line)
    return found


def commands(text: str) -> Iterator[str]:
    """Every shell command of a page: in its blocks, and in the running text where it starts with a name of ours."""
    for block in blocks(text):
        yield from (entry.command for entry in shown(block))
    without_blocks = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
    yield from (span for span in re.findall(r"`([^`\n]+)`", without_blocks) if re.match(r"asyncsynth( |$)", span))
