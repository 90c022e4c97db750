"""The report in a real browser: what it shows, what it lets people do, and what it never does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from asyncsynth.outputs.marks import Mark, read_marks
from asyncsynth.outputs.page import whole_page
from asyncsynth.outputs.survey.gathering import Gathering
from asyncsynth.outputs.survey.samples import Asked, sample_of_failure, sample_of_record
from asyncsynth.outputs.survey.values import (
    Alike,
    Chosen,
    Count,
    Counted,
    Money,
    Pair,
    RunLine,
    StepLine,
    Survey,
    survey_object,
)
from asyncsynth.outputs.survey.verdict import funnel_of, verdict_of
from asyncsynth.store.encoding import encode
from tests.outputs.reader.browser import Watched, browser, needs_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, needs_browser]

HOSTILE = (
    "<!-- <script> </script><script>document.title = 'taken'</script><img src=https://nobody.test/x onerror=alert(1)>"
    "\u2028\u202e\0 -->"
)
TOLD = {
    "model": "m",
    "finish_reason": "stop",
    "usage": {"prompt_tokens": 5, "completion_tokens": 9, "source": "endpoint"},
    "cost_usd": 0.001,
    "attempts": 1,
    "latency_s": 1.5,
    "flags": [],
}
ASKED = {"outline": Asked("Write an outline."), "verdict": Asked("Grade it.", "You grade.")}
GENRES, PLACES = ["horror", "comedy", "western"], ["India", "the Moon"]


def records() -> Iterator[dict[str, Any]]:
    """24 of three genres and two places: one is hostile, one was cut off, and all have steps and scores."""
    for number, (_, genre, place) in enumerate(product(range(4), GENRES, PLACES)):
        text = HOSTILE if number == 0 else f"Plot {number} of a {genre} film in {place}."
        steps = {
            "outline": {**TOLD, "text": "An outline."},
            "verdict": {**TOLD, "text": "Good.", "scores": {"reason": "Every scene is there.", "detail": 4}},
        }
        yield {
            "key": f"{number:032x}",
            "combination": {"genre": genre, "place": place},
            "repeat": 0,
            "prompt": f"Genre: {genre}\nPlace: {place}",
            "completion": text,
            **TOLD,
            "finish_reason": "length" if number == 1 else "stop",
            "steps": steps,
        }


FAILURE = {
    "key": "f" * 32,
    "combination": {"genre": "horror", "place": "India"},
    "repeat": 1,
    "reason": "refusal",
    "message": f"I will not: {HOSTILE}",
    "step": "story",
    "answer": "I will not.",
    "attempts": 2,
    "status": 200,
}


def survey() -> Survey:
    """As a run would leave it."""
    gathering = Gathering(100)
    for record in records():
        gathering.record(record)
    gathering.failure(FAILURE)
    found, there = gathering.found(), Count(24, 1, 0, 24, 25, working=False)
    pair = Pair(0.8, f"{2:032x}", f"{3:032x}", "the same but one word", "the same but two word")
    alike = Alike(24, 0.1, (pair,))
    failed, doubtful, others = gathering.choosing.chosen()
    samples = [sample_of_failure(line, {"story": Asked("Write.", "You write.")}) for line in failed]
    samples += [sample_of_record(line, ["cut off at max_tokens"], ASKED) for line in doubtful]
    samples += [sample_of_record(line, (), ASKED) for line in others]
    money = Money(0.02, 0, 5.0, 26, 120, 216, 1, 0.001, 0, 0.0, 1, 0.002)
    steps = (StepLine("story", 30, 18, (Counted("verdict", 8), Counted("words", 4)), 1),)
    return Survey(
        "asyncsynth", "2026-11-28T17:00:00Z", "runs/plots", verdict_of(there, found, alike), there, money,
        funnel_of(there, found), steps, found, alike, (RunLine(1, "2026-11-28T16:00:00Z", "complete", 26, 0.02),), (),
        Chosen(len(failed), len(doubtful), len(others)), tuple(samples),
    )  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report."""
    to = tmp_path_factory.mktemp("report") / "report.html"
    to.write_bytes(b"".join(whole_page(encode(survey_object(survey())))))
    return to.as_uri()


@pytest.fixture
def watched(chromium: Browser) -> Iterator[Watched]:
    """A page of its own for each test; whatever a test does, nothing goes wrong in it and no host is asked."""
    watched = Watched(chromium, viewport={"width": 1440, "height": 900}, accept_downloads=True)
    yield watched
    assert watched.troubles == []
    assert [address for address in watched.asked if not address.startswith(("file:", "data:", "blob:"))] == []
    watched.page.context.close()


def shown(page: Page) -> list[str]:
    return page.locator(".card header h3").all_inner_texts()


def expect_cards(page: Page, number: int) -> None:
    from playwright.sync_api import expect  # noqa: PLC0415 - not there on every machine

    expect(page.locator(".card")).to_have_count(number)


def test_it_shows_the_counts_of_the_set_and_failures_first(watched: Watched, report: str) -> None:
    page = watched.open(report)
    figures: Mapping[str, str] = dict(
        zip(page.locator(".figures dt").all_inner_texts(), page.locator(".figures dd").all_inner_texts(), strict=True)
    )
    assert (figures["Records"], figures["Dead letters"], figures["Cut off"]) == ("24 of 25", "1 4%", "1 4%")
    assert page.locator(".next code").inner_text() == "asyncsynth retry && asyncsynth run"
    assert shown(page)[0] == "Dead letter 1"
    assert page.locator(".card.failure .answer .text").inner_text() == "I will not."
    assert page.locator(".card").nth(1).locator(".badge").inner_text() == "cut off at max_tokens"
    assert page.get_by_role("button", name="horror, India: 4 records, 1 dead letter").count() == 1


def test_what_a_model_wrote_is_text_and_nothing_else(watched: Watched, report: str) -> None:
    page = watched.open(report)
    page.get_by_role("searchbox").fill("onerror")
    expect_cards(page, 2)  # the failure's message, and an answer
    assert page.locator(".card.record .answer .text").text_content() == HOSTILE
    assert page.title() == "runs/plots: asyncsynth"
    assert page.locator("main img, main script").count() == 0


def test_a_cell_of_the_map_filters_the_samples_and_again_shows_all(watched: Watched, report: str) -> None:
    page = watched.open(report)
    cell = page.get_by_role("button", name="comedy, the Moon: 4 records")
    cell.click()
    assert len(shown(page)) == 4
    assert page.locator(".card .chips").first.inner_text().split() == ["genre", "comedy", "place", "the", "Moon"]
    cell.click()
    assert len(shown(page)) == 20  # of 25, as many as are drawn at once


def test_the_search_takes_regular_expressions_and_says_where_one_is_none(watched: Watched, report: str) -> None:
    page = watched.open(report)
    page.get_by_label("regular expression").check()
    page.get_by_role("searchbox").fill("Plot (7|8) ")
    expect_cards(page, 2)
    assert set(page.locator("mark").all_inner_texts()) == {"Plot 7 ", "Plot 8 "}
    page.get_by_role("searchbox").fill("Plot (7")
    page.wait_for_selector("text=This is not a regular expression")


def test_marks_are_made_by_keys_and_go_out_and_come_back(watched: Watched, report: str, tmp_path: Path) -> None:
    page = watched.open(report)
    for key in "jjfjp":
        page.keyboard.press(key)
    page.keyboard.press("n")
    page.keyboard.type("fine, p and f are letters here")
    page.keyboard.press("Escape")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download marks.jsonl").click()
    file = tmp_path / "marks.jsonl"
    waiting.value.save_as(file)
    marks = read_marks(file)
    assert sorted(marks.values()) == [Mark("fail", ""), Mark("pass", "fine, p and f are letters here")]
    page.evaluate("localStorage.clear()")
    page.reload()
    assert page.locator(".marks").inner_text().startswith("Nothing is marked yet.")
    page.locator("input[type=file]").set_input_files(file)
    page.wait_for_selector("text=1 pass, 1 fail, 1 note")
    page.reload()
    page.wait_for_selector("text=1 pass, 1 fail, 1 note")  # kept by the browser as well
    page.evaluate("localStorage.clear()")


def test_steps_and_scores_are_there_where_a_recipe_has_them(watched: Watched, report: str) -> None:
    page = watched.open(report)
    assert "detail" in page.locator("#panel-scores").inner_text()
    trace = page.locator(".card.record").first.locator(".trace")
    trace.locator("summary").first.click()
    assert trace.locator("summary .chip").all_inner_texts() == ["detail: 4"], "a reason is no grade"
    trace.locator(".step summary").first.click()
    assert "Write an outline." in trace.inner_text()
    trace.locator(".step summary").last.click()
    assert "Every scene is there." in trace.inner_text()


def test_each_step_has_a_line_with_what_its_gates_took(watched: Watched, report: str) -> None:
    page = watched.open(report)
    line = page.get_by_role("region", name="What became of the answers of each step").locator("tbody tr")
    assert line.locator("td").all_text_contents() == ["story", "30", "18", "8 verdict, 4 words", "1"]


def test_pairs_stand_side_by_side_with_what_differs(watched: Watched, report: str) -> None:
    page = watched.open(report)
    page.locator(".pairs summary").click()
    assert (page.locator("del").inner_text().strip(), page.locator("ins").inner_text().strip()) == ("one", "two")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nobody_is_kept_out(chromium: Browser, report: str, scheme: str, width: int) -> None:
    watched = Watched(chromium, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = watched.open(report)
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert watched.faults_of_access() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_map_is_walked_by_arrow_keys(watched: Watched, report: str) -> None:
    page = watched.open(report)
    page.locator(".heat button[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") is not None
    page.keyboard.press("Enter")
    assert page.locator(".toolbar .chip.on").count() == 2


def test_an_empty_set_says_so(watched: Watched, tmp_path: Path) -> None:
    gathering = Gathering(10)
    found, there = gathering.found(), Count(0, 0, 0, 0, None, working=False)
    empty = survey()._replace(
        found=found, progress=there, verdict=verdict_of(there, found, None), alike=None, samples=(), runs=(), funnel=()
    )
    (tmp_path / "empty.html").write_bytes(b"".join(whole_page(encode(survey_object(empty)))))
    page = watched.open((tmp_path / "empty.html").as_uri())
    assert page.locator(".verdict").inner_text() == "Nothing is there yet."
    assert page.locator(".card, .panel").count() == 0
