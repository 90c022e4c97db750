"""asyncsynth turns one config.toml into a synthetic fine-tuning set, resumed at will, never paid for twice."""

__version__ = "0.1.0"
