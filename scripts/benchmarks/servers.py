"""The servers that the measured sides call, each in a process of its own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import SCRIPTS, Bench
from benchmarks.certificates import Certificate

NGINX_CONFIG = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{ default_type application/json; return 200 '{body}'; }}
    }}
}}
"""
START_S = 10.0
LONGEST_TEXT_IN_A_CONFIG = 3000  # nginx reads at most 4,096 bytes between two quotes


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many calls came, and when the first and the last (time.monotonic())."""

    count: int
    first_at: float
    last_at: float

    @property
    def per_s(self) -> float:
        return (self.count - 1) / (self.last_at - self.first_at)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers at once; `kind` is nginx, own or own with TLS."""

    base_url: str
    kind: str

    def reset(self) -> None:
        """Forget what came; own servers only."""
        self._get("reset")

    def arrivals(self) -> Arrivals:
        """The calls since the last reset; own servers only."""
        return Arrivals(**self._get("arrivals"))

    def _get(self, page: str) -> dict[str, Any]:
        root = self.base_url.removesuffix("/v1")
        with urllib.request.urlopen(f"{root}/{page}", timeout=10) as reply:  # noqa: S310 - our own loopback server
            told: dict[str, Any] = json.load(reply)
        return told


@contextmanager
def fast_server(bench: Bench, text_bytes: int = 640, api: str = "chat") -> Iterator[Server]:
    """Nginx where it is installed, else our own."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None or text_bytes > LONGEST_TEXT_IN_A_CONFIG:
        with own_server(bench, text_bytes, api) as server:
            yield server
    else:
        with _nginx(bench, nginx, text_bytes, api) as server:
            yield server


@contextmanager
def own_server(bench: Bench, text_bytes: int = 640, api: str = "chat") -> Iterator[Server]:
    answer = ("--text-bytes", str(text_bytes), "--api", api)
    with _child(bench, [str(SCRIPTS / "fast_server.py"), *answer]) as port:
        yield Server(f"http://127.0.0.1:{port}/v1", "own")


@contextmanager
def tls_server(bench: Bench, certificate: Certificate) -> Iterator[Server]:
    files = ("--tls", str(certificate.chain), str(certificate.key))
    with _child(bench, [str(SCRIPTS / "fast_server.py"), *files]) as port:
        yield Server(f"https://127.0.0.1:{port}/v1", "own with TLS")


@contextmanager
def steady_simulator(bench: Bench, latency_s: float) -> Iterator[str]:
    """The base_url of a simulator whose calls all take `latency_s`."""
    with _child(bench, [str(SCRIPTS / "steady_simulator.py"), str(latency_s)]) as port:
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def _child(bench: Bench, command: Sequence[str]) -> Iterator[int]:
    """A server that prints its port and lives until its standard input closes."""
    pipe = subprocess.PIPE
    with subprocess.Popen([bench.ours.python, *command], env=bench.ours.env, stdin=pipe, stdout=pipe) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        try:
            yield int(child.stdout.readline())
        finally:
            child.stdin.close()


@contextmanager
def _nginx(bench: Bench, nginx: str, text_bytes: int, api: str) -> Iterator[Server]:
    folder = bench.scratch / f"nginx-{api}"
    folder.mkdir(exist_ok=True)
    answer = ("--print-body", "--text-bytes", str(text_bytes), "--api", api)
    body = subprocess.check_output([bench.ours.python, str(SCRIPTS / "fast_server.py"), *answer], text=True)
    port = _free_port()
    (folder / "nginx.conf").write_text(NGINX_CONFIG.format(folder=folder, port=port, body=body), encoding="utf-8")
    with subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]) as child:
        try:
            _wait_for(port, folder / "error.log")
            yield Server(f"http://127.0.0.1:{port}/v1", "nginx")
        finally:
            child.terminate()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int, log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nginx did not start: {log.read_text() if log.exists() else ''}")
