"""Who makes it: how a service is called, what its replies mean, and what they cost.

A call: an `endpoint` sends what one of the `wires/` writes, over one of the `transport/`s, with the headers and the
`api_key` of its `access`, from the `variables` of the environment; `open_files` bounds how many at a time.
A service: `services` is the table; `section_check` holds a config to it. `deciding` parameters and the names of
`models` go into keys.
A good reply: its JSON, out of its `framing`, is a `json_reply`; `contents` and `thoughts` are told apart, `finish`
says why it ended, and `answers` what is made of it. It is new, says `seen_replies`.
A bad one: `classify` makes of it a fault of the table in `faults`, by its `error_bodies` and their `codes`, or by the
`pages` that came in its place; `headers` and `waits` say when to ask again.
The money: `usage` is counted in tokens, by `prices`, `tiers` and what `caching` saves.
"""
