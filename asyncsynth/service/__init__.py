"""The HTTP service around runs: it starts them as processes of their own, and shows all there are by reading.

A request: `server` puts the service together, `answering` takes what comes through the `guard` to its row in `routes`.
What a row does is in `reading`, `changing`, `asking`; what is sent, in `forms`; the answers, in `replies`, `contents`.
The runs: `supervisor` starts, drains and restarts them (`entries` says which, `processes` has their processes), and
`state_folder` keeps what a restart of the service needs. `watch` looks at directories, `showing` makes of that a reply.
"""
