"""The parts of scripts/bench: what is measured, the processes that do it, and the table of ratios."""
