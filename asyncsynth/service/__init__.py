"""The HTTP service around runs: it starts them as processes of their own, and shows all there are by reading.

A request: `server` puts the `service` together at an `address`; `answering` takes what comes through the `guard` to
its row in `routes`. What a row does is in `reading`, `changing` and `asking`; what is sent is one of the `forms`,
what is answered one of the `replies` or `contents`. Apart from these stand `events`, `metrics`, `openapi` and the
`page`.
A run: `supervisor` starts, drains and restarts those of the `entries`, each an `entry`; `processes` has their
processes, and `process` says how one is started. `state_folder` keeps what a restart of the service needs.
A look: `watch` looks at directories, `showing` makes a reply of what it sees, and `surveys` keeps those of large
sets.
"""
