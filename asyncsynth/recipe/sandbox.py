"""The Jinja2 environment of the templates: no way out of it, nothing random in it, and no endless work.

Beyond Jinja2's ImmutableSandboxedEnvironment and StrictUndefined:
- only what recipe.grammar and recipe.filters name can be used, and there are no globals;
- what would render differently in every process is refused, such as printing a method or a generator by its address:
  keys and so paid answers depend on renderings being repeatable;
- a field of a table comes before a method of dict, so {{ place.items }} is the field; a method that is not called is
  no value: `keep = "story.title"` would hold for every text;
- each rendering has a budget (recipe.budget), and whatever could make a large value measures it before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType
from typing import Any

from jinja2 import StrictUndefined, TemplateAssertionError, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from asyncsynth.recipe.bounding import bounded
from asyncsynth.recipe.budget import MAX_SPLIT, Budget, check_size
from asyncsynth.recipe.filters import FILTERS, LISTING, TESTS, joined, replaced
from asyncsynth.recipe.grammar import METHODS, check_grammar
from asyncsynth.recipe.structured import Members, Table

MAX_BITS = 10_000  # of a product: about 3,000 digits
_INSTEAD_FOR_TEXT = {"%": ' For formats there is {{ "%d" | format(year) }}.', "*": " Write out what is to be repeated."}
_TABLES = (dict, Table)
PRINTABLE = (str, int, float, list, tuple, dict, type(None), Undefined)  # Undefined raises for itself
Rendering = Callable[[Mapping[str, Any]], str]


class _Missing(StrictUndefined):
    """What is not there, told in the words of whoever writes templates."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint or self._undefined_obj is missing or not isinstance(self._undefined_name, str):
            return super()._undefined_message
        return f"{_called(self._undefined_obj)} has no field {self._undefined_name!r}"


def _bits(number: float) -> int:
    return number.bit_length() if isinstance(number, int) else 0


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """Compiles templates and, while they render, keeps their budget; renders one text at a time."""

    intercepted_binops = frozenset({"+", "*", "%"})

    def __init__(self, processor_time: Callable[[], float] = time.thread_time) -> None:
        super().__init__(
            undefined=_Missing,
            keep_trailing_newline=True,
            autoescape=False,
            optimized=False,
            finalize=self._printable,
        )
        self._budget = Budget(processor_time)
        self.globals.clear()
        self.tests = dict(TESTS)
        self.filters = {name: self._bounded(name, function) for name, function in FILTERS.items()}
        self.filters |= {"counted": self._counted, "made": self._budget.made, "method": self._method}  # for bounding
        # The whole text is put together by this attribute.
        self.concat = self._concat  # type: ignore[method-assign]  # jinja2 takes it from the instance

    def parsed(self, source: str) -> nodes.Template:
        """The template's nodes. TemplateSyntaxError, with its line, where it can't be read or has what is refused."""
        parsed = self.parse(source)
        check_grammar(parsed)
        self._check_filters_and_tests(parsed)
        return parsed

    def code(self, tree: nodes.Template) -> CodeType:
        """What `rendering` of any sandbox takes. RecursionError where the template is nested too deep."""
        self._budget.begin()  # constants are rendered while compiling
        try:
            return self.compile(bounded(tree))
        except (SyntaxError, MemoryError) as error:  # Python's own limits of nesting
            raise RecursionError("nested too deep") from error

    def rendering(self, code: CodeType) -> Rendering:
        """A function from the names' values to the rendered text."""
        template = self.template_class.from_code(self, code, self.make_globals(None))

        def render(names: Mapping[str, Any]) -> str:
            self._budget.begin()
            return self._concat(template.root_render_func(template.new_context(dict(names))))

        return render

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) in _TABLES and attribute in obj:
            return obj[attribute]
        return _value(super().getattr(obj, attribute), attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return _value(super().getitem(obj, argument), argument)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """A call of one of METHODS, by its grammar; here it is made sure that it is one of a plain value."""
        name, of = getattr(obj, "__name__", ""), getattr(obj, "__self__", None)
        if name not in METHODS or type(of) not in (str, list, tuple, *_TABLES, Members):
            raise SecurityError(f"{name or 'this'} can't be called")
        self._budget.read(of, *args)
        if type(of) is str and "split" in name and len(of) > MAX_SPLIT:
            raise SecurityError(f"a text of {len(of):,} characters is too long for {name}; at most {MAX_SPLIT:,}")
        if type(of) is str and name == "join":
            (values,) = args
            return self._budget.made(joined(values, of))
        if type(of) is str and name == "replace":
            return self._budget.made(replaced(of, *args))
        return self._budget.made(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+":
            if isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
                check_size(len(left) + len(right))
        elif not isinstance(left, int | float) or not isinstance(right, int | float):
            hint = _INSTEAD_FOR_TEXT.get(operator, "") if isinstance(left, str) else ""
            raise TypeError(f"{operator} is for two numbers only.{hint}")
        elif operator == "*" and _bits(left) + _bits(right) > MAX_BITS:
            raise SecurityError("a product of thousands of digits")
        return self._budget.made(super().call_binop(context, operator, left, right))

    def _check_filters_and_tests(self, parsed: nodes.Template) -> None:
        """Jinja2 itself tells unknown ones inside of `if` only when they are reached, which may be late in a run."""
        for node in parsed.find_all((nodes.Filter, nodes.Test)):
            kind, known = ("filter", FILTERS) if isinstance(node, nodes.Filter) else ("test", TESTS)
            if node.name not in known:
                raise TemplateAssertionError(f"No {kind} named {node.name!r}.", node.lineno)

    def _bounded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def bounded(*args: Any, **kwargs: Any) -> Any:
            self._budget.read(*args, *kwargs.values())
            if name in LISTING:
                # What is filtered comes first, or after what jinja2 passes to some.
                self._budget.take_apart(*(value for value in args[:2] if isinstance(value, str)))
            return self._budget.made(function(*args, **kwargs))

        vars(bounded).update(getattr(function, "__dict__", {}))  # what jinja2 notes on a filter
        return bounded

    def _method(self, obj: Any, name: str) -> Any:
        """What a call is of: a method, but where a table has a field of that name."""
        return obj[name] if type(obj) in _TABLES and name in obj else super().getattr(obj, name)

    def _counted(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self._budget.step()
            yield value

    def _concat(self, pieces: Iterable[str]) -> str:
        text = "".join(map(self._budget.made, pieces))
        check_size(len(text))
        return text

    def _printable(self, value: Any) -> Any:
        _check_printable(value)
        if isinstance(value, list | tuple | dict):
            self._budget.made(value)
        return value


def _called(value: Any) -> str:
    kinds = ((str, "a text"), (int | float, "a number"), (Mapping, "the table"), (list, "a list"))
    return next((words for kind, words in kinds if isinstance(value, kind)), f"a {type(value).__name__}")


def _value(found: Any, name: Any) -> Any:
    """What was found under a name; SecurityError where that is a method, of a text, say."""
    if callable(found) and not isinstance(found, Undefined):
        raise SecurityError(f".{name} is not a field; a pair of () may be missing")
    return found


def _check_printable(value: Any) -> None:
    if not isinstance(value, PRINTABLE):
        raise SecurityError(f"prints a {type(value).__name__}, not a text; a | list or a pair of () may be missing")
    if isinstance(value, list | tuple | dict):
        for part in value.values() if isinstance(value, dict) else value:
            _check_printable(part)
            if isinstance(part, Undefined):
                str(part)  # raises, as it does where it stands alone
