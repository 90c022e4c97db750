"""What is in a set of training examples, gathered in one pass: figures for charts, and samples to read."""
