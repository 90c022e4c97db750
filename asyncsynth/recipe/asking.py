"""What is asked of a sample one thing at a time: its request, and the keys of its answers, known without any text.

In the place of an earlier answer's text the key has that answer's own key and generation. What can't be rendered that
way, like a line of an answer or an entry of a list, is known by its template and by the values that it is rendered of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from asyncsynth.errors import UsageError
from asyncsynth.recipe.canonical import canonical
from asyncsynth.recipe.identity import Keys, request_uuid
from asyncsynth.recipe.rendering import UUID_NAME, Template
from asyncsynth.recipe.step_keys import StepKeys, Takes
from asyncsynth.recipe.templates import BLANK_UUID, Asked, text_of
from asyncsynth.values import Request, Sample, Turn


class Known(Protocol):
    """An answer of an earlier step as keys know it: its KEY/GENERATION, and what stands in the place of its text."""

    @property
    def name(self) -> str: ...
    @property
    def stand_in(self) -> Any: ...


class Asking:
    """A step, or a turn of a dialogue; `needs`: the earlier ones whose answers it is made from.

    `lane`: the name that its requests go by. `asked`: what is sent, from the values of the axes, the UUID and the
    answers that it needs, or UsageError; `templates`: those of that, and `sources` as they are written.
    """

    def __init__(
        self,
        name: str,
        lane: str,
        needs: Sequence[str],
        keys: Keys,
        seed: int,
        asked: Callable[[Mapping[str, Any]], Asked],
        sources: Sequence[str],
        templates: Sequence[Template],
    ) -> None:
        self.name, self.lane, self.needs = name, lane, tuple(needs)
        self.retry, self.shows_reason = 0, False
        self.stand_in: Callable[[str], Any] = str  # from an answer's KEY/GENERATION to what stands in its place
        self.leads = False  # whether the key of a sample is that of its first answer
        self.unrendered_keys: StepKeys | None = None  # where its requests need not be rendered for their keys
        self.has_uuid = any(UUID_NAME in template.names for template in templates)
        self.keys, self._seed, self._asked, self._sources = keys, seed, asked, sources

    def takes(self, sample: Sample, earlier: Mapping[str, Known]) -> Takes:
        """The keys of its answers, from those of the earlier steps that it needs.

        UsageError where its request can't be rendered.
        """
        if self.needs:
            names = {}
            for name in self.needs:
                names[name] = earlier[name].name
            if self.unrendered_keys is not None:
                takes = self.unrendered_keys.takes(sample, names)
                if takes is not None:
                    return takes
            return self._takes(sample, [*names.values()], {name: earlier[name].stand_in for name in self.needs})
        if self.leads and (key := sample.key):
            return lambda take: self._takes(sample, (), {})(take) if take else key
        return self._takes(sample, (), {})

    def _takes(self, sample: Sample, made_from: Sequence[str], stand_ins: Mapping[str, Any]) -> Takes:
        try:
            asked = self._asked({**sample.combination, **stand_ins, UUID_NAME: BLANK_UUID})
        except UsageError:
            if not self.needs:
                raise
            asked = Asked(canonical([self._sources, sample.combination]), None)
        return self.keys.takes(asked.text, asked.system, sample.repeat, asked.turns, made_from=made_from)

    def request(
        self,
        sample: Sample,
        values: Mapping[str, Any],
        *,
        take: int,
        generation: int,
        rejected: tuple[str, str] | None = None,
        lost: int = 0,
    ) -> Request:
        """What to send for a sample, which has the key of this take; `values` are the answers of earlier steps.

        `rejected`: the text of the take before, and why it was rejected, where the model shall know. `lost`: how many
        replies to this take were paid, and of no use. What is asked again has a UUID, also where the template has none.
        UsageError where it can't be rendered.
        """
        is_anew = take > 0 or generation > 0 or lost > 0
        uuid = request_uuid(self._seed, sample.key, generation, lost) if self.has_uuid or is_anew else BLANK_UUID
        asked = self._asked({**sample.combination, **values, UUID_NAME: uuid})
        if is_anew:
            asked = asked.anew(uuid)
        if rejected is not None:
            asked = with_reason(asked, *rejected)
        return Request(sample, generation, asked.text, asked.system, asked.turns, self.lane, take)


def with_reason(asked: Asked, text: str, why: str) -> Asked:
    """The request, the answer that was rejected, and what is wrong with it."""
    turns = asked.turns or (Turn("user", asked.text),)
    again = Turn("user", f"This answer can't be used: it {why}. Write it anew.")
    turns = (*turns, Turn("assistant", text or "(nothing)"), again)
    return Asked(text_of(turns), asked.system, turns)
