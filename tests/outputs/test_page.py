"""The page as one file, and in parts."""

from __future__ import annotations

import base64
import hashlib
import json
import re

from asyncsynth.outputs.page import SERVED_POLICY, served_parts, whole_page

HOSTILE = "</script><script>alert(1)</script><!--<script> \u2028 & &lt;"


def page(survey: object) -> str:
    return b"".join(whole_page(json.dumps(survey, ensure_ascii=False).encode())).decode()


def test_nothing_in_the_data_can_end_it() -> None:
    (data,) = re.findall(
        r'<script type="application/json" id="survey">(.*?)</script>', page({"text": HOSTILE}), re.DOTALL
    )
    assert "<" not in data
    assert json.loads(data) == {"text": HOSTILE}


def test_its_policy_lets_nothing_run_but_what_it_has_itself() -> None:
    text = page({"text": HOSTILE})
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    (script,), (style,) = (
        re.findall(r"<script>(.*?)</script>", text, re.DOTALL),
        re.findall(r"<style>(.*?)</style>", text, re.DOTALL),
    )
    for name, content in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_it_names_no_host_and_parses_no_markup() -> None:
    script = served_parts()["reader.js"].content.decode()
    assert set(re.findall(r"https?://[^\"'` ]+", page({}))) == {"http://www.w3.org/2000/svg"}  # a name, not a place
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script)


def test_what_a_service_sends_has_nothing_inline() -> None:
    shell = served_parts()[""].content.decode()
    assert "<style" not in shell
    assert re.findall(r"<script[^>]*>", shell) == ['<script src="reader.js" defer>']
    assert "unsafe" not in SERVED_POLICY
