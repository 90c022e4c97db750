"""How fast: requests, tokens, money and slots, taken together and in order just before a call is sent.

The gate: calls wait in the `line` of their endpoints, one of the `lines`, until the `gate` finds room in an
`allowance`.
An allowance: `requests` and `tokens` in any minute (by a `sliding_log`), a `throttle` after 429s, the `spend` cap of
all, and the `concurrency`, which `auto/` finds out.
A call: its `meter` makes an `estimate` of its tokens, and a `reserve` of what it can cost at most.
A fault: `backoff` says when to try again, and a `breaker` lets single probes through.
"""
