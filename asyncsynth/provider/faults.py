"""The fault table: everything that can go wrong with a call, one row a fault, and what follows from it.

A reply is matched first by the codes in its body's fields (exactly, never by its text), then by its status; within
each, the first row that fits counts. What has no reply, or was paid and can't be used, is named by its row's reason.

`billing` says whether the provider charges the call: NO where it made nothing and says so, or was never reached;
MAYBE where an answer may have been made and lost on the way; YES where one came. `why` gives the ground for it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from msgspec import Struct

from asyncsynth.provider import codes
from asyncsynth.values import Action, Billing

NO, MAYBE, YES = Billing.NO, Billing.MAYBE, Billing.YES
RETRY, PAUSE, DEAD, STOP = Action.RETRY, Action.PAUSE, Action.DEAD, Action.STOP


class Row(Struct, frozen=True):
    """One fault.

    `message` may name {model}, {base_url}, {way} there, {proxy}, {status} and {timeout_s}; foreign words follow it.
    """

    reason: str
    action: Action
    billing: Billing
    message: str
    why: str  # this billing
    statuses: Container[int] = ()
    codes: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()  # of codes
    final: Container[int] = ()  # statuses that a code of rate limits in the body doesn't overrule
    counts: bool = True
    overload: bool = False
    max_tries: int | None = None
    # What the run's own rules look at; see values.Fault.
    reached: bool = True
    answered: bool = True
    page: bool = False
    refused: bool = False
    unusable: bool = False


ROWS: tuple[Row, ...] = (
    # Stop: no other sample would fare better.
    Row(
        "no_credit",
        STOP,
        NO,
        "the account has no credit left, or reached a limit of what it may spend (HTTP {status})",
        "refused before any work",
        statuses=(402,),
        codes=codes.NO_CREDIT,
        endings=codes.NO_CREDIT_ENDINGS,
    ),
    Row(
        "quota_used_up",
        STOP,
        NO,
        "a quota by the day or longer is used up (HTTP {status})",
        "refused before any work",
        codes=codes.QUOTA_OF_DAYS,  # and rate limits that last longer than waits.LONGEST_PAUSE_S
    ),
    Row(
        "bad_key",
        STOP,
        NO,
        "{base_url} does not accept the API key (HTTP {status})",
        "refused before any work",
        statuses=(401,),
        codes=codes.BAD_KEY,
    ),
    Row(
        "proxy_login",
        STOP,
        NO,
        "the proxy{proxy} does not accept the login (HTTP {status}): user and password belong in its URL, like"
        ' "http://${{USER}}:${{PASSWORD}}@host:port"',
        "nothing was sent",
        statuses=(407,),
        answered=False,
    ),
    Row(
        "proxy_refused",
        STOP,
        NO,
        "the proxy{proxy} refuses to connect to {base_url} (HTTP {status}); NO_PROXY names hosts that need none",
        "nothing was sent",
        answered=False,
    ),
    # Only this sample was found unfit, by OpenRouter's 403; a 403 of the account is the row below.
    Row(
        "moderated",
        DEAD,
        NO,
        "the endpoint's moderation refused the request (HTTP {status})",
        "never reached the model",
        codes=codes.MODERATED,
        refused=True,
    ),
    Row(
        "forbidden",
        STOP,
        NO,
        "{base_url} refuses this account or region (HTTP {status})",
        "refused before any work",
        statuses=(403, 412, 451),  # 412 is Fireworks' for a suspended account
        codes=codes.FORBIDDEN,
    ),
    Row(
        "no_model",
        STOP,
        NO,
        "{base_url} has no model {model}, or no such route (HTTP {status})",
        "there is nothing that could work",
        statuses=(404, 405, 410),
        codes=codes.NO_MODEL,
    ),
    Row(
        "redirect",
        STOP,
        NO,
        "{base_url} redirects elsewhere (HTTP {status}); is base_url right?",
        "never followed",
        statuses=range(300, 400),
    ),
    Row(
        "tls",
        STOP,
        NO,
        "the TLS certificate of {base_url} can't be verified; SSL_CERT_FILE names the file of an authority of your own",
        "nothing was sent",
    ),
    Row(
        "too_many_files",
        STOP,
        NO,
        "no more files can be opened here; lower the concurrency or raise `ulimit -n`",
        "nothing was sent",
    ),
    Row(
        "parser_changed",
        STOP,
        MAYBE,
        'our own connections can\'t use the installed aiohttp; set endpoint.transport = "aiohttp"',
        "a reply came, and nobody read it",
        answered=False,
    ),
    # Pause: nobody sends until the limit lets it.
    Row(
        "rate_limited",
        PAUSE,
        NO,
        "rate limit reached (HTTP {status})",
        "refused before any work",
        statuses=(429,),
        codes=codes.RATE_LIMITED,
        counts=False,
    ),
    Row(
        "credit_later",
        PAUSE,
        NO,
        "the account has no credit at the moment (HTTP {status})",
        "refused before any work",
        counts=False,  # a 402 that says how long to wait, as OpenRouter's do; see classify
    ),
    # Retry, all together more slowly.
    Row(
        "no_capacity",
        RETRY,
        NO,
        "the endpoint has no capacity for calls of this service tier at the moment (HTTP {status})",
        "refused before any work",
        codes=codes.NO_CAPACITY,
        counts=False,  # it may take hours, and is no limit of ours
        overload=True,
    ),
    Row(
        "overloaded",
        RETRY,
        NO,
        "the endpoint is overloaded (HTTP {status})",
        "refused before any work",
        statuses=(503, 529, 498),  # 498 is Groq's
        codes=codes.OVERLOADED,
        overload=True,
    ),
    # Dead: the same request would be refused again.
    Row(
        "prompt_filtered",
        DEAD,
        MAYBE,
        "the endpoint's content filter refused the prompt (HTTP {status})",
        "Azure charges for the prompt that it looked at",
        codes=codes.PROMPT_FILTERED,
        refused=True,
    ),
    Row(
        "context_length",
        DEAD,
        NO,
        "the request does not fit into the context of {model} (HTTP {status})",
        "refused before any work",
        codes=codes.CONTEXT_LENGTH,
        refused=True,
    ),
    Row(
        "too_large",
        DEAD,
        NO,
        "the request is too large (HTTP {status})",
        "refused before any work",
        statuses=(413, 414, 431),
        codes=codes.TOO_LARGE,
        final=(413, 414, 431),
        refused=True,
    ),
    # Retry on a fresh connection: the trouble passes, or lies in the middle of the way.
    Row(
        "form_missed",
        RETRY,
        MAYBE,
        "what {model} wrote does not fit the schema, and the endpoint kept it back (HTTP {status})",
        "an answer was made",
        codes=codes.FORM_MISSED,
        unusable=True,
    ),
    Row(
        "gateway_timeout",
        RETRY,
        MAYBE,
        "a gateway gave up waiting for the answer (HTTP {status}), before timeout_s = {timeout_s:g} was over:"
        " lower max_tokens, or raise the gateway's own limit",
        "the server may still be at work, and charge for it",
        statuses=(408, 460, 499, 504, 524, 598, 599),
        max_tries=2,
        answered=False,
    ),
    Row(
        "conflict",
        RETRY,
        NO,
        "the endpoint reports a conflict (HTTP {status})",
        "refused before any work",
        statuses=(409, 425),
    ),
    Row(
        "origin_unreachable",
        RETRY,
        NO,
        "the gateway can't reach the endpoint's server (HTTP {status})",
        "the gateway says that no connection stood",
        statuses=(521, 523, 525, 526, 530),
        answered=False,
    ),
    Row(
        "bad_gateway",
        RETRY,
        MAYBE,
        "a gateway lost the endpoint's server (HTTP {status})",
        "a connection stood, and an answer may have been made",
        statuses=(424, 502, *range(520, 530)),
        answered=False,
    ),
    Row(
        "server_error",
        RETRY,
        NO,
        "the endpoint failed (HTTP {status})",
        "an error came in place of an answer, and answers are what is charged",
        statuses=range(500, 600),
    ),
    Row(
        "bad_request",
        DEAD,
        NO,
        "the endpoint refuses the request (HTTP {status})",
        "refused before any work",
        statuses=range(400, 500),  # 400, 422 and what no row above names
        final=(422,),
        refused=True,
    ),
    # Replies with status 2xx, or none that exists, and no answer in them.
    Row(
        "error_in_200",
        RETRY,
        MAYBE,
        "an error instead of an answer (HTTP {status})",
        "a 200, and the error does not say what it is",
        unusable=True,
    ),
    Row(
        "html",
        RETRY,
        NO,
        "{base_url} answers with a page of HTML (HTTP {status})",
        "whatever answers there is not a model",
        page=True,
        answered=False,
    ),
    Row(
        "empty_body",
        RETRY,
        MAYBE,
        "the reply is empty (HTTP {status})",
        "a 200 is charged, legible or not",
        unusable=True,
    ),
    Row(
        "bad_json",
        RETRY,
        MAYBE,
        "the reply is not JSON (HTTP {status})",
        "a 200 is charged, legible or not",
        unusable=True,
    ),
    Row(
        "no_answer",
        RETRY,
        MAYBE,
        "the reply is JSON, but no answer of this API (HTTP {status}); are base_url and endpoint.api right?",
        "a 200 is charged, legible or not",
        max_tries=2,
        unusable=True,
    ),
    Row(
        "nothing_made",
        RETRY,
        MAYBE,
        "the reply has the shape of an answer and nothing in it (HTTP {status})",
        "it names no tokens; where it says that there were none, nothing is charged",
        unusable=True,
    ),
    Row(
        "body_too_large",
        DEAD,
        MAYBE,
        "the reply is larger than any answer",
        "a 200 is charged, legible or not",
        unusable=True,
    ),
    Row(
        "unexpected_status",
        RETRY,
        MAYBE,
        "HTTP {status} is neither an answer nor an error",
        "nobody knows what it means",
        unusable=True,
    ),
    # No reply, or half of one.
    Row(
        "unreachable", RETRY, NO, "can't connect to {base_url}{way}", "nothing was sent", reached=False, answered=False
    ),
    Row(
        "proxy_unreachable",
        RETRY,
        NO,
        "can't connect to the proxy{proxy}",
        "nothing was sent",
        reached=False,
        answered=False,
    ),
    Row(
        "disconnected",
        RETRY,
        MAYBE,
        "the connection broke before the reply",
        "the request may have arrived",
        answered=False,
    ),
    Row("body_cut_off", RETRY, MAYBE, "the reply broke off in the middle", "an answer was made", answered=False),
    Row("bad_http", RETRY, MAYBE, "the reply is not HTTP", "the request may have arrived", answered=False),
    Row(
        "stray_reply",
        RETRY,
        MAYBE,
        "something came that belongs to no request, so no reply of that moment is taken",
        "an answer may have come that can't be matched to this request",
        unusable=True,
    ),
    Row(
        "unknown_packing",
        RETRY,
        MAYBE,
        "the reply is packed in a way that was not asked for",
        "a 200 is charged, legible or not",
        max_tries=2,
        unusable=True,
    ),
    Row(
        "read_timeout",
        RETRY,
        MAYBE,
        "no whole reply within timeout_s = {timeout_s:g}",
        "an answer may still be made",
        max_tries=2,
        answered=False,
    ),
    # Answers that were paid and can't become a record; whether to ask again is the config's max_reasks.
    Row("content_filter", DEAD, YES, "the endpoint's content filter cut the answer", "an answer came", unusable=True),
    Row("refusal", DEAD, YES, "the model refused", "an answer came", unusable=True),
    Row("broken_off", DEAD, YES, "the endpoint broke off the answer", "a part of an answer came", unusable=True),
    Row("empty_choices", DEAD, YES, "the reply has tokens to pay and no answer", "it names tokens", unusable=True),
    Row("null_content", DEAD, YES, "the answer has no text", "an answer came", unusable=True),
    Row(
        "truncated",
        DEAD,
        YES,
        "the answer reached max_tokens, and output.keep_truncated is off",
        "an answer came",
        unusable=True,
    ),
)

ROW_OF: Mapping[str, Row] = {row.reason: row for row in ROWS}
