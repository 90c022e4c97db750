"""The peers, each in an environment of its own, run through the same work as asyncsynth: samples a second and CPU."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.bench import FEW, SCRIPTS, Bench, median, ratios
from benchmarks.children import ChildFailed, Finished, finish
from benchmarks.environments import environment
from benchmarks.figures import Figure
from benchmarks.recipes import SMALL
from benchmarks.servers import Server, own_server

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


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_s` as the server saw it, from the first to the last call; CPU less that of a run of FEW samples."""

    per_s: float
    cpu_ms: float
    whole_s: float
    peak_mb: float


def peers(bench: Bench) -> Iterator[Figure]:
    """Our samples a second over each peer's, same server, same count, side by side."""
    count = bench.size(20_000, 500)
    for peer in PEERS:
        python = environment(peer.script.removesuffix(".py"), peer.packages)
        with own_server(bench) as server:  # it tells when calls came, so that nobody pays for import and start
            config = bench.ours.config("small.toml", SMALL, server.base_url)
            pairs = [
                (_ours(bench, server, config, count), _theirs(bench, server, peer, python, count))
                for _ in range(bench.rounds)
            ]
        yield from _figures(peer, [pair[0] for pair in pairs], [pair[1] for pair in pairs], count)


def _figures(peer: Peer, ours: Sequence[Rate], theirs: Sequence[Rate], count: int) -> Iterator[Figure]:
    over = ratios([rate.per_s for rate in ours], [rate.per_s for rate in theirs])
    sides = {"asyncsynth": ours, peer.name: theirs}
    facts = {"samples": count} | {name: [asdict(rate) for rate in rates] for name, rates in sides.items()}
    what = f"samples/s over {peer.name}"
    yield Figure("peers", what, median(over), "x", peer.must, peer.goal, at_least=True, samples=over, facts=facts)
    whole = ratios([rate.whole_s for rate in theirs], [rate.whole_s for rate in ours])
    yield Figure("peers", f"the same, whole processes of {count:,}", median(whole), "x", at_least=True, samples=whole)
    yield Figure("peers", f"{peer.name}: samples/s", median([rate.per_s for rate in theirs]), "/s")
    yield Figure("peers", f"{peer.name}: CPU a sample", median([rate.cpu_ms for rate in theirs]), "ms")


def _ours(bench: Bench, server: Server, config: Path, count: int) -> Rate:
    few = bench.ours.run(config, FEW, CONCURRENCY)
    server.reset()
    return _rate(server, few, bench.ours.run(config, count, CONCURRENCY), count)


def _theirs(bench: Bench, server: Server, peer: Peer, python: Path, count: int) -> Rate:
    folder = bench.scratch / "peer"
    env = _peer_env(folder, python)
    script = str(SCRIPTS / "peers" / peer.script)

    def run(samples: int) -> Finished:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        command = [str(python), script, server.base_url, str(samples), str(CONCURRENCY), str(folder)]
        return finish(command, env, cwd=folder)

    few = run(FEW)
    server.reset()
    return _rate(server, few, run(count), count)


def _rate(server: Server, few: Finished, many: Finished, count: int) -> Rate:
    arrivals = server.arrivals()
    if arrivals.count < count:
        raise ChildFailed(f"only {arrivals.count} calls for {count} samples:\n{many.output[-3000:]}")
    return Rate(arrivals.per_s, 1e3 * (many.cpu_s - few.cpu_s) / (count - FEW), many.wall_s, many.peak_mb)


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
