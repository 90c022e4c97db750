"""What a plan says of caches of prompts: what requests share at their beginning, and what stands in the way of it."""

from __future__ import annotations

from asyncsynth.app.job import Job
from asyncsynth.app.target import Target
from asyncsynth.costs import usd
from asyncsynth.provider.caching import CACHE_CONTROL, least_cached_tokens
from asyncsynth.provider.services import SERVICES
from asyncsynth.provider.usage import BYTES_PER_TOKEN
from asyncsynth.recipe.beginnings import Beginning
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.text import count, money


def caching_note(job: Job, requests: int) -> str | None:
    """One sentence or two, where the service caches beginnings as long as these requests could share; else None.

    `requests` are to be made. Of several endpoints the first one counts.
    """
    recipe, target = job.recipe, job.targets[0]
    if not isinstance(recipe, Recipe):
        return None  # what later steps share is not looked at
    least = least_cached_tokens(target.endpoint.provider, target.endpoint.model)
    if least is None or not requests or _is_elsewhere(target):
        return None
    sent, possible = recipe.beginning(with_uuid=True), recipe.beginning(with_uuid=False)
    if _cached(sent, target) >= least:
        return _of_what_is_shared(sent, recipe, target, requests, least)
    if _cached(possible, target) >= least:
        return (
            f"caching: {{{{ uuid }}}} stands before what requests share, so none of it is cached; at the end of the "
            f"request {_shares(possible, target)}, which {_caches(target, least)}{_saving(possible, target, requests)}"
        )
    return None


def _of_what_is_shared(sent: Beginning, recipe: Recipe, target: Target, requests: int, least: int) -> str:
    note = f"caching: {_shares(sent, target)}; {_caches(target, least)}{_saving(sent, target, requests)}"
    if _is_anthropic(target) and CACHE_CONTROL not in target.endpoint.parameters:
        return f'{note}, and only with endpoint.parameters.{CACHE_CONTROL} = {{ type = "ephemeral" }}'
    if sent.axes and recipe.grouping is None:
        return f'{note}; combinations.order = "prefix" sends them one after the other'
    return note


def _shares(beginning: Beginning, target: Target) -> str:
    among = f" with the same {' and '.join(beginning.names)}" if beginning.names else ""
    what = "system text" if _is_anthropic(target) else "beginning"
    return f"requests{among} share a {what} of about {_cached(beginning, target):,} tokens"


def _caches(target: Target, least: int) -> str:
    return f"{target.endpoint.provider} caches from {least:,} tokens on"


def _saving(beginning: Beginning, target: Target, requests: int) -> str:
    """What is saved where all but the first of each group find it in the cache."""
    price = target.price
    if price is None or price.cached_input is None:
        return ""
    found = max(requests - beginning.groups, 0) * _cached(beginning, target)
    saved = usd(found * (price.input - price.cached_input))
    return f": up to {money(saved)} less for {count(requests, 'request')}" if saved > 0 else ""


def _cached(beginning: Beginning, target: Target) -> int:
    """About how many tokens can be cached: of Anthropic's requests the system text, which is marked as a whole."""
    size = beginning.system if _is_anthropic(target) else beginning.shared
    return round(size / BYTES_PER_TOKEN)


def _is_elsewhere(target: Target) -> bool:
    """Whether it is not the service itself that is called, but something that speaks as it does."""
    return target.endpoint.base_url is not None and SERVICES[target.endpoint.provider].base_url is not None


def _is_anthropic(target: Target) -> bool:
    return target.endpoint.provider == "anthropic"
