"""One pass over records and failures: everything that is counted of them, and the samples to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from asyncsynth.outputs.survey.choosing import Choosing
from asyncsynth.outputs.survey.coverage import Coverage
from asyncsynth.outputs.survey.doubts import doubts_of
from asyncsynth.outputs.survey.samples import answer_in
from asyncsynth.outputs.survey.tallies import CostTally, LengthTally, OpeningTally, ReasonTally, ScoreTally
from asyncsynth.outputs.survey.values import Counted, Found


class Gathering:
    """Give it every record and every failure; `samples`: how many to choose."""

    def __init__(self, samples: int) -> None:
        self.choosing = Choosing(samples)
        self._coverage = Coverage()
        self._lengths, self._openings, self._scores = LengthTally(), OpeningTally(), ScoreTally()
        self._costs, self._reasons = CostTally(), ReasonTally()
        self._flags: Counter[str] = Counter()
        self._records = self._doubtful = 0

    def record(self, record: Mapping[str, Any]) -> None:
        answer = answer_in(record)
        doubtful = any(True for _ in doubts_of(record, answer))
        self._records += 1
        self._doubtful += doubtful
        self._coverage.add(record["combination"])
        self._lengths.add(len(answer.split()), truncated=record.get("finish_reason") == "length")
        self._openings.add(answer)
        self._scores.add(record)
        self._costs.add(record)
        self._flags.update(record.get("flags") or ())
        self.choosing.record(record, answer, doubtful=doubtful)

    def failure(self, failure: Mapping[str, Any]) -> None:
        self._coverage.add(failure["combination"], failed=True)
        self._reasons.add(failure)
        self.choosing.failure(failure)

    def found(self) -> Found:
        return Found(
            self._coverage.axes(),
            self._coverage.pairs(),
            self._scores.found(),
            self._openings.found(),
            self._lengths.found(),
            self._costs.found(),
            self._reasons.found(),
            tuple(Counted(flag, times) for flag, times in self._flags.most_common()),
            self._doubtful,
            self._records,
        )
