"""What is kept: answers and manifest, which are the truth and only grow, and the views that are made of them.

From outside: `store` is a directory that this process holds, `snapshot` one that is only read, and `contents` what
both can be asked; `writer` is the one coroutine that writes while a run works, `follower` looks at it again and
again.
The disk: `files` has the system calls, `lock` and `taken_away` guard the directory, `journal` appends lines and
`scan` reads them; `encoding` and `sealed` say what a line is.
The truth: lines of `answers` and of `manifest`. What they say together is the `state`: `keys` that are answered, the
`ledger` and its `totals`, `calls` under way, each `dead_letter`, `groups` of synced answers, and the `mark` that was
noted of the views. `commit` keeps the order in which things are written; `drops` takes answers out; `raw` is the log
of bodies.
The start: `recovery` repairs what `reading` finds, by a `replay` of the manifest and of what is `unnoted` in it.
The views: lines of `records` and of `failures`, which `rendered` makes one by one and `record_form` without
rendering, from answers that `lookup` finds by their `key_places`. `views` keeps both files, each a `view`;
`view_check` tells whether one is as it was noted, `funnel` counts what gates took. `records_view` reads records
beside a run, `record_texts` finds their texts, `shown` the keys in them.
"""
