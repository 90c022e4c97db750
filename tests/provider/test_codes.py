from __future__ import annotations

from itertools import combinations

import pytest

from asyncsynth.provider.codes import NO_CREDIT, meanings
from asyncsynth.provider.faults import ROWS, Row

SPELLED = [
    *("spend_limit_reached", "spend-limit-reached", "SPEND_LIMIT_REACHED", "SpendLimitReached", "spendLimitReached"),
    *("spend_limit_reached_error", "SpendLimitReachedError", "SpendLimitReachedException", "SPEND_LIMIT_REACHED_ERROR"),
]


@pytest.mark.parametrize("code", SPELLED)
def test_a_phrase_stands_for_all_its_spellings_as_a_code(code: str) -> None:
    assert {code, "spend limit reached"} <= set(meanings([code]))


@pytest.mark.parametrize(
    "text",
    [
        *("Spend_Limit_Reached", "spend limit reached.", "Spend limit reached", "_spend_limit_reached", ""),
        *("your spend_limit_reached", "spend_limit-reached", "spend_limit_reached" * 10),
    ],
)
def test_what_is_no_code_is_nothing_but_itself(text: str) -> None:
    """A text for people is never searched."""
    assert "spend limit reached" not in set(meanings([text])) - {text}


@pytest.mark.parametrize(
    ("one", "other"), list(combinations([row for row in ROWS if row.codes], 2)), ids=lambda row: row.reason
)
def test_no_code_stands_for_two_faults(one: Row, other: Row) -> None:
    assert not one.codes & other.codes


@pytest.mark.parametrize(
    "code",
    [
        *("budget_exceeded", "insufficient_balance_error", "exceeded_current_quota_error", "Arrearage"),
        *("credit_balance_exhausted", "billing_error", "blocked_api_access", "insufficient_quota", "payment_required"),
        *("AccountOverdueError", "PrepaidBillOverdue", "BudgetLimitExceeded", "insufficient_user_quota"),
        *("BILLING_DISABLED", "organization_usage_limit_exceeded", "billing_hard_limit_reached", "CREDITS_EXHAUSTED"),
    ],
)
def test_an_account_without_money_is_known_by_each_services_own_word(code: str) -> None:
    assert not NO_CREDIT.isdisjoint(meanings([code]))


@pytest.mark.parametrize("code", ["error", "api", "server", "billing", "invalid_request_error", "requests", "tokens"])
def test_a_word_that_says_nothing_decides_nothing(code: str) -> None:
    assert all(row.codes.isdisjoint(meanings([code])) for row in ROWS)
