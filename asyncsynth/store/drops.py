"""What the manifest notes of dropped answers: their keys, and the money that stays on the bill, by run."""

from __future__ import annotations

from itertools import groupby

from asyncsynth.store import manifest
from asyncsynth.store.answers import KEY_IN_LINE, AnswerFacts, facts_of_line
from asyncsynth.store.files import Files, doing
from asyncsynth.store.ledger import SpentSum
from asyncsynth.store.manifest import Line
from asyncsynth.store.scan import Source, read_lines

_KEYS_A_LINE = 4096


def newest_answers(files: Files, answers: Source, keys: frozenset[str]) -> list[AnswerFacts]:
    """The facts of the newest answer of each of these keys that has one."""
    wanted, found = {key.encode() for key in keys}, dict[str, AnswerFacts]()
    if wanted:
        with doing("read", answers.path):
            for _, line in read_lines(files, answers.fd):
                if line[KEY_IN_LINE] in wanted and (facts := facts_of_line(line)) is not None:
                    found[facts.key] = facts
    return list(found.values())


def drop_lines(facts: list[AnswerFacts]) -> list[Line]:
    """By run, so that each run's ledger knows what became of its money."""
    lines = []
    for run, of_run in groupby(sorted(facts, key=lambda each: each.run), key=lambda each: each.run):
        dropped = list(of_run)
        for start in range(0, len(dropped), _KEYS_A_LINE):
            some = dropped[start : start + _KEYS_A_LINE]
            spent = SpentSum()
            for each in some:
                spent.add(each.prompt_tokens, each.completion_tokens, each.cost)
            lines.append(manifest.drop(run, [each.key for each in some], spent.sums()))
    return lines
