"""What every section of config.toml is: a frozen table in which an unknown option is an error."""

from collections.abc import Iterator
from typing import Any, Self, cast, get_args

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo


class Section(BaseModel):
    """A frozen table of config.toml."""

    # Built when it is first used: of most sections a config has only some, and a start waits for no more.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True)

    @classmethod
    def left_out(cls) -> Self:
        """The section of a config that has none: its defaults. There is nothing to check, so nothing is built."""
        return cast("Self", cls.model_construct())  # pydantic's plugin of mypy knows it as a Section alone

    @classmethod
    def may_be_left_out(cls) -> bool:
        """Whether a config needs none of its options."""
        return not any(field.is_required() for field in cls.model_fields.values())


def options_of(section: type[Section]) -> dict[str, FieldInfo]:
    """The options of a section by the names that a config has for them."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def sections_in(annotation: Any) -> Iterator[type[Section]]:
    """The sections among the types of an annotation, like `PriceSection | None` or `list[Message] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for member in get_args(annotation):
        yield from sections_in(member)
