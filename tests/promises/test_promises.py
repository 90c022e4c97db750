"""The fourteen promises by name, each in a small real scenario; the other modules here and in the rooms try harder."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import resource
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.config import Limits
from asyncsynth.costs import Price
from asyncsynth.errors import StoreWriteFailed
from asyncsynth.servers.simulator import Simulator
from asyncsynth.servers.simulator.windows import SlidingWindow
from asyncsynth.store.files import OsFiles
from asyncsynth.store.store import open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import Answer, Answered, Need, Request, Row, Sample, Usage
from tests import virtual_clock
from tests.cli.conftest import House
from tests.conftest import SimulatorFactory, unmeasured
from tests.pace.permits import admitted, gate_by
from tests.patience import LONGEST_S
from tests.promises.conftest import calls_lost, complete, intact, one_clear_message, whole_lines
from tests.provider.scripted import CANARY, Turn, answer, http, scripted

Options = Callable[..., list[str]]
SLOTS = 8
PRICE = Price(150_000, 600_000)  # picodollars a token: 0.15 and 0.60 USD per million
PRICED = ["--set", "endpoint.price={input=0.15, output=0.6}"]


async def run(house: House, *arguments: str, **env: str) -> tuple[int, str, str]:
    ended = await asyncio.to_thread(house.run, *arguments, **env)
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stdout, ended.stderr


async def wait_for_records(house: House, number: int) -> None:
    await asyncio.to_thread(house.wait_for_records, number)


def calls(simulated: Simulator) -> dict[str, Any]:
    return simulated.provider.stats.totals()


async def test_promise_1_every_answer_received_survives_kill_9(
    house: House, simulator: SimulatorFactory, options: Options
) -> None:
    """Promise 1: what is in the file when kill -9 strikes stays, and at most a call a slot is lost, each listed."""
    out = house.folder / "out"
    async with simulator(latency_s=0.1) as simulated:
        command = ["run", "--limit", "80", "--concurrency", str(SLOTS), *options(simulated)]
        process = house.start(*command)
        await wait_for_records(house, 24)
        os.killpg(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.communicate)
        survived, received = set(intact(out)), calls(simulated)["answered"]
        assert received - len(survived) <= SLOTS
        assert (await run(house, *command))[0] == 0
        assert survived < set(complete(out))
        lost = calls_lost(house.manifest())
        assert calls(simulated)["calls"] - 80 <= len(lost) <= SLOTS
        _, shown, _ = await run(house, "status", "-o", "out", "--all-calls")
    assert all(key in shown for key in lost)


class ForgetfulDisk(OsFiles):
    """Knows what a power cut would leave of each file: what its last fdatasync made durable; without power it fails."""

    def __init__(self) -> None:
        self.durable: dict[str, int] = {}
        self.powered = True

    def _need_power(self) -> None:
        if not self.powered:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def open(self, path: Path, flags: int) -> int:
        self._need_power()
        return super().open(path, flags)

    def write(self, fd: int, data: bytes) -> int:
        self._need_power()
        return super().write(fd, data)

    def ftruncate(self, fd: int, size: int) -> None:
        self._need_power()
        super().ftruncate(fd, size)

    def fdatasync(self, fd: int) -> None:
        self._need_power()
        size = self.size(fd)
        super().fdatasync(fd)
        self.durable[Path(f"/proc/self/fd/{fd}").readlink().name] = size

    def cut_power(self, directory: Path) -> None:
        self.powered = False
        for path in directory.glob("*.jsonl"):
            os.truncate(path, self.durable.get(path.name, 0))


def answered(number: int) -> Answered:
    request = Request(Sample(f"{number:032x}", {"n": number}, 0), 0, "asked", None)
    row = Row({"n": number}, 0, {"prompt": "n: ", "completion": "text"})
    return Answered(request, Answer("text", "stop", Usage(5, 7), "m", b"{}"), 1, 1, 0.1, 1e9, (row,))


@pytest.mark.parametrize("received", [100, 250, 319])
async def test_promise_2_a_power_cut_costs_at_most_the_last_group(tmp_path: Path, received: int) -> None:
    """Promise 2: all but the last 64 answers are on the disk without a clean end, and the manifest claims no more."""
    disk, directory = ForgetfulDisk(), tmp_path / "out"
    store = open_store(directory, now=time.time, files=disk)
    store.begin_run(recipe="r", order="o", facts={})

    async def at_once(work: Callable[[], None]) -> None:
        work()

    writer = Writer(store, raw_log=False, sync=at_once)
    writing = asyncio.create_task(writer.run())
    for number in range(received):
        writer.answered(answered(number))
        await writer.written()
    writing.cancel()
    await asyncio.wait([writing])
    disk.cut_power(directory)
    with contextlib.suppress(StoreWriteFailed):  # what it still tries to write reaches no disk
        store.close()
    with open_store(directory, now=time.time) as after:
        assert received - 64 <= len(after.answered) < received
        assert list(intact(directory)) == [f"{number:032x}" for number in range(len(after.answered))]


async def test_promise_3_no_sample_is_there_twice_and_a_second_run_is_refused(
    house: House, simulator: SimulatorFactory, options: Options
) -> None:
    """Promise 3: of two runs at a time one is refused, and nothing is made or paid twice."""
    async with simulator(latency_s=0.1) as simulated:
        command = ["run", "--limit", "40", "--concurrency", "8", *options(simulated)]
        first = house.start(*command)
        await wait_for_records(house, 1)
        os.killpg(first.pid, signal.SIGSTOP)  # so that it is still at work when the second one begins
        status, _, err = await run(house, *command)
        os.killpg(first.pid, signal.SIGCONT)
        assert status == 5
        assert "another run" in one_clear_message(err)
        await asyncio.to_thread(first.communicate)
        assert first.returncode == 0
        assert (await run(house, *command))[0] == 0
        assert calls(simulated)["calls"] == len(intact(house.folder / "out")) == 40


def noted(directory: Path) -> int:
    """How many bytes of answers.jsonl the manifest vouches for."""
    groups = [line for line in whole_lines(directory / "manifest.jsonl") if line["type"] == "answers"]
    return max((group["offset"] + group["length"] for group in groups), default=0)


async def killed_with_an_answer_that_is_not_noted(house: House, command: list[str]) -> bytes:
    """What answers.jsonl holds after the kill."""
    answers = house.folder / "out/answers.jsonl"
    for _ in range(20):
        process = house.start(*command)
        before, until = answers.stat().st_size if answers.exists() else 0, time.monotonic() + LONGEST_S
        while (not answers.exists() or answers.stat().st_size < before + 2000) and time.monotonic() < until:
            await asyncio.sleep(0.002)
        os.killpg(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.communicate)
        data = answers.read_bytes()
        if data.endswith(b"\n") and len(data) > noted(house.folder / "out"):
            return data
    raise AssertionError("each kill came just after a group was noted")


async def test_promise_4_a_torn_tail_costs_one_answer_and_never_eats_the_next(
    house: House, simulator: SimulatorFactory, options: Options
) -> None:
    """Promise 4: half a line at the end is set aside; the whole ones before it stay as they are, byte by byte."""
    out = house.folder / "out"
    async with simulator(latency_s=0.1) as simulated:
        command = ["run", "--concurrency", "4", "--limit", "100", *options(simulated)]
        whole = await killed_with_an_answer_that_is_not_noted(house, command)
        lines = whole.splitlines(keepends=True)
        os.truncate(out / "answers.jsonl", len(whole) - 20)
        assert (await run(house, *command))[0] == 0
        paid = calls(simulated)["answered"]
    lost = len(calls_lost(house.manifest()))
    assert (out / "answers.jsonl").read_bytes().startswith(b"".join(lines[:-1]))
    assert len(complete(out)) == 100
    assert (out / "answers.jsonl.torn").read_bytes() == lines[-1][:-20]
    assert paid - 100 <= lost, "the torn answer is among the calls that are listed as lost"


async def test_promise_4_a_file_that_is_not_ours_is_never_cut(
    house: House, simulator: SimulatorFactory, options: Options
) -> None:
    """Promise 4, second half: a line of somebody else's, or what jq made of the answers, is told and left alone."""
    answers = house.folder / "out/answers.jsonl"
    async with simulator() as simulated:
        command = ["run", "--concurrency", "4", "--limit", "8", *options(simulated)]
        assert (await run(house, *command))[0] == 0
        whole = answers.read_bytes()
        pretty = "\n".join(json.dumps(json.loads(line), indent=2) for line in whole.splitlines()) + "\n"
        for foreign in (whole + b"mine\n", b"mine\n" + whole, pretty.encode(), whole.replace(b"stop", b"stoq", 1)):
            answers.write_bytes(foreign)
            status, _, err = await run(house, *command)
            assert status == 5
            assert "answers.jsonl" in one_clear_message(err)
            assert answers.read_bytes() == foreign
        answers.write_bytes(whole)
        assert (await run(house, *command))[0] == 0
        assert calls(simulated)["calls"] == 8


@unmeasured
async def test_promise_5_a_full_disk_stops_the_spending_and_the_next_run_completes(
    house: House, simulator: SimulatorFactory, options: Options
) -> None:
    """Promise 5: exit 5 with one message, whole lines only, at most a call a slot paid for nothing."""
    async with simulator() as simulated:
        arguments = ["--limit", "60", "--concurrency", "4", *options(simulated, "--set", "output.raw_log=false")]
        process = house.start("run", *arguments)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (16_384, 16_384))
        _, err = await asyncio.to_thread(process.communicate)
        assert process.returncode == 5
        assert "File too large" in one_clear_message(err)
        assert (house.folder / "out/answers.jsonl").read_bytes().endswith(b"\n")
        assert (await run(house, "run", *arguments))[0] == 0
        assert calls(simulated)["calls"] - 60 <= 4
    assert len(complete(house.folder / "out")) == 60


@pytest.mark.parametrize("way", ["deleted", "moved", "replaced"])
async def test_promise_5_a_directory_that_is_taken_away_stops_the_spending_and_no_answer_is_lost(
    house: House, simulator: SimulatorFactory, options: Options, way: str
) -> None:
    """Promise 5, second half: rm -r, mv, or a copy in its place; exit 5 says where the answers are."""
    out = house.folder / "out"
    async with simulator(latency_s=0.1) as simulated:
        command = ["run", "--concurrency", "4", "--limit", "200", *options(simulated)]
        process = house.start(*command)
        await wait_for_records(house, 8)
        if way == "replaced":
            await asyncio.to_thread(shutil.copytree, out, house.folder / "copy")
        await asyncio.to_thread(out.rename, house.folder / "elsewhere")
        if way == "replaced":
            await asyncio.to_thread((house.folder / "copy").rename, out)
        if way == "deleted":
            await asyncio.to_thread(shutil.rmtree, house.folder / "elsewhere")
        _, err = await asyncio.to_thread(process.communicate)
        assert process.returncode == 5, err
        received = calls(simulated)["answered"]
        assert received < 200
        where = house.folder / ("out.saved" if way == "deleted" else "elsewhere")
        assert str(where) in one_clear_message(err) or where.name in err
        assert len(intact(where)) == received
        status, _, err = await run(house, *command, "--output", where.name, "--concurrency", "64")
        assert status == 0, err
        assert calls(simulated)["calls"] == 200
    assert len(complete(where)) == 200


async def test_promise_6_a_storm_of_429s_drops_nothing_and_recovers_by_itself(
    house: House, simulator: SimulatorFactory, options: Options
) -> None:
    """Promise 6, first half: while nothing but 429s comes it probes gently, and after it all is made."""
    storm = {"rate_limited_429": 1.0}
    async with simulator(fault_shares=storm, retry_after_s=0.1) as simulated:
        once = options(simulated, "--set", "limits.max_attempts=1")
        process = house.start("run", "--limit", "40", "--concurrency", str(SLOTS), *once)
        until = time.monotonic() + LONGEST_S
        while calls(simulated)["calls"] < SLOTS + 2 and time.monotonic() < until:
            assert calls(simulated)["peak_in_flight"] <= SLOTS
            await asyncio.sleep(0.01)
        simulated.provider._shares.clear()
        _, err = await asyncio.to_thread(process.communicate)
        assert process.returncode == 0, err
        assert calls(simulated)["faults"]["rate_limited_429"] <= 3 * SLOTS
    assert len(intact(house.folder / "out")) == 40


async def test_promise_6_no_credit_stops_the_run_at_once(
    house: House, simulator: SimulatorFactory, options: Options
) -> None:
    """Promise 6, second half: within one round trip, and no sample is given up for it."""
    async with simulator(fault_shares={"insufficient_quota": 1.0}) as simulated:
        status, _, err = await run(house, "run", "--concurrency", str(SLOTS), *options(simulated))
        assert status == 4
        assert one_clear_message(err)
        assert calls(simulated)["calls"] <= SLOTS
    assert (house.folder / "out/failures.jsonl").read_bytes() == b""


def test_promise_7_the_limits_are_never_exceeded_in_any_60_s_and_99_percent_are_used() -> None:
    """Promise 7: five minutes at 600 requests a minute on the virtual clock, counted in every sliding window."""
    sent: list[float] = []

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        gate = gate_by(Limits(concurrency=64, requests_per_minute=600))
        while clock() < 300.0:
            permit = await admitted(gate, Need(100, None, 50))
            sent.append(clock())
            gate.settle(permit, Usage(50, 50), None, latency_s=0.1)

    virtual_clock.run(main)
    window = SlidingWindow(600)
    for at in sent:
        assert window.wait(at, 1) == 0, f"more than 600 within 60 s at {at}"
        window.take(at, 1)
    assert len(sent) >= 0.99 * 600 * 5


async def test_promise_8_ctrl_c_drains_and_a_second_one_keeps_what_has_arrived(
    house: House, simulator: SimulatorFactory, options: Options
) -> None:
    """Promise 8: after one signal every call sent becomes a record; after two nothing that was there is gone."""
    async with simulator(latency_s=0.4, latency_sigma=0.0) as simulated:
        command = ["run", "--concurrency", str(SLOTS), *options(simulated)]
        process = house.start(*command)
        await wait_for_records(house, SLOTS)
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.to_thread(process.communicate)
        assert process.returncode == 130, err
        kept = intact(house.folder / "out")
        assert len(kept) == calls(simulated)["calls"] == calls(simulated)["answered"]
        assert sorted(complete(house.folder / "out")) == sorted(kept)
    async with simulator(latency_s=3600.0) as hanging:
        process = house.start("run", "--concurrency", str(SLOTS), *options(hanging))
        until = time.monotonic() + LONGEST_S
        while calls(hanging)["in_flight"] < SLOTS and time.monotonic() < until:
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.to_thread(process.communicate)
        assert process.returncode == 130, err
    assert intact(house.folder / "out") == kept
    assert sum(line["type"] == "fault" for line in house.manifest()) == SLOTS


async def test_promise_9_every_sample_ends_as_a_record_or_a_dead_letter(
    house: House, simulator: SimulatorFactory, options: Options
) -> None:
    """Promise 9: with a third of the calls going wrong in many ways none is missing and none has two ends."""
    shares = dict.fromkeys(("bad_json", "reset_after", "html", "content_filter", "bad_request", "too_large_413"), 0.06)
    async with simulator(fault_shares=shares, seed=3) as simulated:
        status, _, err = await run(house, "run", "--limit", "150", "--concurrency", "16", *options(simulated))
    assert status == 1, err
    keys = intact(house.folder / "out")
    dead = [json.loads(line) for line in (house.folder / "out/failures.jsonl").read_text().splitlines()]
    assert len({*keys, *(letter["key"] for letter in dead)}) == len(keys) + len(dead) == 150
    assert all(letter["reason"] and letter["message"] for letter in dead)


async def test_promise_10_the_ledger_is_the_providers_bill(
    house: House, simulator: SimulatorFactory, options: Options
) -> None:
    """Promise 10: to the token and the picodollar where every call has an answer; else but for the calls listed."""
    certain = {"content_filter": 0.1, "refusal": 0.1, "length": 0.1, "server_error_500": 0.1}
    for output, shares in (("certain", certain), ("out", {"reset_after": 0.15, "truncated": 0.1})):
        async with simulator(fault_shares=shares, price=PRICE) as simulated:
            command = ["run", "--limit", "100", "--concurrency", "32", *options(simulated), *PRICED, "--output", output]
            assert (await run(house, *command))[0] in (0, 1)
            bill = simulated.provider.stats
        with open_store(house.folder / output, now=time.time) as store:
            paid, uncertain = store.totals.paid, store.totals.uncertain
        listed = [line for line in house.manifest(output) if line.get("billed") == "maybe"]
        assert uncertain.calls == len(listed)
        assert paid.calls <= bill.billed <= paid.calls + uncertain.calls
        assert bill.picodollars is not None
        assert paid.picodollars <= bill.picodollars <= paid.picodollars + uncertain.picodollars
        if output == "certain":
            assert uncertain.calls == 0
            ledger = (paid.prompt_tokens, paid.completion_tokens, paid.picodollars)
            assert ledger == (bill.prompt_tokens, bill.completion_tokens, bill.picodollars)


async def test_promise_11_the_spend_cap_is_never_exceeded(
    house: House, simulator: SimulatorFactory, options: Options
) -> None:
    """Promise 11: not with many calls under way, not over a kill -9, and nearly all of it is used."""
    async with simulator(latency_s=0.05, price=PRICE) as simulated:
        command = ["run", "--max-cost", "0.008", "--concurrency", "16", *options(simulated), *PRICED]
        process = house.start(*command)
        await wait_for_records(house, 20)
        os.killpg(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.communicate)
        status, _, err = await run(house, *command)
        assert status == 3, err
        assert "limits.max_cost_usd has no room left" in one_clear_message(err)
        billed = calls(simulated)["billed_usd"]
    with open_store(house.folder / "out", now=time.time) as store:
        counted = (store.totals.picodollars + store.totals.uncertain.picodollars) / 1e12
    assert billed <= counted <= 0.008
    assert counted >= 0.9 * 0.008


async def test_promise_12_the_key_is_on_no_disk_and_no_screen(house: House) -> None:
    """Promise 12: a provider that quotes the key in its error finds no way to print or to keep it."""
    error = {"error": {"message": f"Incorrect API key provided: {CANARY}", "type": "x", "code": "invalid_api_key"}}
    async with scripted(Turn(http(401, error))) as server:
        endpoint = ["--set", "endpoint.provider=openai", "--set", f"endpoint.base_url={server.base_url}"]
        status, out, err = await run(house, "run", "-o", "out", "--show", *endpoint, OPENAI_API_KEY=CANARY)
    assert CANARY in server.received[0].head
    assert status == 4
    assert "Incorrect API key provided: [key]" in one_clear_message(err)
    assert [text for text in (out, err) if CANARY in text] == []
    assert [path.name for path in (house.folder / "out").iterdir() if CANARY in path.read_text()] == []


async def test_promise_12_nothing_that_a_model_wrote_is_changed_for_a_key_that_is_a_common_word(house: House) -> None:
    """Promise 12, second half: local servers want a key, and people give them a word that models use, too."""
    text = "none of the ollama tokens, none"
    async with scripted(Turn(http(200, answer("chat", text)))) as server:
        endpoint = ["--set", "endpoint.provider=openai", "--set", f"endpoint.base_url={server.base_url}"]
        status, _, err = await run(house, "run", "-o", "out", "--limit", "1", *endpoint, OPENAI_API_KEY="none")
    assert status == 0, err
    (record,) = house.records()
    assert (record["completion"], record["usage"]["source"]) == (text, "endpoint")


class TwiceServer:
    """Speaks HTTP/1.1, answers with what it was asked, and sends every reply twice on the same connection."""

    def __init__(self) -> None:
        self.base_url = ""
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(line for line in head.lower().splitlines() if line.startswith("content-length"))
                body = json.loads(await reader.readexactly(int(length.partition(":")[2])))
                asked = body["messages"][-1]["content"]
                reply = http(200, answer("chat", asked, id=f"reply-{hash(asked)}"))
                writer.write(reply + reply)
                await writer.drain()
        writer.close()


async def test_promise_13_no_answer_is_recorded_under_another_request(house: House) -> None:
    """Promise 13: a server that sends each reply twice shifts no answer to the next sample; each is its own."""
    server = TwiceServer()
    running = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = running.sockets[0].getsockname()[1]
    endpoint = ["--set", "endpoint.provider=openai", "--set", f"endpoint.base_url=http://127.0.0.1:{port}/v1"]
    async with running:
        status, _, err = await run(house, "run", "-o", "out", "--limit", "24", "--concurrency", "2", *endpoint)
        running.close()
    assert status in (0, 4), err
    records = house.records()
    assert records or status == 4
    for record in records:
        values = record["combination"].values()
        assert all(str(value) in record["completion"] for value in values), "an answer to another sample"


async def test_promise_14_a_rehearsal_sends_nothing_to_any_other_machine(house: House) -> None:
    """Promise 14: the file names a real service, the command line asks for a rehearsal; the service hears nothing."""
    config = (house.folder / "config.toml").read_text()
    async with scripted(Turn(http(200, answer("chat")))) as server:
        real = config.replace('provider = "local"', f'provider = "openai"\nbase_url = "{server.base_url}"')
        assert server.base_url in real
        (house.folder / "config.toml").write_text(real)
        status, _, err = await run(house, "run", "-o", "out", "--limit", "4", "--set", "endpoint.provider=simulator")
        assert status == 0, err
        assert "base_url is ignored" in err
    assert len(complete(house.folder / "out")) == 4
    assert server.received == []
