"""`asyncsynth local`: the local model, in the foreground."""

from __future__ import annotations

from typing import Annotated

import typer


def local(
    model: Annotated[str, typer.Option(help="SmolLM2-135M-Instruct, or the path of a .gguf file.")] = (
        "SmolLM2-135M-Instruct"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0: any free one.")] = 8081,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    slots: Annotated[int, typer.Option(min=1, help="How many answers are written at once.")] = 8,
    context: Annotated[
        int, typer.Option(min=256, help="Tokens for a prompt and its answer together, in each slot.")
    ] = 2048,
    parent_fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve a small language model on this machine with llama.cpp's own OpenAI-compatible server."""
    from asyncsynth.cli.ready import on_ready  # noqa: PLC0415 - servers load only when they serve
    from asyncsynth.servers.local import find_weights, serve_local  # noqa: PLC0415 - the same

    serve_local(find_weights(model), host=host, port=port, slots=slots, context=context, on_ready=on_ready(parent_fd))
