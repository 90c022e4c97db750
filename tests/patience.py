"""How long a test waits for what must come; a program that hangs makes its test wait as long, and no other does."""

LONGEST_S = 300.0  # no single step takes as long, not even where ten others want the processor
