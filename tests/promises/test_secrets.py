"""Promise 12 and hostile answers on the real command line: no key on a disk or a screen, nothing raw on a terminal."""

from __future__ import annotations

import asyncio
import gzip
import json
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.cli.conftest import House
from tests.provider.scripted import CANARY, Turn, answer, http, scripted

HEADER = f"Bearer {CANARY}"
FORMS = [
    CANARY,
    quote(CANARY, safe=""),
    escape(CANARY),
    CANARY.replace("/", "\\/"),
    b64encode(CANARY.encode()).decode().rstrip("="),
    b64encode(HEADER.encode()).decode().rstrip("="),
]
EVERY_FORM = " ".join(FORMS)
FILES = 6  # answers, records, failures, manifest, raw, lock


def refusal(code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": f"Incorrect key: {EVERY_FORM}", "type": HEADER, "code": code, "param": HEADER}}


def escaped(tree: dict[str, Any]) -> bytes:
    """`tree` with the key in the escapes that some JSON encoders (.NET's, Go's) use for characters of HTML and URLs."""
    return json.dumps(tree).replace(CANARY, "".join(f"\\u{ord(one):04X}" for one in CANARY)).encode()


def page(status: int) -> Turn:
    html = f"<html><head><title>{HEADER}</title></head><body>{EVERY_FORM}</body></html>".encode()
    return Turn(http(status, html, {"content-type": "text/html", "server": HEADER}))


ECHOES = {
    "unauthorized": Turn(http(401, refusal("invalid_api_key"))),
    "no credit": Turn(http(429, refusal("insufficient_quota"), {"retry-after": HEADER})),
    "unknown model": Turn(http(404, refusal(CANARY))),
    "bad request": Turn(http(400, refusal())),
    "server error": Turn(http(500, refusal(), {"x-request-id": HEADER, "set-cookie": HEADER})),
    "error in a 200": Turn(http(200, refusal("server_error"))),
    "page": page(200),
    "page of a gateway": page(502),
    "redirect": Turn(http(307, b"", {"location": f"http://127.0.0.1:9/?key={quote(CANARY)}", "x": HEADER})),
    "no HTTP": Turn(f"{HEADER}\r\n\r\n".encode(), "close"),
    "header that is none": Turn(f"HTTP/1.1 200 OK\r\n{HEADER}\x00\r\n\r\n".encode(), "close"),
    "bad JSON": Turn(http(200, f'{{"choices": [{HEADER}'.encode())),
    "cut off": Turn(http(200, answer("chat", EVERY_FORM))[:-60], "close"),
    "empty answer of another API": Turn(http(200, {"models": [EVERY_FORM], HEADER: HEADER})),
    "error in an envelope": Turn(http(200, {"detail": EVERY_FORM})),
    "packed": Turn(http(500, gzip.compress(json.dumps(refusal()).encode()), {"content-encoding": "gzip"})),
    "refusal in JSON escapes": Turn(http(401, escaped(refusal()))),
}


async def runs(house: House, base_url: str, *more: tuple[str, ...], key: str = CANARY) -> list[str]:
    """What runs with `key` print, the second of them with its own output directory, and so on."""
    common = ["run", "--limit", "2", "--concurrency", "1", "--set", "endpoint.provider=openai"]
    common += ["--set", f"endpoint.base_url={base_url}", "--set", "limits.max_attempts=1"]
    ended = await asyncio.gather(
        *(
            asyncio.to_thread(house.run, *common, "-o", f"out{number}", *options, OPENAI_API_KEY=key)
            for number, options in enumerate(more)
        )
    )
    assert all(one.returncode in (0, 1, 4) for one in ended), [one.stderr for one in ended]
    assert all("Traceback" not in one.stderr for one in ended)
    return [one.stdout + one.stderr for one in ended]


def written(folder: Path) -> dict[str, str]:
    """Each file as it stands, and what its lines of JSON say."""
    texts = {path.relative_to(folder): path.read_text() for path in folder.glob("out*/*")}
    said = {f"{path}, decoded": str([json.loads(line) for line in text.splitlines()]) for path, text in texts.items()}
    return {**{str(path): text for path, text in texts.items()}, **said}


@pytest.mark.parametrize("fault", ECHOES)
async def test_a_key_that_the_endpoint_echoes_is_on_no_disk_and_no_screen(house: House, fault: str) -> None:
    async with scripted(ECHOES[fault]) as server:
        formats = (("--show", "--log-format", "text"), ("--show", "--log-format", "json"))
        printed = await runs(house, server.base_url, *formats)
    assert HEADER in server.received[0].head, "the canary was the key"
    texts = {f"printed by run {number}": text for number, text in enumerate(printed)} | written(house.folder)
    assert len(texts) == 2 + 2 * 2 * FILES
    found = [(place, form) for place, text in texts.items() for form in FORMS if form in text]
    assert found == []


@pytest.mark.parametrize("key", [CANARY, "none", "ollama", "test", "token", "stop", "e"])
async def test_promise_12_what_a_model_wrote_is_kept_as_it_is_whatever_the_key_is(house: House, key: str) -> None:
    """It may be that the model wrote the key, and that it wrote the word that somebody took for one."""
    text = f"Nothing but {key}: a test of the token, none of Ollama's, which does not stop."
    async with scripted(Turn(http(200, answer("chat", text, model=f"m-{key}")))) as server:
        (printed,) = await runs(house, server.base_url, ("--show",), key=key)
    for record in house.records("out0"):
        assert (record["completion"], record["model"], record["finish_reason"]) == (text, f"m-{key}", "stop")
        assert record["usage"]["prompt_tokens"] == 57
    raw = [json.loads(line) for line in (house.folder / "out0" / "raw.jsonl").read_text().splitlines()]
    assert {line["response"]["choices"][0]["message"]["content"] for line in raw} == {text}
    assert "Nothing but [key]" in printed, "a screen shows no key"


async def test_a_key_is_in_no_error_before_the_first_call(house: House) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_API_KEY_FILE"):
        ended = await asyncio.to_thread(
            house.run, "run", "--set", "endpoint.provider=openai", "--set", "endpoint.base_url=https://127.0.0.1:9/v1",
            "-o", "out", **{variable: f"{CANARY} and a blank"},
        )  # fmt: skip
        assert ended.returncode == 2, ended.stderr
        assert CANARY not in (ended.stdout + ended.stderr).replace("can't read " + CANARY, "")


HOSTILE = "title\x1b]0;owned\x07 \x1b[2J \x9b31m \x90q\x9c \u202egnp.exe \u2066x\u2069 \ud83d end \r\b\x7f plain\u2028"


async def test_a_hostile_answer_is_kept_as_text_and_never_reaches_the_terminal_raw(house: House) -> None:
    hostile = answer("chat", HOSTILE, HOSTILE, model=HOSTILE, usage={"prompt_tokens": 10**30, "completion_tokens": 7})
    async with scripted(Turn(http(200, hostile))) as server:
        (printed,) = await runs(house, server.base_url, ("--show",))
    assert "plain" in printed
    assert raw_controls(printed) == set()
    for record in house.records("out0"):
        assert record["completion"] == HOSTILE.replace("\ud83d", "\ufffd")
        assert {"lone_surrogate", "huge_integer"} <= set(record["flags"])
        assert record["usage"]["source"] == "estimate"


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_a_hostile_error_never_reaches_the_terminal_raw(
    house: House, options: Callable[..., list[str]], log_format: str
) -> None:
    hostile = {"error": {"message": HOSTILE, "type": HOSTILE, "code": HOSTILE}, "huge": 10**30}
    async with scripted(Turn(http(400, hostile))) as server:
        (printed,) = await runs(house, server.base_url, ("--show", "--log-format", log_format))
    assert "plain" in printed
    assert raw_controls(printed) == set()
    status = await asyncio.to_thread(house.run, "status", "-o", "out0")
    assert raw_controls(status.stdout + status.stderr) == set()


def raw_controls(text: str) -> set[str]:
    """Control, bidi-control and line-separator characters, but for the newlines and tabs of our own lines."""
    return {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n", "\t"}
