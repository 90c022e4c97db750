"""How an endpoint is called: which headers go with every call, and what of them nobody sees."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.config import Endpoint
from asyncsynth.errors import UsageError
from asyncsynth.provider.access import Access, access_to, bearer
from asyncsynth.provider.api_key import REDACTED, ApiKey
from asyncsynth.provider.services import SERVICES
from asyncsynth.provider.variables import Variables
from tests.provider.scripted import CANARY

LAN = "http://192.168.1.20:8000/v1"
FAR = "https://llm.example.com/v1"


def access(environ: dict[str, str] | None = None, provider: str = "openai", **endpoint: Any) -> Access:
    section = Endpoint(provider=provider, **endpoint)
    return access_to(SERVICES[provider], section, Variables(environ or {}))


@pytest.mark.parametrize(
    ("provider", "variable", "headers"),
    [
        ("openai", "OPENAI_API_KEY", {"Authorization": "Bearer a-key"}),
        ("azure", "AZURE_OPENAI_API_KEY", {"api-key": "a-key"}),
        ("anthropic", "ANTHROPIC_API_KEY", {"x-api-key": "a-key", "anthropic-version": "2023-06-01"}),
        ("gemini", "GEMINI_API_KEY", {"x-goog-api-key": "a-key"}),
        ("openrouter", "OPENROUTER_API_KEY", {"Authorization": "Bearer a-key"}),
        ("vllm", "VLLM_API_KEY", {"Authorization": "Bearer a-key"}),
    ],
)
def test_each_service_gets_its_key_in_its_own_way(provider: str, variable: str, headers: dict[str, str]) -> None:
    assert access({variable: "a-key"}, provider).headers() == headers


def test_every_part_of_a_row_can_be_overridden() -> None:
    environ = {"MINE": "a-key", "OPENAI_API_KEY": "another"}
    assert access(environ, auth="x-gateway-key", api_key_env="MINE").headers() == {"x-gateway-key": "a-key"}
    assert access(environ, "anthropic", auth="bearer", api_key_env="MINE").headers() == {
        "anthropic-version": "2023-06-01",
        "Authorization": "Bearer a-key",
    }
    assert access(environ, auth="none").headers() == {}
    newer = access({"ANTHROPIC_API_KEY": "k"}, "anthropic", headers={"Anthropic-Version": "2030-01-01"})
    assert newer.headers() == {"Anthropic-Version": "2030-01-01", "x-api-key": "k"}


@pytest.mark.parametrize(
    ("provider", "more"),
    [
        ("openai", {"base_url": FAR}),
        ("openai", {"base_url": FAR, "api_key_env": "MINE"}),
        ("groq", {}),
    ],
)
def test_a_missing_key_is_told_by_the_name_of_its_variable(provider: str, more: dict[str, Any]) -> None:
    variable = more.get("api_key_env") or SERVICES[provider].key_variable
    with pytest.raises(UsageError, match=f"the environment variable {variable} is not set") as refused:
        access({}, provider, **more)
    assert f"export {variable}=..., write it into .env" in refused.value.hint


@pytest.mark.parametrize(
    ("provider", "more"),
    [
        ("vllm", {}),
        ("vllm", {"base_url": FAR}),
        ("openai", {"base_url": "http://127.0.0.1:9/v1"}),
        ("openai", {"base_url": LAN}),
        ("openai", {"base_url": "https://192.168.1.20/v1"}),
        ("openai", {"base_url": FAR, "auth": "none"}),
        ("openai", {"base_url": FAR, "headers": {"Authorization": "Basic x"}}),
    ],
)
def test_who_needs_no_key_is_called_without_one(provider: str, more: dict[str, Any]) -> None:
    assert "Bearer" not in str(access({}, provider, **more).headers())


def test_a_key_that_nobody_named_does_not_leave_this_machine_unencrypted() -> None:
    environ = {"OPENAI_API_KEY": "a-key"}
    assert access(environ, base_url=LAN).headers() == {}
    assert access(environ, base_url="http://127.0.0.1:9/v1").headers() == {"Authorization": "Bearer a-key"}
    assert access(environ, base_url=LAN, api_key_env="OPENAI_API_KEY").headers() == {"Authorization": "Bearer a-key"}


def test_a_server_of_ours_gets_nothing_at_all() -> None:
    environ = {"OPENAI_API_KEY": "a-key", "X": "secret"}
    ours = access(environ, "simulator", headers={"X-Y": "${X}"}, query={"k": "${X}"}, api_key_env="OPENAI_API_KEY")
    assert (ours.headers(), ours.query()) == ({}, {})


def test_headers_and_query_have_the_values_of_their_variables() -> None:
    there = access({"LOGIN": "dTpw"}, auth="none", headers={"Proxy-Login": "Basic ${LOGIN}", "X-Title": "a title"})
    assert there.headers() == {"Proxy-Login": "Basic dTpw", "X-Title": "a title"}
    assert access({"V": "2024-10-21"}, auth="none", query={"api-version": "${V}"}).query() == {
        "api-version": "2024-10-21"
    }


@pytest.mark.parametrize("value", ["", "two\nlines", "clé", "\x1b[31m"])
def test_a_variable_that_cannot_be_sent_is_told_by_its_name_and_not_shown(value: str) -> None:
    with pytest.raises(UsageError, match="GATEWAY") as refused:
        access({"GATEWAY": value}, auth="none", headers={"X-Key": "${GATEWAY}"})
    assert not value or value not in str(refused.value)


def test_promise_12_values_of_variables_are_secrets_like_the_key() -> None:
    environ = {
        "OPENAI_API_KEY": CANARY,
        "GATEWAY": "gateway-secret",
        "WHO": "a-user",
        "WORD": "pass-word",
        "ORG": "acme",
    }
    there = access(
        environ,
        headers={"X-Gateway": "Token ${GATEWAY}", "X-Login": "${WHO}:${WORD}", "X-Org": "${ORG}"},
        query={"sig": "${GATEWAY}"},
    )
    told = there.scrub(f"{CANARY} gateway-secret pass-word a-user:pass-word of acme")
    assert told == f"{REDACTED} {REDACTED} {REDACTED} {REDACTED} of acme"  # what is that short keeps nothing safe
    for shown in (repr(there), str(there), f"{there}"):
        assert CANARY not in shown
        assert "gateway" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(there)
    with pytest.raises(TypeError):
        copy.deepcopy(there)


def test_a_bearer_is_all_that_most_services_want() -> None:
    assert bearer(ApiKey("a-key")).headers() == {"Authorization": "Bearer a-key"}
    assert bearer(ApiKey("a-key")).scrub("my a-key") == f"my {REDACTED}"


def test_the_proxy_of_the_environment_is_on_the_way_and_its_password_a_secret() -> None:
    there = access({"HTTPS_PROXY": "http://me:pass-word@proxy.test:3128", "OPENAI_API_KEY": "a-key"})
    assert there.proxy is not None
    assert (str(there.proxy.url), there.proxy.user) == ("http://proxy.test:3128", "me")
    assert there.scrub("me:pass-word") == f"me:{REDACTED}"
    assert access({"HTTPS_PROXY": "proxy.test", "NO_PROXY": "openai.com", "OPENAI_API_KEY": "k"}).proxy is None


def test_the_proxy_of_the_config_has_its_login_from_variables() -> None:
    environ = {"WHO": "me", "WORD": "p@ss:word", "OPENAI_API_KEY": "k"}
    with_percents = {**environ, "WORD": "p%40ss%3Aword"}
    there = access(with_percents, proxy="http://${WHO}:${WORD}@proxy.test:3128")
    assert there.proxy is not None
    assert there.proxy.headers() == {"Proxy-Authorization": "Basic bWU6cEBzczp3b3Jk"}
    assert "ss:word" not in there.scrub("p@ss:word bWU6cEBzczp3b3Jk")
    with pytest.raises(UsageError, match="WHO is not set"):
        access({"OPENAI_API_KEY": "k"}, proxy="http://${WHO}@proxy.test")


def test_no_proxy_is_on_the_way_of_our_own_connections_or_to_a_server_of_ours() -> None:
    environ = {"HTTPS_PROXY": "http://proxy.test:3128", "HTTP_PROXY": "socks5://p", "OPENAI_API_KEY": "k"}
    assert access(environ, transport="own").proxy is None
    assert access(environ, proxy="none").proxy is None
    assert access(environ, "vllm").proxy is None
    assert access(environ, "simulator", proxy="http://proxy.test:3128").proxy is None


def test_a_file_of_authorities_that_is_none_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no certificate")
    for name, what in (("nowhere.pem", "No such file"), ("key.pem", "has no certificate in it")):
        with pytest.raises(UsageError, match=r"SSL_CERT_FILE: ") as refused:
            access({"OPENAI_API_KEY": "k", "SSL_CERT_FILE": str(tmp_path / name)})
        assert name in str(refused.value)
        assert what in str(refused.value)
