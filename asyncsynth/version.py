"""The version of asyncsynth; the lowest floor, so that every room may know it."""

VERSION = "0.1.0"
