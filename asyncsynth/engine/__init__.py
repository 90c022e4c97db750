"""How samples are made: samples in, calls out, and every sample to its end.

A run: `pipeline` produces and works, with its `collaborators` and a `gate`. The `backlog` hands out what is to be
done by `lanes`, of the samples that `missing` finds; a `caller` makes one call, to one of the `suppliers`. `tally`
counts, `audience` hears.
A fault: `verdict` says what follows for the sample, `refusals` whether it can ever fit, `health` (by the `silence` of
an endpoint) whether the endpoint is to blame, and `unmade` what becomes of samples without an answer.
A sample: its `course` asks one thing after the other, at each `level` of its `way` by a `stage`, along its `trail` to
one of its `ends`, of which `foresight` knows some early; `courses` are those of a run. `rows` are what it puts into
records. `sharing` says who asks for an answer that several need.
A directory: the `inventory` says what of it belongs to a recipe, and `refresh` brings the views up to date, with an
`assembly` of records where nothing must be rendered. What they need of both is said in `workflow` and `shelf`. Of
several steps: `several_steps`, by the `standing` of each sample, what is `kept` or `live`, `passages`, and
`belonging` keys; `together` reads what goes together.
"""
