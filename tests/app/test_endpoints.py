"""The endpoint of a config: where calls go, with what, and how long a server of our own lives."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from msgspec.structs import replace

from asyncsynth.app.endpoints import http_endpoint, served
from asyncsynth.app.job import Job, job_of, sendable
from asyncsynth.app.load import config_of, load_config
from asyncsynth.app.own_server import secret_variables
from asyncsynth.provider.access import bearer
from asyncsynth.provider.api_key import ApiKey
from asyncsynth.values import Answer, Fault
from tests.app.jobs import first_request, job
from tests.patience import LONGEST_S
from tests.provider.scripted import Turn, answer, http, scripted


def rehearsal(directory: Path, **endpoint: Any) -> Job:
    """A job on the simulator, as a config without base_url makes it."""
    return job_of(
        config_of(
            {
                "axes": {"genre": ["horror"]},
                "prompt": {"request": "{{ uuid }} {{ genre }}"},
                "record": {"prompt": "{{ genre }}"},
                "endpoint": {"provider": "simulator", "parameters": {"max_tokens": 30}, **endpoint},
                "output": {"directory": str(directory)},
            },
            "the config of a test",
        )
    )


def models(base_url: str) -> bytes:
    with urlopen(base_url + "/models", timeout=LONGEST_S) as reply:
        body: bytes = reply.read()
    return body


async def test_calls_go_to_the_base_url_with_the_key_the_model_and_the_parameters(tmp_path: Path) -> None:
    work = job(tmp_path, endpoint__model="a-model", endpoint__parameters={"temperature": 0.5, "max_tokens": 7})
    request = first_request(work)
    async with scripted(Turn(http(200, answer("chat")))) as server:
        section = work.config.endpoint.model_copy(update={"base_url": server.base_url})
        target = replace(work.targets[0], endpoint=section, access=bearer(ApiKey("a-key")))
        async with http_endpoint(target, 4, keep_truncated=True) as endpoint:
            reply = await endpoint.send(request)
    (received,) = server.received
    assert "Authorization: Bearer a-key" in received.head
    assert b'"model":"a-model"' in received.body
    assert b'"temperature":0.5' in received.body
    assert isinstance(reply.outcome, Answer)


@pytest.mark.parametrize("keep", [True, False])
async def test_whether_an_answer_that_was_cut_off_is_kept_is_for_the_run_to_say(tmp_path: Path, keep: bool) -> None:
    async with scripted(Turn(http(200, answer("chat", finish_reason="length")))) as server:
        work = job(tmp_path, server.base_url)
        async with http_endpoint(work.targets[0], 1, keep_truncated=keep) as endpoint:
            reply = await endpoint.send(first_request(work))
    assert isinstance(reply.outcome, Answer if keep else Fault)


async def test_a_server_of_ours_lives_as_long_as_the_run_and_behaves_as_the_config_says(tmp_path: Path) -> None:
    work = rehearsal(tmp_path, simulator={"latency_s": 0.0, "faults": 0.0, "seed": 3}, price={"input": 1, "output": 2})
    async with served(work.config.endpoint, 4) as base_url:
        assert base_url.startswith("http://127.0.0.1:")
        assert b"simulated" in await asyncio.to_thread(models, base_url)
    with pytest.raises(URLError):
        await asyncio.to_thread(models, base_url)


async def test_an_answer_of_the_simulator_is_an_answer(tmp_path: Path) -> None:
    work = rehearsal(tmp_path, simulator={"latency_s": 0.0})
    async with http_endpoint(work.targets[0], 2, keep_truncated=True) as endpoint:
        reply = await endpoint.send(first_request(work))
    assert isinstance(reply.outcome, Answer)
    assert reply.outcome.model.startswith("simulated")


async def test_promise_14_a_server_of_ours_is_never_called_through_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    work = sendable(rehearsal(tmp_path, simulator={"latency_s": 0.0}, proxy="http://127.0.0.1:9"))
    async with http_endpoint(work.targets[0], 2, keep_truncated=True) as endpoint:
        reply = await endpoint.send(first_request(work))
    assert isinstance(reply.outcome, Answer)


def test_promise_12_no_child_inherits_a_variable_that_the_config_names(tmp_path: Path) -> None:
    named = {"headers": {"X": "${GATEWAY}"}, "query": {"q": "${SIGNATURE}"}, "proxy": "http://${WHO}:${WORD}@p.test"}
    endpoint = rehearsal(tmp_path, api_key_env="MINE", **named).targets[0].endpoint
    assert secret_variables(endpoint) > {"GATEWAY", "SIGNATURE", "WHO", "WORD", "MINE", "MINE_FILE", "HTTPS_PROXY"}


@pytest.mark.parametrize("provider", ["anthropic", "gemini", "mistral"])
async def test_a_service_is_rehearsed_on_the_simulator(provider: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    bound = "maxOutputTokens" if provider == "gemini" else "max_tokens"
    config.write_text(
        f"""
        axes = {{ genre = ["horror"] }}
        prompt = {{ request = "{{{{ genre }}}}" }}
        record = {{ prompt = "{{{{ genre }}}}" }}
        endpoint = {{ provider = "{provider}", model = "m", parameters = {{ {bound} = 30 }} }}
        output = {{ directory = "out" }}
        """
    )
    settings = ["endpoint.provider=simulator", "endpoint.simulator.latency_s=0"]
    work = sendable(job_of(load_config(config, settings)))
    async with http_endpoint(work.targets[0], 2, keep_truncated=True) as endpoint:
        reply = await endpoint.send(first_request(work))
    assert isinstance(reply.outcome, Answer), reply.outcome
