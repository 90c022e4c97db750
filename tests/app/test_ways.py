"""The ways to an endpoint, each as README says it: proxies, certificates, private addresses, IPv6, keys and none."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.job import sendable
from asyncsynth.errors import EndpointStopped, UsageError
from tests.app.jobs import job, run
from tests.provider.certificate import CERTIFICATE, server_context
from tests.provider.scripted import Turn, answer, http, scripted
from tests.provider.tinyproxy import PASSWORD, USER, needs_tinyproxy, seen, tinyproxy

ANSWER = Turn(http(200, answer("chat")))
NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "OPENAI_API_KEY", "OPENAI_API_KEY_FILE", "SSL_CERT_FILE")


@pytest.fixture(autouse=True)
def _nothing_of_this_machine_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        for spelling in {name, name.upper()}:
            monkeypatch.delenv(spelling, raising=False)
    monkeypatch.chdir(tmp_path)  # a recipe of plain values looks for .env there


@pytest.fixture
def authority(tmp_path: Path) -> str:
    """The file of an authority that nobody else knows."""
    path = tmp_path / "authority.pem"
    path.write_text(CERTIFICATE)
    return str(path)


async def made(folder: Path, base_url: str, **endpoint: Any) -> int:
    """How many samples a run of two makes there."""
    over = {f"endpoint__{name}": value for name, value in endpoint.items()}
    work = sendable(job(folder / "out", base_url, combinations__limit=2, limits__max_attempts=2, **over))
    return (await run(work)).tally.made


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine is taken for one that is far away: no proxy and no key is spared."""
    monkeypatch.setattr("asyncsynth.provider.transport.proxies.is_loopback", lambda _: False)
    monkeypatch.setattr("asyncsynth.provider.access.is_private", lambda _: False)


@pytest.mark.parametrize("in_file", [False, True], ids=["environment", ".env"])
async def test_a_server_with_a_private_authority_by_ssl_cert_file(
    in_file: bool, tmp_path: Path, authority: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scripted(ANSWER, tls=server_context(tmp_path)) as server:
        with pytest.raises(EndpointStopped, match="SSL_CERT_FILE"):
            await made(tmp_path, server.base_url)
        if in_file:
            (tmp_path / ".env").write_text("SSL_CERT_FILE=authority.pem\n")
        else:
            monkeypatch.setenv("SSL_CERT_FILE", authority)
        assert await made(tmp_path, server.base_url) == 2


@pytest.mark.usefixtures("far")
async def test_a_keyless_https_service(tmp_path: Path, authority: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority)
    async with scripted(ANSWER, tls=server_context(tmp_path)) as server:
        with pytest.raises(UsageError, match="OPENAI_API_KEY"):
            await made(tmp_path, server.base_url)
        assert await made(tmp_path, server.base_url, auth="none") == 2
    assert all("authorization" not in received.head.lower() for received in server.received)


@pytest.mark.usefixtures("far")
async def test_a_key_in_a_file_beside_the_config(
    tmp_path: Path, authority: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority)
    (tmp_path / ".env").write_text("OPENAI_API_KEY=from-the-file\n")
    async with scripted(ANSWER, tls=server_context(tmp_path)) as server:
        assert await made(tmp_path, server.base_url) == 2
    assert "Authorization: Bearer from-the-file\r\n" in server.received[0].head


@pytest.mark.usefixtures("far")
async def test_a_key_in_a_private_file_that_a_variable_names(
    tmp_path: Path, authority: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority)
    (tmp_path / "key").write_text("from-its-own-file\n")
    (tmp_path / "key").chmod(0o600)
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(tmp_path / "key"))
    async with scripted(ANSWER, tls=server_context(tmp_path)) as server:
        assert await made(tmp_path, server.base_url) == 2
    assert "Authorization: Bearer from-its-own-file\r\n" in server.received[0].head


async def test_azure_by_its_older_route(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "a-key")
    async with scripted(ANSWER) as server:
        base_url = server.base_url.removesuffix("/v1") + "/openai/deployments/mine"
        query = {"api-version": "2024-10-21"}
        assert await made(tmp_path, base_url, provider="azure", api_key_env="AZURE_OPENAI_API_KEY", query=query) == 2
    head = server.received[0].head
    assert head.startswith("POST /openai/deployments/mine/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n")
    assert "api-key: a-key\r\n" in head


async def test_a_gateway_with_a_key_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_KEY", "gateway-secret")
    async with scripted(Turn(http(401, {"error": {"message": "no: gateway-secret"}}))) as server:
        with pytest.raises(EndpointStopped) as stopped:
            await made(tmp_path, server.base_url, auth="none", headers={"X-Gateway-Key": "${GATEWAY_KEY}"})
    assert "X-Gateway-Key: gateway-secret\r\n" in server.received[0].head
    assert "gateway-secret" not in str(stopped.value)
    written = [path.read_bytes() for path in (tmp_path / "out").iterdir()]
    assert not any(b"gateway-secret" in data for data in written)


async def test_ipv6_on_this_machine(tmp_path: Path) -> None:
    async with scripted(ANSWER, host="::1") as server:
        assert server.base_url.startswith("http://[::1]:")
        assert await made(tmp_path, server.base_url, provider="vllm") == 2


def private_address() -> str | None:
    """An address of this machine on a network of its own; None where it has none."""
    for family, beyond in ((socket.AF_INET, "10.255.255.255"), (socket.AF_INET6, "fd00:ffff::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            try:
                asking.connect((beyond, 9))  # nothing is sent; the system says from where it would be
            except OSError:
                continue
            address: str = asking.getsockname()[0]
            if address.startswith(("10.", "192.168.", "172.", "fd")):
                return address
    return None


async def test_a_server_at_a_private_address_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = private_address()
    if address is None:
        pytest.skip("this machine has no private address")
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    async with scripted(ANSWER, host=address) as server:
        assert await made(tmp_path, server.base_url) == 2
    assert "a-key" not in server.received[0].head, "nobody named it for a server that everybody can listen to"


@pytest.mark.usefixtures("far")
@needs_tinyproxy
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
async def test_a_proxy_by_the_environment_alone(
    tls: bool, tmp_path: Path, authority: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority)
    async with (
        tinyproxy(tmp_path, f"BasicAuth {USER} {PASSWORD}") as proxy,
        scripted(ANSWER, tls=server_context(tmp_path) if tls else None) as server,
    ):
        monkeypatch.setenv("HTTPS_PROXY" if tls else "HTTP_PROXY", f"http://{USER}:{PASSWORD}@{proxy}")
        monkeypatch.setenv("A_KEY", "a-key-of-mine")
        assert await made(tmp_path, server.base_url, api_key_env="A_KEY") == 2
    assert "Authorization: Bearer a-key-of-mine\r\n" in server.received[0].head
    assert PASSWORD not in server.received[0].head
    assert "127.0.0.1" in seen(tmp_path)


@needs_tinyproxy
async def test_a_proxy_by_the_config_with_its_login_in_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROXY_USER", USER)
    monkeypatch.setenv("PROXY_PASSWORD", PASSWORD)
    async with tinyproxy(tmp_path, f"BasicAuth {USER} {PASSWORD}") as proxy, scripted(ANSWER) as server:
        named = f"http://${{PROXY_USER}}:${{PROXY_PASSWORD}}@{proxy}"
        assert await made(tmp_path, server.base_url, proxy=named) == 2
    assert "127.0.0.1" in seen(tmp_path)


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
async def test_no_proxy_goes_around_one(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv(name, "intranet.test, 127.0.0.0/8")
    async with scripted(ANSWER) as server:
        assert await made(tmp_path, server.base_url, auth="none") == 2


async def test_a_proxy_that_is_down_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{USER}:{PASSWORD}@127.0.0.1:9")
    with pytest.raises(EndpointStopped) as stopped:
        await made(tmp_path, "https://api.example.com/v1", auth="none")
    told = str(stopped.value)
    assert "can't connect to the proxy http://127.0.0.1:9 of HTTPS_PROXY" in told
    assert "is the proxy right?" in told
    assert PASSWORD not in told
