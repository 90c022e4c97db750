"""What is good: the gates and schemas that answers must pass, judges of them, and how alike the answers of a run are.

One answer: `cleaning` cuts labels off, `gates` reject it, as a text that `refusals` (by the `openings` of each
language) or `language` speak against. A structured one is read by `structured`: `json_text` finds the JSON, a
`validator` holds it to the schema of a `schema_file`, put into its own words by `dialect`; `misfits` says what is
wrong with it, and templates are tried on `examples`. `judging` makes of a rubric a request, and reads the grades.
Many answers: of the first `words` of each a `sketch` is made; `repeated` finds those that nearly repeat an earlier
one of all (by their `bands`), `pairs` and `originals` those of a set. A `window` of the newest answers is watched
while a run works; `newest` has all figures of them, from `collapse` and `coverage`.
"""
