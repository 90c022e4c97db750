"""Recipes over files: only what changed in a file is made anew, and a file that changes under a run costs nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.drop import Selection, drop
from asyncsynth.app.plan import plan
from asyncsynth.app.preview import preview
from asyncsynth.app.status import status
from asyncsynth.errors import RecipeChanged
from asyncsynth.recipe.sources import source as module
from asyncsynth.recipe.sources.source import SourceChanged
from tests.app.jobs import Ears, job, run
from tests.conftest import SimulatorFactory

ROWS = ["lamp,3.50,12", '"chair, ""old""",20,1', "table,99,4"]


def products(path: Path, rows: list[str], head: str = "name,price,stock") -> Path:
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return path


def made_of(folder: Path, base_url: str = "https://nobody.test/v1", **over: Any) -> Any:
    sections: dict[str, Any] = {
        "axes": {"product": {"rows": str(folder / "products.csv")}, "tone": ["dry", "warm"]},
        "prompt": {"request": "{{ uuid }} A {{ tone }} line on {{ product.name }} for {{ product.price }}."},
        "record": {"prompt": "{{ product.name }}, {{ tone }}: "},
    }
    return job(folder / "out", base_url, **{**sections, **over})


def records(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "out" / "records.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(params=["held", "not held"])
def held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the rows are in memory."""
    if request.param == "not held":
        monkeypatch.setattr(module, "HELD_BYTES", 0)
    return bool(request.param == "held")


@pytest.mark.usefixtures("held")
async def test_only_what_changed_in_a_file_is_made_anew(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator() as provider:
        path = products(tmp_path / "products.csv", ROWS)

        def work() -> Any:
            return made_of(tmp_path, provider.base_url)

        assert (await run(work())).tally.calls == 6

        products(path, ROWS[::-1])
        assert (await run(work())).tally.calls == 0, "sorted"
        products(path, [row.rpartition(",")[0] + ",7" for row in ROWS])
        assert (await run(work())).tally.calls == 0, "a column that no template uses"
        products(path, [*ROWS, "rug,5,5"])
        assert (await run(work())).tally.calls == 2, "appended"
        products(path, ["lamp,4,12", *ROWS[1:], "rug,5,5"])
        with pytest.raises(RecipeChanged, match="2 paid answers would be left behind") as refusal:
            await run(work())
        assert "axes.product.content" in refusal.value.message
        assert plan(work()).inventory.newly_left == 2
        assert (await run(work(), accept_changes=True)).tally.calls == 2, "a price changed"
        products(path, [*ROWS[1:], "rug,5,5", "vase,6,1"])
        assert plan(work()).inventory.newly_left == 2, "and not the 2 that were left before"
        products(path, ["lamp,4,12", *ROWS[1:], "rug,5,5", "vase,6,1"])
        assert (await run(work())).tally.calls == 2, "what was left before is not left now"
        assert len(records(tmp_path)) == 10


async def test_rows_that_ask_the_same_share_an_answer_and_have_a_record_each(
    simulator: SimulatorFactory, tmp_path: Path, held: bool
) -> None:
    async with simulator() as provider:
        products(tmp_path / "products.csv", [*ROWS, "lamp,3.50,99", ROWS[0]])
        work = made_of(tmp_path, provider.base_url)
        assert (work.recipe.total, work.recipe.alike) == (10, True)
        outcome = await run(work)
        assert (outcome.tally.calls, outcome.records) == (6, 10)
        assert sorted(record["combination"]["product"]["stock"] for record in records(tmp_path)) == sorted(
            ["12", "99", "12", "1", "4"] * 2
        )
        assert (await run(made_of(tmp_path, provider.base_url))).tally.calls == 0


async def test_a_file_that_changes_under_a_run_stops_it_and_what_was_received_is_kept(
    simulator: SimulatorFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HELD_BYTES", 0)
    async with simulator() as provider:
        names = [f"n{number:04}" for number in range(2000)]
        path = products(tmp_path / "products.csv", [f"{name},1,1" for name in names])
        work = made_of(tmp_path, provider.base_url)
        ears = Ears()

        def change(end: Any) -> None:
            ears.ends.append(end)
            if len(ears.ends) == 1:
                products(path, [f"{name},1,1" for name in names[::-1]])

        ears.on_end = change  # type: ignore[method-assign]  # this test's own ears
        with pytest.raises(SourceChanged, match=r"products\.csv, line \d+: was changed while it was used"):
            await run(work, ears)
        calls = provider.provider.stats.totals()["calls"]
        assert 1 <= calls < 4000
        assert len(records(tmp_path)) == status(tmp_path / "out").totals.answers == calls
        again = plan(made_of(tmp_path, provider.base_url)).inventory
        assert (again.there, again.to_make, again.newly_left) == (calls, 4000 - calls, 0)


async def test_a_folder_of_documents_is_asked_about_and_dropped_by_name(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as provider:
        docs = tmp_path / "docs"
        docs.mkdir()
        for name in ("a.md", "b.md"):
            (docs / name).write_text(name[0] * 5000, encoding="utf-8")

        def work() -> Any:
            axes = {"page": {"rows": str(docs)}}
            request = {"request": "{{ uuid }} Ask about {{ page.name }}: {{ page.text }}"}
            return made_of(tmp_path, provider.base_url, axes=axes, prompt=request, record={"prompt": "{{ page.text }}"})

        (first,) = preview(work().recipe, 1)
        assert len(first.said[0].request) > 5000
        await run(work())
        shown = {record["combination"]["page"]["name"]: record for record in records(tmp_path)}
        assert shown["a.md"]["combination"]["page"]["text"] == "a" * 199 + "…"
        assert shown["b.md"]["prompt"] == "b" * 5000
        assert drop(tmp_path / "out", Selection(where=(("page.name", "a.md"),))) == 1
        assert (await run(work())).tally.calls == 1
        (docs / "b.md").write_text("B", encoding="utf-8")
        assert (await run(work(), accept_changes=True)).tally.calls == 1
