"""A server of our own as a child process: started for a run, ended with it, even where the run is killed.

Parent and child share one socket pair. The child sends the address it listens on through it, so no port is guessed
and no start-up is polled; when the parent dies, however it dies, the kernel closes the parent's end and the child
reads the end of file.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import IO

from asyncsynth.errors import EndpointStopped

# What a variable is called that holds a key, or the path of a file with one.
_SECRET = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|AUTH)S?(?:_|$)", re.IGNORECASE)
FIRST_LOOK_S, LONGEST_LOOK_S = 0.001, 0.05  # whether it has ended
# How our own command line begins an error and the hint below it.
_OWN_NAME = "asyncsynth: "
_HINT = "-> "


def own_command(*arguments: str) -> list[str]:
    """The command line that runs asyncsynth with `arguments` under this very interpreter."""
    return [sys.executable, "-m", "asyncsynth", *arguments]


def without_keys(environ: Mapping[str, str], named: Collection[str] = ()) -> dict[str, str]:
    """`environ` without keys: without the variables `named`, what has their values, and what is called like a key."""
    keys = {environ[name] for name in named if environ.get(name)}
    return {
        name: value
        for name, value in environ.items()
        if name not in named and not _SECRET.search(name) and value not in keys
    }


@asynccontextmanager
async def child_server(
    command: Sequence[str], environ: Mapping[str, str], *, timeout_s: float = 120.0, grace_s: float = 3.0
) -> AsyncIterator[str]:
    """Run `command --port 0 --parent-fd FD` in this environment, and give the base_url that it tells through FD.

    The child has its own session, so that Ctrl-C in the terminal reaches the run only, which drains and then ends the
    child: SIGTERM, and SIGKILL after `grace_s` seconds.
    Raises EndpointStopped where the child ends, or says nothing for `timeout_s` seconds, before it listens.
    """
    ours, childs = socket.socketpair()
    with ours, tempfile.TemporaryFile() as stderr:
        with childs:
            # Not by the event loop: two of uvloop's can't start processes at the same time, and one of asyncio's that
            # is just closing waits for ever.
            process = subprocess.Popen(  # noqa: ASYNC220, S603 - it takes a millisecond; the command is our own
                [*command, "--port", "0", "--parent-fd", str(childs.fileno())],
                pass_fds=(childs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=environ,
                start_new_session=True,
            )
        try:
            yield await _told_base_url(ours, stderr, timeout_s)
        finally:
            await _end(process, grace_s)


async def _told_base_url(ours: socket.socket, stderr: IO[bytes], timeout_s: float) -> str:
    # A duplicate, because the stream closes its socket, and our end must stay open as long as the run.
    reader, writer = await asyncio.open_unix_connection(sock=ours.dup())
    try:
        async with asyncio.timeout(timeout_s):
            line = await reader.readline()
    except TimeoutError:
        raise EndpointStopped(f"the server did not start within {timeout_s:g} s") from None
    finally:
        writer.close()
        await writer.wait_closed()
    if not line.endswith(b"\n"):
        message, hint = last_words(_tail(stderr))
        raise EndpointStopped(f"the server ended while it started: {message}", hint)
    return line.decode().strip()


def own_error(said: str) -> tuple[str, str] | None:
    """Message and hint of the error that our own command line told last; None where it told none."""
    lines = said.splitlines()
    begin = max((at for at, line in enumerate(lines) if line.startswith(_OWN_NAME)), default=None)
    if begin is None:
        return None
    words = lines[begin:]
    hint = words.pop().removeprefix(_HINT) if words[-1].startswith(_HINT) else ""
    return "\n".join(words).removeprefix(_OWN_NAME), hint


def last_words(stderr: str) -> tuple[str, str]:
    """Message and hint of a process that failed; where it told none as we do, its last line."""
    last_line = (stderr.strip().splitlines() or ["it said nothing on standard error"])[-1]
    return own_error(stderr.strip()) or (last_line, "")


def _tail(stderr: IO[bytes]) -> str:
    end = stderr.seek(0, os.SEEK_END)
    stderr.seek(max(0, end - 4096))
    return stderr.read().decode(errors="replace")


async def _end(process: subprocess.Popen[bytes], grace_s: float) -> None:
    pause_s = FIRST_LOOK_S
    try:
        process.terminate()
        async with asyncio.timeout(grace_s):
            while process.poll() is None:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_LOOK_S)
    except TimeoutError:
        pass
    finally:
        # Also where a second signal cancels the wait.
        if process.poll() is None:
            process.kill()
            process.wait()


def tell_parent(fd: int, base_url: str) -> None:
    """In the child: say that the server listens, on the `--parent-fd` it was given."""
    os.write(fd, f"{base_url}\n".encode())


def end_with_parent(fd: int) -> None:
    """In the child: leave the process at once when the parent is gone, whatever the other threads are doing."""
    threading.Thread(target=_exit_on_end_of_file, args=(fd,), name="end-with-parent", daemon=True).start()


def _exit_on_end_of_file(fd: int) -> None:
    while os.read(fd, 1):
        pass  # the parent sends nothing; only the end of file means something
    os._exit(0)
