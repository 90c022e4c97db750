"""The frozen values that the stages hand to each other; the rooms of a floor share these and nothing else.

None of them is part of a cycle, so the garbage collector need not know of them.

Units: seconds as float, tokens as int, money as int picodollars (see costs).
`sent_at` and `created_at` are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from msgspec import Struct

Scalar = str | int | float | bool
Value = Scalar | Mapping[str, Scalar]  # of an axis: a string, a number or a table
Api = Literal["chat", "completions", "responses", "anthropic", "gemini"]
# How the schema of an answer is sent: kept to word by word, kept to as well as the service can, or told in words.
SchemaUse = Literal["strict", "loose", "none"]

ONLY_STEP = "completion"  # the name of the answer of a recipe of one step
INT64 = range(-(2**63), 2**63)  # the integers that every reader of JSON keeps as they are


class Sample(Struct, frozen=True, gc=False):
    """One combination and one repeat; `key` is the identity of its answer (32 hex digits).

    `problem` says why its request can't be rendered; then it is never sent.
    """

    key: str
    combination: Mapping[str, Value]
    repeat: int
    problem: str | None = None


class AxisCells(NamedTuple):
    """What each value of an axis makes of itself; `axis` is the axis's number, the order that of its recipe."""

    axis: int
    cells: Sequence[Any]


Cells = tuple[str | AxisCells, ...]  # a text in parts, each the same in all samples or a column of texts


class DrawnCells(Struct, frozen=True, gc=False):
    """One of several texts for each sample; None as a text is the completion as it stands."""

    options: tuple[Cells | None, ...]
    draw: Callable[[str], int]  # from the sample's key to the number of its option


class DialogueCells(Struct, frozen=True, gc=False):
    """Turns with their roles; None as a text is the completion as it stands."""

    turns: tuple[tuple[str, Cells | None], ...]


class RecordCells(Struct, frozen=True, gc=False):
    """What the records of all samples are put together from.

    `combination`: for each axis a column of values of one JSON type. `fields`: None is the completion as it stands.
    """

    combination: Mapping[str, AxisCells]
    fields: Mapping[str, Cells | DrawnCells | DialogueCells | None]


class Turn(Struct, frozen=True, gc=False):
    """What one side says in a dialogue."""

    role: Literal["user", "assistant"]
    content: str


class Request(Struct, frozen=True, gc=False):
    """What is sent for a sample: a text, or a dialogue that the model shall go on with."""

    sample: Sample  # with the key of this request's answer
    generation: int  # 0, and one more for each `drop` of this key; a new generation has a new UUID
    text: str  # of a dialogue: all of it, for people
    system: str | None
    turns: tuple[Turn, ...] = ()  # of a dialogue, without the system text; () where `text` is all that the user says
    step: str = ONLY_STEP  # the name of the step, or of the side of a dialogue, that asks this
    take: int = 0  # and one more for each answer of it that was rejected


class Usage(Struct, frozen=True, gc=False):
    """Tokens of one call, from the endpoint or estimated."""

    prompt_tokens: int  # all of them, from a cache or not
    completion_tokens: int  # all of them, thoughts included
    source: Literal["endpoint", "estimate"] = "endpoint"
    cached_tokens: int = 0  # of the prompt's, read from a cache
    cache_write_tokens: int = 0  # of the prompt's, written into one
    hour_write_tokens: int = 0  # of those, written to be kept for an hour
    reasoning_tokens: int = 0  # of the completion's
    cost: int | None = None  # picodollars, where the endpoint says what it charged


class Billing(StrEnum):
    """Whether the provider charges a call that brought no record."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


class Action(StrEnum):
    """What a fault asks for; see the table in provider/faults.py."""

    RETRY = "retry"  # this sample again, after a jittered backoff
    PAUSE = "pause"  # nobody sends until then; not counted as an attempt
    DEAD = "dead"  # dead letter
    STOP = "stop"  # drain, save, exit 4


class RateHints(Struct, frozen=True, gc=False):
    """What an answer's headers say of the provider's limits; None where they say nothing."""

    limit_requests: int | None = None
    limit_tokens: int | None = None
    remaining_requests: int | None = None
    remaining_tokens: int | None = None


class Answer(Struct, frozen=True, gc=False):
    """A reply that can become a record."""

    text: str
    finish_reason: str  # "stop" and "length" whatever the endpoint calls them; the others in its own words
    usage: Usage
    model: str
    body: bytes  # the reply as it came, for raw.jsonl
    flags: tuple[str, ...] = ()  # what had to be mended or is unclear, e.g. "lone_surrogate"
    hints: RateHints | None = None
    reply_id: str | None = None  # the endpoint's own name for its reply
    status: int = 200
    reasoning: str | None = None  # what the model thought, and what else in the reply is no text of the answer


class Fault(Struct, frozen=True, gc=False):
    """A reply, or the lack of one, that can't become a record; `reason` names the row of the fault table."""

    reason: str
    action: Action
    billing: Billing
    message: str  # for people: control characters stripped, key scrubbed
    status: int | None = None
    retry_after_s: float | None = None
    counts: bool = True  # against max_attempts
    overload: bool = False  # the whole endpoint is in trouble: shared backoff, breaker
    max_tries: int | None = None  # fewer attempts than max_attempts for this reason
    reached: bool = True  # False: no connection was made, so nothing was sent
    answered: bool = True  # False: nothing came back, or only a gateway spoke, not the model's service
    page: bool = False  # a page for people came instead of a reply
    refused: bool = False  # the request as such was refused; the same one would be refused again
    unusable: bool = False  # a reply came, perhaps paid, in which no usable answer is
    usage: Usage | None = None  # where the call was paid
    body: bytes | None = None  # the reply as it came, where there was one
    hints: RateHints | None = None
    reply_id: str | None = None  # as of an Answer


class Reply(Struct, frozen=True, gc=False):
    """What one attempt brought, and the bytes that were sent for it."""

    outcome: Answer | Fault
    request_body: bytes
    latency_s: float


class Need(Struct, frozen=True, gc=False):
    """What one call takes of the limits.

    `max_tokens` None: the answer is not limited, so `tokens` holds a guess of it.
    """

    tokens: int  # as a provider counts them when the call arrives: the prompt, and max_tokens for the answer
    reserve: int | None  # worst case in picodollars, set aside before the call is sent; None: the price is unknown
    max_tokens: int | None = None
    prompt_bytes: int = 0  # what the prompt's tokens were estimated from

    @property
    def least_tokens(self) -> int:
        """What a provider counts at the very least: max_tokens as it stands, and most of what is estimated."""
        known = self.max_tokens or 0
        return known + 3 * (self.tokens - known) // 4


class Permit(Struct, frozen=True, gc=False):
    """One call may be sent now; the gate that gave it wants to hear of its end exactly once."""

    number: int  # 1, 2, ... in the order in which they were given
    need: Need
    sent_at: float  # on the loop's clock
    probe: bool = False  # sent alone, to see whether the endpoint is back
    alone: bool = False  # only refusals came in the minute before it, so no limit can be used up
    endpoint: int = 0  # the place of the one that it is for, among those of the gate


class Call(NamedTuple):
    """One attempt, noted in the manifest, as a list, before it is sent."""

    key: str
    generation: int
    attempt: int  # 1, 2, ...
    sent_at: float
    tokens: int  # estimate of prompt plus completion
    reserve: int | None  # worst case in picodollars; None: the price is unknown
    endpoint: str = ""  # its name in the config; "": the only one


class RawCall(Struct, frozen=True, gc=False):
    """What went over the wire in one attempt, for raw.jsonl; never contains headers."""

    key: str
    attempt: int
    sent_at: float
    request_body: bytes  # JSON in one line
    status: int | None
    response_body: bytes | None
    is_json: bool = False  # the response, for certain: an answer was read from it


class Row(Struct, frozen=True, gc=False):
    """What a sample puts into its record: its combination with one type a column, and the fields of [record].

    `problem` says why the fields can't be rendered; then the sample is a line of failures.jsonl.
    """

    combination: Mapping[str, Any]
    repeat: int
    fields: Mapping[str, Any]
    problem: str | None = None


class Answered(Struct, frozen=True, gc=False):
    """A request's good end: becomes a line of answers.jsonl, and a record for each sample that asked this."""

    request: Request
    answer: Answer
    cost: int | None  # picodollars; None: the price is unknown
    attempts: int
    latency_s: float
    created_at: float
    rows: tuple[Row, ...]


class Failed(Struct, frozen=True, gc=False):
    """One attempt that brought no answer; `cost` is what was or may have been billed."""

    key: str
    generation: int
    attempt: int
    fault: Fault
    cost: int | None
    at: float


class Unasked(Struct, frozen=True, gc=False):
    """A request that is not sent, and why: its sample becomes a dead letter, after so many `attempts`."""

    sample: Sample  # with the key of its answer
    generation: int
    reason: str
    message: str  # for people
    attempts: int


Wanted = Request | Sample | Unasked  # what a run has to make; a Sample: its request can't be rendered


class GivenUp(Struct, frozen=True, gc=False):
    """A sample's bad end: becomes a dead letter; `request` None: it could not be rendered.

    `step` as of a Request; None where the recipe takes every answer of its only step.
    """

    sample: Sample
    generation: int
    request: Request | None
    fault: Fault
    attempts: int
    created_at: float
    rows: tuple[Row, ...]
    step: str | None = None


class Paid(Struct, frozen=True, gc=False):
    """What is told of an answer, as values: what a record adds up over its steps, and how the answer ended."""

    finish_reason: str
    usage: Usage
    cost: int | None  # picodollars; None: the price is unknown
    attempts: int
    latency_s: float  # whole milliseconds
    flags: tuple[str, ...]


class StepAnswer(Struct, frozen=True, gc=False):
    """The answer that a step of a sample takes; `told` is what its line and its record tell alike, as JSON members.

    `flags` and `shown` come from looking at it: what had to be mended, and what its record tells beside the text.
    `paid` None: it has to be read from `told`.
    """

    step: str
    key: str
    take: int
    text: str
    told: bytes
    flags: tuple[str, ...] = ()
    shown: Mapping[str, Any] = MappingProxyType({})
    paid: Paid | None = None


class Finished(Struct, frozen=True, gc=False):
    """The good end of a sample of several steps, all of whose answers are kept: becomes a record.

    `main` is the number of the step whose key the record has: the last one that makes a text.
    """

    row: Row
    answers: tuple[StepAnswer, ...]
    main: int


class Rejected(Struct, frozen=True, gc=False):
    """The bad end of a sample whose every answer of a step was rejected; `last` is the newest of them.

    `step` as of a Request, `key` is the sample's. `before`: the answers of the steps before it. There is no `last` one
    where the request of the step can't be rendered.
    """

    row: Row
    step: str
    key: str
    gate: str
    why: str  # for people
    takes: int
    before: tuple[StepAnswer, ...]
    last: StepAnswer | None


End = Answered | GivenUp | Finished | Rejected
