"""What to think of a set at a glance: a sentence, what stands out, and the command to go on with."""

from __future__ import annotations

from collections.abc import Iterator

from asyncsynth.outputs.survey.values import Alike, Count, Found, Stage, Verdict
from asyncsynth.text import count

_MUCH, _SOME = 0.2, 0.02  # shares from which on something is bad, or worth a look
_FEW_TEXTS = 20  # fewer tell nothing about repetition


def verdict_of(
    there: Count, found: Found, alike: Alike | None, options: str = "", marks: str = "marks.jsonl"
) -> Verdict:
    """The verdict; `options` go with each command, such as "--config other.toml", `marks` is the file for marks."""
    if there.working:
        return Verdict("working", "A run is at work.", (), f"asyncsynth status{options}")
    if not there.records and not there.failures:
        return _of_nothing(there, options)
    concerns = sorted(_concerns(there, found, alike), key=lambda concern: -concern[0])
    why = tuple(text for share, text in concerns if share >= _SOME)
    state = "bad" if concerns and concerns[0][0] >= _MUCH else "look" if concerns else "good"
    return Verdict(
        state, _sentence(there, state), why or tuple(text for _, text in concerns), _next(there, state, options, marks)
    )


def _of_nothing(there: Count, options: str) -> Verdict:
    if not there.answers:
        return Verdict("empty", "Nothing is there yet.", (), f"asyncsynth run{options}")
    text = f"{count(there.answers, 'answer')}, none of which makes a record of this recipe."
    why = "name the config and the --set that they were made with"
    return Verdict("empty", text, (why,), f"asyncsynth plan{options}")


def _sentence(there: Count, state: str) -> str:
    said = {"good": "nothing stands out", "look": "worth a look", "bad": "look before you train on it"}[state]
    return f"{_so_far(there)}: {said}."


def _so_far(there: Count) -> str:
    if there.wanted is None or there.wanted == there.records:
        return count(there.records, "record")
    return f"{there.records:,} of {count(there.wanted, 'record')}"


def _concerns(there: Count, found: Found, alike: Alike | None) -> Iterator[tuple[float, str]]:
    """(share from 0 to 1, what it is a share of)."""
    ended = there.records + there.failures
    if there.failures:
        yield there.failures / ended, count(there.failures, "dead letter")
    if found.lengths is not None and (cut := found.lengths.truncated):
        yield cut / there.records, f"{count(cut, 'answer')} cut off at max_tokens ({cut / there.records:.0%})"
    if alike is not None and alike.texts >= _FEW_TEXTS and alike.share:
        yield alike.share, f"{alike.share:.0%} of {alike.texts:,} answers nearly repeat another one"
    texts = found.openings.texts
    if texts >= _FEW_TEXTS and found.openings.top and (share := found.openings.top[0].times / texts) >= _SOME:
        yield share, f"{share:.0%} begin with “{found.openings.top[0].name}”"
    if found.flags:
        flagged = sum(flag.times for flag in found.flags)
        yield flagged / max(there.records, 1), f"{count(flagged, 'answer')} flagged"


def _next(there: Count, state: str, options: str, marks: str) -> str:
    if there.failures > there.unrendered:
        return f"asyncsynth retry{options} && asyncsynth run{options}"
    if there.unrendered or (there.wanted is not None and there.records < there.wanted):
        return f"asyncsynth run{options}"
    if state == "bad":  # whoever has read and marked some
        return f"asyncsynth drop{options} --marks {marks}"
    return f"asyncsynth export{options} --format chat --to exports/chat"


def funnel_of(there: Count, found: Found) -> tuple[Stage, ...]:
    """From the recipe to the records that nothing speaks against."""
    stages = [] if there.wanted is None else [Stage("samples wanted", there.wanted)]
    stages.append(Stage("done so far, well or not", there.records + there.failures))
    stages += [Stage(reason.reason, reason.times, "lost") for reason in found.failures]
    stages.append(Stage("records", there.records))
    if found.doubtful:
        stages.append(Stage("doubtful", found.doubtful, "lost"))
        stages.append(Stage("records without a doubt", there.records - found.doubtful))
    return tuple(stages)
