"""What Prometheus reads: counts and money of every run, made anew for each request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from asyncsynth.app.following import NOTHING
from asyncsynth.costs import usd
from asyncsynth.service.service import Looked, Service
from asyncsynth.store.totals import Totals

if TYPE_CHECKING:
    from prometheus_client import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def _totals(one: Looked) -> Totals:
    return (one.seen or NOTHING).totals


class _Figure(NamedTuple):
    name: str
    kind: str
    words: str
    value: Callable[[Looked], float]


_FIGURES = (
    _Figure("working", "gauge", "1 while a run works", lambda one: one.run.working),
    _Figure("records", "gauge", "Training examples", lambda one: one.run.records),
    _Figure("failures", "gauge", "Samples without a training example", lambda one: one.run.failures),
    _Figure("in_flight", "gauge", "Calls under way", lambda one: (one.seen or NOTHING).in_flight),
    _Figure("calls", "counter", "Calls sent", lambda one: one.run.calls),
    _Figure("prompt_tokens", "counter", "Tokens of requests, paid", lambda one: _totals(one).prompt_tokens),
    _Figure("completion_tokens", "counter", "Tokens of answers, paid", lambda one: _totals(one).completion_tokens),
    _Figure(
        "cost_usd", "counter", "USD, not counting calls of unknown price", lambda one: usd(_totals(one).picodollars)
    ),
    _Figure("possible_usd", "counter", "USD possibly billed on top of that", lambda one: one.run.possible_usd),
)


async def metrics(service: Service) -> bytes:
    """In Prometheus's text format."""
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - only who asks for it needs it

    looked = [await service.look(run) for run in await service.watch.directories()]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(looked))
    return generate_latest(registry)


class _Collector:
    def __init__(self, looked: Iterable[Looked]) -> None:
        self._looked = list(looked)

    def collect(self) -> Iterator[Metric]:
        from prometheus_client import Metric  # noqa: PLC0415 - as above

        for figure in _FIGURES:
            metric = Metric(f"asyncsynth_{figure.name}", figure.words, figure.kind)
            sample = metric.name + ("_total" if figure.kind == "counter" else "")
            for one in self._looked:
                metric.add_sample(sample, {"run": one.run.id, "directory": one.run.directory}, float(figure.value(one)))
            yield metric
        yield from self._of_steps()
        faults = Metric("asyncsynth_faults", "Attempts without an answer", "counter")
        for one in self._looked:
            for reason, number in _totals(one).faults.items():
                faults.add_sample("asyncsynth_faults_total", {"run": one.run.id, "reason": reason}, number)
        yield faults

    def _of_steps(self) -> Iterator[Metric]:
        """Gauges, because a changed gate looks at all answers anew, and takes some that it had rejected."""
        from prometheus_client import Metric  # noqa: PLC0415 - as above

        answers = Metric("asyncsynth_step_answers", "Answers of a step that count", "gauge")
        rejected = Metric("asyncsynth_step_rejected", "Of these, those that a gate rejected", "gauge")
        given_up = Metric("asyncsynth_step_given_up", "Samples that were given up on at a step", "gauge")
        for one in self._looked:
            for step, figures in (one.seen or NOTHING).funnel.items():
                labels = {"run": one.run.id, "directory": one.run.directory, "step": step}
                answers.add_sample(answers.name, labels, figures.answers)
                given_up.add_sample(given_up.name, labels, figures.given_up)
                for gate, number in figures.rejected.items():
                    rejected.add_sample(rejected.name, {**labels, "gate": gate}, number)
        yield from (answers, rejected, given_up)
