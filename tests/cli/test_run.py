"""`asyncsynth run`, in the scenarios that its users live through."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, House, Provider, ended_by
from tests.patience import LONGEST_S

Options = Callable[..., list[str]]
Start = Callable[..., Provider]


def test_the_recipe_that_ships_makes_256_different_samples_and_again_makes_no_call(
    house: House, provider: Start, options: Options
) -> None:
    simulated = provider("--latency", "0")
    first = house.run("--concurrency", "8", *options(simulated))
    assert first.returncode == 0, first.stderr
    records = house.records()
    assert len(records) == len({record["key"] for record in records}) == 256
    assert len({json.dumps(record["combination"], sort_keys=True) for record in records}) == 256
    assert {record["prompt"][-14:] for record in records} == {"Plot outline: "}
    assert simulated.stats()["answered"] == 256

    again = house.run("--concurrency", "8", *options(simulated))
    assert again.returncode == 0
    assert "256 are there, nothing to make" in again.stdout
    assert simulated.stats()["calls"] == 256


def test_a_record_has_the_documented_fields(house: House, options: Options) -> None:
    assert house.run("run", *options(), "--limit", "1").returncode == 0
    (record,) = house.records()
    assert list(record)[:12] == [
        "key",
        "combination",
        "repeat",
        "prompt",
        "completion",
        "model",
        "finish_reason",
        "usage",
        "cost_usd",
        "attempts",
        "latency_s",
        "created",
    ]
    assert re.fullmatch(r"[0-9a-f]{32}", record["key"])
    assert record["cost_usd"] is None, "an unknown price is never 0"
    assert record["completion"].startswith("[simulated]")


def test_kill_9_at_random_moments_loses_at_most_the_calls_under_way_and_names_them(
    house: House, provider: Start, options: Options
) -> None:
    simulated = provider("--latency", "0.1")
    arguments = ["--concurrency", "8", *options(simulated)]
    for at_least in (10, 60, 120):
        process = house.start(*arguments)
        house.wait_for_records(at_least + random.randrange(20))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=LONGEST_S)
    assert house.run(*arguments).returncode == 0

    keys = [record["key"] for record in house.records()]
    assert len(keys) == len(set(keys)) == 256
    stats = simulated.stats()
    assert stats["calls"] - 256 <= 3 * 8, "each kill costs at most one call a slot"
    lost = {call[0] for line in house.manifest() if line["type"] == "lost" for call in line["calls"]}
    status = house.run("status", "--output", "out", "--all-calls").stdout
    assert {key for key in lost if key in status} == lost
    answered = [json.loads(line) for line in simulated.ledger.read_text().splitlines()]
    assert len(answered) - 256 <= sum(len(line["calls"]) for line in house.manifest() if line["type"] == "lost")


def test_ctrl_c_drains_and_everything_answered_is_recorded(house: House, provider: Start, options: Options) -> None:
    simulated = provider("--latency", "0.1")
    process = house.start("--concurrency", "8", *options(simulated))
    house.wait_for_records(20)
    status, err = ended_by(process, signal.SIGINT)
    assert status == 130
    assert "run the same command again to go on" in err
    assert "Traceback" not in err
    assert len(house.records()) == simulated.stats()["answered"]


def test_a_second_ctrl_c_cancels_at_once_and_tears_nothing(house: House, provider: Start, options: Options) -> None:
    simulated = provider("--latency", "0")
    assert house.run("run", "--limit", "16", *options(simulated)).returncode == 0
    hanging = provider("--latency", "3600")
    process = house.start("--concurrency", "8", *options(hanging))
    while hanging.stats()["in_flight"] < 8:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    status, err = ended_by(process, signal.SIGINT)
    assert status == 130, err
    assert len(house.records()) == 16
    cut_off = [line for line in house.manifest() if line["type"] == "fault"]
    assert {(line["reason"], line["billed"]) for line in cut_off} == {("interrupted", "maybe")}
    assert len(cut_off) == 8


def test_a_value_added_to_an_axis_makes_only_what_is_new(house: House, provider: Start, options: Options) -> None:
    simulated = provider("--latency", "0")
    house.run("run", *options(simulated))
    config = house.folder / "config.toml"
    config.write_text(config.read_text().replace('# "western"', '"western"'))
    plan = house.run("plan", *options(simulated))
    assert "reuse 256, make 64, 0 no longer in the recipe" in plan.stdout
    assert simulated.stats()["calls"] == 256
    run = house.run("run", *options(simulated))
    assert "reuse 256, make 64, 0 no longer in the recipe" in run.stdout
    assert simulated.stats()["calls"] == 256 + 64


def test_a_changed_temperature_stops_with_the_diff_until_it_is_accepted(
    house: House, provider: Start, options: Options
) -> None:
    simulated = provider("--latency", "0")
    house.run("run", *options(simulated))
    changed = options(simulated, "--set", "endpoint.parameters.temperature=0.7")
    refused = house.run("run", *changed)
    assert refused.returncode == 2
    assert "endpoint.parameters.temperature: 1.0 -> 0.7" in refused.stderr
    assert "256 paid answers would be left behind" in refused.stderr
    assert "--accept-changes" in refused.stderr
    assert simulated.stats()["calls"] == 256
    assert house.run("run", *changed, "--accept-changes").returncode == 0
    assert len((house.folder / "out/answers.jsonl").read_bytes().splitlines()) == 512, "nothing is deleted"
    assert len(house.records()) == 256, "the file that is loaded has only what the recipe has"
    assert house.run("run", *changed).returncode == 0, "an accepted change is not asked about again"
    assert simulated.stats()["calls"] == 512


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A folder in which 16 samples were made."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copy(ROOT / "config.toml", folder)
    made = House(folder)
    assert made.run("run", "--limit", "16", "-o", "out", "--set", "endpoint.provider=simulator").returncode == 0
    return made


@pytest.mark.parametrize(
    "change",
    [
        "limits.concurrency=32",
        "limits.max_attempts=2",
        "endpoint.timeout_s=10",
        "endpoint.price={input=1, output=2}",
        'record.prompt="{{ genre }}: "',
        "combinations.seed=1",
    ],
)
def test_what_is_no_part_of_a_sample_reuses_everything(made: House, options: Options, change: str) -> None:
    assert "reuse 16, make 240, 0 no longer" in made.run("plan", *options(None, "--set", change)).stdout


def test_show_prints_request_training_prompt_and_completion(house: House, options: Options) -> None:
    shown = house.run("run", "--limit", "1", "--show", *options()).stdout
    (record,) = house.records()
    assert "Outline the plot of a " in shown
    assert record["prompt"] in shown
    assert record["completion"] in shown


def test_the_spend_cap_holds_at_the_provider_and_is_used(house: House, provider: Start, options: Options) -> None:
    simulated = provider("--latency", "0.02", "--price", "0.15", "0.6")
    priced = options(simulated, "--set", "endpoint.price.input=0.15", "--set", "endpoint.price.output=0.6")
    stopped = house.run("run", "--max-cost", "0.01", *priced)
    assert stopped.returncode == 3
    assert "limits.max_cost_usd" in stopped.stderr
    assert 0.008 < simulated.stats()["billed_usd"] <= 0.01
    again = house.run("run", "--max-cost", "0.01", *priced)
    assert again.returncode == 3, "the cap counts what earlier runs spent"
    assert simulated.stats()["billed_usd"] <= 0.01


def test_a_spend_cap_on_an_unknown_price_is_a_config_error(house: House, options: Options) -> None:
    refused = house.run("run", "--max-cost", "1", *options())
    assert refused.returncode == 2
    assert "limits.max_cost_usd: needs a known price" in refused.stderr


def test_a_fifth_of_faults_ends_in_records_and_named_dead_letters_none_twice(
    house: House, provider: Start, options: Options
) -> None:
    simulated = provider("--latency", "0", "--faults", "0.2")
    ended = house.run(
        "run", "--concurrency", "16", *options(simulated, "--set", "combinations.repeats=4"), "--limit", "150"
    )
    assert ended.returncode in (0, 1), ended.stderr
    keys = [record["key"] for record in house.records()]
    letters = [json.loads(line) for line in (house.folder / "out/failures.jsonl").read_text().splitlines()]
    assert len({*keys, *(letter["key"] for letter in letters)}) == len(keys) + len(letters) == 150
    assert all(letter["reason"] and letter["message"] for letter in letters)
    assert ended.returncode == (1 if letters else 0)


def test_five_mistakes_are_five_messages(house: House) -> None:
    config = house.folder / "config.toml"
    text = config.read_text()
    for right, wrong in [
        ("concurrency  =", "concurency  ="),
        ('provider = "local"', 'provider = "locl"'),
        ("{{ genre }} film", "{{ gender }} film"),
        ("exclude = []", 'exclude = [{ plce = "India" }]'),
        ("[output]", "[ouptut]"),
    ]:
        assert right in text
        text = text.replace(right, wrong, 1)
    config.write_text(text)
    refused = house.run("plan")
    assert refused.returncode == 2
    assert refused.stdout == ""
    for line in [
        "5 mistakes",
        "limits.concurency: unknown option; did you mean concurrency?",
        "endpoint.provider: 'locl' is not one of local, simulator, openai",
        "; did you mean local?",
        "prompt.request: line 3: there is no axis 'gender'; did you mean genre?",
        "combinations.exclude[0].plce: no such axis; did you mean place?",
        "ouptut: unknown section; did you mean output?",
    ]:
        assert line in refused.stderr


def told(refused: subprocess.CompletedProcess[str]) -> str:
    """The message of a refusal: what happened, what to do, and no traceback."""
    assert "Traceback" not in refused.stderr
    message = [line for line in refused.stderr.splitlines() if not line.startswith("timestamp=")]
    assert message[0].startswith("asyncsynth: ")
    assert message[-1].startswith("-> ")
    return refused.stderr


def test_a_missing_key_is_one_clear_message(house: House) -> None:
    refused = house.run("run", "--set", "endpoint.provider=openai", "--set", "endpoint.base_url=https://api.invalid/v1")
    assert refused.returncode == 2
    assert "OPENAI_API_KEY is not set" in told(refused)


def test_an_unreachable_base_url_is_one_clear_message_and_no_dead_letter(house: House) -> None:
    refused = house.run(
        "run",
        "-o",
        "out",
        "--set",
        "endpoint.provider=openai",
        "--set",
        "endpoint.base_url=http://127.0.0.1:9/v1",
        "--set",
        "limits.max_attempts=2",
    )
    assert refused.returncode == 4
    assert "is endpoint.base_url right?" in told(refused)
    assert (house.folder / "out/failures.jsonl").read_text() == ""


def test_a_second_run_on_the_same_directory_is_refused(house: House, provider: Start, options: Options) -> None:
    simulated = provider("--latency", "0.2")
    first = house.start("run", *options(simulated))
    house.wait_for_records(1)
    second = house.run("run", *options(simulated))
    assert second.returncode == 5
    told(second)
    assert house.run("status", "--output", "out").returncode == 0, "looking is allowed"
    assert ended_by(first, signal.SIGINT)[0] == 130


def test_an_output_directory_that_cannot_be_written_is_one_clear_message(house: House, options: Options) -> None:
    (house.folder / "out").write_text("a file is in the way")
    refused = house.run("run", *options())
    assert refused.returncode == 5
    assert "out" in told(refused)


@pytest.mark.parametrize("fault", ["insufficient_quota", "unauthorized", "model_not_found"])
def test_an_endpoint_that_will_never_answer_stops_the_run_at_once(
    house: House, provider: Start, options: Options, fault: str
) -> None:
    simulated = provider("--latency", "0", "--fault", f"{fault}=1")
    stopped = house.run("run", "--concurrency", "8", *options(simulated))
    assert stopped.returncode == 4
    told(stopped)
    assert simulated.stats()["calls"] <= 8
    assert (house.folder / "out/failures.jsonl").read_text() == ""


def test_log_lines_are_json_where_asked_for(house: House, options: Options) -> None:
    logged = house.run("run", "--limit", "8", "--log-format", "json", *options()).stderr
    events = [json.loads(line) for line in logged.splitlines()]
    assert events[-1]["event"] == "progress"
    assert (events[-1]["done"], events[-1]["total"]) == (8, 8)


def test_the_output_is_private(house: House, options: Options) -> None:
    house.run("run", "--limit", "1", *options())
    out = house.folder / "out"
    assert out.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in out.iterdir()} == dict.fromkeys(
        ["answers.jsonl", "failures.jsonl", "lock", "manifest.jsonl", "raw.jsonl", "records.jsonl"], 0o600
    )


def test_the_raw_log_has_every_request_and_answer(house: House, options: Options, tmp_path: Path) -> None:
    house.run("run", "--limit", "4", *options())
    lines = [json.loads(line) for line in (house.folder / "out/raw.jsonl").read_text().splitlines()]
    by_key = {record["key"]: record for record in house.records()}
    assert {line["key"] for line in lines} == set(by_key)
    for line in lines:
        assert line["status"] == 200
        assert line["request"]["model"].startswith("simulated:")
        assert line["response"]["choices"][0]["message"]["content"] == by_key[line["key"]]["completion"]
