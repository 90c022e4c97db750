"""The table of routes: what the service answers, and what OpenAPI says of it, are made of these rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from pydantic import BaseModel

from asyncsynth.service import asking, changing, contents, forms, reading, replies

ID = "{id:[0-9a-f]{16}}"


class Route(NamedTuple):
    """`answer` takes the service, then the name of the run, the query, and the body, as far as there are such."""

    method: str
    path: str
    summary: str
    answer: Callable[..., Awaitable[BaseModel]]
    reply: type[BaseModel]
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None

    @property
    def of_a_run(self) -> bool:
        return ID in self.path


_RUN = f"/api/runs/{ID}"
ROUTES = (
    Route("GET", "/api/runs", "All runs below the folder of configs.", reading.runs, replies.Runs),
    Route("POST", "/api/runs", "Start a run.", changing.start, replies.Run, 201, body=forms.Start),
    Route("GET", _RUN, "One run, and how far it is.", reading.run, replies.Run),
    Route(
        "GET", f"{_RUN}/records", "A page of training examples.", reading.records, contents.Records, query=forms.Page
    ),
    Route("GET", f"{_RUN}/failures", "A page of dead letters.", reading.failures, contents.Failures, query=forms.Page),
    Route("GET", f"{_RUN}/samples", "Either, to be read.", reading.samples, contents.Samples, query=forms.SamplePage),
    Route("GET", f"{_RUN}/survey", "Figures of the set.", reading.survey, contents.Survey, query=forms.Surveyed),
    Route("GET", f"{_RUN}/marks", "What people think of samples.", reading.marks, contents.Marks),
    Route("POST", f"{_RUN}/marks", "Mark a sample.", changing.mark, replies.Done, body=forms.Marked),
    Route("POST", f"{_RUN}/drain", "Send nothing new.", changing.drain, replies.Done, 202, body=forms.Nothing),
    Route("POST", f"{_RUN}/resume", "Go on with a run.", changing.resume, replies.Done, 202, body=forms.Resume),
    Route("POST", f"{_RUN}/limits", "Change its limits.", changing.limits, replies.Done, 202, body=forms.Limits),
    Route("POST", "/api/plan", "What a run would make and cost.", asking.planned, replies.Plan, body=forms.Recipe),
    Route("POST", "/api/preview", "What it would send.", asking.previewed, replies.Previews, body=forms.Preview),
)
