"""What is handed on: the forms that trainers load, made of records in one pass, and the page to read them on.

An export: `formats` is the table. A record is one of the kinds of `examples`; `rows` make of it what a trainer loads,
`spliced` the same without reading it. `lines`, `tables` (with their `column_types`) and `folders` (with `file_names`)
write rows to a `destination`, divided by `shares` or `strata`. `duplicates` are left out, `checks` say what a trainer
would refuse, and `beside` has what is read beside the examples, such as the `card`.
A report: `survey/` counts, `page` puts together what reader/ shows, and `marks` are what people think of samples.
"""
