"""What to make: the samples of a recipe in their order, the request of each, and the training example of its answer.

The recipe: `recipe` has one step, `steps_recipe` several in their `ordering`, each a `step` or a `dialogue`;
`sampled` is what both share, and `main_step` the one that a record is about. `check` and `check_steps` say what is
wrong with it.
The samples: each `axis` of the `axes`, some `dependent` on others, spans a `space`, less the `exclusion`; its
`walks`, with a `permutation`, are even at any time, and `groups` and `grouping` order by what is alike. `draws`
follow from the sample, rows come from `sources/`, and `axis_sizes` tells how many there were.
The identity: `identity` makes a key from `canonical` values; `sample_keys` and `step_keys` make many at a time.
`alike` and `rows_apart` prove that no two samples ask the same. `facts` and `fingerprints` are what a manifest keeps
of it all, and `differences` compares them.
The texts: `asking` makes requests, `templates` all texts, by `rendering` each in the `sandbox`: `parsing` by the
`grammar`, with `filters` and conditions (`condition`), within a `budget` that `bounding` puts in; `render_errors` are
told. A `table` fills in what `pieces` are known of all samples, by `filling`, and `columns` give a record its types;
`trees` copies parsed ones, `structured` answers look like tables, and `beginnings` are what requests share.
"""
