"""The endpoint of a config: a service by its base_url, or a server of our own that lives as long as the run."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext

from asyncsynth.config import Endpoint
from asyncsynth.provider.child import child_server, own_command


def served(endpoint: Endpoint, concurrency: int) -> AbstractAsyncContextManager[str]:
    """The base_url to call, while the block runs."""
    if endpoint.base_url is not None:
        return nullcontext(endpoint.base_url)
    if endpoint.provider == "local":
        return child_server(own_command("local", "--model", endpoint.model, "--slots", str(concurrency)))
    return child_server(own_command("simulate", *_simulate_arguments(endpoint)))


def _simulate_arguments(endpoint: Endpoint) -> list[str]:
    simulator, price = endpoint.simulator, endpoint.price
    arguments = [
        "--latency",
        str(simulator.latency_s),
        "--faults",
        str(simulator.faults),
        "--seed",
        str(simulator.seed),
    ]
    if simulator.requests_per_minute is not None:
        arguments += ["--rpm", str(simulator.requests_per_minute)]
    if simulator.tokens_per_minute is not None:
        arguments += ["--tpm", str(simulator.tokens_per_minute)]
    if price is not None:
        arguments += ["--price", str(price.input), str(price.output)]
    return arguments
