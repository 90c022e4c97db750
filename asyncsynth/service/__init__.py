"""The HTTP service around runs: it starts them as processes of their own, and shows all there are by reading."""
