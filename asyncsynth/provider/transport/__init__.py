"""Bytes to an endpoint and whole replies back."""
