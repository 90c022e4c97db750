"""The Python API, for scripts and notebooks: a face like the command line, made of the same use cases."""
