"""Which transport carries the calls."""

from __future__ import annotations

import subprocess
import sys

import pytest

from asyncsynth.provider.transport import choice
from asyncsynth.provider.transport.choice import has_known_parser, transport_for
from asyncsynth.provider.transport.pool import Pool
from asyncsynth.provider.transport.proxies import proxy_of

PROXY = proxy_of("http://proxy.test:3128", "HTTPS_PROXY")


def test_our_own_connections_are_taken_unless_a_proxy_is_on_the_way() -> None:
    assert transport_for(None, None) is Pool
    assert transport_for("own", PROXY) is Pool
    assert transport_for(None, PROXY) is not Pool
    assert transport_for("aiohttp", None) is not Pool


def test_an_aiohttp_with_another_parser_is_known_by_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_known_parser()
    monkeypatch.setattr(choice, "KNOWN_PARSER", b'__version__ = "4.')
    assert not has_known_parser()
    assert transport_for(None, None) is not Pool
    monkeypatch.setattr(choice, "find_spec", lambda _: None)
    assert not has_known_parser()


def test_what_few_runs_need_is_not_loaded_by_the_others() -> None:
    code = (
        "import sys; from asyncsynth.app.endpoints import http_endpoint;"
        "from asyncsynth.provider.transport.choice import transport_for; transport_for(None, None);"
        "print([name for name in ('aiohttp', 'dotenv', 'urllib.request') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
