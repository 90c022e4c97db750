"""What is good, and what only looks different: how alike the answers of a run are."""
