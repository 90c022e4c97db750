"""Real proxies from the system's packages, each as a process of its own on a free port."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import LONGEST_S

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
    server {{
        listen 127.0.0.1:{port};
        {server}
        location / {{
            proxy_pass http://127.0.0.1:{upstream};
            {location}
        }}
    }}
}}
"""
HAPROXY = """
defaults
    mode http
    timeout connect 1s
    timeout client 30s
    timeout server 30s
    {defaults}
frontend front
    bind 127.0.0.1:{port}
    default_backend back
backend back
    server one 127.0.0.1:{upstream} {server}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def nginx(folder: Path, upstream: int, *, http: str = "", server: str = "", location: str = "") -> Iterator[int]:
    """The port of an nginx before `upstream`, with these directives."""
    port = free_port()
    text = NGINX.format(folder=folder, port=port, upstream=upstream, http=http, server=server, location=location)
    config = folder / "nginx.conf"
    config.write_text(text)
    with _running([_program("nginx"), "-c", str(config), "-e", f"{folder}/nginx.log", "-p", str(folder)], port):
        yield port


@contextmanager
def haproxy(folder: Path, upstream: int, *, defaults: str = "", server: str = "") -> Iterator[int]:
    """The port of a haproxy before `upstream`, with these directives."""
    port = free_port()
    config = folder / "haproxy.cfg"
    config.write_text(HAPROXY.format(port=port, upstream=upstream, defaults=defaults, server=server))
    with _running([_program("haproxy"), "-db", "-f", str(config)], port):
        yield port


def _program(name: str) -> str:
    path = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            _wait_until_it_listens(process, port)
            yield
        finally:
            process.terminate()
            process.communicate(timeout=LONGEST_S)


def _wait_until_it_listens(process: subprocess.Popen[str], port: int) -> None:
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()[1]
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("it does not listen")
