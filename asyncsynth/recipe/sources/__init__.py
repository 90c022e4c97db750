"""Axes whose values stand in files: read once to check and number them, then row by row when they are asked for."""
