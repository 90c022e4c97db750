"""From a config file, or sections of plain values, to a checked config, its recipe, price and key."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from asyncsynth.app.check_recipe import problems_of_recipe, with_default_completion
from asyncsynth.config import Combinations, Config, Endpoint, Limits, Prompt, read, read_sections, read_text
from asyncsynth.config.check import Checked
from asyncsynth.config.config import StepSection, for_step, sides_of
from asyncsynth.config.sources import Axes, Lines, Rows
from asyncsynth.costs import Price
from asyncsynth.errors import ConfigError, Problem, UsageError
from asyncsynth.provider.access import Access, access_to
from asyncsynth.provider.deciding import deciding
from asyncsynth.provider.prices import FREE, price_of
from asyncsynth.provider.section_check import note_for, problems_of_messages
from asyncsynth.provider.section_check import problems as check_endpoint
from asyncsynth.provider.services import SERVICES
from asyncsynth.provider.tiers import may_cost_more, tier_note, tier_of
from asyncsynth.provider.variables import Variables
from asyncsynth.recipe.check import single_braced
from asyncsynth.recipe.recipe import Recipe

if TYPE_CHECKING:
    from asyncsynth.recipe.steps_recipe import StepsRecipe


def load_config(
    path: Path,
    settings: Iterable[str] | None = None,
    *,
    sections: Mapping[str, Mapping[str, Any]] | None = None,
    output: Path | None = None,
    limit: int | None = None,
    concurrency: str | None = None,
    max_cost: float | None = None,
    below: Path | None = None,
) -> Config:
    """The checked config of a file. The named options win over `settings` (--set), which win over the file.

    `sections` are plain values that go over the file's. Raises ConfigError with every mistake at once, and where a
    path in it leads out of `below`.
    """
    options = {
        f"{name}.{option}": value for name, section in (sections or {}).items() for option, value in section.items()
    }
    named = {
        "output.directory": None if output is None else str(output),
        "combinations.limit": limit,
        "limits.concurrency": _number_or_word(concurrency),
        "limits.max_cost_usd": max_cost,
    }
    options |= {place: value for place, value in named.items() if value is not None}
    return _config(read(path, settings or (), options, _apis(), below=below))


def config_of_text(text: str, source: str, folder: Path, options: Mapping[str, Any], *, below: Path) -> Config:
    """The checked config of a text that could be a file in this folder, with options by their place over it.

    Raises ConfigError as load_config; `source` is where the text comes from, for messages.
    """
    return _config(read_text(text, source, folder, options, _apis(), below=below))


def directory_of(path: Path, settings: Iterable[str] | None = None, *, output: Path | None = None) -> Path:
    """The output directory: the one that is named, and then no config is needed; else that of the config at `path`."""
    return Path(load_config(path, settings).output.directory) if output is None else output.expanduser()


def config_of(sections: dict[str, Any], source: str, *, output: Path | None = None) -> Config:
    """The checked config of sections of plain values; `source` is where they come from, for messages."""
    return _config(read_sections(sections, source, {"output.directory": None if output is None else str(output)}))


def _apis() -> dict[str, str]:
    return {name: service.api for name, service in SERVICES.items()}


def _config(checked: Checked) -> Config:
    """The config, or ConfigError: with what only the templates and the table of services can tell, too."""
    endpoint, limits = checked.sections["endpoint"], checked.sections["limits"]
    checked = with_default_completion(checked)
    axes, further = (None, []) if checked.axes is None else _opened(checked)
    steps = checked.sections_of_steps
    further += _problems_of_endpoints(steps, checked.endpoints, endpoint, limits)
    if axes is not None:
        further += problems_of_recipe(checked, axes)
    config = checked.config(further, axes)
    asked_for = config.asked.values()
    told = (*map(note_for, asked_for), *map(_tier_note, asked_for), _order_note(config), *_brace_notes(config))
    return replace(config, notes=(*config.notes, *dict.fromkeys(note for note in told if note is not None)))


def _problems_of_endpoints(
    steps: Sequence[StepSection], named: Mapping[str, Endpoint], default: object, limits: object
) -> list[Problem]:
    """What the table of services tells of what the steps are sent to, and of endpoints that none is sent to."""
    problems = []
    asked: dict[str, list[StepSection]] = {f"endpoints.{name}": [] for name in named}
    for step in sides_of(steps):
        for place in [f"endpoints.{name}" for name in step.prompt.names] or ["endpoint"]:
            asked.setdefault(place, []).append(step)
    for place, served in asked.items():
        section = default if place == "endpoint" else named.get(place.removeprefix("endpoints."))
        if not isinstance(section, Endpoint):
            continue
        forms = {repr(form): form for form in (for_step(section, step.prompt) for step in served)} or {"": section}
        found = [problem for form in forms.values() for problem in check_endpoint(form, _limits(limits))]
        problems += [replace(problem, place=re.sub(r"^endpoint\b", place, problem.place)) for problem in found]
        for step in served:
            problems += _problems_of_schema(place, section, step)
            problems += [
                replace(problem, place=re.sub(r"^prompt\b", step.place, problem.place))
                for problem in problems_of_messages(step.prompt, section)
            ]
    return list(dict.fromkeys(problems))


def _problems_of_schema(place: str, section: Endpoint, step: StepSection) -> list[Problem]:
    """A parameter that says what the answer's form is, which the schema says."""
    service = SERVICES.get(section.provider)
    if service is None or (step.prompt.structure is None and step.prompt.judge is None):
        return []
    from asyncsynth.provider.wires.schemas import taken_by_a_schema  # noqa: PLC0415 - most recipes ask for texts

    api = section.api or service.api
    if (section.schemas or service.schemas(api)) == "none":
        return []
    taken = taken_by_a_schema(api, for_step(section, step.prompt).parameters)
    what = f"{taken} can't be set: {step.place} has a schema, which goes there"
    return [] if taken is None else [Problem(f"{place}.parameters", what)]


def _limits(section: object) -> Limits | None:
    return section if isinstance(section, Limits) else None


def _order_note(config: Config) -> str | None:
    if config.combinations.order == "even" or config.takes_answers_as_they_come:
        return None
    return f"combinations.order = {config.combinations.order}: only recipes of one step, without gates, know it yet"


def _brace_notes(config: Config) -> Iterator[str]:
    """Names in single braces, which nobody notices before the samples are read."""
    said = ((step.place, each) for step in config.sections_of_steps for each in step.prompt.templates)
    templates = [(f"{section}.{each.place}", each.template) for section, each in said]
    for place, template in (*templates, *config.record.templates()):
        for name in sorted(single_braced(template) & {*config.axes, *config.steps}):
            yield f"{place}: {{{name}}} stays as it stands; for its value write {{{{ {name} }}}}"


def _tier_note(endpoint: Endpoint) -> str | None:
    return tier_note(endpoint, free=SERVICES[endpoint.provider].is_free_at(endpoint.base_url))


def _opened(checked: Checked) -> tuple[Axes, list[Problem]]:
    """The axes with the files that some of them stand in, and what is wrong with these."""
    given, combinations = checked.axes or {}, checked.sections["combinations"]
    listed = {name: axis for name, axis in given.items() if not isinstance(axis, Rows | Lines)}
    if len(listed) == len(given):
        return listed, []
    from asyncsynth.recipe.sources.opening import opened  # noqa: PLC0415 - readers of files that few recipes need

    return opened(given, combinations.seed if isinstance(combinations, Combinations) else 0)


def _number_or_word(given: str | None) -> int | str | None:
    """Digits as the number that they are; a word, such as auto, as it is."""
    return int(given) if given is not None and given.isascii() and given.isdigit() else given


def recipe_of(config: Config) -> Recipe | StepsRecipe:
    """The recipe of a config; raises UsageError where it has no sample."""
    recipe = _one_step(config) if config.takes_answers_as_they_come else _several_steps(config)
    if recipe.total == 0:
        raise UsageError(f"{config.source}: combinations.exclude leaves nothing to make", hint="exclude less")
    return recipe


def _one_step(config: Config) -> Recipe:
    asked = _asked_from(config, config.prompt)
    return Recipe(config.axes, config.combinations, config.prompt, config.record, endpoint=asked)


def _several_steps(config: Config) -> StepsRecipe:
    from asyncsynth.app.forms import form_of, schema_of  # noqa: PLC0415 - most recipes have one step
    from asyncsynth.recipe.steps_recipe import StepsRecipe  # noqa: PLC0415 - the same

    steps = config.sections_of_steps
    endpoints, forms = {}, {}
    for step in steps:
        schema = schema_of(step)
        for side in step.sides:
            asked = _asked_from(config, side.prompt)
            endpoints[side.name] = asked if schema is None else {**asked, "answer": schema}
        forms[step.name] = form_of(step, schema)
    return StepsRecipe(config.axes, config.combinations, steps, config.record, endpoints=endpoints, forms=forms)


def _asked_from(config: Config, prompt: Prompt) -> dict[str, Any]:
    """What keys are made from: api, model and parameters of the first endpoint of a step."""
    endpoint = for_step(next(iter(config.asked_in(prompt).values())), prompt)
    service = SERVICES[endpoint.provider]
    return {
        "api": endpoint.api or service.api,
        "model": service.model_name(endpoint.model),
        "parameters": deciding(endpoint.parameters),
    }


def price_for(name: str, endpoint: Endpoint, config: Config) -> Price | None:
    """What a token costs, None where nobody knows; raises ConfigError for a spend cap on an unknown price.

    `name` is that of the endpoint, "" for [endpoint].
    """
    price = price_of(SERVICES[endpoint.provider], endpoint.model, endpoint.price, endpoint.base_url)
    model = endpoint.model
    if endpoint.price is None and price != FREE and may_cost_more(endpoint.parameters):
        price, model = None, f"{model} in tier {tier_of(endpoint.parameters)}"
    if price is None and config.limits.max_cost_usd is not None:
        section = f"endpoints.{name}" if name else "endpoint"
        what = f"needs a known price, and {model} has none: set [{section}.price] input and output"
        raise ConfigError(config.source, (Problem("limits.max_cost_usd", what),))
    return price


def access_for(endpoint: Endpoint, folder: Path) -> Access:
    """How to call an endpoint; raises UsageError where a key or another variable is needed and not there.

    Variables are looked up in the environment, then in the file .env in `folder`, which is the config's.
    """
    return access_to(SERVICES[endpoint.provider], endpoint, Variables(os.environ, folder))
