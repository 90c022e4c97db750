"""The answers that the manifest does not know yet: written before a kill, or all of them where the manifest is gone."""

from __future__ import annotations

from asyncsynth.errors import StoreDamaged
from asyncsynth.store import manifest
from asyncsynth.store.answers import AnswerFacts, facts_of_line
from asyncsynth.store.files import Files
from asyncsynth.store.groups import Group, Grouping
from asyncsynth.store.ledger import SpentSum
from asyncsynth.store.scan import Source, line_number, read_lines
from asyncsynth.store.sealed import seal
from asyncsynth.store.state import State

_FIRST = b'"generation":0,'  # no text of an answer has this: there its quotes are escaped


class Unnoted:
    """Takes the lines of answers.jsonl from `start` on, and makes the lines that the manifest lacks about them."""

    def __init__(self, files: Files, answers: Source, state: State, start: int) -> None:
        self._files, self._answers, self._state = files, answers, state
        self._grouping = Grouping(start)
        self._lines: list[bytes] = []
        self._replaced: dict[tuple[str, int], AnswerFacts] | None = None

    def take(self, lines: list[bytes], offset: int) -> int:
        """How many lines are good before a bad one. Raises StoreDamaged for an answer that can't belong there."""
        for number, line in enumerate(lines):
            facts = facts_of_line(line)
            if facts is None:
                return number
            self._check(facts, offset)
            self._state.answer(facts, offset)
            self._close(self._grouping.add(line + b"\n", facts))
            offset += len(line) + 1
        return len(lines)

    def noted(self) -> list[bytes]:
        """The manifest's lines for all that was taken."""
        self._close(self._grouping.begin_anew())
        return self._lines

    def _check(self, facts: AnswerFacts, place: int) -> None:
        state, known = self._state, self._state.generation(facts.key)
        if facts.generation < known:
            raise self._foreign(place, facts, "which was dropped since")
        if facts.generation > known:
            self._drop_before(facts, known)
        elif facts.key in state.answered:
            raise self._foreign(place, facts, "which has one already")

    def _drop_before(self, facts: AnswerFacts, known: int) -> None:
        """A later generation says that the one before was dropped; the manifest that knew of it was lost."""
        self._close(self._grouping.begin_anew())
        for generation in range(known, facts.generation):
            spent, before = SpentSum(), self._replaced_answers().get((facts.key, generation))
            if before is not None:
                spent.add(before.prompt_tokens, before.completion_tokens, before.cost)
            drop = manifest.drop(before.run if before else facts.run, [facts.key], spent.sums())
            self._state.apply(drop)
            self._lines.append(seal(drop))

    def _replaced_answers(self) -> dict[tuple[str, int], AnswerFacts]:
        """By key and generation, the answers of keys that have a later one too."""
        if self._replaced is None:
            later, self._replaced = set(), {}
            for _, line in read_lines(self._files, self._answers.fd):
                if _FIRST not in line and (facts := facts_of_line(line)) is not None:
                    later.add(facts.key)
            for _, line in read_lines(self._files, self._answers.fd):
                facts = facts_of_line(line)
                if facts is not None and facts.key in later:
                    self._replaced[facts.key, facts.generation] = facts
        return self._replaced

    def _close(self, group: Group | None) -> None:
        if group is not None:
            self._lines.append(seal(group.line()))

    def _foreign(self, place: int, facts: AnswerFacts, what: str) -> StoreDamaged:
        number = line_number(self._files, self._answers.fd, place)
        return StoreDamaged(
            f"{self._answers.path}: line {number} (byte offset {place}) is another answer of {facts.key}, {what}",
            hint=f"delete that line (sed -i {number}d {self._answers.path}). Nothing was changed",
        )
