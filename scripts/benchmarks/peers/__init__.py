"""The peers, each in an environment of its own, run through the same work as asyncsynth: samples a second and CPU."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import FEW, SCRIPTS, Bench, median, ratios
from benchmarks.children import Finished, finish
from benchmarks.figures import Figure
from benchmarks.recipes import SMALL, write_config
from benchmarks.servers import fast_server

CONCURRENCY = 64
TOKENIZER_FILES = "litellm/litellm_core_utils/tokenizers"  # of tiktoken, which would fetch them over the network


@dataclass(frozen=True, slots=True)
class Peer:
    """`script` of this folder gets BASE_URL COUNT CONCURRENCY FOLDER. Bounds are on our samples/s over the peer's."""

    name: str
    script: str
    packages: tuple[str, ...]
    must: float | None = None
    goal: float | None = None


PEERS = (
    Peer("async-batch-llm + JSONL", "async_batch.py", ("async-batch-llm[openai]",), 20, 30),
    Peer("data-designer", "designer.py", ("data-designer", "litellm"), 40, 60),
    Peer("bespokelabs-curator", "curate.py", ("bespokelabs-curator",), 40, 60),
    Peer("openai SDK, gather", "openai_gather.py", ("openai",)),
)


@dataclass(slots=True)
class Rate:
    """Of one run of `count` samples less one of FEW: what the sample costs, without import and start."""

    per_s: float
    cpu_ms: float
    whole_s: float
    peak_mb: float


def peers(bench: Bench) -> Iterator[Figure]:
    """Our samples a second over each peer's, same server, same count, side by side."""
    count = bench.size(2_000, 300)
    for peer in PEERS:
        python = _environment(peer)
        with fast_server(bench) as server:
            config = write_config(bench.scratch / "small.toml", SMALL, server.base_url)
            pairs = [(_ours(bench, config, count), _theirs(bench, peer, python, server.base_url, count))
                     for _ in range(bench.rounds)]  # fmt: skip
        ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        over = ratios([one.per_s for one in ours], [one.per_s for one in theirs])
        facts = {
            "samples": count,
            "samples_per_s": median([one.per_s for one in theirs]),
            "asyncsynth_samples_per_s": median([one.per_s for one in ours]),
            "cpu_ms": median([one.cpu_ms for one in theirs]),
            "whole_process_s": median([one.whole_s for one in theirs]),
            "asyncsynth_whole_process_s": median([one.whole_s for one in ours]),
            "peak_mb": median([one.peak_mb for one in theirs]),
        }
        yield Figure(
            "peers", f"samples/s over {peer.name}", median(over), "x", peer.must, peer.goal,
            at_least=True, samples=over, facts=facts,
        )  # fmt: skip
        yield Figure("peers", f"{peer.name}: samples/s", facts["samples_per_s"], "/s")
        yield Figure("peers", f"{peer.name}: CPU a sample", facts["cpu_ms"], "ms")


def _ours(bench: Bench, config: Path, count: int) -> Rate:
    many = bench.run(config, count, CONCURRENCY)
    return _rate(bench.run(config, FEW, CONCURRENCY), many, count)


def _theirs(bench: Bench, peer: Peer, python: Path, base_url: str, count: int) -> Rate:
    folder = bench.scratch / "peer"
    env = _peer_env(folder, python)

    def run(samples: int) -> Finished:
        subprocess.run(["/bin/rm", "-rf", str(folder)], check=True)
        folder.mkdir()
        script = str(SCRIPTS / "peers" / peer.script)
        return finish([str(python), script, base_url, str(samples), str(CONCURRENCY), str(folder)], env, cwd=folder)

    few = run(FEW)
    return _rate(few, run(count), count)


def _rate(few: Finished, many: Finished, count: int) -> Rate:
    more = count - FEW
    return Rate(more / (many.wall_s - few.wall_s), 1e3 * (many.cpu_s - few.cpu_s) / more, many.wall_s, many.peak_mb)


def _peer_env(folder: Path, python: Path) -> dict[str, str]:
    """A home of its own, no telemetry, no call to anything but the bench's server."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "PYTHON"))}
    env |= {
        "HOME": str(folder),
        "OPENAI_API_KEY": "bench",
        "TELEMETRY_ENABLED": "0",
        "NEMO_TELEMETRY_ENABLED": "false",
        "HF_HUB_OFFLINE": "1",
        "DO_NOT_TRACK": "1",
        "NO_PROXY": "127.0.0.1",
    }
    for files in (python.parent.parent / "lib").glob(f"python*/site-packages/{TOKENIZER_FILES}"):
        env["TIKTOKEN_CACHE_DIR"] = str(files)
    return env


def _environment(peer: Peer) -> Path:
    """The interpreter of the peer's environment, made on first use in the user's cache folder."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "asyncsynth-bench"
    folder = cache / peer.script.removesuffix(".py")
    python, stamp = folder / "bin/python", folder / "installed"
    if not stamp.exists() or stamp.read_text() != " ".join(peer.packages):
        print(f"  installing {peer.name} in {folder}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "-q", "-q", "--disable-pip-version-check", *peer.packages]
        subprocess.run(pip, check=True)
        stamp.write_text(" ".join(peer.packages))
    return python
