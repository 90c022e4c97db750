"""All that a run needs to know, before anything is opened or sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from asyncsynth.app.job import Job, sendable
from asyncsynth.errors import UsageError
from tests.app.jobs import job


def most(work: Job) -> int | None:
    (target,) = work.targets
    return target.most_tokens


def test_the_most_tokens_of_an_answer_are_those_that_the_request_asks_for(tmp_path: Path) -> None:
    assert most(job(tmp_path)) == 100
    assert most(job(tmp_path, endpoint__parameters={"max_completion_tokens": 30})) == 30
    assert most(job(tmp_path, endpoint__parameters={})) is None


def test_a_job_that_sends_needs_its_key_and_one_that_does_not_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY_FILE", raising=False)
    work = job(tmp_path)
    assert work.targets[0].access is None
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        sendable(work)
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    access = sendable(work).targets[0].access
    assert access is not None
    assert access.headers() == {"Authorization": "Bearer a-key"}
    assert "a-key" not in repr(sendable(work))
