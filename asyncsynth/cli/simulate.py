"""`asyncsynth simulate`: the simulated provider, in the foreground."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from asyncsynth.cli.console import warn
from asyncsynth.config import PriceSection
from asyncsynth.config.hosts import is_loopback
from asyncsynth.errors import Problem, UsageError, nearest


def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0: any free one.")] = 8080,
    host: Annotated[str, typer.Option(help="The address to listen on.", callback=_warn_of_strangers)] = "127.0.0.1",
    latency: Annotated[float, typer.Option(min=0, help="Seconds that an answer takes (median).")] = 0.05,
    faults: Annotated[float, typer.Option(min=0, max=1, help="Share of the calls that go wrong, of any kind.")] = 0.0,
    requests_per_minute: Annotated[int | None, typer.Option("--rpm", min=1, help="Most requests in any 60 s.")] = None,
    tokens_per_minute: Annotated[int | None, typer.Option("--tpm", min=1, help="Most tokens in any 60 s.")] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="Share of one kind of fault; may be repeated.", metavar="KIND=SHARE")
    ] = None,
    capacity: Annotated[
        int | None, typer.Option(min=1, help="Calls at once beyond which it only gets slower.", metavar="N")
    ] = None,
    price: Annotated[
        tuple[float, float] | None,
        typer.Option(help="USD per million tokens, for the bill at /stats.", metavar="INPUT OUTPUT"),
    ] = None,
    ledger: Annotated[Path | None, typer.Option(help="Append a JSON line a call to this file.", metavar="FILE")] = None,
    seed: Annotated[int, typer.Option(help="Decides latencies, texts and faults.")] = 0,
    parent_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve a simulated provider with limits and faults, to rehearse a run before paying; its bill is at /stats."""
    from asyncsynth.cli.ready import on_ready  # noqa: PLC0415 - servers load only when they serve
    from asyncsynth.servers.simulator.server import run_simulator  # noqa: PLC0415 - the same
    from asyncsynth.servers.simulator.settings import Settings  # noqa: PLC0415 - the same

    try:
        settings = Settings(
            latency_s=latency,
            faults=faults,
            fault_shares=dict(map(_kind_and_share, fault or ())),
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
            capacity=capacity,
            price=None if price is None else PriceSection(input=price[0], output=price[1]).per_token(),
            seed=seed,
        )
    except ValueError as error:
        raise UsageError(str(error), hint="see asyncsynth simulate --help") from error
    run_simulator(replace(settings, fills=True), host, port, on_ready=on_ready(parent_fd), ledger=ledger)


def _warn_of_strangers(host: str) -> str:
    if not is_loopback(host):
        warn(f"asyncsynth: other machines may reach {host}; whoever does is served, because no key is asked for")
    return host


def _kind_and_share(text: str) -> tuple[str, float]:
    from asyncsynth.servers.simulator.faults import FaultKind  # noqa: PLC0415 - the same

    kind, _, share = text.partition("=")
    try:
        number = float(share)
    except ValueError:
        raise UsageError(f"--fault {text}: expected KIND=SHARE", hint="like --fault unavailable_503=0.1") from None
    if kind not in list(FaultKind):
        problem = Problem(f"--fault {text}", "there is no such kind of fault", nearest(kind, FaultKind))
        raise UsageError(str(problem), hint=f"kinds: {', '.join(FaultKind)}")
    return kind, number
