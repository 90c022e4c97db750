"""Promises 3, 6 and 10 with real servers in the way or at the end: all is made, and the books are the provider's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, House, calls_in, environment
from tests.forked import Forked
from tests.promises.conftest import complete
from tests.promises.proxies import free_port, haproxy, litellm, mitmproxy, nginx
from tests.provider.certificate import CERTIFICATE, KEY

pytestmark = pytest.mark.slow

SAMPLES = 60
SLOTS = 16
PATIENCE_S = 900.0  # for a whole run; with the local model it takes 200 s where ten others want the processor
KEY_OF_A_PROXY = "sk-key-of-a-proxy-9Tq2vK"
AT_A_PACE = ("limits.requests_per_minute=1200",)  # so that connections are idle now and then


@dataclass
class Upstream:
    """A server of ours on a port that stays the same, from one life to the next."""

    port: int
    arguments: tuple[str, ...]  # of asyncsynth
    ledger: Path = Path(os.devnull)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [*COMMAND, *self.arguments, "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("listening")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.communicate(timeout=PATIENCE_S)
            self.process = None

    def be_away_for(self, seconds: float, number: signal.Signals) -> None:
        """End, and be back after a while."""
        self.stop(number)
        back = threading.Timer(seconds, self.start)
        back.start()

    @property
    def answers(self) -> int:
        """How many the model has written, by its own count."""
        return sum(json.loads(line)["billed"] for line in self.ledger.read_bytes().splitlines())


Start = Callable[..., Upstream]


@pytest.fixture
def upstream(tmp_path: Path) -> Iterator[Start]:
    """What starts a simulated provider with these arguments of `asyncsynth simulate`."""
    started: list[Upstream] = []

    def start(*arguments: str) -> Upstream:
        ledger = tmp_path / "ledger.jsonl"
        running = Upstream(free_port(), ("simulate", "--ledger", str(ledger), *arguments), ledger)
        running.start()
        started.append(running)
        return running

    yield start
    for running in started:
        running.stop()


@contextmanager
def a_run(house: House, port: int, *settings: str, scheme: str = "http", **env: str) -> Iterator[Forked]:
    """A run of all samples by way of this port, which has to end well; what it says has no key in it."""
    address, limit = f"endpoint.base_url={scheme}://127.0.0.1:{port}/v1", f"combinations.limit={SAMPLES}"
    options = (address, "endpoint.provider=openai", limit, *settings)
    sets = [word for option in options for word in ("--set", option)]
    process = house.start("run", "--concurrency", str(SLOTS), "--output", "out", *sets, **env)
    try:
        yield process
        out, err = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0, out + err
    assert KEY_OF_A_PROXY not in out + err


def listed(house: House) -> int:
    """The calls that are listed as possibly billed."""
    return sum(line.get("billed") == "maybe" for line in house.manifest())


def check_books(house: House, upstream: Upstream, *, lost: int) -> None:
    """All is made, and what the provider wrote is a record or listed; at most so many are listed."""
    records = len(complete(house.folder / "out"))
    assert records == SAMPLES
    assert records <= upstream.answers <= records + listed(house)
    assert listed(house) <= lost
    assert not [path for path in (house.folder / "out").iterdir() if KEY_OF_A_PROXY.encode() in path.read_bytes()]


def test_nginx_that_closes_each_connection_after_five_requests(house: House, upstream: Start, tmp_path: Path) -> None:
    provider = upstream("--latency", "0.02")
    with nginx(tmp_path, provider.port, server="keepalive_requests 5;") as port, a_run(house, port):
        pass
    check_books(house, provider, lost=0)


def test_nginx_that_closes_idle_connections_at_once(house: House, upstream: Start, tmp_path: Path) -> None:
    provider = upstream("--latency", "0.05")
    closing = "keepalive_timeout 1ms;"
    with nginx(tmp_path, provider.port, server=closing) as port, a_run(house, port, *AT_A_PACE):
        pass
    check_books(house, provider, lost=2)


def test_nginx_that_gives_up_on_slow_answers(house: House, upstream: Start, tmp_path: Path) -> None:
    """The seed is one by which no sample is slow twice running, which would be its end; a busy machine is not slow."""
    provider = upstream("--latency", "1.5", "--fault", "slow=0.1", "--seed", "1")
    with nginx(tmp_path, provider.port, location="proxy_read_timeout 5s;") as port, a_run(house, port):
        pass
    check_books(house, provider, lost=20)
    assert listed(house) > 0, "no answer was too slow"


def test_nginx_whose_upstream_is_gone_for_a_minute(house: House, upstream: Start, tmp_path: Path) -> None:
    provider = upstream("--latency", "0.3")
    with nginx(tmp_path, provider.port) as port, a_run(house, port):
        house.wait_for_records(SLOTS)
        provider.be_away_for(60.0, signal.SIGKILL)
    check_books(house, provider, lost=60)


def test_nginx_that_limits_requests(house: House, upstream: Start, tmp_path: Path) -> None:
    provider = upstream("--latency", "0.02")
    limit = {
        "http": "limit_req_zone $server_name zone=all:1m rate=10r/s;",
        "location": "limit_req zone=all burst=2 nodelay;",
    }
    with nginx(tmp_path, provider.port, **limit) as port, a_run(house, port):
        pass
    check_books(house, provider, lost=0)


def test_haproxy_that_lets_two_calls_through_at_a_time(house: House, upstream: Start, tmp_path: Path) -> None:
    provider = upstream("--latency", "0.05")
    with haproxy(tmp_path, provider.port, server="maxconn 2", defaults="timeout queue 20s") as port, a_run(house, port):
        pass
    check_books(house, provider, lost=0)


def test_haproxy_whose_queue_is_too_long(house: House, upstream: Start, tmp_path: Path) -> None:
    provider = upstream("--latency", "0.1")
    queue = "timeout queue 200ms"
    with haproxy(tmp_path, provider.port, server="maxconn 2", defaults=queue) as port, a_run(house, port):
        pass
    check_books(house, provider, lost=0)


def test_haproxy_that_closes_idle_connections_soon(house: House, upstream: Start, tmp_path: Path) -> None:
    provider = upstream("--latency", "0.05")
    closing = "timeout http-keep-alive 5ms"
    with haproxy(tmp_path, provider.port, defaults=closing) as port, a_run(house, port, *AT_A_PACE):
        pass
    check_books(house, provider, lost=2)


def test_haproxy_without_a_backend_for_a_while(house: House, upstream: Start, tmp_path: Path) -> None:
    provider = upstream("--latency", "0.1")
    checked = "check inter 200ms rise 1 fall 1"
    with haproxy(tmp_path, provider.port, server=checked) as port, a_run(house, port):
        house.wait_for_records(SLOTS)
        provider.be_away_for(15.0, signal.SIGTERM)
    check_books(house, provider, lost=SLOTS)


def test_a_provider_that_is_restarted_in_the_middle(house: House, upstream: Start) -> None:
    provider = upstream("--latency", "0.3")
    with a_run(house, provider.port):
        house.wait_for_records(SLOTS)
        provider.stop(signal.SIGKILL)
        provider.start()
    check_books(house, provider, lost=SLOTS)


def test_the_local_model_is_restarted_in_the_middle(house: House) -> None:
    """It keeps no count that outlives it; so each call is a record, listed, or was refused before the model saw it."""
    pytest.importorskip("xllamacpp", exc_type=ImportError)
    model = Upstream(free_port(), ("local", "--context", "512"))
    model.start()
    try:
        with a_run(house, model.port, "endpoint.parameters.max_tokens=8", "combinations.limit=30"):
            house.wait_for_records(8)
            model.stop(signal.SIGKILL)
            model.start()
    finally:
        model.stop()
    assert len(complete(house.folder / "out")) == 30
    refused = [line for line in house.manifest() if line["type"] == "fault" and line["billed"] == "no"]
    assert {line["reason"] for line in refused} <= {"unreachable", "overloaded"}
    assert calls_in(house.folder / "out" / "manifest.jsonl") == 30 + listed(house) + len(refused)
    assert 0 < listed(house) <= SLOTS + 1


def test_litellm_before_a_provider_with_faults(house: House, upstream: Start, tmp_path: Path) -> None:
    faults = [f"--fault={kind}=0.05" for kind in ("rate_limited_429", "unavailable_503", "server_error_500")]
    provider = upstream("--latency", "0.02", *faults)
    with (
        litellm(tmp_path, provider.port, KEY_OF_A_PROXY) as port,
        a_run(house, port, "endpoint.model=m", OPENAI_API_KEY=KEY_OF_A_PROXY),
    ):
        pass
    check_books(house, provider, lost=SAMPLES)


def test_mitmproxy_with_an_authority_of_its_own(house: House, upstream: Start, tmp_path: Path) -> None:
    """Only by way of the proxy there is a certificate that the run trusts."""
    provider, secure = upstream("--latency", "0.02"), free_port()
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_text(CERTIFICATE)
    key.write_text(KEY)
    tls = f"listen 127.0.0.1:{secure} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};"
    with nginx(tmp_path, provider.port, server=tls), mitmproxy(tmp_path / "mitm") as (port, authority):
        way, trusted = f"endpoint.proxy=http://127.0.0.1:{port}", {"SSL_CERT_FILE": str(authority)}
        with a_run(house, secure, way, scheme="https", OPENAI_API_KEY=KEY_OF_A_PROXY, **trusted):
            pass
    check_books(house, provider, lost=0)
