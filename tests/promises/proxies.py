"""Real proxies from the system's packages, each as a process of its own on a free port."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.patience import LONGEST_S

START_S = 240.0  # of large programs on a busy machine
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


@contextmanager
def litellm(folder: Path, upstream: int, key: str) -> Iterator[int]:
    """The port of a LiteLLM proxy before `upstream`, which has a model called m and wants this key."""
    port = free_port()
    config = folder / "litellm.json"  # JSON is YAML
    of_model = {
        "model": "openai/simulated",
        "api_base": f"http://127.0.0.1:{upstream}/v1",
        "api_key": "of-the-upstream",
    }
    config.write_text(
        json.dumps(
            {
                "model_list": [{"model_name": "m", "litellm_params": of_model}],
                "litellm_settings": {"num_retries": 0},
            }
        )
    )
    command = [_installed("litellm"), "--config", str(config), "--port", str(port), "--host", "127.0.0.1"]
    environment = {**os.environ, "LITELLM_MASTER_KEY": key, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with _running([*command, "--telemetry", "False"], port, environment, patience_s=START_S):
        yield port


@contextmanager
def mitmproxy(folder: Path) -> Iterator[tuple[int, Path]]:
    """The port of a mitmproxy that opens what passes through it, and the certificate of its authority."""
    port = free_port()
    options = [f"confdir={folder}", "ssl_insecure=true", "listen_host=127.0.0.1", f"listen_port={port}"]
    command = [_installed("mitmdump"), "--quiet", *(word for option in options for word in ("--set", option))]
    with _running(command, port, patience_s=START_S):
        yield port, folder / "mitmproxy-ca-cert.pem"


def _program(name: str) -> str:
    path = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def _installed(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not on the PATH; CONTRIBUTING.md says how to install it apart")
    return path


@contextmanager
def _running(
    command: list[str], port: int, environment: Mapping[str, str] | None = None, *, patience_s: float = LONGEST_S
) -> Iterator[None]:
    log = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=log, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            _wait_until_it_listens(process, port, patience_s)
            yield
        finally:
            process.terminate()
            process.communicate(timeout=LONGEST_S)


def _wait_until_it_listens(process: subprocess.Popen[str], port: int, patience_s: float) -> None:
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()[1]
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("it does not listen")
