"""In a real notebook kernel: progress is shown, and an interrupt drains."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
FIRST = """
import asyncsynth as syn
recipe = syn.Recipe(axes={"n": list(range(SAMPLES))}, prompt={"request": "{{ n }}"}, record={"prompt": "{{ n }}"},
                    endpoint={"provider": "simulator", "model": "m", "simulator": {"latency_s": 0.05}})
result = syn.run(recipe, output="out")
print("made", result.made, "stopped by", type(result.stopped_by).__name__)
"""
ASYNC = """
async with syn.start_async(recipe, output="again") as run:
    n = 0
    async for record in run:
        n += 1
print("async", n)
"""


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTHONWARNINGS", "default")


def client(tmp_path: Path, *cells: str) -> NotebookClient:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}, kernel_name="python3")


def outputs(client: NotebookClient, kind: str) -> list[Any]:
    return [output for cell in client.nb.cells for output in cell.get("outputs", ()) if output.output_type == kind]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning")
def test_the_calls_of_a_script_work_in_a_kernel_and_show_progress(kernel: None, tmp_path: Path) -> None:
    session = client(tmp_path, FIRST.replace("SAMPLES", "64"), ASYNC)
    session.execute()
    text = "".join(output.text for output in outputs(session, "stream") if output.name == "stdout")
    assert "made 64 stopped by NoneType" in text
    assert "async 64" in text
    shown = [output.data["text/plain"] for output in outputs(session, "display_data")]
    assert len(shown) == 1, "one line that is updated in place"
    assert "64 records made" in shown[0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning")
def test_the_stop_button_drains_and_keeps_what_was_answered(kernel: None, tmp_path: Path) -> None:
    session = client(tmp_path, FIRST.replace("SAMPLES", "4000"))
    records = tmp_path / "out/records.jsonl"

    def press() -> None:
        until = time.monotonic() + 100
        while time.monotonic() < until and (not records.exists() or records.stat().st_size < 5000):
            time.sleep(0.05)
        assert session.km is not None
        os.kill(session.km.provisioner.pid, 2)  # what the stop button sends

    pressing = threading.Thread(target=press)
    pressing.start()
    session.execute()
    pressing.join()
    text = "".join(output.text for output in outputs(session, "stream") if output.name == "stdout")
    assert "stopped by Interrupted" in text
    assert len(records.read_text().splitlines()) == int(text.split()[1])
