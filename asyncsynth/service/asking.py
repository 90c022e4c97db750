"""Requests about a config that is sent along: what a run of it would make, and what it would send."""

from __future__ import annotations

from pathlib import Path

from asyncsynth.app.job import job_of
from asyncsynth.app.load import recipe_of
from asyncsynth.app.plan import plan
from asyncsynth.app.posted import posted_config
from asyncsynth.app.preview import Preview, preview
from asyncsynth.service import forms, replies
from asyncsynth.service.service import Service


async def planned(service: Service, recipe: forms.Recipe) -> replies.Plan:
    return await service.heavily(lambda: _planned(recipe, service.folder.root))


def _planned(recipe: forms.Recipe, root: Path) -> replies.Plan:
    told = plan(job_of(posted_config(recipe.posted(), root)))
    found, forecast = told.inventory, told.forecast
    return replies.Plan(
        directory=Path(told.directory).resolve().relative_to(root).as_posix(),
        combinations=told.combinations,
        samples=told.samples,
        there=found.there,
        dead=found.dead,
        to_make=found.to_make,
        requests=found.requests,
        left=found.left,
        newly_left=found.newly_left,
        prompt_tokens=forecast.prompt_tokens,
        completion_tokens=forecast.completion_tokens,
        cost_usd=forecast.cost_usd,
        most_usd=forecast.most_usd,
        seconds=forecast.seconds,
        bottleneck=forecast.bottleneck,
        changes=list(told.changes),
        notes=list(told.notes),
    )


async def previewed(service: Service, asked: forms.Preview) -> replies.Previews:
    return await service.heavily(lambda: _previewed(asked, service.folder.root))


def _previewed(asked: forms.Preview, root: Path) -> replies.Previews:
    found = preview(recipe_of(posted_config(asked.posted(), root)), asked.samples)
    return replies.Previews(samples=[_shown(one) for one in found])


def _shown(one: Preview) -> replies.Previewed:
    said = [replies.Said(step=each.step, system=each.system, request=each.request) for each in one.said]
    fields = dict(one.fields)
    return replies.Previewed(key=one.key, said=said, fields=fields, problem=one.problem, headed=list(one.headed))
