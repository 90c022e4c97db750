"""Faults as rows of the fault table bring them, for tests of what follows from them."""

from __future__ import annotations

from asyncsynth.values import Action, Billing, Fault

RATE_LIMITED = Fault("rate_limited", Action.PAUSE, Billing.NO, "429", status=429, counts=False)
OVERLOADED = Fault("overloaded", Action.RETRY, Billing.NO, "503", status=503, overload=True)
UNREACHABLE = Fault("unreachable", Action.RETRY, Billing.NO, "connection refused", reached=False, answered=False)
BAD_GATEWAY = Fault("bad_gateway", Action.RETRY, Billing.MAYBE, "502", status=502, answered=False)
GATEWAY_TIMEOUT = Fault("gateway_timeout", Action.RETRY, Billing.MAYBE, "504", status=504, answered=False, max_tries=2)
SERVER_ERROR = Fault("server_error", Action.RETRY, Billing.NO, "500", status=500)
BAD_JSON = Fault("bad_json", Action.RETRY, Billing.MAYBE, "not JSON", status=200, unusable=True)
HTML = Fault("html", Action.RETRY, Billing.NO, "HTML came back", status=200, answered=False, page=True)
BAD_REQUEST = Fault("bad_request", Action.DEAD, Billing.NO, "400", status=400, refused=True)
REJECTED = Fault("content_filter", Action.DEAD, Billing.YES, "filtered", status=200, unusable=True)
EMPTY = Fault("null_content", Action.DEAD, Billing.YES, "no text", status=200, unusable=True)
BAD_KEY = Fault("bad_key", Action.STOP, Billing.NO, "401", status=401)
NO_CREDIT = Fault("no_credit", Action.STOP, Billing.NO, "no credit", status=402)
