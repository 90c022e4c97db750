"""From a reply that is an error, or from the lack of a reply, to the Fault that the table makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.provider.codes import STATUS_OF, meanings
from asyncsynth.provider.error_bodies import ErrorBody
from asyncsynth.provider.faults import ROW_OF, ROWS, Row
from asyncsynth.provider.headers import rate_hints, should_retry
from asyncsynth.provider.waits import LONGEST_PAUSE_S, retry_after_s, to_midnight_pacific_s, until
from asyncsynth.text import printable_line
from asyncsynth.values import Action, Billing, Fault, Usage

MAX_DETAIL = 300  # characters of the provider's own text in a message
LOOKED_AT = 65_536  # characters of it that are searched for the key before the cut


class About(Struct, frozen=True):
    """Whom a message speaks of; `scrub` takes the key out of foreign text."""

    base_url: str
    model: str
    timeout_s: float
    scrub: Callable[[str], str]
    proxy: str = ""  # on the way there, without a login, and where it was named


def row_for(status: int, error: ErrorBody) -> Row:
    """The row of a reply: by the codes in its body, else by its status; for a 2xx by what the error says instead."""
    said = frozenset(meanings(error.codes))
    by_status = _row_of_status(status, error, said)
    by_code = next((row for row in ROWS if _names(row, said)), None)
    if by_code is None or (by_code.action is Action.PAUSE and status in by_status.final):
        return ROW_OF["no_credit"] if error.status == 402 else by_status
    return by_code


def fault_of_reply(
    status: int,
    headers: Mapping[str, str],
    error: ErrorBody,
    body: bytes,
    about: About,
    now: float,
    *,
    usage: Usage | None = None,
) -> Fault:
    """The fault of a reply that is an error by its status or by its body.

    `now` is in seconds since the epoch. `usage`: what the call was charged all the same, where the reply says so.
    """
    row = row_for(status, error)
    wait = retry_after_s(headers, now, error.wait)
    if wait is None:
        wait = retry_after_s(error.headers, now)
    if wait is not None and wait <= LONGEST_PAUSE_S and row.reason == "no_credit" and not _says_no_credit(error):
        row = ROW_OF["credit_later"]
    if row.action is Action.PAUSE and wait is not None and wait > LONGEST_PAUSE_S:
        row = ROW_OF["quota_used_up"]
    elif row.reason == "quota_used_up":  # a short wait beside a quota by the day is that of the quota by the minute
        wait = to_midnight_pacific_s(now)
    waits = row.action is Action.PAUSE or row.overload or row.reason == "quota_used_up"
    after = until(wait, now) if waits else ""
    fault = fault_of(row.reason, about, status=status, detail=error.message, after=after, usage=usage, body=body)
    return replace(
        fault,
        action=_obeying(should_retry(headers), row.action),
        billing=_billing(row, error, usage),
        retry_after_s=None if row.action is Action.STOP or wait is None else min(wait, LONGEST_PAUSE_S),
        hints=rate_hints(headers),
    )


def fault_of(
    reason: str,
    about: About,
    *,
    status: int | None = None,
    detail: str = "",
    after: str = "",
    usage: Usage | None = None,
    body: bytes | None = None,
) -> Fault:
    """The fault of the row `reason`; `detail` and `body` are foreign and hold anything, `after` ends our own words."""
    row = ROW_OF[reason]
    # The key is taken out of what is foreign; our own words stay readable where the key is one of them.
    named = {name: about.scrub(text) for name, text in (("model", about.model), ("base_url", about.base_url))}
    named["proxy"] = f" {about.proxy}" if about.proxy else ""
    named["way"] = f" by way of the proxy {about.proxy}" if about.proxy else ""
    message = printable_line(row.message.format(status=status, timeout_s=about.timeout_s, **named)) + after
    if shown := _shown(detail, about.scrub):
        message = f"{message}: {shown}"
    return Fault(
        reason,
        row.action,
        row.billing,
        message,
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
        body=None if body is None else _scrubbed(body, about.scrub),
    )


def _names(row: Row, said: frozenset[str]) -> bool:
    return not row.codes.isdisjoint(said) or (bool(row.endings) and any(code.endswith(row.endings) for code in said))


def _says_no_credit(error: ErrorBody) -> bool:
    """Whether a code says so, and not the status alone."""
    return _names(ROW_OF["no_credit"], frozenset(meanings(error.codes)))


def _row_of_status(status: int, error: ErrorBody, said: frozenset[str]) -> Row:
    if error.page and status == 403:  # a challenge or a wall in between; the account's own 403 is no page
        return ROW_OF["html"]
    if 200 <= status < 300:
        named = (STATUS_OF[code] for code in sorted(said) if code in STATUS_OF)
        status = error.status or next(named, 0)
        if not status:
            return ROW_OF["error_in_200"]
    return next((row for row in ROWS if status in row.statuses), ROW_OF["unexpected_status"])


def _billing(row: Row, error: ErrorBody, usage: Usage | None) -> Billing:
    if usage is not None:
        return Billing.YES
    return Billing.MAYBE if error.within_answer and row.billing is Billing.NO else row.billing


def _obeying(wish: bool | None, action: Action) -> Action:
    """`action` as x-should-retry wants it, which counts below the rows that stop or pause everybody."""
    if wish is None or action in (Action.STOP, Action.PAUSE):
        return action
    if wish:
        return Action.RETRY
    return Action.DEAD


def _scrubbed(body: bytes, scrub: Callable[[str], str]) -> bytes:
    """The body of an error without the key; a key is ASCII, so no other byte changes."""
    return scrub(body.decode("latin-1")).encode("latin-1")


def _shown(detail: str, scrub: Callable[[str], str]) -> str:
    """Foreign text for a message: stripped first and cut last, so that no key hides in controls or behind a cut."""
    line = scrub(printable_line(detail, limit=LOOKED_AT))
    return line if len(line) <= MAX_DETAIL else f"{line[: MAX_DETAIL - 1]}…"
