"""The templates of a recipe, compiled once: what is asked, and the fields of the training example."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, cast

from jinja2 import TemplateSyntaxError
from msgspec import Struct

from asyncsynth.config import Message, Prompt, Record
from asyncsynth.config.prompt import Said
from asyncsynth.errors import UsageError
from asyncsynth.recipe.rendering import COMPLETION_NAME, UUID_NAME, Template
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.table import Columns, cells_of
from asyncsynth.values import Cells, DialogueCells, DrawnCells, Sample, Turn, Value

BLANK_UUID = ""

Axes = Mapping[str, Sequence[Value]]
Values = Mapping[str, Value]


class Asked(Struct, frozen=True, gc=False):
    """What is sent for a sample; `turns` as in values.Request."""

    text: str
    system: str | None
    turns: tuple[Turn, ...] = ()

    def anew(self, uuid: str) -> Asked:
        """The same with this UUID in it, so that no cache has its answer: in a line before all else, where no template
        has put it anywhere. What the sides of a dialogue said stays as it is, if there is a system text.
        """
        if uuid in self.text or (self.system is not None and uuid in self.system):
            return self
        if not self.turns:
            return Asked(_under(uuid, self.text), self.system)
        if self.system is not None:
            return Asked(self.text, _under(uuid, self.system), self.turns)
        turns = (Turn(self.turns[0].role, _under(uuid, self.turns[0].content)), *self.turns[1:])
        return Asked(text_of(turns), None, turns)


class RequestTemplates:
    """The request or the dialogue, and the system text.

    UsageError where one can't be compiled, and where one can't be rendered.
    """

    __slots__ = ("_turns", "request", "system")

    def __init__(
        self,
        prompt: Prompt,
        axes: Axes,
        sandbox: TemplateSandbox,
        place: str = "prompt",
        earlier: Collection[str] = (),
    ) -> None:
        """`place` is that of the section, `earlier` are the names of steps whose answers may be in it."""

        def template(said: Said) -> Template:
            return compiled(sandbox, f"{place}.{said.place}", said.template, axes, (UUID_NAME, *earlier))

        system = prompt.system_text
        self.system = None if system is None else template(system)
        self._turns = turns = [(said.role, template(said)) for said in prompt.turns]
        self.request = turns[0][1] if prompt.is_plain else None  # of a dialogue there is none

    @property
    def all(self) -> list[Template]:
        """All of them."""
        return [*(template for _, template in self._turns), *(() if self.system is None else (self.system,))]

    def asked(self, combination: Values, uuid: str = BLANK_UUID) -> Asked:
        """All texts of a sample; the values of earlier steps, if there are any, stand beside those of the axes."""
        return self.asked_of({**combination, UUID_NAME: uuid})

    def asked_of(self, values: Values) -> Asked:
        """The same of values that hold the UUID."""
        request, system = self.request, self.system
        if request is not None:
            return Asked(request.render_sample(values), None if system is None else system.render_sample(values))
        turns = tuple(Turn(cast("Any", role), template.render_sample(values)) for role, template in self._turns)
        return Asked(text_of(turns), None if system is None else system.render_sample(values), turns)


def _under(uuid: str, text: str) -> str:
    return f"{uuid}\n\n{text}"


def text_of(turns: Iterable[Turn]) -> str:
    """A dialogue as one text, for people."""
    return "\n\n".join(f"{turn.role}: {turn.content}" for turn in turns)


Field = Callable[[Sample, Values], Any]  # from a sample, and its values with the completion, to the field of its record


class RecordTemplates:
    """The fields of a record. UsageError where a template can't be compiled, and where one can't be rendered."""

    __slots__ = ("_fields", "_given", "_seed", "_templates")

    def __init__(
        self,
        record: Record,
        axes: Axes,
        seed: int,
        sandbox: TemplateSandbox,
        steps: Sequence[str] = (COMPLETION_NAME,),
    ) -> None:
        """`steps` are the names of the answers that a record may be made of."""
        self._given, self._seed = record.fields(), seed
        self._templates = {
            place: _template(sandbox, place, source, axes, steps) for place, source in dict(record.templates()).items()
        }
        texts = {place: _text(template) for place, template in self._templates.items()}
        self._fields = {name: _field(f"record.{name}", given, texts, seed) for name, given in self._given.items()}
        if record.dialogue is not None:
            self._fields["messages"] = _messages_of(record.dialogue)

    def fields(self, sample: Sample, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Every field of the sample's record, in order, from what the steps answered."""
        values = {**sample.combination, **answers}
        return {name: field(sample, values) for name, field in self._fields.items()}

    def cells(self, columns: Columns) -> dict[str, Cells | DrawnCells | DialogueCells | None] | None:
        """What the fields of all records are put together from; None where they have to be rendered one by one."""
        texts: dict[str, Cells | None] = {}
        for place, template in self._templates.items():
            texts[place] = None if isinstance(template, str) else cells_of(template, columns)
            if not isinstance(template, str) and texts[place] is None:
                return None
        return {name: self._cells(f"record.{name}", given, texts) for name, given in self._given.items()}

    def _cells(
        self, place: str, given: str | Sequence[str | Message], texts: Mapping[str, Cells | None]
    ) -> Cells | DrawnCells | DialogueCells | None:
        if isinstance(given, str):
            return texts[place]
        messages = [one for one in given if isinstance(one, Message)]
        if messages:
            turns = [(message.role, texts[f"{place}[{index}].content"]) for index, message in enumerate(messages)]
            return DialogueCells(tuple(turns))
        options = tuple(texts[f"{place}[{index}]"] for index in range(len(given)))
        return DrawnCells(options, lambda key: _draw(self._seed, key, place, len(options)))


def compiled(sandbox: TemplateSandbox, place: str, source: str, axes: Axes, given: Sequence[str]) -> Template:
    try:
        return Template(sandbox, place, source, axes, given)
    except (TemplateSyntaxError, RecursionError) as error:
        raise UsageError(f"{place}: can't be compiled: {error}", hint="correct it in the config") from error


def _template(sandbox: TemplateSandbox, place: str, source: str, axes: Axes, steps: Sequence[str]) -> Template | str:
    """The name of a step for its answer as it stands, which is data: it is passed on and not rendered."""
    name = next((name for name in steps if source == "{{ " + name + " }}"), None)
    return compiled(sandbox, place, source, axes, steps) if name is None else name


def _text(template: Template | str) -> Callable[[Values], Any]:
    if isinstance(template, str):
        return lambda values: str(values[template])
    return template.render_sample


def _field(
    place: str, given: str | Sequence[str | Message], templates: Mapping[str, Callable[[Values], Any]], seed: int
) -> Field:
    if isinstance(given, str):
        return _single(templates[place])
    messages = [one for one in given if isinstance(one, Message)]
    if messages:
        contents = [templates[f"{place}[{index}].content"] for index in range(len(messages))]
        return _dialogue([message.role for message in messages], contents)
    return _drawn(place, [templates[f"{place}[{index}]"] for index in range(len(given))], seed)


def _messages_of(step: str) -> Field:
    def messages(_: Sample, values: Mapping[str, Any]) -> Any:
        return [dict(message) for message in values[step]]

    return messages


def _single(template: Callable[[Values], Any]) -> Field:
    return lambda _, values: template(values)


def _dialogue(roles: Sequence[str], contents: Sequence[Callable[[Values], Any]]) -> Field:
    turns = list(zip(roles, contents, strict=True))
    return lambda _, values: [{"role": role, "content": content(values)} for role, content in turns]


def _drawn(place: str, templates: Sequence[Callable[[Values], Any]], seed: int) -> Field:
    return lambda sample, values: templates[_draw(seed, sample.key, place, len(templates))](values)


def _draw(seed: int, key: str, place: str, options: int) -> int:
    """One of so many for each sample, by seed, key and field: each as often as the others, in the long run."""
    digest = sha256(f"{seed}/{key}/{place}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % options
