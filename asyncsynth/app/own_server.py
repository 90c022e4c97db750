"""The server of ours behind an endpoint: the local model or the simulator, a child process of the run."""

from __future__ import annotations

import os
from contextlib import AbstractAsyncContextManager

from asyncsynth.app.contexts import context_of
from asyncsynth.config import Endpoint
from asyncsynth.config.variables import variables_in
from asyncsynth.provider.access import PROXY_VARIABLES
from asyncsynth.provider.api_key import FILE_SUFFIX
from asyncsynth.servers.child import child_server, own_command, without_keys
from asyncsynth.servers.local import find_weights

LOCAL_SLOTS = 8  # more gain nothing on a small machine, and each takes memory


def own_server(endpoint: Endpoint, calls: int) -> AbstractAsyncContextManager[str]:
    """Its base_url, while the block runs; for so many calls at a time."""
    environ = without_keys(os.environ, secret_variables(endpoint))
    if endpoint.provider == "local":
        return child_server(own_command("local", *_local_arguments(endpoint, calls)), environ)
    return child_server(own_command("simulate", *_simulate_arguments(endpoint)), environ)


def secret_variables(endpoint: Endpoint) -> set[str]:
    """The variables that the config names as secrets, and those of proxies, which a server of ours never needs."""
    named = [endpoint.api_key_env] if endpoint.api_key_env is not None else []
    texts = (*endpoint.headers.values(), *endpoint.query.values(), endpoint.proxy or "")
    in_texts = {name for text in texts for name in variables_in(text)}
    return {*named, *(name + FILE_SUFFIX for name in named), *in_texts, *PROXY_VARIABLES}


def _local_arguments(endpoint: Endpoint, calls: int) -> list[str]:
    find_weights(endpoint.model)  # here, so that what is missing is told before a process is started
    context = str(context_of(endpoint))
    return ["--model", endpoint.model, "--slots", str(min(calls, LOCAL_SLOTS)), "--context", context]


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
