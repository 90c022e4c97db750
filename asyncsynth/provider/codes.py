"""The codes by which services say what is wrong, in the fields of error bodies; a whole field is compared.

Checked against the services' own pages of error codes and reports of their users, November 2026. A phrase stands for
its spellings as a code: spend_limit_reached, spend-limit-reached, SPEND_LIMIT_REACHED, SpendLimitReached,
spendLimitReached, and each of them as an error or exception. What is spelled in no such way stands as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

MAX_LENGTH = 100  # of a code; a longer text is none
_SPELLING = r"[a-z0-9]+(?:_[a-z0-9]+)*|[a-z0-9]+(?:-[a-z0-9]+)*|[A-Z0-9]+(?:_[A-Z0-9]+)*|[a-z0-9]*(?:[A-Z][a-z0-9]+)+"
_WORD = r"[A-Z]?[a-z0-9]+|[A-Z0-9]+"
_ENDINGS = ("error", "exception")


def meanings(codes: Iterable[str]) -> Iterator[str]:
    """The codes as they stand, and the phrases that they spell, with `error` at their end and without it."""
    for code in codes:
        yield code
        if len(code) <= MAX_LENGTH and re.fullmatch(_SPELLING, code):
            words = [word.lower() for word in re.findall(_WORD, code)]
            yield " ".join(words)
            if words[-1] in _ENDINGS:
                yield " ".join(words[:-1])


NO_CREDIT = frozenset({
    "insufficient quota", "insufficient credits", "insufficient credit", "insufficient balance", "insufficient funds",
    "insufficient account balance", "insufficient user quota", "insufficient token quota", "balance insufficient",
    "quota not enough", "not enough credits", "not enough balance", "pre consume token quota failed",
    "credit balance too low", "credit balance exhausted", "credits exhausted", "balance exhausted", "out of credits",
    "no credits", "credits required", "credit limit", "credit limit exceeded", "exceeded current quota",
    "budget exceeded", "budget limit exceeded", "exceeded budget",
    "spend limit exceeded", "spend limit reached", "spending limit exceeded", "spending limit reached",
    "usage limit reached", "organization usage limit exceeded",
    "payment required", "linked organization billing unavailable",
    "billing error", "billing hard limit reached", "billing not active", "billing disabled",
    "account overdue", "account in arrears", "arrearage", "service overdue", "prepaid bill overdue",
    "postpaid bill overdue", "commodity not purchased",
    "blocked api access",  # Groq, at a spend limit
    "AllocationQuota.FreeTierOnly",  # Alibaba
    "ResourceUnavailable.InArrears",  # Tencent
    "base_resp.1008",  # MiniMax; see error_bodies
    "1113",  # Zhipu
})  # fmt: skip
NO_CREDIT_ENDINGS = (" spend limit exceeded", " spend limit reached")  # an organization's, a contract's, a month's

BAD_KEY = frozenset({
    "invalid api key", "incorrect api key", "api key invalid", "authentication error", "invalid authentication",
    "unauthenticated",
})  # fmt: skip
FORBIDDEN = frozenset({
    "permission error", "unsupported country region territory", "account deactivated", "account suspended",
    "account disabled", "organization restricted", "organization on hold", "organization not eligible",
    "consumer suspended", "failed precondition", "precondition failed", "unsupported region", "region not supported",
    "provider not allowed", "data residency mismatch", "api key scope missing",
})  # fmt: skip
NO_MODEL = frozenset({
    "model not found", "model not available", "invalid model", "model decommissioned", "deployment not found",
    "resource not found",
})  # fmt: skip
MODERATED = frozenset({"metadata.flagged_input"})  # OpenRouter's; see error_bodies

QUOTA_OF_DAYS = frozenset({
    "daily limit exceeded", "daily limit reached", "daily quota exceeded", "weekly limit exceeded",
    "monthly limit exceeded", "monthly quota exceeded",
    "quota.of_days",  # Google's QuotaFailure; see error_bodies
})  # fmt: skip
RATE_LIMITED = frozenset({
    "rate limit", "rate limited", "rate limit exceeded", "rate limit reached", "ramp limit exceeded",
    "resource exhausted", "too many requests", "throttling", "throttled", "limit requests",
    "Throttling.RateQuota", "Throttling.AllocationQuota",  # Alibaba
    "base_resp.1002",  # MiniMax
})  # fmt: skip
NO_CAPACITY = frozenset({"resource unavailable"})  # OpenAI's, for flex processing
OVERLOADED = frozenset({
    "overloaded", "engine overloaded", "server overloaded", "unavailable", "service unavailable", "model unavailable",
    "slow down", "capacity exceeded",
})  # fmt: skip

PROMPT_FILTERED = frozenset({
    "content filter", "content filtered", "content policy violation", "data inspection", "data inspection failed",
    "moderation blocked", "prohibited content",
    "ResponsibleAIPolicyViolation",  # Azure
    "invalid prompt", "bio policy", "misalignment policy violation",  # OpenAI's Responses
    "promptFeedback.blockReason",  # Gemini's, with a status of 200; see error_bodies
})  # fmt: skip
CONTEXT_LENGTH = frozenset({
    "context length exceeded", "context window exceeded", "exceed context size", "string above max length",
    "prompt too long", "input too long",
})  # fmt: skip
FORM_MISSED = frozenset({"json validate failed"})  # Groq's, of an answer that does not fit the schema
TOO_LARGE = frozenset({"request too large", "payload too large"})

# What an error within a 200 means by its code, where it names no status.
STATUS_OF: Mapping[str, int] = {
    "invalid request": 400,
    "bad request": 400,
    "invalid argument": 400,
    "invalid parameter": 400,
    "permission denied": 403,
    "not found": 404,
    "api error": 500,
    "server error": 500,
    "internal server error": 500,
    "internal": 500,
    "bad gateway": 502,
    "timeout": 504,
    "deadline exceeded": 504,
}
