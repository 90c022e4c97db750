from __future__ import annotations

import copy
import pickle
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.provider.api_key import REDACTED, ApiKey, read_key
from asyncsynth.provider.variables import Variables
from tests.provider.scripted import CANARY

NAME = "OPENAI_API_KEY"


def key_file(folder: Path, text: str, mode: int = 0o600) -> dict[str, str]:
    path = folder / "key"
    path.write_text(text)
    path.chmod(mode)
    return {f"{NAME}_FILE": str(path)}


def test_no_representation_of_a_key_shows_it() -> None:
    key = ApiKey(CANARY)
    for shown in (repr(key), str(key), f"{key}", f"{key!r}", repr([key]), "%s" % key):  # noqa: UP031 - the old way too
        assert CANARY not in shown
    assert key.reveal() == CANARY


def test_a_key_is_never_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(ApiKey(CANARY))
    with pytest.raises(TypeError):
        copy.deepcopy(ApiKey(CANARY))


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(CANARY, id="as it stands"),
        pytest.param(quote(CANARY, safe=""), id="URL-quoted"),
        pytest.param(quote(CANARY), id="quoted in a path"),
        pytest.param(CANARY.replace("/", "\\/"), id="with PHP's escaped slashes"),
        pytest.param(CANARY.replace("/", "\\\\/"), id="with escaped slashes in JSON within JSON"),
        pytest.param(CANARY.replace("+", "\\u002B").replace("/", "\\u002f"), id="with .NET's escapes"),
        pytest.param("".join(f"\\\\u{ord(one):04x}" for one in CANARY), id="all in escapes in JSON within JSON"),
        pytest.param(b64encode(CANARY.encode()).decode().replace("=", "\\u003d"), id="base64 with .NET's escapes"),
        pytest.param(b64encode(CANARY.encode()).decode(), id="base64"),
        pytest.param(b64encode(f"Bearer {CANARY}".encode()).decode(), id="base64 of the header"),
        pytest.param(b64encode(f":{CANARY}".encode()).decode().rstrip("="), id="base64 of basic auth"),
    ],
)
def test_scrubbing_takes_out_every_form_of_the_key(form: str) -> None:
    key = ApiKey(CANARY)
    assert form not in key.scrub(f"wrong key {form}, and {form}")
    assert key.scrub(f"wrong key {form}!").startswith(f"wrong key {REDACTED}")


def test_a_json_escaped_key_is_scrubbed() -> None:
    assert ApiKey('sk-"quoted"\\').scrub(r"sk-\"quoted\"\\") == REDACTED


def test_text_without_the_key_is_left_alone() -> None:
    text, key = "nothing of it: sk-canary", ApiKey(CANARY)
    assert key.scrub(text) == text


def test_the_key_comes_from_its_variable() -> None:
    key = read_key(NAME, Variables({NAME: f"  {CANARY}\n"}))
    assert key is not None
    assert key.reveal() == CANARY


def test_the_key_comes_from_a_private_file(tmp_path: Path) -> None:
    key = read_key(NAME, Variables(key_file(tmp_path, f"{CANARY}\n")))
    assert key is not None
    assert key.reveal() == CANARY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620, 0o601])
def test_a_key_file_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(UsageError) as refused:
        read_key(NAME, Variables(key_file(tmp_path, CANARY, mode)))
    assert "chmod 600" in refused.value.hint
    assert CANARY not in str(refused.value)


def test_a_key_file_that_is_none_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError) as refused:
            read_key(NAME, Variables({f"{NAME}_FILE": str(path)}))
        assert str(path) in refused.value.message


def test_a_missing_key_names_the_variable_and_what_to_do() -> None:
    for environ in ({}, {NAME: ""}, {NAME: " \n"}):
        with pytest.raises(UsageError) as refused:
            read_key(NAME, Variables(environ))
        assert refused.value.exit_status == 2
        assert NAME in refused.value.message
        assert f"export {NAME}=" in refused.value.hint
        assert f"{NAME}_FILE" in refused.value.hint


def test_a_loopback_server_needs_no_key() -> None:
    assert read_key(NAME, Variables({}), required=False) is None


@pytest.mark.parametrize("bad", ["sk-a\r\nx-evil: 1", "two words", "clé", "sk-\x1b[31m"])
def test_a_key_that_no_header_takes_is_refused_without_showing_it(bad: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_key(NAME, Variables({NAME: bad}))
    assert bad not in refused.value.message


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="empty"):
        read_key(NAME, Variables(key_file(tmp_path, "\n")))
