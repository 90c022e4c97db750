"""From a reply that is an error, or from the lack of a reply, to the Fault that the table makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from asyncsynth.provider.error_bodies import ErrorBody
from asyncsynth.provider.faults import ROW_OF, row_for
from asyncsynth.provider.headers import rate_hints, retry_after_s, should_retry
from asyncsynth.text import printable_line
from asyncsynth.values import Action, Billing, Fault, Usage

MAX_DETAIL = 300  # characters of the provider's own text in a message
LOOKED_AT = 65_536  # characters of it that are searched for the key before the cut


@dataclass(frozen=True, slots=True)
class About:
    """Whom a message speaks of; `scrub` takes the key out of foreign text."""

    base_url: str
    model: str
    timeout_s: float
    scrub: Callable[[str], str]


def fault_of_reply(
    status: int, headers: Mapping[str, str], error: ErrorBody, body: bytes, about: About, now: float
) -> Fault:
    """The fault of a reply that is an error by its status or by its body. `now`: seconds since the epoch."""
    row = row_for(status, error)
    fault = fault_of(row.reason, about, status=status, detail=error.message, body=body)
    return replace(
        fault,
        action=_obeying(should_retry(headers), row.action),
        billing=Billing.MAYBE if error.within_answer and row.billing is Billing.NO else row.billing,
        retry_after_s=None if row.action is Action.STOP else retry_after_s(headers, now),
        hints=rate_hints(headers),
    )


def fault_of(
    reason: str,
    about: About,
    *,
    status: int | None = None,
    detail: str = "",
    usage: Usage | None = None,
    body: bytes | None = None,
) -> Fault:
    """The fault of the row `reason`; `detail` is foreign text and may hold anything."""
    row = ROW_OF[reason]
    message = printable_line(
        row.message.format(model=about.model, base_url=about.base_url, status=status, timeout_s=about.timeout_s)
    )
    if shown := _shown(detail, about.scrub):
        message = f"{message}: {shown}"
    return Fault(
        reason,
        row.action,
        row.billing,
        about.scrub(message),
        status=status,
        counts=row.counts,
        overload=row.overload,
        max_tries=row.max_tries,
        reached=row.reached,
        answered=row.answered,
        page=row.page,
        refused=row.refused,
        unusable=row.unusable,
        usage=usage,
        body=body,
    )


def _obeying(wish: bool | None, action: Action) -> Action:
    """`action` as x-should-retry wants it, which counts below the stop rows."""
    if wish is None or action is Action.STOP:
        return action
    if wish:
        return Action.RETRY if action is Action.DEAD else action
    return Action.DEAD


def _shown(detail: str, scrub: Callable[[str], str]) -> str:
    """Foreign text for a message: stripped first and cut last, so that no key hides in controls or behind a cut."""
    line = scrub(printable_line(detail, limit=LOOKED_AT))
    return line if len(line) <= MAX_DETAIL else f"{line[: MAX_DETAIL - 1]}…"
