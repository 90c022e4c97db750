"""The codes by which services say what is wrong, as they stand in the fields of error bodies; matched exactly.

Checked against the services' own pages of error codes and reports of their users, November 2026.
"""

from __future__ import annotations

NO_CREDIT = frozenset({
    # OpenAI, and who copies it
    "insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached", "billing_not_active",
    "organization_usage_limit_exceeded", "usage_limit_reached",
    # Anthropic, in type and in details.error_code
    "billing_error", "enforced_spend_limit_reached", "contract_spend_limit_reached",
    "linked_organization_spend_limit_reached",
    # Moonshot, MiniMax, Zhipu, DeepSeek's neighbours
    "exceeded_current_quota_error", "insufficient_balance_error", "insufficient_balance", "InsufficientBalance",
    "base_resp.1008", "1113",
    # Alibaba, Volcengine, Tencent
    "Arrearage", "PrepaidBillOverdue", "PostpaidBillOverdue", "CommodityNotPurchased", "AllocationQuota.FreeTierOnly",
    "BudgetLimitExceeded", "AccountOverdueError", "ServiceOverdue", "ResourceUnavailable.InArrears",
    # Groq, Together, Vercel, Perplexity, Hugging Face
    "blocked_api_access", "insufficient_credits", "insufficient_funds", "payment_required", "credit_limit",
    "credits_required", "credits_exhausted", "out_of_credits", "CREDITS_EXHAUSTED",
    # LiteLLM, One API and other gateways
    "budget_exceeded", "BudgetExceeded", "BudgetExceededError", "budget_exceeded_error", "budget_limit_exceeded",
    "ExceededBudget", "insufficient_user_quota", "insufficient_token_quota", "pre_consume_token_quota_failed",
    "quota_not_enough",
    # Google
    "BILLING_DISABLED",
})  # fmt: skip
NO_CREDIT_SUFFIXES = ("spend_limit_exceeded", "spend_limit_reached")  # an organization's, a project's, a month's, ...

BAD_KEY = frozenset({
    "invalid_api_key", "authentication_error", "invalid_authentication_error", "API_KEY_INVALID", "UNAUTHENTICATED",
    "InvalidApiKey", "AuthenticationError",
})  # fmt: skip
FORBIDDEN = frozenset({
    "permission_error", "permission_denied_error", "unsupported_country_region_territory", "account_deactivated",
    "FAILED_PRECONDITION", "PRECONDITION_FAILED", "CONSUMER_SUSPENDED", "organization_restricted",
})  # fmt: skip
NO_MODEL = frozenset({
    "model_not_found", "model_not_available", "invalid_model", "DeploymentNotFound", "ModelNotFound",
    "resource_not_found_error", "model_decommissioned",
})  # fmt: skip
MODERATED = frozenset({"metadata.flagged_input"})  # OpenRouter's; see error_bodies

QUOTA_OF_DAYS = frozenset({
    "quota.by_day",  # Google's QuotaFailure; see error_bodies
    "dailyLimitExceeded", "DAILY_LIMIT_EXCEEDED", "daily_limit_exceeded", "monthly_limit_exceeded",
})  # fmt: skip
RATE_LIMITED = frozenset({
    "rate_limit_exceeded", "rate_limit_error", "rate_limit_reached_error", "ramp_limit_exceeded", "RESOURCE_EXHAUSTED",
    "ThrottlingException", "TooManyRequests", "RateLimitReached", "Throttling", "Throttling.RateQuota",
    "Throttling.AllocationQuota", "LimitRequests", "limit_requests", "base_resp.1002",
})  # fmt: skip
OVERLOADED = frozenset({
    "overloaded_error", "engine_overloaded", "engine_overloaded_error", "unavailable_error", "UNAVAILABLE", "slow_down",
    "ServerOverloaded", "ModelUnavailable", "ServiceUnavailableError",
})  # fmt: skip

PROMPT_FILTERED = frozenset({
    "content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation", "data_inspection_failed",
    "DataInspectionFailed", "DataInspection", "moderation_blocked",
})  # fmt: skip
CONTEXT_LENGTH = frozenset({
    "context_length_exceeded", "exceed_context_size_error", "string_above_max_length", "context_window_exceeded",
    "ContextWindowExceededError",
})  # fmt: skip
TOO_LARGE = frozenset({"request_too_large"})

# What an error within a 200 means by its type, where it names no status; OpenAI's, Anthropic's, vLLM's, Google's words.
STATUS_OF = {
    "invalid_request_error": 400,
    "BadRequestError": 400,
    "INVALID_ARGUMENT": 400,
    "PERMISSION_DENIED": 403,
    "not_found_error": 404,
    "NotFoundError": 404,
    "NOT_FOUND": 404,
    "api_error": 500,
    "server_error": 500,
    "InternalServerError": 500,
    "INTERNAL": 500,
    "timeout_error": 504,
    "DEADLINE_EXCEEDED": 504,
}
