"""The use cases, each a function of plain values; nothing here prints, listens to signals or exits.

The commands: `run`, `plan`, `preview`, `status`, `drop`, `retry`, `export`, `report`; `example` writes a first
config.
A job: `load` reads a config, also one that was `posted`, and makes its recipe, which `check_recipe` checks; `job` is
all that a run of it needs. A `target` is an endpoint that it may send to, with what `contexts` knows of its model.
`workflows` says how the samples are made, `forms` what the answers of a step are like and `checks` what becomes of
them, `repeated` which of them repeat others, `goal` how many there are to be.
A run: `wiring` puts it together, of what is `outside`; `endpoints` opens what is called, also an `own_server`.
`progress` tells how far it is, and a `watch` looks out for repetition.
A plan: `forecast` tells tokens, money and time, from the `first_requests` and the `least_time` that limits leave;
`changes` refuses what would leave answers behind, `shared_prompts` tells of caches, and `too_long` of rows that don't
fit.
An export: the records of the `present` recipe, of which `choice` takes those for which `where` holds; `spliced` is
the short way.
A look: `found` finds directories, `following` looks at one again and again; `survey` has all figures, `newest` those
of the last answers; `excerpt` is a page of lines, `asked` says what was sent, and `marking` keeps what people think.
"""
