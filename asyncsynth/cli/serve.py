"""`asyncsynth serve`: the live page and the HTTP API, in the foreground."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asyncsynth.cli.console import StdoutFailed, say, warn
from asyncsynth.config.hosts import is_loopback
from asyncsynth.event_loop import loop_factory

if TYPE_CHECKING:
    from asyncsynth.service.address import Address
    from asyncsynth.service.state_folder import StateFolder


def serve(
    configs: Annotated[
        Path, typer.Option(help="The folder of configs and runs; nothing outside of it is read or written.")
    ] = Path(),
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0: any free one.")] = 8642,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(
            envvar="ASYNCSYNTH_TOKEN",
            help='The token that requests must send; left out: one is made. "": none, and nothing can be changed.',
        ),
    ] = None,
) -> None:
    """Serve the live page of all runs below a folder, and an HTTP API that starts, stops and reads them.

    Ctrl-C drains the runs that were started here, a second one cuts their calls off; the next serve goes on with them.
    """
    from asyncsynth.service.address import address_of  # noqa: PLC0415 - servers load only when they serve
    from asyncsynth.service.state_folder import opened  # noqa: PLC0415 - the same

    with opened(configs) as folder:
        address = address_of(host, port, token, folder.state)
        if not is_loopback(host):
            warn(f"asyncsynth: other machines may reach {host}, and anyone who listens on the way can read the token")
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_serve(address, folder))


async def _serve(address: Address, folder: StateFolder) -> None:
    from asyncsynth.cli.signals import Shutdown  # noqa: PLC0415 - the same
    from asyncsynth.service.server import served  # noqa: PLC0415 - the same

    stopped, cut_off = asyncio.Event(), asyncio.Event()
    with Shutdown(stopped.set, cut_off.set).listening():
        async with served(address, folder, _tell) as serving:
            _tell(f"listening: {serving.url}" + (f"#token={address.token}" if address.token else ""))
            await stopped.wait()
            supervisor = serving.service.supervisor
            draining = asyncio.create_task(supervisor.stop())
            if any(map(supervisor.is_at_work, supervisor.entries)):
                _tell("draining the runs that were started here; again to cut their calls off")
            again = asyncio.create_task(cut_off.wait())
            await asyncio.wait([draining, again], return_when=asyncio.FIRST_COMPLETED)
            if not draining.done():
                await supervisor.interrupt_all()
            again.cancel()
            await draining


def _tell(line: str) -> None:
    """A line that the service does without where standard output takes none."""
    with suppress(StdoutFailed):
        say(line)
