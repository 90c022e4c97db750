"""What becomes of a step's answers: cleaned, looked at by its gates, read by its schema or rubric, kept or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from asyncsynth.app.repeated import Repeated
from asyncsynth.config.config import StepSection
from asyncsynth.engine.stage import Check, Passed, Rejection, SentBack
from asyncsynth.errors import UsageError
from asyncsynth.quality.cleaning import Cleaning
from asyncsynth.quality.gates import Gates
from asyncsynth.quality.judging import Rubric
from asyncsynth.quality.structured import Read, Schema, Unreadable
from asyncsynth.recipe.condition import Condition
from asyncsynth.recipe.structured import structured
from asyncsynth.store.answers import StoredAnswer

Values = Callable[[], Mapping[str, Any]]  # of the axes and of earlier steps
UNSCORED = "unscored"  # a judge's answer that can't be read


def check_of(step: StepSection, schema: Mapping[str, Any] | None) -> Check | None:
    """None where every answer is taken as it comes; `schema` is the one that answers must fit."""
    if step.prompt.takes_all:
        return None
    if step.prompt.judge is not None:
        return JudgeCheck(step, step.prompt.judge)
    return StepCheck(step, None if schema is None else Schema(schema, f"{step.place}.schema"))


class StepCheck:
    """The gates of a step, cheapest first; then its schema, then what it keeps."""

    def __init__(self, step: StepSection, schema: Schema | None) -> None:
        prompt = step.prompt
        self._name, self._schema = step.name, schema
        self._cleaned: Callable[[str], str] = Cleaning(prompt.clean).cleaned if prompt.clean else str
        self._gates, self._asks_finish = Gates(prompt.gates), prompt.gates.finish is not None
        self.in_order = None if prompt.gates.duplicate is None else Repeated(prompt.gates.duplicate, self._cleaned)
        self._keeps = _Keeps(step)
        self.sees = self._keeps.names

    def look(self, answer: StoredAnswer, values: Values) -> Passed | Rejection:
        text = self._cleaned(answer.text)
        found = self._gates.rejection(text, answer.finish_reason if self._asks_finish else "")
        if self.in_order is not None:
            repeats = self.in_order.rejection(answer)
            found = found or repeats
        if found is not None:
            return Rejection(*found)
        value: Any = text
        flags: tuple[str, ...] = ()
        if self._schema is not None:
            read = self._schema.read(text)
            if isinstance(read, Unreadable):
                return Rejection("schema", f"does not fit the schema: {read.why}")
            value, flags = structured(read.value), read.flags
        why = self._keeps.why_not(lambda: {**values(), self._name: value})
        if why is not None:
            return Rejection("keep", why)
        shown = {} if self._schema is None else {"value": value}
        return Passed(lambda: value, flags, shown)


class JudgeCheck:
    """A judge's grades: what they reject, the judged step is asked for again; unreadable ones are no grades."""

    def __init__(self, step: StepSection, judged: str) -> None:
        self._name, self._judged = step.name, judged
        self._rubric = Rubric.of(step.prompt.rubric or {}, f"{step.place}.rubric")
        self._keeps = _Keeps(step)
        self.in_order = None
        self.sees = self._keeps.names | {judged}

    def look(self, answer: StoredAnswer, values: Values) -> Passed | Rejection | SentBack:
        seen = values()
        read = self._rubric.read(answer.text, str(seen[self._judged]))
        if not isinstance(read, Read):
            return Rejection(UNSCORED, f"can't be read as grades: {read.why}")
        scores = self._rubric.scores(read.value)
        why = self._keeps.why_not(lambda: {**seen, self._name: structured(scores), **scores})
        if why is not None:
            grades = ", ".join(f"{name} {grade}" for name, grade in scores.items() if name in self._rubric.lines)
            return SentBack(self._judged, Rejection(self._name, f"was graded {grades}: {scores['reason']} ({why})"))
        value = structured(scores)
        return Passed(lambda: value, read.flags, {"scores": scores})


class _Keeps:
    """The expression of `keep`, if there is one."""

    def __init__(self, step: StepSection) -> None:
        self._words = step.prompt.keep
        self._condition = None if self._words is None else Condition(self._words, f"{step.place}.keep")
        self.names: frozenset[str] = frozenset() if self._condition is None else self._condition.names

    def why_not(self, values: Values) -> str | None:
        """Why an answer is not kept; None where it is."""
        if self._condition is None:
            return None
        try:
            return None if self._condition.holds(values()) else f"does not meet: {self._words}"
        except UsageError as error:
            return error.message
