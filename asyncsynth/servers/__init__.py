"""Servers of our own: the local model, the simulated provider, and the child processes that they run in."""
