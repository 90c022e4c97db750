"""What is asked over HTTP is answered by reading; what is started is an ordinary run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asyncsynth.app.status import status
from tests.conftest import SimulatorFactory
from tests.provider.scripted import CANARY, Turn, http, scripted
from tests.service.conftest import Serving, to_provider


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def keys_in(directory: Path) -> list[str]:
    """Of the records, in the order of the file."""
    return [json.loads(line)["key"] for line in (directory / "records.jsonl").read_bytes().splitlines()]


def names_of_files_with(text: str, root: Path) -> list[str]:
    return [path.name for path in root.rglob("*") if path.is_file() and text in path.read_text()]


async def test_a_run_of_somebody_else_is_shown_by_reading_it(serving: Serving, made: Path) -> None:
    before = contents(made)
    async with serving() as client:
        told, listed = await client.get("api/runs")
        (shown,) = listed["runs"]
        assert (told, shown["directory"], shown["state"], shown["ours"]) == (200, "runs/theirs", "ended", False)
        assert (shown["records"], shown["failures"], shown["ended"]) == (6, 0, "complete")
        assert shown["cost_usd"] == pytest.approx(status(made).totals.picodollars / 1e12)
        _, survey = await client.get(f"api/runs/{shown['id']}/survey")
        assert f" --output {made} --marks {made}/marks.jsonl" in survey["verdict"]["next"], "from anywhere"
        assert (await client.post(f"api/runs/{shown['id']}/drain", {}))[0] == 409
        assert (await client.post(f"api/runs/{shown['id']}/resume", {}))[0] == 409
    assert contents(made) == before


async def test_records_come_in_pages_and_by_value(serving: Serving, made: Path) -> None:
    keys = keys_in(made)
    async with serving() as client:
        name = (await client.get("api/runs"))[1]["runs"][0]["id"]
        _, first = await client.get(f"api/runs/{name}/records?limit=4")
        _, last = await client.get(f"api/runs/{name}/records?limit=4&after={first['next']}")
        seen = first["records"] + last["records"]
        assert (len(first["records"]), last["next"]) == (4, None)
        assert [sample["key"] for sample in seen] == keys
        _, page = await client.get(f"api/runs/{name}/records?where=genre:horror&where=mood:calm")
        assert [record["combination"] for record in page["records"]] == [{"genre": "horror", "mood": "calm"}]
        for wrong in ("after=1", "after=-1", "after=99999999", "limit=0", "where=gene:x", "where=x", "limt=3"):
            assert (await client.get(f"api/runs/{name}/records?{wrong}"))[0] == 400, wrong


async def test_marks_go_out_and_come_back(serving: Serving, made: Path) -> None:
    key = keys_in(made)[0]
    async with serving() as client:
        name = (await client.get("api/runs"))[1]["runs"][0]["id"]
        assert (await client.get(f"api/runs/{name}/marks"))[1] == {"marks": []}
        for mark, note in (("pass", ""), ("fail", "too short")):
            body = {"key": key, "mark": mark, "note": note}
            assert (await client.post(f"api/runs/{name}/marks", body))[0] == 200
        assert (await client.get(f"api/runs/{name}/marks"))[1] == {"marks": [body]}
        assert (await client.post(f"api/runs/{name}/marks", {"key": "x", "mark": "pass"}))[0] == 400
    assert (made / "marks.jsonl").read_bytes().count(b"\n") == 2


async def test_a_run_that_is_started_here_is_an_ordinary_run(
    serving: Serving, root: Path, simulator: SimulatorFactory
) -> None:
    async with simulator() as simulated, serving() as client:
        to_provider(root / "config.toml", simulated.base_url)
        _, plan = await client.post("api/plan", {"file": "config.toml"})
        assert (plan["to_make"], plan["directory"]) == (16, "runs/a")
        code, started = await client.post("api/runs", {"file": "config.toml"})
        assert (code, started["ours"]) == (201, True)
        ended = await client.until(started["id"], "ended")
        assert (ended["ended"], ended["records"], ended["wanted"], ended["message"]) == ("complete", 16, 16, None)
        _, plan = await client.post("api/plan", {"file": "config.toml"})
        assert (plan["there"], plan["to_make"]) == (16, 0)
    assert status(root / "runs" / "a").records == 16


async def test_what_would_be_sent_is_shown_step_by_step(serving: Serving, root: Path) -> None:
    one = (root / "config.toml").read_text()
    steps = one.replace("[prompt]", "[steps.outline]").replace(
        "[record]", '[steps.story]\nrequest = "Expand {{ outline }}"\n[record]'
    )
    steps = steps.replace('number {{ number }}: "', 'number {{ number }}: "\ncompletion = "{{ story }}"')
    async with serving() as client:
        for text, sent in ((one, 1), (steps, 2)):
            code, told = await client.post("api/preview", {"config": text, "samples": 2})
            assert (code, [len(sample["said"]) for sample in told["samples"]]) == (200, [sent, sent])
            assert told["samples"][0]["said"][-1]["request"]
            assert told["samples"][0]["fields"]["prompt"].startswith("Genre: ")


async def test_what_is_wrong_with_a_config_is_told(serving: Serving, root: Path) -> None:
    text = (root / "config.toml").read_text()
    async with serving() as client:
        for body, code, words in (
            ({"file": "none.toml"}, 400, "no such config"),
            ({"file": "../none.toml"}, 400, "no config '../none.toml' below"),
            ({"file": "a\0b.toml"}, 400, "no config"),
            ({"file": ".env"}, 400, "no config '.env' below"),
            ({"config": text.replace('["horror", "mystery"]', '{ lines = ".env" }')}, 422, "axes.genre.lines: leads"),
            ({"config": "axes ="}, 422, "TOML"),
            ({"config": text.replace("runs/a", "../a")}, 422, "output.directory: leads out of"),
            ({"config": text, "output": "../a"}, 422, "output.directory: leads out of"),
            ({"config": text.replace('"m"', '"m"\nbase_url = "https://evil.test"')}, 422, "endpoint.base_url"),
            ({"config": text + '[endpoints.a]\nheaders = { x = "${HOME}" }'}, 422, "endpoints.a.headers"),
            ({"config": text, "file": "config.toml"}, 400, "either file or config"),
            (
                {"file": "config.toml", "limits": {"concurrency": 0}},
                400,
                "limits.concurrency: must be a whole number from 1 to 10,000, or auto; not 0",
            ),
        ):
            for path in ("api/plan", "api/preview", "api/runs"):
                assert (told := await client.post(path, body))[0] == code, told
                assert words in told[1]["error"]
    assert not (root / "runs").exists()


async def test_every_answer_keeps_browsers_from_making_more_of_it(serving: Serving) -> None:
    async with serving() as client:
        for path in ("", "reader.js", "healthz", "api/runs", "nothing"):
            async with client.session.get(client.url + path) as reply:
                assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
                assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
                assert reply.headers["X-Content-Type-Options"] == "nosniff"
                assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
                assert not [name for name in reply.headers if name.startswith("Access-Control")]


async def test_the_token_is_kept_over_a_restart_where_only_its_owner_can_read_it(serving: Serving, root: Path) -> None:
    async with serving() as client:
        before = client.headers
    async with serving() as client:
        assert client.headers == before
    kept = root / ".asyncsynth-serve"
    assert kept.stat().st_mode & 0o777 == 0o700
    assert (kept / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
async def test_promise_12_the_key_never_leaves_by_the_api(
    serving: Serving, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / ".env").write_text(f"SOME_KEY={CANARY}\n")
    refused = {"error": {"message": f"no such key: {CANARY}", "code": "invalid_api_key"}}
    async with scripted(Turn(http(401, refused))) as server, serving() as client:
        to_provider(root / "config.toml", server.base_url)
        text = (root / "config.toml").read_text()
        (root / "config.toml").write_text(text.replace('model = "m"', 'model = "m"\napi_key_env = "SOME_KEY"'))
        _, started = await client.post("api/runs", {"file": "config.toml"})
        ended = await client.until(started["id"], "ended")
        assert ended["ended"] == "stopped by the endpoint"
        assert "no such key: [key]" in ended["message"]
        run = f"api/runs/{started['id']}"
        paths = ("api/runs", run, f"{run}/records", f"{run}/failures", f"{run}/survey", f"{run}/events", "metrics")
        for path in paths:
            async with client.session.get(client.url + path, headers=client.headers) as reply:
                assert reply.status == 200
                assert CANARY not in await reply.text()
    assert CANARY in server.received[0].head
    assert names_of_files_with(CANARY, root) == [".env"]
