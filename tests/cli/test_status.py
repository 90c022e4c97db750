"""`asyncsynth status`: what it says is what the lines of the files say, by run and in all."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from tests.cli.conftest import House, Provider
from tests.patience import LONGEST_S

Options = Callable[..., list[str]]
Start = Callable[..., Provider]
PRICED = ["--set", "endpoint.price={input=10, output=1000}", "--concurrency", "2"]


def sections(shown: str) -> dict[str, dict[str, str]]:
    """{"3": {"paid, the answer is there": "2 calls, ...", ...}, ...} by run, and the ledger in all under ""."""
    found: dict[str, dict[str, str]] = {"": {}}
    number = ""
    for line in shown.splitlines():
        name, rest = line.strip()[:32].strip(), line.strip()[32:].strip()
        if line.startswith("  ") and line[2:3].isdigit():
            number = line.split()[0]
            found[number] = {"how": line.split("Z  ")[1]}
        elif name.startswith(("paid", "possibly")):
            found[number][name] = rest
        elif "cut off before the answer" in line:
            break
    return found


def test_promise_10_status_tells_what_was_paid_rejected_and_lost_by_run_and_in_all(
    house: House, provider: Start, options: Options
) -> None:
    filtering, answering = provider("--latency", "0", "--fault", "content_filter=1"), provider("--latency", "0")
    house.run("run", "--limit", "3", *options(filtering), *PRICED)
    house.run("retry", "--output", "out")
    house.run("run", "--limit", "5", *options(answering), *PRICED)
    hanging = provider("--latency", "3600")
    process = house.start("run", "--limit", "9", *options(hanging), *PRICED)
    house.wait_for_calls(3 + 5 + 2)
    at_work = sections(house.run("status", "--output", "out").stdout)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=LONGEST_S)
    shown = sections(house.run("status", "--output", "out").stdout)

    faults = [line for line in house.manifest() if line["type"] == "fault"]
    reserved = [call[5] for line in house.manifest() if line["type"] == "calls" for call in line["calls"]][-2:]
    records = house.records()
    rejected = f"3 calls, {summed(faults, 'prompt_tokens'):,} + {summed(faults, 'completion_tokens'):,} tokens, "
    rejected += dollars(summed(faults, "cost") / 1e12)
    usages = [record["usage"] for record in records]
    recorded = f"5 calls, {summed(usages, 'prompt_tokens'):,} + {summed(usages, 'completion_tokens'):,} tokens, "
    recorded += dollars(sum(record["cost_usd"] for record in records))
    lost = f"2 calls, at most {dollars(sum(reserved) / 1e12)}"
    nothing = "0 calls, 0 + 0 tokens, $0.00"
    assert shown == {
        "": {
            "paid, the answer is there": recorded,
            "paid, no usable answer": rejected,
            "possibly billed, lost": lost,
        },
        "1": {"how": "complete: 3 calls", "paid, the answer is there": nothing, "paid, no usable answer": rejected},
        "2": {"how": "complete: 5 calls", "paid, the answer is there": recorded},
        "3": {"how": "cut off: 2 calls", "paid, the answer is there": nothing, "possibly billed, lost": lost},
    }  # fmt: skip
    assert at_work["3"] == {"how": "still at work: 2 calls", "paid, the answer is there": nothing}


def summed(lines: list[dict[str, int]], name: str) -> int:
    return sum(line[name] for line in lines)


def dollars(usd: float) -> str:
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}"
