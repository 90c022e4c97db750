"""A fuzzer that reads the description of the API finds no answer that is not described there, and no status 500."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.app.jobs import job, run
from tests.conftest import SimulatorFactory
from tests.service.conftest import Serving, to_provider

PROGRAM = shutil.which("schemathesis", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(PROGRAM is None, reason="needs the package schemathesis")]


async def test_no_request_is_answered_with_what_is_not_described(
    serving: Serving, root: Path, simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as simulated, serving() as client:
        to_provider(root / "config.toml", simulated.base_url)
        await run(job(root / "runs" / "theirs", simulated.base_url))
        assert PROGRAM is not None
        fuzzer = await asyncio.create_subprocess_exec(
            PROGRAM,
            "run",
            f"{client.url}api/openapi.json",
            *("-H", f"Authorization: Bearer {client.token}", "--checks", CHECKS, "--max-examples", "25", "--no-color"),
            *("--phases", "examples,coverage,fuzzing,stateful", "--seed", "1", "--request-timeout", "60"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await fuzzer.communicate()
    assert fuzzer.returncode == 0, out.decode()[-4000:]
    assert b"Tested: 17" in out
