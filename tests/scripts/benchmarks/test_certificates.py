"""The certificate of the TLS row, and the server that shows it."""

from __future__ import annotations

import shutil
import ssl
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
from benchmarks.bench import Bench
from benchmarks.certificates import Certificate, self_signed
from benchmarks.children import ChildFailed
from benchmarks.servers import Server, tls_server
from benchmarks.sides import Side

ROOT = Path(__file__).parents[3]

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return self_signed(tmp_path)


@pytest.fixture
def server(tmp_path: Path, certificate: Certificate) -> Iterator[Server]:
    bench = Bench(Side("ours", ROOT, sys.executable, tmp_path), tmp_path, quick=True, rounds=1)
    with tls_server(bench, certificate) as running:
        yield running


def post(server: Server, context: ssl.SSLContext) -> bytes:
    with urllib.request.urlopen(f"{server.base_url}/chat/completions", data=b"{}", context=context) as reply:
        body: bytes = reply.read()
    return body


@needs_openssl
def test_who_is_told_of_the_certificate_trusts_it_by_the_strict_rules(server: Server, certificate: Certificate) -> None:
    context = ssl.create_default_context(cafile=str(certificate.chain))
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
    assert b"A quiet town" in post(server, context)


@needs_openssl
def test_nobody_else_trusts_it(server: Server) -> None:
    with pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED"):
        post(server, ssl.create_default_context())


@needs_openssl
def test_a_certificate_that_can_not_be_made_is_told_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="openssl req -x509"):
        self_signed(tmp_path / "missing")


def test_a_missing_openssl_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ChildFailed, match="the command openssl, which is missing"):
        self_signed(tmp_path)
