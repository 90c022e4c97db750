from __future__ import annotations

import resource

import pytest

from asyncsynth.provider.open_files import SPARE, room_for


class Limits:
    """A process's limit of open files that tests can set."""

    def __init__(self, soft: int, hard: int, *, fixed: bool = False) -> None:
        self.soft, self.hard, self.fixed = soft, hard, fixed

    def get(self, _: int) -> tuple[int, int]:
        return self.soft, self.hard

    def set(self, _: int, limits: tuple[int, int]) -> None:
        if self.fixed:
            raise PermissionError
        self.soft, self.hard = limits


@pytest.mark.parametrize(
    ("limits", "calls", "fit", "soft_after"),
    [
        pytest.param(Limits(1024, 4096), 64, 64, 1024, id="enough as it is"),
        pytest.param(Limits(1024, 4096), 2000, 2000, 2000 + SPARE, id="raised as far as needed"),
        pytest.param(Limits(1024, 4096), 9000, 4096 - SPARE, 4096, id="capped by the hard limit"),
        pytest.param(Limits(1024, resource.RLIM_INFINITY), 9000, 9000, 9000 + SPARE, id="no hard limit"),
        pytest.param(Limits(1024, 4096, fixed=True), 2000, 1024 - SPARE, 1024, id="raising is forbidden"),
        pytest.param(Limits(resource.RLIM_INFINITY, resource.RLIM_INFINITY), 9000, 9000, -1, id="no limit"),
        pytest.param(Limits(32, 32), 8, 1, 32, id="never less than one"),
    ],
)
def test_concurrency_is_capped_by_the_limit_of_open_files(
    monkeypatch: pytest.MonkeyPatch, limits: Limits, calls: int, fit: int, soft_after: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", limits.get)
    monkeypatch.setattr(resource, "setrlimit", limits.set)
    assert room_for([calls]) == [fit]
    assert limits.soft == soft_after


def test_endpoints_share_the_open_files_by_what_they_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", Limits(SPARE + 100, SPARE + 100).get)
    monkeypatch.setattr(resource, "setrlimit", Limits(SPARE + 100, SPARE + 100).set)
    assert room_for([300, 100, 1]) == [74, 24, 1]
